"""What the program and its engine keep: further units, points that wait, orders to be changed, shared figures."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
