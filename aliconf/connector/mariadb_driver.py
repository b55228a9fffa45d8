"""Connections to a store in MariaDB, by PyMySQL."""

from __future__ import annotations

import re
import ssl
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from aliconf.connector import errors, server_errors
from aliconf.connector.options import Tls
from aliconf.connector.urls import Server, Target

if TYPE_CHECKING:
    Base = Connection[Cursor]
else:
    Base = Connection  # generic for type checkers only

OLDEST: Final = (10, 5)
"""The version with which everything was tried that is used here."""
SILENCE: Final = 60
"""Seconds of silence, beyond a wait for a lock, after which a server is taken for dead."""
SQL_MODE: Final = "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO"
"""Values that do not fit are errors; quotes, backslashes and so on are as by default."""


class Patient(Base):
    """Waits ``connect_timeout`` for a server that it meets, and longer for one that works."""

    server_version: str
    """As the server greets."""

    def connect(self, sock: Any = None) -> None:
        super().connect(sock)
        self._read_timeout = self._write_timeout = (self.connect_timeout or 0) + SILENCE


def connect(target: Target, server: Server) -> Patient:
    """A connection that ``settle`` makes ready."""
    patience = max(2, ceil(target.timeout))
    secret = server.secret()
    try:
        connection = Patient(
            host=server.host,
            port=server.port,
            user=server.user,
            # The driver would take a text for Latin-1.
            password=(secret or "").encode(),
            database=server.database,
            charset="utf8mb4",
            connect_timeout=patience,
            read_timeout=patience,
            write_timeout=patience,
            autocommit=False,
            program_name="aliconf",
            **_tls(target, server.tls),
        )
    except RuntimeError as error:
        # The server asks for a kind of password that takes a package of its own.
        raise server_errors.no_way_in(target, str(error)) from error
    try:
        _check(connection.server_version, target)
    except BaseException:
        connection.close()
        raise
    return connection


def settle(connection: Any, target: Target, read_only: bool) -> None:
    """What a session starts with; after SQLAlchemy, which sets its character set anew."""
    with connection.cursor() as cursor:
        cursor.execute(_settings(target))
        level = "REPEATABLE READ" if read_only else "READ COMMITTED"
        cursor.execute(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")


def begin(read_only: bool) -> str:
    """What each transaction starts with."""
    return (
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
        if read_only
        else "START TRANSACTION"
    )


def _settings(target: Target) -> str:
    # A writer that hangs for longer than its lease lives loses its connection, so that nobody
    # waits for its locks.
    settings = {
        "sql_mode": f"'{SQL_MODE}'",
        "time_zone": "'+00:00'",
        "collation_connection": "utf8mb4_nopad_bin",
        "innodb_lock_wait_timeout": ceil(target.timeout),
        "lock_wait_timeout": ceil(target.timeout),
        "idle_write_transaction_timeout": ceil(errors.longest_hang(target)),
    }
    return "SET " + ", ".join(f"SESSION {name} = {value}" for name, value in settings.items())


def _tls(target: Target, tls: Tls) -> dict[str, Any]:
    """libpq's words in PyMySQL's. Without any, it encrypts where the server can."""
    if tls.mode == "disable":
        return {"ssl_disabled": True}
    if tls.mode == "prefer" and tls.certificate is None:
        return {}
    try:
        return {"ssl": _context(tls)}
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).replace("_", " ").lower()
        raise server_errors.no_tls(target, f"{reason} in {_files(tls)}") from error
    except OSError as error:
        raise server_errors.no_tls(target, f"{error.strerror} in {_files(tls)}") from error


def _files(tls: Tls) -> str:
    return ", ".join(str(path) for path in (tls.root, tls.certificate, tls.key) if path)


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = tls.mode == "verify-full"
    context.verify_mode = ssl.CERT_NONE if tls.root is None else ssl.CERT_REQUIRED
    if tls.root is not None:
        context.load_verify_locations(cafile=tls.root)
    if tls.certificate is not None:
        # A key that has a password is refused; without one given, Python would ask for it.
        context.load_cert_chain(tls.certificate, tls.key, password="")
    return context


def _check(version: str, target: Target) -> None:
    """Refuses what aliconf was not made for; ``5.5.5-`` is in front of some for old clients."""
    needed = f"MariaDB {OLDEST[0]}.{OLDEST[1]} or newer"
    if "mariadb" not in version.lower():
        raise server_errors.unfit(target, f"it is MySQL {version} and not MariaDB", needed)
    found = re.search(r"(\d+)\.(\d+)\.\d+-mariadb", version.lower())
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        shown = found[0].removesuffix("-mariadb") if found else version
        raise server_errors.unfit(target, f"it is MariaDB {shown}", needed)
