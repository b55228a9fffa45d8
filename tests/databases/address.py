"""Where a server is, and connections to it that are not aliconf's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.databases.certificates import SERVER_NAME
from tests.databases.programs import ServerKind

ADMINISTRATOR = "administrator"
"""The superuser. All users have the server's one password."""
USERS = ("aliconf", "tls_only", "certified")
"""Ordinary users: any connection; encrypted ones only; those with a client certificate only."""


@dataclass(frozen=True, slots=True)
class Address:
    kind: ServerKind
    version: str
    port: int
    password: str
    certificates: str
    """The directory of ``ca.crt``, ``other-ca.crt``, ``client.crt`` and ``client.key``."""
    host: str = "127.0.0.1"

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def certificate(self, name: str) -> Path:
        return Path(self.certificates) / name

    def connect(
        self,
        database: str | None = None,
        user: str = ADMINISTRATOR,
        password: str | None = None,
        *,
        tls: bool = False,
        autocommit: bool = False,
    ) -> Any:
        """A DB-API connection of psycopg or PyMySQL; ``tls`` verifies the server in full.

        Times are in UTC, and strings follow the SQL standard in MariaDB too: ``'`` quotes a string,
        ``"`` a name, and a backslash is a backslash.
        """
        password = self.password if password is None else password
        connect = postgresql if self.kind == "postgresql" else mariadb
        return connect(self, database, user, password, tls, autocommit)


def postgresql(
    address: Address, database: str | None, user: str, password: str, tls: bool, autocommit: bool
) -> Any:
    import psycopg

    encrypted: dict[str, Any] = {
        "sslmode": "verify-full",
        "sslrootcert": str(address.certificate("ca.crt")),
    }
    return psycopg.connect(
        host=SERVER_NAME if tls else address.host,
        port=address.port,
        dbname=database or "postgres",
        user=user,
        password=password,
        autocommit=autocommit,
        connect_timeout=10,
        gssencmode="disable",
        options="-c timezone=UTC",
        **(encrypted if tls else {"sslmode": "disable"}),
    )


def mariadb(
    address: Address, database: str | None, user: str, password: str, tls: bool, autocommit: bool
) -> Any:
    import pymysql

    encrypted = {
        "ssl_ca": str(address.certificate("ca.crt")),
        "ssl_verify_cert": True,
        "ssl_verify_identity": True,
    }
    return pymysql.connect(
        host=SERVER_NAME if tls else address.host,
        port=address.port,
        database=database,
        user=user,
        password=password,
        autocommit=autocommit,
        connect_timeout=10,
        charset="utf8mb4",
        init_command="SET time_zone = '+00:00'",
        sql_mode="ANSI,TRADITIONAL,NO_BACKSLASH_ESCAPES",
        **(encrypted if tls else {"ssl_disabled": True}),
    )


def execute(connection: Any, *statements: str) -> list[tuple[Any, ...]]:
    """The rows of the last statement, none if it has none."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def quoted(text: str) -> str:
    """A string of standard SQL."""
    return "'" + text.replace("'", "''") + "'"
