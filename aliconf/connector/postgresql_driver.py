"""Connections to a store in PostgreSQL, by psycopg."""

from __future__ import annotations

import time
from collections.abc import Generator
from math import ceil
from typing import Any, Final, TypeVar

import psycopg

from aliconf.connector import errors, server_errors
from aliconf.connector.urls import Server, Target

Result = TypeVar("Result")

OLDEST: Final = 12
"""The major version with which everything was tried that is used here."""
SILENCE: Final = 60
"""Seconds without a sign of life after which a server is taken for dead."""
PATIENCE: Final = 60
"""Seconds, beyond a wait for a lock, that a server has for its next word in a statement."""


class Patient(psycopg.Connection[Any]):
    """Takes a server for dead that works on a statement and says nothing for too long.

    The system's keep-alives do not find that: a server that hangs has a system that answers.
    """

    patience = 0.0

    def wait(self, gen: Generator[Any, Any, Result], *rest: Any, **options: Any) -> Result:
        return super().wait(self._bounded(gen), *rest, **options)

    def _bounded(self, gen: Generator[Any, Any, Result]) -> Generator[Any, Any, Result]:
        until = time.monotonic() + self.patience
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                now = time.monotonic()
                if ready:
                    until = now + self.patience
                elif self.patience and now > until:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no answer in {self.patience:g} s")
                wanted = gen.send(ready)
        except StopIteration as ended:
            result: Result = ended.value
            return result


def connect(target: Target, server: Server, read_only: bool) -> psycopg.Connection[Any]:
    """A connection whose readers see one state, and whose writers each latest commit."""
    settings: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "password": server.secret(),
        "dbname": server.database,
        "connect_timeout": max(2, ceil(target.timeout)),  # libpq's least
        "application_name": "aliconf",
        "client_encoding": "utf8",
        "keepalives": 1,
        "keepalives_idle": SILENCE // 2,
        "keepalives_interval": SILENCE // 6,
        "keepalives_count": 3,
        "tcp_user_timeout": SILENCE * 1000,
    }
    # No prepared statements: a pooler between may give each transaction another session.
    connection = Patient.connect(prepare_threshold=None, **settings, **_tls(server))
    connection.patience = target.timeout + PATIENCE
    try:
        _check(connection, target)
    except BaseException:
        connection.close()
        raise
    connection.isolation_level = (
        psycopg.IsolationLevel.REPEATABLE_READ
        if read_only
        else psycopg.IsolationLevel.READ_COMMITTED
    )
    # None: a writer whom the server's settings let only read is told so.
    connection.read_only = True if read_only else None
    return connection


def begin(target: Target) -> str:
    """What each transaction starts with.

    LOCAL, for the sake of poolers. A writer that hangs for longer than its lease lives loses its
    transaction, so that nobody waits for its locks.
    """
    patience = max(1, round(target.timeout * 1000))  # 0 would wait for ever
    idle = round(errors.longest_hang(target) * 1000)
    return (
        f"SET LOCAL lock_timeout = {patience}; "
        f"SET LOCAL idle_in_transaction_session_timeout = {idle}"
    )


def _tls(server: Server) -> dict[str, Any]:
    files = {
        "sslrootcert": server.tls.root,
        "sslcert": server.tls.certificate,
        "sslkey": server.tls.key,
    }
    return {"sslmode": server.tls.mode} | {
        name: str(path) for name, path in files.items() if path is not None
    }


def _check(connection: psycopg.Connection[Any], target: Target) -> None:
    """Refuses what aliconf was not made for; the server said all of it when it let us in."""
    version = connection.info.server_version
    if version < OLDEST * 10000:
        shown = connection.info.parameter_status("server_version") or str(version)
        raise server_errors.unfit(
            target, f"it is PostgreSQL {shown}", f"PostgreSQL {OLDEST} or newer"
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise server_errors.unfit(
            target,
            f"its database has the encoding {encoding}, which cannot hold every text",
            "a database made with ENCODING 'UTF8'",
        )
