"""What has the names of a store's parts and is none of them: indexes, types, functions, triggers.

The steps of a migration pass where something is there already, so that a creation that was broken
off can go on. What is another program's has to be found before them: a step would take it for the
store's own, or replace it. ``state`` looks at tables, but not at those that a newer schema adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Connection, inspect, text

from aliconf.connector.names import Names
from aliconf.connector.schema import tables
from aliconf.connector.state import (
    HALF_MADE,
    elsewhere,
    has_rows,
    listed,
    store_tables,
    table_names,
)
from aliconf.connector.triggers import CHANGED, RESERVED, TRIGGERS
from aliconf.connector.urls import Target
from aliconf.findings import refusal

# A function is ours where it says what ours say; CREATE OR REPLACE takes one's own only. The array
# type of a table makes way for a new type by itself.
_POSTGRESQL: Final = """
    WITH place AS (
      SELECT oid FROM pg_catalog.pg_namespace
      WHERE nspname = coalesce(nullif(:schema, ''), current_schema())
    ), ours AS (
      SELECT c.oid FROM pg_catalog.pg_class c JOIN place ON place.oid = c.relnamespace
      WHERE c.relname = ANY(CAST(:tables AS text[])) AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
    )
    SELECT CASE WHEN c.relkind IN ('i', 'I') THEN 'index ' WHEN c.relkind = 'S' THEN 'sequence '
      WHEN c.relkind = 'c' THEN 'type ' ELSE 'table ' END || c.relname
    FROM pg_catalog.pg_class c JOIN place ON place.oid = c.relnamespace
    WHERE c.relname = ANY(CAST(:relations AS text[])) AND c.oid NOT IN (SELECT oid FROM ours)
    AND NOT EXISTS (
      SELECT 1 FROM pg_catalog.pg_index i
      WHERE i.indexrelid = c.oid AND i.indrelid IN (SELECT oid FROM ours)
    ) AND NOT EXISTS (
      SELECT 1 FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
      AND d.deptype IN ('a', 'i') AND d.refobjid IN (SELECT oid FROM ours)
    )
    UNION ALL
    SELECT 'type ' || t.typname FROM pg_catalog.pg_type t JOIN place ON place.oid = t.typnamespace
    WHERE t.typname = ANY(CAST(:tables AS text[])) AND t.typrelid = 0
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
    UNION ALL
    SELECT 'function ' || p.proname || '()'
    FROM pg_catalog.pg_proc p JOIN place ON place.oid = p.pronamespace
    WHERE p.proname = ANY(CAST(:guards AS text[])) AND p.pronargs = 0 AND NOT (
      p.prorettype = 'pg_catalog.trigger'::regtype
      AND (strpos(p.prosrc, :changed) > 0 OR strpos(p.prosrc, :reserved) > 0)
      AND pg_catalog.pg_has_role(p.proowner, 'USAGE')
    )
"""
_TRANSACTIONAL: Final = {"sqlite", "postgresql"}
"""Where a migration that is broken off leaves nothing."""
_TRIGGERS_MARIADB: Final = """
    SELECT trigger_name, event_object_table FROM information_schema.triggers
    WHERE trigger_schema = DATABASE()
"""
_KEYS_MARIADB: Final = """
    SELECT constraint_name, table_name FROM information_schema.table_constraints
    WHERE constraint_schema = DATABASE() AND constraint_type = 'FOREIGN KEY'
"""


def refuse_clashes(connection: Connection, target: Target, revision: str = "") -> None:
    """Raise ALI929 where something else has a name that a migration needs; change nothing.

    ``revision`` is the schema version that the store has; empty for a store that is to be made.
    MariaDB shows no trigger of a table on which the user has no such right: ``migrate.create``
    looks for its own when it has made them.
    """
    found = sorted(_FIND[connection.dialect.name](connection, target.names, revision))
    found += _taken(connection, target.names, revision) if revision else []
    if found:
        raise refusal(
            HALF_MADE,
            f"{target.display} has other things under names that a connector store needs: "
            f"{listed(found)}",
            f"Nothing was made or changed. They are another program's or another user's: give the "
            f"connector {elsewhere(target)}, or let their owner rename them.",
        )


def _taken(connection: Connection, names: Names, revision: str) -> list[str]:
    """Tables under names that only a newer schema has, and that no migration has made.

    One that was broken off leaves tables on MariaDB only: with all columns and no row.
    """
    there = table_names(connection, names) - set(store_tables(names, revision))
    found = sorted(there.intersection(store_tables(names)))
    if connection.dialect.name in _TRANSACTIONAL:
        return [f"table {name}" for name in found]
    inspector = inspect(connection)
    own = {table.name: table for table in tables(names).metadata.tables.values()}
    taken = []
    for name in found:
        columns = {column["name"] for column in inspector.get_columns(name)}
        if columns != set(own[name].columns.keys()) or has_rows(connection, names, name):
            taken.append(f"table {name}")
    return taken


def _all_tables(names: Names) -> list[str]:
    return [tables(names).version, *store_tables(names)]


def _guards(names: Names) -> list[str]:
    return [names.table(name) for name in TRIGGERS]


def _indexes(names: Names) -> list[str]:
    every = tables(names).metadata.tables.values()
    return [str(index.name) for table in every for index in table.indexes]


def _in_postgresql(connection: Connection, names: Names, revision: str) -> Iterable[str]:
    own = _all_tables(names)
    further = [f"{tables(names).version}_pkc", f"{tables(names).journal.name}_id_seq"]
    values = {
        "schema": names.schema or "",
        "tables": own,
        "relations": [*own, *further, *_indexes(names)],
        # The first migration makes them.
        "guards": [] if revision else _guards(names),
        "changed": CHANGED,
        "reserved": RESERVED,
    }
    return connection.execute(text(_POSTGRESQL), values).scalars()


def _in_mariadb(connection: Connection, names: Names, revision: str) -> Iterable[str]:
    if revision:
        return
    small = bool(connection.scalar(text("SELECT @@lower_case_table_names")))

    def same(name: str) -> str:
        return name.lower() if small else name

    account, guards = same(names.table("account")), set(map(same, _guards(names)))
    for trigger, table in connection.execute(text(_TRIGGERS_MARIADB)):
        if same(trigger) in guards and same(table) != account:
            yield f"trigger {trigger} of the table {table}"
    holder = same(names.table("policy_default"))
    key = names.table("policy_default_policy").lower()
    for constraint, table in connection.execute(text(_KEYS_MARIADB)):
        if constraint.lower() == key and same(table) != holder:
            yield f"foreign key {constraint} of the table {table}"


def _in_sqlite(connection: Connection, names: Names, _revision: str) -> Iterable[str]:
    """Names are the same there in small letters and in capitals."""
    own = _all_tables(names)
    relations = {name.lower() for name in (*own, *_indexes(names))}
    guards, account = {name.lower() for name in _guards(names)}, names.table("account").lower()
    query = text("SELECT type, name, tbl_name FROM sqlite_master")
    for kind, name, table in connection.execute(query):
        of_table = "" if table == name else f" of the table {table}"
        if kind == "trigger":
            clash = name.lower() in guards and table.lower() != account
        else:
            ours = table in own if kind == "index" else name in own
            clash = name.lower() in relations and not ours
        if clash:
            yield f"{kind} {name}{of_table}"


_FIND: Final[dict[str, Callable[[Connection, Names, str], Iterable[str]]]] = {
    "sqlite": _in_sqlite,
    "postgresql": _in_postgresql,
    "mysql": _in_mariadb,
    "mariadb": _in_mariadb,
}
