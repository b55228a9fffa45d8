"""Connections to the embedded store, and what state a store is in.

The store keeps SQLite's rollback journal (``journal_mode=DELETE``) and not WAL: at rest it is one
file, which a reader may open in a directory that it may not write to, where WAL would need its
``-shm`` file. Changes are short, so that readers and writers seldom wait for each other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Literal

from sqlalchemy import Connection, String, create_engine, event, inspect, select, table
from sqlalchemy import column as sql_column
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from aliconf.connector import errors, schema, sqlite_errors
from aliconf.connector.urls import Target

Mode = Literal["ro", "rw", "rwc"]
"""As in SQLite's URIs: read only, read and write, and the same creating the file."""


@contextmanager
def explained(target: Target) -> Iterator[None]:
    """Turn failures of the database into findings that name the store."""
    try:
        yield
    except DBAPIError as error:
        cause = error.orig or error
        raise errors.explained(cause, target) from error
    except sqlite3.Error as error:
        raise errors.explained(error, target) from error


def _open(target: Target, mode: Mode) -> sqlite3.Connection:
    if target.path.is_dir():
        raise errors.not_permitted(target, "it is a directory")
    connection = sqlite3.connect(
        f"{target.path.as_uri()}?mode={mode}",
        uri=True,
        timeout=target.timeout,
        # SQLAlchemy's events below say when a transaction begins: the driver would leave DDL out.
        isolation_level=None,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def connected(target: Target, mode: Mode) -> Iterator[Connection]:
    """One connection, closed at the end. Nothing is read yet: a damaged file shows later."""
    # A writer takes its lock at once: one that first reads could not get it any more.
    begin = "BEGIN" if mode == "ro" else "BEGIN IMMEDIATE"
    engine = create_engine("sqlite://", creator=lambda: _open(target, mode), poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    with explained(target):
        connection = engine.connect()
    try:
        yield connection
    finally:
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
            # A COMMIT for which the store stayed locked leaves its transaction open.
            connection.connection.rollback()
            raise


def undo_interrupted(target: Target) -> None:
    """Let SQLite undo the change of a process that was killed, where there is one.

    SQLite does so whenever a connection that may write reads; one that is read-only is refused. The
    store becomes what it was before that change; nothing else is written.
    """
    with explained(target):
        try:
            _look(target, "ro")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite_errors.READONLY_ROLLBACK:
                raise
        else:
            return
        try:
            _look(target, "rw")
        except sqlite3.OperationalError as error:
            if sqlite_errors.is_not_permitted(error):
                raise errors.interrupted(target) from error
            raise


def _look(target: Target, mode: Mode) -> None:
    with closing(_open(target, mode)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


State = Literal["empty", "older", "current"]


def state(connection: Connection, target: Target) -> tuple[State, str]:
    """Whether the store has aliconf's tables, and their schema version.

    Raises ALI913 for a newer schema and ALI914 for another program's database.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return "empty", ""
    if schema.VERSION_TABLE not in tables:
        raise errors.foreign(target, sorted(tables))
    versions = table(schema.VERSION_TABLE, sql_column("version_num", String))
    version = connection.execute(select(versions.c.version_num)).scalar()
    if version is None:
        raise errors.damaged(target, f"its table {schema.VERSION_TABLE} is empty")
    if version == schema.REVISIONS[-1]:
        return "current", version
    if version in schema.REVISIONS:
        return "older", version
    raise errors.newer(target, version, schema.REVISIONS[-1])
