"""What the brand's figures are kept in, and the way from a commit to its events and entries."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
