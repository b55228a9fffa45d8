"""The reader of a store that exists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, select

from aliconf.connector import clock, errors, schema
from aliconf.connector.applied import applied
from aliconf.connector.engine import connected, explained, undo_interrupted
from aliconf.connector.history import last_environment, read_entries, read_runs
from aliconf.connector.journal import cut_off_runs
from aliconf.connector.lease import abandoned_leases, leases_in_force
from aliconf.connector.reader import (
    Applied,
    CutOff,
    EmptyReader,
    JournalEntry,
    Lease,
    Reader,
    Run,
    Stored,
    StoredSecret,
)
from aliconf.connector.schema import tables
from aliconf.connector.secrets import read_secrets
from aliconf.connector.shapes import shapes
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
        self._tables = tables(target.names)
        store = self._tables.connector
        with explained(target):
            row = connection.execute(select(store.c.id, store.c.defaults_generated_at)).first()
        if row is None:
            raise errors.damaged(target, f"its table {store.name} is empty")
        self.connector_id: str = row.id
        self.defaults_generated: bool = row.defaults_generated_at is not None

    def objects(self) -> Iterator[Stored]:
        self._progress.begin("reading objects of the connector")
        with explained(self._target):
            for shape in shapes(self._target.names).values():
                rows = self._connection.execute(
                    shape.select(), execution_options={"yield_per": ROWS_AT_ONCE}
                )
                for row in rows:
                    self._progress.advance()
                    yield shape.stored(row)

    def defaults(self) -> dict[str, str]:
        pointer = self._tables.policy_default.c
        with explained(self._target):
            rows = self._connection.execute(select(pointer.kind, pointer.policy))
            return {row.kind: row.policy for row in rows}

    def reserved(self) -> dict[str, str]:
        account = self._tables.account.c
        query = select(account.name, account.region).where(account.deleted_at.is_not(None))
        with explained(self._target):
            return {row.name: row.region for row in self._connection.execute(query)}

    def applied(self, project: str) -> Applied:
        with explained(self._target):
            return applied(self._connection, self._tables, project, self.defaults())

    def runs(self, project: str) -> list[Run]:
        with explained(self._target):
            return read_runs(self._connection, self._tables, project)

    def last_environment(self, project: str) -> str:
        with explained(self._target):
            return last_environment(self._connection, self._tables, project)

    def entries(self, run_id: str) -> list[JournalEntry]:
        with explained(self._target):
            return read_entries(self._connection, self._tables, run_id)

    def unfinished(self, project: str) -> list[CutOff]:
        with explained(self._target):
            return cut_off_runs(self._connection, self._tables, project)

    def leases(self) -> list[Lease]:
        with explained(self._target):
            return leases_in_force(self._connection, self._tables)

    def abandoned(self) -> list[Lease]:
        with explained(self._target):
            return abandoned_leases(self._connection, self._tables)

    def secrets(self) -> list[StoredSecret]:
        with explained(self._target):
            return read_secrets(self._connection, self._tables)

    def now(self) -> str:
        with explained(self._target):
            return clock.now(self._connection)


@contextmanager
def sql_reader(target: Target, progress: Progress = SILENT) -> Iterator[Reader]:
    """Open a store that is there, after undoing what a killed process left half done."""
    undo_interrupted(target)
    with connected(target, "ro") as connection:
        with explained(target):
            found, version = state(connection, target)
        if found == "older":
            raise errors.older(target, version, schema.REVISIONS[-1])
        if found == "empty" and not target.embedded:
            raise errors.not_made(target)
        yield EmptyReader() if found == "empty" else SqlReader(connection, target, progress)
