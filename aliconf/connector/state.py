"""What state a store is in: whether its tables are there, whose they are, and how old."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from sqlalchemy import Connection, String, exists, literal, select, table, text
from sqlalchemy import column as sql_column

from aliconf.connector import errors, schema, server_errors
from aliconf.connector.grants import grants
from aliconf.connector.names import Names
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError, refusal

HALF_MADE: Final = "ALI929"

State = Literal["empty", "unfinished", "older", "current"]
"""``unfinished``: begun by a ``connector init`` that was broken off, which can go on with it."""

_MARIADB = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
# Everything that takes a name away from a table: tables, partitioned and foreign ones, and views.
_CATALOGUES: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
    "AND substr(name, 1, 7) <> 'sqlite_'",
    "postgresql": "SELECT c.relname FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = coalesce(nullif(:schema, ''), current_schema()) "
    "AND c.relkind IN ('r', 'p', 'f', 'v', 'm')",
    "mysql": _MARIADB,
    "mariadb": _MARIADB,
}

_CLOSED: Final = """
    SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = :schema
    AND NOT pg_catalog.has_schema_privilege(oid, 'USAGE')
    AND (CAST(:named AS boolean) OR current_schema() IS NULL)
"""
# Rights on databases are given by patterns.
_SEES_ALL: Final = """
    SELECT EXISTS (
      SELECT 1 FROM information_schema.schema_privileges WHERE DATABASE() LIKE table_schema
    ) OR EXISTS (
      SELECT 1 FROM information_schema.user_privileges WHERE privilege_type <> 'USAGE'
    )
"""


def table_names(connection: Connection, names: Names) -> set[str]:
    """The tables and views in the schema or database of a store, other programs' too."""
    dialect = connection.dialect.name
    values = {"schema": names.schema or ""} if dialect == "postgresql" else {}
    return set(connection.execute(text(_CATALOGUES[dialect]), values).scalars())


def store_tables(names: Names, revision: str = schema.REVISIONS[-1]) -> list[str]:
    """The tables of a store of a revision, without the version table, in the order of making."""
    return [
        names.table(name)
        for version, added in schema.ADDED.items()
        if version <= revision
        for name in added
    ]


def state(connection: Connection, target: Target, *, resuming: bool = False) -> tuple[State, str]:
    """Whether the store has aliconf's tables, and their schema version.

    ``unfinished`` comes only with ``resuming``: everybody but ``connector init`` is refused then.
    Raises ALI913 for a newer schema, ALI914 for another program's database, and ALI929 for tables
    of another program under the store's names and for a store that is half made.
    """
    names = target.names
    found = table_names(connection, names)
    version_table = names.table("aliconf_version")
    ours = [name for name in store_tables(names) if name in found]
    if version_table not in found:
        if not names.prefix and names.schema is None and found - set(ours):
            raise _foreign(target, found)
        _need_sight(connection, target, [version_table])
        if ours:
            raise _clash(target, ours)
        return "empty", ""
    versions = _versions(connection, names)
    if len(versions) != 1:
        reason = f"names {len(versions)} versions" if versions else "is empty"
        return _unfinished(
            connection, target, f"its table {version_table} {reason}", ours, resuming
        )
    version = versions[0]
    if version not in schema.REVISIONS:
        raise errors.newer(target, version, schema.REVISIONS[-1])
    missing = [name for name in store_tables(names, version) if name not in found]
    if missing:
        _need_sight(connection, target, missing)
        raise _incomplete(target, version, missing)
    if version == schema.REVISIONS[-1]:
        return "current", version
    if has_rows(connection, names, names.table("aliconf_connector")):
        return "older", version
    return _unfinished(
        connection, target, f"it stopped at schema version {version}", ours, resuming
    )


