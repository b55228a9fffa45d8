"""The reader of a store that exists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select

from aliconf.connector import errors, schema
from aliconf.connector.engine import connected, explained, undo_interrupted
from aliconf.connector.reader import EmptyReader, Reader, Stored
from aliconf.connector.schema import ACCOUNT, CONNECTOR, POLICY_DEFAULT
from aliconf.connector.shapes import SHAPES
from aliconf.connector.state import state
from aliconf.connector.urls import Target
from aliconf.progress import SILENT, Progress

ROWS_AT_ONCE = 500


class SqlReader:
    """Reads in one transaction, which began when the reader was opened."""

    exists = True

    def __init__(self, connection: Connection, target: Target, progress: Progress) -> None:
        self._connection = connection
        self._progress = progress
        self._target = target
        with explained(target):
            row = connection.execute(
                select(CONNECTOR.c.id, CONNECTOR.c.defaults_generated_at)
            ).first()
        if row is None:
            raise errors.damaged(target, f"its table {CONNECTOR.name} is empty")
        self.connector_id: str = row.id
        self.defaults_generated: bool = row.defaults_generated_at is not None

    def objects(self) -> Iterator[Stored]:
        self._progress.begin("reading objects of the connector")
        with explained(self._target):
            for shape in SHAPES.values():
                rows = self._connection.execute(
                    shape.select(), execution_options={"yield_per": ROWS_AT_ONCE}
                )
                for row in rows:
                    self._progress.advance()
                    yield shape.stored(row)

    def defaults(self) -> dict[str, str]:
        query = select(POLICY_DEFAULT.c.kind, POLICY_DEFAULT.c.policy)
        with explained(self._target):
            return {row.kind: row.policy for row in self._connection.execute(query)}

    def reserved(self) -> dict[str, str]:
        query = select(ACCOUNT.c.name, ACCOUNT.c.region).where(ACCOUNT.c.deleted_at.is_not(None))
        with explained(self._target):
            return {row.name: row.region for row in self._connection.execute(query)}


@contextmanager
def sql_reader(target: Target, progress: Progress = SILENT) -> Iterator[Reader]:
    """Open a store that is there, after undoing what a killed process left half done."""
    undo_interrupted(target)
    with connected(target, "ro") as connection:
        with explained(target):
            found, version = state(connection, target)
        if found == "older":
            raise errors.older(target, version, schema.REVISIONS[-1])
        yield EmptyReader() if found == "empty" else SqlReader(connection, target, progress)
