"""Alembic's entry: migrate over the connection that `runtime.migrate` opened, in its transaction."""

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    version_table="schema_version",
    version_table_schema=config.attributes["schema"],
    transactional_ddl=True,
)
context.run_migrations()
