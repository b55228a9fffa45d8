"""What aliconf itself last left in the connector, read from the journal.

A row of the journal is in the store together with its change, so the last one of an object says how
aliconf left it. What differs from that is somebody else's doing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, func, or_, select

from aliconf.connector.left_states import state_of
from aliconf.connector.reader import ACCEPT, Applied, LeftDefault
from aliconf.connector.schema import Tables

_ENDS: Final = ("delete", "release", "generate")
"""Actions that leave an object without an owner, or leave none."""
_IS_DEFAULT: Final = '"default":true'
_RETURNED: Final = "the default of "


def applied(
    connection: Connection, store: Tables, project: str, pointers: Mapping[str, str]
) -> Applied:
    """What applies of a project have left; ``pointers`` are the defaults of now."""
    moved = _moved(connection, store, project)
    objects: dict[tuple[str, str], str] = {}
    defaults: dict[str, tuple[int, LeftDefault]] = {}
    for row in _last_rows(connection, store):
        key = row.kind, row.name
        default = _default_of(row)
        if default and defaults.get(row.kind, (0, default))[0] < row.id:
            defaults[row.kind] = row.id, default
        if row.project != project or row.action in _ENDS or row.state_after is None:
            continue
        if row.action == ACCEPT and state_of(row.state_after).get("managedBy") != project:
            continue  # a default that came to a policy of somebody else
        if moved.get(key, 0) < row.id:
            objects[key] = row.state_after
    left = {kind: default for kind, (_, default) in defaults.items()}
    for kind, default in left.items():
        if pointers.get(kind) != default.name:
            left[kind] = _last_default(connection, store, kind) or default
    return Applied(objects, left)


def _last_rows(connection: Connection, store: Tables) -> list[Row[Any]]:
    """The last row of each object, in each project that has had it."""
    journal = store.journal.c
    last = (
        select(func.max(journal.id).label("id"))
        .where(journal.result == "done")
        .group_by(journal.kind, journal.name, journal.project)
        .subquery()
    )
    columns = (journal.id, journal.kind, journal.name, journal.project, journal.action)
    query = select(*columns, journal.state_after, journal.message)
    return list(connection.execute(query.join(last, last.c.id == journal.id)))


def _moved(connection: Connection, store: Tables, project: str) -> dict[tuple[str, str], int]:
    """The names that moves took away, each with the row of its last one."""
    journal = store.journal.c
    rows = connection.execute(
        select(journal.id, journal.kind, journal.state_before)
        .where(journal.project == project, journal.result == "done", journal.action == "move")
        .order_by(journal.id)
    )
    return {(kind, str(state_of(before).get("name"))): number for number, kind, before in rows}


def _last_default(connection: Connection, store: Tables, kind: str) -> LeftDefault | None:
    """Where the pointer of a kind last came to, whatever has become of that policy since.

    Looks at every row of the kind, so it is asked only where a pointer seems to have moved.
    """
    journal = store.journal.c
    row = connection.execute(
        select(journal.name, journal.project, journal.action, journal.message)
        .add_columns(journal.kind, journal.state_after)
        .where(
            journal.kind == kind,
            journal.result == "done",
            or_(
                journal.state_after.like(f"%{_IS_DEFAULT}%"),
                journal.message.like(f"{_RETURNED}%"),
            ),
        )
        .order_by(journal.id.desc())
        .limit(1)
    ).first()
    return _default_of(row) if row is not None else None


def _default_of(row: Row[Any]) -> LeftDefault | None:
    if row.action == "delete" and row.message.startswith(_RETURNED):
        return LeftDefault(row.message.rpartition(" ")[2], row.project)
    if _IS_DEFAULT not in (row.state_after or ""):
        return None
    # The words may also stand inside the body.
    is_default = state_of(row.state_after).get("default") is True
    return LeftDefault(row.name, row.project) if is_default else None
