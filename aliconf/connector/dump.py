"""The image of a store: all that is in it as lines of JSON, the same on every database.

An image begins with the schema version and the connector's id. Then each table has a line with its
name and its columns, and one for each row, in the order of the primary key. Leases are no content:
they belong to processes that use the store where it is. The SHA-256 of the lines is the digest of
the content, whatever database holds it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, Connection, Table, func, select

from aliconf.connector import errors, schema
from aliconf.connector.names import Names
from aliconf.connector.schema import tables
from aliconf.connector.urls import Target

LEFT_OUT: Final = "aliconf_lease"
ROWS_AT_ONCE: Final = 100
"""So few are held at a time, because a row may have hundreds of KB."""


class Line(NamedTuple):
    """A line of an image."""

    table: str
    """Without a prefix."""
    text: bytes
    """Without a line end."""
    row: list[Any] | None
    """The values of a row in the order of the columns; None for the line that begins a table."""


class Tally:
    """The digest of lines that go by, and how many rows they are."""

    def __init__(self, revision: str, connector_id: str) -> None:
        self._sha256 = hashlib.sha256()
        self._add(encoded({"connector": connector_id, "schema": revision}))
        self.rows: dict[str, int] = {}
        """By table, without a prefix."""

    def add(self, line: Line) -> None:
        self._add(line.text)
        if line.row is None:
            self.rows[line.table] = 0
        else:
            self.rows[line.table] += 1

    def _add(self, text: bytes) -> None:
        self._sha256.update(text)
        self._sha256.update(b"\n")

    @property
    def digest(self) -> str:
        return f"sha256:{self._sha256.hexdigest()}"

    @property
    def total(self) -> int:
        return sum(self.rows.values())


class Image:
    """What a store holds, in the transaction that the connection is in.

    Raises ALI912 for a store without an id.
    """

    def __init__(self, connection: Connection, store: Target, revision: str) -> None:
        self._connection = connection
        self._names = store.names
        self.revision = revision
        connector = tables(store.names).connector
        found = connection.execute(select(connector.c.id)).scalars().all()
        if len(found) != 1:
            raise errors.damaged(store, f"its table {connector.name} has {len(found)} rows")
        self.connector_id: str = found[0]

    def count(self) -> dict[str, int]:
        """How many rows each table has."""
        counts = {}
        for name in content(self.revision):
            query = select(func.count()).select_from(table_of(self._names, name))
            counts[name] = int(self._connection.execute(query).scalar_one())
        return counts

    def tally(self) -> Tally:
        return Tally(self.revision, self.connector_id)

    def lines(self) -> Iterator[Line]:
        for name in content(self.revision):
            table = table_of(self._names, name)
            yield first_line(name)
            rows = self._connection.execute(
                select(*table.c).order_by(*table.primary_key.columns),
                execution_options={"yield_per": ROWS_AT_ONCE},
            )
            for row in rows:
                yield row_line(name, [_plain(value) for value in row])


def content(revision: str) -> list[str]:
    """The tables of an image without a prefix, those that others refer to first."""
    return [
        name
        for version, added in schema.ADDED.items()
        if version <= revision
        for name in added
        if name != LEFT_OUT
    ]


@cache
def table_of(names: Names, name: str) -> Table:
    """A table by its name without a prefix."""
    called = names.table(name)
    return next(table for table in tables(names).metadata.tables.values() if table.name == called)


@cache
def columns_of(name: str) -> tuple[Column[Any], ...]:
    """A table's columns, alike in all schema versions so far: migrations have only added tables."""
    return tuple(table_of(Names(), name).c)


def first_line(name: str) -> Line:
    named = {"columns": [column.name for column in columns_of(name)], "table": name}
    return Line(name, encoded(named), None)


def row_line(name: str, row: list[Any]) -> Line:
    return Line(name, encoded(row), row)


_ENCODER: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def encoded(value: Any) -> bytes:
    """One text for one value. Raises ValueError for text that is none, and for NaN."""
    return _ENCODER.encode(value).encode()


def _plain(value: Any) -> Any:
    """SQLite lets an administrator put bytes where text should be."""
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    return value


def raw(value: Any) -> Any:
    """What stands in the database for a value of an image. Raises ValueError."""
    if not isinstance(value, dict):
        return value
    if list(value) != ["base64"] or not isinstance(value["base64"], str):
        raise ValueError("a value that is no text, number or bytes")
    return base64.b64decode(value["base64"], validate=True)
