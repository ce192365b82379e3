"""Long work with its progress, files that were sent in, and drafts of a program."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
