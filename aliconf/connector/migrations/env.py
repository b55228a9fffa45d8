"""Runs on the connection, and in the transaction, of ``aliconf.connector.migrate``."""

from alembic import context

from aliconf.connector.schema import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
