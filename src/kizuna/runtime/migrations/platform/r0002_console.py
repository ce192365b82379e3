"""What each person of the console prefers, and the views that they keep."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
