"""Files that stay while work on them may still begin."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