def _need_sight(connection: Connection, target: Target, missing: list[str]) -> None:
    """Raise ALI927 where the server may hide tables from the user: there may be a store.

    PostgreSQL hides those of a schema that the user may not use. MariaDB hides each table on which
    the user has no right; whoever makes a store has rights on tables that are not there yet.
    """
    schema = target.names.schema
    reason = ""
    if target.dialect == "postgresql":
        values = {"schema": schema or "public", "named": bool(schema)}
        if connection.scalar(text(_CLOSED), values):
            reason = f"permission denied for schema {values['schema']}"
    elif (
        target.dialect == "mariadb"
        and target.need != "make"
        and not connection.scalar(text(_SEES_ALL))
    ):
        reason = f"MariaDB shows it no {listed(missing)}, and hides what it has no right on"
    if reason:
        raise server_errors.no_right(target, reason, grants(target, target.need))


def _versions(connection: Connection, names: Names) -> list[str]:
    versions = table(
        names.table("aliconf_version"), sql_column("version_num", String), schema=names.schema
    )
    return list(connection.execute(select(versions.c.version_num)).scalars())


def has_rows(connection: Connection, names: Names, name: str) -> bool:
    """Whether a table has any; its name as the database has it."""
    rows = select(literal(1)).select_from(table(name, schema=names.schema))
    return bool(connection.execute(select(exists(rows))).scalar())


def _unfinished(
    connection: Connection, target: Target, reason: str, ours: list[str], resuming: bool
) -> tuple[State, str]:
    full = [name for name in ours if has_rows(connection, target.names, name)]
    if resuming and not full:
        return "unfinished", ""
    message = f"the connector store {target.display} is half made: {reason}; "
    message += f"there {_are(ours)}" if ours else "none of its other tables is there"
    if not full:
        raise refusal(
            HALF_MADE,
            message,
            "Its tables have no rows. If another aliconf is making the store just now, let it "
            "finish; else run aliconf connector init, which goes on with it.",
        )
    verb = "has" if len(full) == 1 else "have"
    raise refusal(
        HALF_MADE,
        f"{message}, and {listed(full)} {verb} rows",
        f"Restore a backup of the store, or give the connector {elsewhere(target)}.",
    )


def _incomplete(target: Target, version: str, missing: list[str]) -> AliconfError:
    what = "table" if len(missing) == 1 else "tables"
    verb = "is" if len(missing) == 1 else "are"
    return refusal(
        HALF_MADE,
        f"the connector store {target.display} has schema version {version}, but its {what} "
        f"{listed(missing)} {verb} not there",
        f"Restore a backup of the store, or give the connector {elsewhere(target)}.",
    )


def _clash(target: Target, ours: list[str]) -> AliconfError:
    version_table = target.names.table("aliconf_version")
    return refusal(
        HALF_MADE,
        f"{target.display} has tables under the names of a connector store's, but not its "
        f"{version_table}: there {_are(ours)}",
        f"If they are another program's, give the connector {elsewhere(target)}. If they are a "
        f"connector store that has lost {version_table}, restore a backup.",
    )


def _foreign(target: Target, found: set[str]) -> AliconfError:
    suffix = "aliconf_version"
    prefixes = sorted(name.removesuffix(suffix) for name in found if name.endswith(suffix))
    if not prefixes:
        return errors.foreign(target, sorted(found))
    return refusal(
        errors.FOREIGN,
        f"{target.display} has no connector store without a prefix, but {len(found)} other tables "
        f"({listed(found)})",
        f"It has a connector store with the prefix {prefixes[0]}: ?prefix={prefixes[0]} in the "
        "connector URL means that one. A new store needs a prefix of its own.",
    )


def elsewhere(target: Target) -> str:
    """What keeps a store apart from other tables."""
    if target.embedded:
        return "a file of its own"
    if target.dialect == "postgresql":
        return "a schema (?schema=NAME) or a prefix (?prefix=NAME_) of its own"
    return "a prefix of its own (?prefix=NAME_)"


def _are(names: list[str]) -> str:
    return f"{'is' if len(names) == 1 else 'are'} {listed(names)}"


def listed(names: Iterable[str]) -> str:
    first = sorted(names)
    return ", ".join(first[:3]) + (", …" if len(first) > 3 else "")
