"""What the staff write down about a member."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
