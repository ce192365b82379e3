"""The first tables of a brand schema."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them."""
    run_sql(op.get_bind(), __file__)
