"""Where one test's connector store is: an SQLite file, or a database of its own on a shared server."""

from __future__ import annotations

import ast
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.databases.address import ADMINISTRATOR, USERS, Address, execute, quoted
from tests.databases.programs import Kind, ServerKind

SQLITE_URL = "sqlite:///.aliconf/connector.db"

_SQLITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
try:
    for statement in sys.argv[2:]:
        rows = connection.execute(statement).fetchall()
except sqlite3.Error as error:
    sys.exit(str(error))
connection.commit()
print(repr(rows))
"""


class RefusedError(Exception):
    """The database has refused a statement; the message is its own."""


def password_variable(kind: ServerKind) -> str:
    """The environment variable with the password of the tests' users there."""
    return f"ALICONF_TEST_{kind.upper()}_PASSWORD"


@dataclass(frozen=True, slots=True)
class Place:
    database: Kind
    root: Path
    """The project's directory."""
    address: Address | None = None
    """The server, for all but SQLite."""
    name: str = ""
    """The database's name on the server."""

    @property
    def url(self) -> str:
        """The connector's URL as a project writes it."""
        return self.url_of(USERS[0])

    def url_of(self, user: str, host: str | None = None, **options: str | int) -> str:
        """The URL for another user (``tls_only``, ``certified``, or one of ``new_user``) or host
        name (``localhost`` is in the server's certificate, ``127.0.0.1`` is not), with options."""
        return self._url(user, host) + (f"?{urlencode(options, safe='/')}" if options else "")

    def url_with(self, **options: str | int) -> str:
        """The URL with options in its query."""
        return self.url_of(USERS[0], None, **options)

    def _url(self, user: str, host: str | None) -> str:
        if self.address is None:
            return SQLITE_URL
        secret = f"${{env:{password_variable(self.address.kind)}}}"
        where = f"{host or self.address.host}:{self.address.port}"
        return f"{self.database}://{user}:{secret}@{where}/{self.name}"

    @property
    def file(self) -> Path:
        """The file of SQLite."""
        assert self.address is None, f"{self.database} has no file"
        return self.root / ".aliconf" / "connector.db"

    def connect(self, user: str = ADMINISTRATOR, *, autocommit: bool = False) -> Any:
        """A connection of psycopg or PyMySQL, for what takes several steps: locks, for one."""
        assert self.address is not None, "SQLite has no server"
        return self.address.connect(self.name, user, autocommit=autocommit)

    def sql(self, *statements: str) -> None:
        """Change the store as its administrator would: one transaction of plain SQL.

        The statements must mean the same to all three. Raises RefusedError.
        """
        self.rows(*statements)

    def rows(self, *statements: str) -> list[tuple[Any, ...]]:
        """What the last statement returns, in the drivers' types. Raises RefusedError."""
        if self.address is None:
            return self._sqlite(*statements)
        connection = self.connect()
        try:
            rows = execute(connection, *statements)
            connection.commit()
        except driver_errors(self.address.kind) as error:
            raise RefusedError(str(error)) from error
        finally:
            connection.close()
        return rows

    def _sqlite(self, *statements: str) -> list[tuple[Any, ...]]:
        self.file.parent.mkdir(exist_ok=True)
        command = [sys.executable, "-c", _SQLITE, str(self.file), *statements]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RefusedError(done.stderr.strip())
        rows: list[tuple[Any, ...]] = ast.literal_eval(done.stdout)
        return rows

    @contextmanager
    def new_user(self, *rights: str) -> Iterator[str]:
        """A user who may only connect and has these rights, in the server's own words:
        ``SELECT ON ALL TABLES IN SCHEMA public``, or ``SELECT ON {database}.*`` in MariaDB.

        Yields its name, for ``url_of``; its password is that of the others.
        """
        assert self.address is not None, "SQLite has no users"
        user = f"user_{uuid.uuid4().hex[:12]}"
        password = quoted(self.address.password)
        create, drop = {
            "postgresql": (
                f"CREATE ROLE {user} LOGIN PASSWORD {password}",
                f"DROP OWNED BY {user}",
            ),
            "mariadb": (f"CREATE USER {user} IDENTIFIED BY {password}", "SELECT 1"),
        }[self.address.kind]
        named = [right.replace("{database}", self.name) for right in rights]
        self.sql(create, *(f"GRANT {right} TO {user}" for right in named))
        try:
            yield user
        finally:
            self.sql(drop, f"DROP {'ROLE' if self.database == 'postgresql' else 'USER'} {user}")


def driver_errors(kind: ServerKind) -> type[Exception]:
    if kind == "postgresql":
        import psycopg

        return psycopg.Error
    import pymysql

    return pymysql.err.Error


@contextmanager
def new_database(address: Address, root: Path, *, drop: bool = True) -> Iterator[Place]:
    """A fresh database of the user ``aliconf``; not dropped where the server goes as well."""
    name = f"aliconf_test_{uuid.uuid4().hex[:12]}"
    postgresql = address.kind == "postgresql"
    owner = f" OWNER {USERS[0]}" if postgresql else ""
    # Since PostgreSQL 15 copying through the log is the default, at twice the time.
    copied = " STRATEGY file_copy" if postgresql and address.major >= 15 else ""
    administer(address, f"CREATE DATABASE {name}{owner}{copied}")
    try:
        yield Place(address.kind, root, address, name)
    finally:
        if drop:
            administer(address, f"DROP DATABASE {name}" + (" WITH (FORCE)" if postgresql else ""))


def administer(address: Address, statement: str) -> None:
    connection = address.connect(autocommit=True)
    try:
        execute(connection, statement)
    finally:
        connection.close()
