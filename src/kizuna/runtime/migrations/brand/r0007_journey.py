"""Where members stand in the journey, for the figures."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
