"""Back-tests that people keep."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
