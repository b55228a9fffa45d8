"""The time as the store keeps it: by the database's clock, which all who write there share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Dialect, String, literal_column, select

_NOW: Final = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    "postgresql": "to_char(clock_timestamp() AT TIME ZONE 'UTC', "
    """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""",
    "mysql": "date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f')",
}
_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.%f"


def database_now(dialect: Dialect) -> ColumnElement[Any]:
    """The moment at which the statement runs, for ``moment``."""
    return literal_column(_NOW["mysql" if dialect.name == "mariadb" else dialect.name], String)


def moment(text: str) -> str:
    """UTC to the millisecond, ``2026-11-23T10:00:00.123Z``, from what a database said."""
    return f"{text[:23]}Z"


def now(connection: Connection) -> str:
    return moment(connection.execute(select(database_now(connection.dialect))).scalar_one())


def second(text: str) -> str:
    """A moment to the second, ``2026-11-23T10:00:00Z``."""
    return f"{text[:19]}Z"


def later(text: str, seconds: float) -> str:
    """The moment some seconds after another one."""
    return _text(_parsed(text) + timedelta(seconds=seconds))


def seconds_between(earlier: str, late: str) -> float:
    return (_parsed(late) - _parsed(earlier)).total_seconds()


def _parsed(text: str) -> datetime:
    return datetime.strptime(text.removesuffix("Z"), _FORMAT).replace(tzinfo=UTC)


def _text(value: datetime) -> str:
    return f"{value.strftime(_FORMAT)[:23]}Z"
