"""Taking over other programs: which commits are an import run's, and what its files said."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
