"""A proof of the ledger that is broken off can go on."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
