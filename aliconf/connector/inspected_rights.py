"""Which rights the user of a store lacks that apply needs.

Each is tried with a statement that concerns no row: the database looks at the rights first. It is
undone all the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, Table, delete, false, insert, select, text, update
from sqlalchemy.sql.base import Executable

from aliconf.connector import errors, server_errors
from aliconf.connector.dump import table_of
from aliconf.connector.engine import connected, explained
from aliconf.connector.grants import WRITE, on_sequence, on_tables, to_run
from aliconf.connector.schema import ADDED, tables
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError, Finding, Severity

_FEWER: Final[dict[str, tuple[str, ...]]] = {
    "aliconf_connector": ("SELECT", "UPDATE"),
    "policy_default": ("SELECT", "INSERT", "UPDATE"),
    "journal": ("SELECT", "INSERT"),
    "aliconf_run": ("SELECT", "INSERT", "UPDATE"),
}
"""Tables on which apply needs fewer rights than all; to read comes first."""


def missing_rights(store: Target, revision: str) -> list[Finding]:
    """Those on the tables of a schema version.

    Raises AliconfError for what keeps it from being tried.
    """
    if store.path is not None:
        return list(_in_the_file_system(store))
    with connected(store, "rw") as connection:
        missing = list(_denied(connection, store, revision))
    if not missing:
        return []
    statements = _grants(store, missing)
    if _only_reads(store, missing, revision):
        return [_reader(store, statements)]
    lacking = "; ".join(f"{', '.join(verbs)} on {', '.join(names)}" for verbs, names in missing)
    return list(server_errors.no_right(store, f"apply needs {lacking}", statements).findings)


def _reader(store: Target, statements: list[str]) -> Finding:
    return Finding(
        server_errors.NO_RIGHT,
        Severity.NOTE,
        f"the user of the connector store {store.display} may read all of it and change nothing: "
        "enough for plan, drift, status, history, lease list and connector backup, and not for "
        "apply",
        hint="Leave it so for a user who only plans. For one who applies, let an administrator "
        "run:\n" + to_run(store, statements),
    )


def _in_the_file_system(store: Target) -> Iterator[Finding]:
    if store.path is None:
        return
    for path in (store.path, store.path.parent):
        if not os.access(path, os.W_OK):
            what = "the file" if path == store.path else "its directory"
            yield from errors.not_permitted(store, f"{what} is read-only").findings
            return


_Missing = tuple[tuple[str, ...], list[str]]
"""Rights, and the tables on which they are missing."""


def _only_reads(store: Target, missing: list[_Missing], revision: str) -> bool:
    """Whether the user has every right to read and none to write: one of those who plan."""
    denied = {name: verbs for verbs, names in missing for name in names}
    return all(
        denied.get(store.names.table(name)) == _FEWER.get(name, WRITE)[1:]
        for name in _tables(revision)
    )


def _tables(revision: str) -> list[str]:
    return [name for version, names in ADDED.items() if version <= revision for name in names]


def _denied(connection: Connection, store: Target, revision: str) -> list[_Missing]:
    found: dict[tuple[str, ...], list[str]] = {}
    for name in _tables(revision):
        table = table_of(store.names, name)
        denied = tuple(
            verb
            for verb in _FEWER.get(name, WRITE)
            if not _may(connection, store, _statement(verb, table))
        )
        if denied:
            found.setdefault(denied, []).append(table.name)
    if store.dialect == "postgresql" and not _may_count(connection, store):
        found[("USAGE",)] = [f"{tables(store.names).journal.name}_id_seq"]
    return list(found.items())


def _statement(verb: str, table: Table) -> Executable:
    key = next(iter(table.primary_key.columns))
    match verb:
        case "SELECT":
            return select(key).where(false())
        case "INSERT":
            return insert(table).from_select(table.c.keys(), select(*table.c).where(false()))
        case "UPDATE":
            return update(table).where(false()).values({key: key})
        case _:
            return delete(table).where(false())


def _may(connection: Connection, store: Target, statement: Executable) -> bool:
    with explained(store):
        begun = connection.begin()
    try:
        with explained(store):
            connection.execute(statement)
    except AliconfError as error:
        if error.findings[0].code != server_errors.NO_RIGHT:
            raise
        return False
    finally:
        begun.rollback()
    return True


def _may_count(connection: Connection, store: Target) -> bool:
    """Whether new rows of the journal can get their numbers."""
    journal = tables(store.names).journal
    quoted = connection.dialect.identifier_preparer.format_table(journal)
    query = text("SELECT has_sequence_privilege(pg_get_serial_sequence(:journal, 'id'), 'USAGE')")
    with explained(store), connection.begin():
        return connection.execute(query, {"journal": quoted}).scalar() is not False


def _grants(store: Target, missing: list[_Missing]) -> list[str]:
    """Short statements for all tables: a list of each table's would be read by nobody."""
    denied = {verb for verbs, _ in missing for verb in verbs}
    verbs = [verb for verb in WRITE if verb in denied]
    on_all = on_tables(store, verbs) if verbs else []
    return [*on_all, on_sequence(store)] if "USAGE" in denied else on_all
