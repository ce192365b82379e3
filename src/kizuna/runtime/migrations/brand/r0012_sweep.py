"""Through which day each bucket's accounts were swept."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
