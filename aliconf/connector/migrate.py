"""Creates a store and brings an older one up to date. Alembic is slow to import: only for that.

On PostgreSQL and SQLite all of it happens in the connection's transaction. MariaDB commits at each
DDL statement: there every step passes where it is done already, and whoever is killed between two
leaves what the next run goes on with. One process at a time does this in a database; another waits,
and finds it done.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateSchema, DropTable, PrimaryKeyConstraint

from aliconf.connector.clock import now, second
from aliconf.connector.grants import name_of
from aliconf.connector.names import Names
from aliconf.connector.schema import tables
from aliconf.connector.state import HALF_MADE, store_tables, table_names
from aliconf.connector.triggers import missing_triggers
from aliconf.findings import AliconfError, refusal

SCRIPTS = "aliconf.connector:migrations"
NO_RIGHT: Final = "ALI927"

_UNNAMED: Final = Names()
_KEY: Final = 0x616C69636F6E66
"""PostgreSQL's advisory locks have numbers; this one is ``aliconf`` in ASCII."""
_MARIADB: Final = {"mysql", "mariadb"}
_NO_RIGHT_SQLSTATE: Final = "42501"
"""PostgreSQL's insufficient_privilege (postgresql.org/docs/current/errcodes-appendix.html)."""


def create(connection: Connection, names: Names = _UNNAMED, revision: str = "head") -> None:
    """The tables of a new store of a schema version and its id, and on PostgreSQL its schema.

    A store that is there already stays as it is; one that is half made is completed, so the caller
    has to ask for its ``state`` and to ``refuse_clashes`` first. Raises ALI927 where the schema may
    not be created, and ALI929 where regions would stay unguarded.
    """
    with _alone(connection):
        if names.schema is not None:
            _make_schema(connection, names.schema)
        _complete(connection, names, revision, guarded=True)


def migrate(connection: Connection, names: Names = _UNNAMED) -> None:
    """Run the missing migrations, also those that were broken off."""
    with _alone(connection):
        _complete(connection, names)


def _complete(
    connection: Connection, names: Names, revision: str = "head", *, guarded: bool = False
) -> None:
    if connection.dialect.name == "postgresql" and names.schema is None:
        # The store is in the first schema of the search path, whatever the later ones hold.
        names = replace(names, schema=connection.scalar(text("SELECT current_schema()")))
    with _leaving_nothing(connection, names):
        _make_version_table(connection, names)
        _upgrade(connection, names, revision)
        connector = tables(names).connector
        if connection.execute(select(connector.c.id)).first() is None:
            made_at = second(now(connection))
            new = insert(connector).values(id=f"c-{secrets.token_hex(4)}", created_at=made_at)
            connection.execute(new)
        missing = missing_triggers(connection, names) if guarded else ()
        if missing:
            raise _unguarded(missing)


def _unguarded(missing: tuple[str, ...]) -> AliconfError:
    """A table of another program has the trigger, and MariaDB did not show it before."""
    one = len(missing) == 1
    return refusal(
        HALF_MADE,
        f"the trigger{'' if one else 's'} {' and '.join(missing)} of a connector store could not "
        f"be made: another table in the database has {'it' if one else 'them'}",
        "The tables that were made for the store were dropped again. Give the connector a prefix "
        "of its own (?prefix=NAME_).",
    )


def _upgrade(connection: Connection, names: Names, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.attributes["connection"] = connection
    config.attributes["names"] = names
    command.upgrade(config, revision)


def _make_version_table(connection: Connection, names: Names) -> None:
    """Alembic's own table, but of MariaDB's engine that has transactions."""
    name = tables(names).version
    Table(
        name,
        MetaData(schema=names.schema),
        Column("version_num", String(32), nullable=False),
        PrimaryKeyConstraint("version_num", name=f"{name}_pkc"),
        mysql_engine="InnoDB",
        mariadb_engine="InnoDB",
    ).create(connection, checkfirst=True)


def _make_schema(connection: Connection, schema: str) -> None:
    query = text("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = :schema")
    if connection.scalar(query, {"schema": schema}):
        return
    database, user = connection.execute(text("SELECT current_database(), current_user")).one()
    try:
        connection.execute(CreateSchema(schema))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") != _NO_RIGHT_SQLSTATE:
            raise
        raise _may_not_create(schema, database, user) from error


def _may_not_create(schema: str, database: str, user: str) -> AliconfError:
    return refusal(
        NO_RIGHT,
        f"the database {database} has no schema {schema}, and the user {user} may not create it",
        "Let an administrator run in that database:\n"
        f"CREATE SCHEMA {name_of(schema)} AUTHORIZATION {name_of(user)};",
    )


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Let no other process create or migrate tables in this database.

    SQLite's writers are alone anyway: their transactions begin with BEGIN IMMEDIATE.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _KEY})
    if connection.dialect.name not in _MARIADB:
        yield
        return
    lock = "CONCAT('aliconf ', MD5(DATABASE()))"  # at most 64 characters, as a database's own name
    if connection.scalar(text(f"SELECT GET_LOCK({lock}, @@innodb_lock_wait_timeout)")) != 1:
        # What MariaDB says of a row that stays locked: the same finding.
        connection.execute(text("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205"))
    try:
        yield
        # Who waits for the lock has to see the last rows too.
        connection.execute(text("COMMIT AND CHAIN"))
    finally:
        with suppress(SQLAlchemyError):  # a connection that is lost has lost its locks
            connection.execute(text(f"DO RELEASE_LOCK({lock})"))


@contextmanager
def _leaving_nothing(connection: Connection, names: Names) -> Iterator[None]:
    """Where DDL is no part of transactions, drop the tables of a run that fails."""
    if connection.dialect.name not in _MARIADB:
        yield
        return
    before = table_names(connection, names)
    try:
        yield
    except Exception:
        # The reason of the failure counts. What cannot be dropped is completed by the next run.
        with suppress(SQLAlchemyError):
            connection.execute(text("ROLLBACK AND CHAIN"))
            drop_made(connection, names, before)
        raise


def drop_made(connection: Connection, names: Names, kept: set[str]) -> None:
    """On MariaDB: drop the tables of a store that were not there before."""
    made = table_names(connection, names) - kept
    version = tables(names).version
    if version in made:
        # First: without a version the tables that are left are those of an unfinished store.
        connection.execute(delete(table(version)))
    for name in reversed([version, *store_tables(names)]):
        if name in made:
            connection.execute(DropTable(Table(name, MetaData())))
