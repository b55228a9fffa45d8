"""Runs on the connection, and in the transaction, of ``aliconf.connector.migrate``."""

from alembic import context

from aliconf.connector.schema import tables

connection = context.config.attributes["connection"]
names = context.config.attributes["names"]

context.configure(
    connection=connection,
    version_table=tables(names).version,
    version_table_schema=names.schema,
)
with context.begin_transaction():
    context.run_migrations()
