"""What there is to see of a store's database: the server, its clock, and the tables' columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, inspect, text

from aliconf.connector import clock, errors
from aliconf.connector.dump import table_of
from aliconf.connector.schema import ADDED
from aliconf.connector.urls import Target
from aliconf.findings import Finding


@dataclass(frozen=True, slots=True)
class Server:
    """The database, and how this connection uses it."""

    product: str
    """``SQLite``, ``PostgreSQL`` or ``MariaDB``."""
    version: str
    encryption: str | None = None
    """The version of TLS and the cipher; None without, and for a file."""
    user: str | None = None
    """As the server knows the user; None for a file, as are these."""
    database: str | None = None
    schema: str | None = None
    """PostgreSQL's."""


_POSTGRESQL: Final = """
    SELECT current_setting('server_version'), current_user, current_database(),
    coalesce(nullif(:schema, ''), current_schema()),
    (SELECT version || ', ' || cipher FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid())
"""


def look_at_server(connection: Connection, store: Target) -> Server:
    if store.dialect == "sqlite":
        return Server("SQLite", str(connection.scalar(text("SELECT sqlite_version()"))))
    if store.dialect == "postgresql":
        row = connection.execute(text(_POSTGRESQL), {"schema": store.names.schema or ""}).one()
        version, user, database, schema, encryption = row
        return Server("PostgreSQL", version.split()[0], encryption, user, database, schema)
    query = text("SELECT VERSION(), CURRENT_USER(), DATABASE()")
    version, user, database = connection.execute(query).one()
    shown = connection.execute(text("SHOW SESSION STATUS LIKE 'Ssl_%'"))
    status = {name.lower(): value for name, value in shown}
    cipher = status.get("ssl_cipher")
    encryption = f"{status.get('ssl_version', 'TLS')}, {cipher}" if cipher else None
    return Server("MariaDB", version.partition("-")[0], encryption, user, database)


def clock_difference(connection: Connection) -> float:
    """Seconds by which the database's clock is ahead, as well as the way there lets it be known."""
    before = datetime.now(UTC)
    there = clock.now(connection)
    after = datetime.now(UTC)
    return clock.seconds_between(_moment(before + (after - before) / 2), there)


def _moment(value: datetime) -> str:
    return f"{value.strftime('%Y-%m-%dT%H:%M:%S.%f')[:23]}Z"


def damages(connection: Connection, store: Target) -> Iterator[Finding]:
    """What SQLite itself finds wrong with its file; servers look after theirs."""
    if not store.embedded:
        return
    for problem in connection.execute(text("PRAGMA quick_check(1)")).scalars():
        if problem != "ok":
            yield from errors.damaged(store, " ".join(str(problem).split())).findings


def undocumented(connection: Connection, store: Target, revision: str) -> list[Finding]:
    """Columns that are missing, and in MariaDB tables whose engine has no transactions."""
    inspector = inspect(connection)
    wrong = []
    for version, names in ADDED.items():
        for name in names if version <= revision else ():
            table = table_of(store.names, name)
            columns = inspector.get_columns(table.name, schema=store.names.schema)
            found = {column["name"] for column in columns}
            missing = [column.name for column in table.c if column.name not in found]
            if missing:
                wrong.append(f"the table {table.name} has no column {', '.join(missing)}")
            if store.dialect == "mariadb":
                wrong += _engine(connection, table.name)
    return [
        finding for reason in wrong for finding in errors.not_as_documented(store, reason).findings
    ]


def _engine(connection: Connection, table: str) -> list[str]:
    query = text(
        "SELECT engine FROM information_schema.tables "
        "WHERE table_schema = DATABASE() AND table_name = :name AND table_type = 'BASE TABLE'"
    )
    engine = connection.scalar(query, {"name": table})
    if engine in {None, "InnoDB"}:
        return []
    return [f"the table {table} has the engine {engine} and not InnoDB, so no transactions"]
