"""Connections and transactions, the same for a file and for a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from aliconf.connector import errors, server_errors, sqlite_driver
from aliconf.connector.sqlite_driver import Mode
from aliconf.connector.urls import Server, Target
from aliconf.findings import AliconfError

_UNPOOLED: Final[dict[str, Any]] = {"poolclass": NullPool, "pool_reset_on_return": None}
"""Each connection is closed after its use: there is nothing to roll back for the next user."""


@contextmanager
def explained(target: Target, *, connecting: bool = False) -> Iterator[None]:
    """Turn failures of the database into findings that name the store."""
    try:
        yield
    except DBAPIError as error:
        raise errors.explained(
            error.orig or error, target, connecting=connecting, statement=error.statement or ""
        ) from error
    except Exception as error:
        if not errors.is_of_driver(error):
            raise
        raise errors.explained(error, target, connecting=connecting) from error


@contextmanager
def connected(target: Target, mode: Mode) -> Iterator[Connection]:
    """One connection, closed at the end.

    Of a file nothing is read yet: a damaged one shows later. A server has been found fit, and what
    a connection with the mode ``ro`` reads in a transaction is one state.
    """
    with explained(target, connecting=True):
        engine = _engine(target, mode)
        connection = engine.connect()
    try:
        yield connection
    finally:
        # What is lost is closed.
        with suppress(AliconfError), explained(target):
            connection.close()
        engine.dispose()


@contextmanager
def transaction(connection: Connection, target: Target) -> Iterator[None]:
    """One transaction: all of it is in the store afterwards, or after an exception nothing."""
    with explained(target):
        try:
            with connection.begin():
                yield
        except BaseException:
            if target.embedded:
                # A COMMIT for which the store stayed locked leaves its transaction open.
                connection.connection.rollback()
            raise


def undo_interrupted(target: Target) -> None:
    """Let the database of an embedded store undo the change of a process that was killed.

    A server does that itself.
    """
    if not target.embedded:
        return
    with explained(target):
        sqlite_driver.undo_interrupted(target)


def _engine(target: Target, mode: Mode) -> Engine:
    if target.server is None:
        # A writer takes its lock at once: one that first reads could not get it any more.
        begin = "BEGIN" if mode == "ro" else "BEGIN IMMEDIATE"
        engine = create_engine(
            "sqlite://", creator=lambda: sqlite_driver.connect(target, mode), **_UNPOOLED
        )
    else:
        engine, begin = _server_engine(target, target.server, mode == "ro")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _server_engine(target: Target, server: Server, read_only: bool) -> tuple[Engine, str]:
    if target.dialect == "postgresql":
        try:
            from aliconf.connector import postgresql_driver
        except ImportError as error:
            raise server_errors.no_driver(target, "psycopg") from error

        return (
            create_engine(
                "postgresql+psycopg://",
                creator=lambda: postgresql_driver.connect(target, server, read_only),
                **_UNPOOLED,
                use_native_hstore=False,
            ),
            postgresql_driver.begin(target),
        )
    try:
        from aliconf.connector import mariadb_driver
    except ImportError as error:
        raise server_errors.no_driver(target, "PyMySQL") from error

    engine = create_engine(
        "mariadb+pymysql://",
        creator=lambda: mariadb_driver.connect(target, server),
        **_UNPOOLED,
    )

    @event.listens_for(engine, "connect")
    def _(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        mariadb_driver.settle(connection, target, read_only)

    return engine, mariadb_driver.begin(read_only)
