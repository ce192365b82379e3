"""The ledger's whole life: holds, corrections, transfers, merges, and what they keep."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
