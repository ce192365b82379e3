"""Taking imports back: events that were told no more."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
