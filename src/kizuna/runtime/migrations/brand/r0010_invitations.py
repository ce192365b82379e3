"""Invitations into pools, and how often somebody guessed."""

from alembic import op

from kizuna.runtime.migrate import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make it so."""
    run_sql(op.get_bind(), __file__)
