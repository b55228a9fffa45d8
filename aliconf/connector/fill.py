"""Filling a place that has no store, or an empty one, with an image: all of it or nothing.

On PostgreSQL and SQLite the tables and the rows are one transaction. MariaDB commits at each DDL
statement: there the rows are one transaction, and where it fails the tables that were made for it
are dropped. Before the commit the digest is computed from what the store has then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from aliconf.connector import clock, errors, schema
from aliconf.connector.clashes import refuse_clashes
from aliconf.connector.dump import Image, Line, Tally, columns_of, content, raw, table_of
from aliconf.connector.engine import connected, transaction
from aliconf.connector.fitting import check_row
from aliconf.connector.migrate import create, drop_made, migrate
from aliconf.connector.schema import tables
from aliconf.connector.state import State, state, table_names
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError, refusal
from aliconf.progress import SILENT, Progress

NOT_EMPTY: Final = "ALI939"
DIFFERS: Final = "ALI942"
DANGLING: Final = "ALI948"

_ROWS: Final = 500
_BYTES: Final = 1_000_000
"""So much is inserted at once: of a table with long bodies, fewer rows."""


def refuse_content(store: Target) -> None:
    """Raise ALI939 where a store has content; change nothing. For before anything long begins."""
    from aliconf.connector.reader import is_there

    if not is_there(store):
        return
    with connected(store, "ro") as connection, transaction(connection, store):
        _fillable(connection, store)


def fill(
    store: Target,
    revision: str,
    lines: Iterable[Line],
    expected: Callable[[], Tally],
    progress: Progress = SILENT,
) -> None:
    """Make the store of an image of a schema version, and bring it up to date.

    ``expected`` is asked after the last line. Raises ALI939 where the store has content, ALI942
    where it does not have what was expected, ALI947 for a value that the database cannot hold, and
    whatever ``lines`` and ``expected`` raise. Nothing is left in the place then.
    """
    with _place(store), connected(store, "rwc") as connection:
        if store.dialect == "mariadb":
            _fill_mariadb(connection, store, revision, lines, expected, progress)
        else:
            with transaction(connection, store):
                made = _make(connection, store, revision)
                _keep_others_out(connection, store)
                _load(connection, store, revision, lines, expected, progress)
                if made != schema.REVISIONS[-1]:
                    migrate(connection, store.names)


def _fill_mariadb(
    connection: Connection,
    store: Target,
    revision: str,
    lines: Iterable[Line],
    expected: Callable[[], Tally],
    progress: Progress,
) -> None:
    with transaction(connection, store):
        before = table_names(connection, store.names)
        _fillable(connection, store)
    try:
        with transaction(connection, store):
            made = _make(connection, store, revision)
            # For the transactions after this one: their locks hold rows off that are not there yet.
            connection.execute(text("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        with transaction(connection, store):
            _keep_others_out(connection, store)
            _load(connection, store, revision, lines, expected, progress)
        if made != schema.REVISIONS[-1]:
            with transaction(connection, store):
                migrate(connection, store.names)
    except BaseException:
        # The reason counts. What a lost connection leaves is an empty store.
        with suppress(AliconfError, SQLAlchemyError):
            _undo(store, before)
        raise


def _undo(store: Target, before: set[str]) -> None:
    """Over a connection of its own: the first may be in the middle of an answer."""
    with connected(store, "rw") as connection, transaction(connection, store):
        if not table_names(connection, store.names) <= before:
            drop_made(connection, store.names, before)


@contextmanager
def _place(store: Target) -> Iterator[None]:
    """The directory for a file; of a file that was made for nothing, nothing stays."""
    if store.path is None:
        yield
        return
    try:
        store.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.not_permitted(store, error.strerror or str(error)) from error
    was_there = store.path.exists()
    try:
        yield
    except BaseException:
        with suppress(OSError):
            if not was_there and store.path.stat().st_size == 0:
                store.path.unlink()
        raise


def _make(connection: Connection, store: Target, revision: str) -> str:
    """Let there be an empty store; its schema version.

    One that is there is of the newest, which takes the rows of all before it: so far migrations
    have only added tables.
    """
    if _fillable(connection, store) == "current":
        return schema.REVISIONS[-1]
    create(connection, store.names, revision)
    return revision


def _fillable(connection: Connection, store: Target) -> State:
    found, version = state(connection, store, resuming=True)
    if found == "older":
        raise errors.older(store, version, schema.REVISIONS[-1])
    if found == "current":
        _refuse_rows(connection, store)
    else:
        refuse_clashes(connection, store)
    return found


def _refuse_rows(connection: Connection, store: Target) -> None:
    rows = {}
    for name in content(schema.REVISIONS[-1]):
        query = select(func.count()).select_from(table_of(store.names, name))
        count = int(connection.execute(query).scalar_one())
        if count and name != "aliconf_connector":
            rows[name] = count
    if rows:
        counted = ", ".join(f"{name} {count}" for name, count in list(rows.items())[:3])
        counted += ", …" if len(rows) > 3 else ""
        raise refusal(
            NOT_EMPTY,
            f"{store.display} has a connector store that is not empty: {sum(rows.values())} rows "
            f"({counted})",
            "Name a place without a store, or with one in which nothing was applied yet. aliconf "
            "never replaces a store.",
        )
    lease = tables(store.names).lease.c
    now = clock.now(connection)
    holder = connection.execute(select(lease.holder).where(lease.expires_at > now)).scalar()
    if holder:
        raise refusal(
            NOT_EMPTY,
            f"{holder} applies to {store.display} at present, so that it does not stay empty",
            "Name a place without a store.",
        )


def _keep_others_out(connection: Connection, store: Target) -> None:
    """Let nobody take a lease until the end, and look again: who applies needs one first."""
    lease = tables(store.names).lease
    if lease.name not in table_names(connection, store.names):
        return  # an older schema: this transaction has made it, or nobody knows it yet
    if store.dialect == "postgresql":
        quoted = connection.dialect.identifier_preparer.format_table(lease)
        connection.execute(text(f"LOCK TABLE {quoted} IN EXCLUSIVE MODE"))
    else:
        # The first lock keeps other copies out, the second new leases.
        connection.execute(select(tables(store.names).connector).with_for_update()).all()
        connection.execute(select(lease.c.project).with_for_update()).all()
    _refuse_rows(connection, store)
    connection.execute(delete(lease))


def _load(
    connection: Connection,
    store: Target,
    revision: str,
    lines: Iterable[Line],
    expected: Callable[[], Tally],
    progress: Progress,
) -> None:
    connection.execute(delete(tables(store.names).connector))
    batch: list[dict[str, Any]] = []
    table, size = "", 0
    for line in lines:
        if batch and (line.row is None or len(batch) >= _ROWS or size >= _BYTES):
            connection.execute(insert(table_of(store.names, table)), batch)
            batch, size = [], 0
        table = line.table
        if line.row is not None:
            check_row(store, table, line.row)
            names = (column.name for column in columns_of(table))
            values = dict(zip(names, map(raw, line.row), strict=True))
            if table == "policy_default":
                _refuse_dangling(connection, store, values["kind"], values["policy"])
            batch.append(values)
            size += len(line.text)
            progress.advance()
    if batch:
        connection.execute(insert(table_of(store.names, table)), batch)
    _continue_journal(connection, store)
    _compare(connection, store, revision, expected(), progress)


def _refuse_dangling(connection: Connection, store: Target, kind: str, name: str) -> None:
    """Where foreign keys are not checked, an administrator can delete what a pointer names."""
    policy = tables(store.names).policy.c
    query = select(policy.name).where(policy.kind == kind, policy.name == name)
    if connection.execute(query).first() is None:
        raise refusal(
            DANGLING,
            f"the default {kind} is {kind}/{name}, which is not there",
            "Correct it where it comes from: let policy_default name another policy, or delete its "
            f"row. Nothing was left in {store.display}.",
        )


def _continue_journal(connection: Connection, store: Target) -> None:
    """The next row of the journal gets the next number; the other databases see to that."""
    if store.dialect != "postgresql":
        return
    journal = tables(store.names).journal
    last = connection.execute(select(func.max(journal.c.id))).scalar()
    if last is not None:
        quoted = connection.dialect.identifier_preparer.format_table(journal)
        sequence = text("SELECT setval(pg_get_serial_sequence(:journal, 'id'), :last)")
        connection.execute(sequence, {"journal": quoted, "last": last})


def _compare(
    connection: Connection, store: Target, revision: str, expected: Tally, progress: Progress
) -> None:
    progress.begin("comparing rows", expected.total)
    image = Image(connection, store, revision)
    tally = image.tally()
    for line in image.lines():
        tally.add(line)
        if line.row is not None:
            progress.advance()
    if tally.digest == expected.digest:
        return
    raise refusal(
        DIFFERS,
        f"{store.display} would not have what was written to it: {_difference(expected, tally)}; "
        "nothing was left there",
        "Look for triggers, rules and defaults that others added to the database, then try again.",
    )


def _difference(expected: Tally, found: Tally) -> str:
    for name, count in expected.rows.items():
        if found.rows.get(name) != count:
            return f"the table {name} has {found.rows.get(name, 0)} rows of {count}"
    return f"its digest is {found.digest} and not {expected.digest}"
