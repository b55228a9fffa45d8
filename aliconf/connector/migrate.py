"""Creates a store and brings an older one up to date. Alembic is slow to import: only for that."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, insert

from aliconf.connector.clock import now
from aliconf.connector.schema import CONNECTOR

SCRIPTS = "aliconf.connector:migrations"


def migrate(connection: Connection) -> None:
    """Run the missing migrations in the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def create(connection: Connection) -> None:
    """The tables of a new store and its id, in the connection's transaction."""
    migrate(connection)
    connection.execute(insert(CONNECTOR).values(id=f"c-{secrets.token_hex(4)}", created_at=now()))
