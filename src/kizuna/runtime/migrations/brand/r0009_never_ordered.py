"""Who never ordered stands at '-infinity' in the order of last orders: the one day before all others that the driver sends."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
