"""Finding a member by the beginning of a name or the end of a number, among a million."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
