"""Connections to an embedded store.

The store keeps SQLite's rollback journal (``journal_mode=DELETE``) and not WAL: at rest it is one
file, which a reader may open in a directory that it may not write to, where WAL would need its
``-shm`` file. Changes are short, so that readers and writers seldom wait for each other.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal

from aliconf.connector import errors, sqlite_errors
from aliconf.connector.urls import Target

Mode = Literal["ro", "rw", "rwc"]
"""As in SQLite's URIs: read only, read and write, and the same creating the file."""


def connect(target: Target, mode: Mode) -> sqlite3.Connection:
    """Nothing is read yet: a damaged file shows later."""
    path = file_of(target)
    if path.is_dir():
        raise errors.not_permitted(target, "it is a directory")
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=target.timeout,
        # SQLAlchemy's events say when a transaction begins: the driver would leave DDL out.
        isolation_level=None,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def file_of(target: Target) -> Path:
    """The file of an embedded store."""
    if target.path is None:
        raise ValueError(f"{target.display} is no embedded store")
    return target.path


def undo_interrupted(target: Target) -> None:
    """Let SQLite undo the change of a process that was killed, where there is one.

    SQLite does so whenever a connection that may write reads; one that is read-only is refused. The
    store becomes what it was before that change; nothing else is written.
    """
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
    with closing(connect(target, mode)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
