"""What others have in the same store: no change of a project may take it from them.

A plan has looked at all of this. Here it is asked again in the transaction that changes something,
since other projects change their objects in between.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, true

from aliconf.connector.reader import Stored
from aliconf.connector.schema import Tables
from aliconf.connector.shapes import Shape
from aliconf.model.kinds import SLOTS
from aliconf.model.references import references

_FEW: Final = 5
"""Up to so many names are looked for by the database; of more, all bodies are read."""
_HOLDERS: Final = tuple(dict.fromkeys(kind for kind, _ in SLOTS))
"""The kinds that refer to others."""


class Other(NamedTuple):
    """An object of another project."""

    kind: str
    name: str
    owner: str
    title: str


class Others:
    """The objects of others, as the transaction sees them that the connection is in."""

    def __init__(
        self, connection: Connection, tables: Tables, shapes: Mapping[str, Shape], project: str
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._shapes = shapes
        self._project = project

    def titled(self, kind: str, titles: Mapping[str, str]) -> Other | None:
        """One of other projects under another name that holds one of these titles by names.

        Nobody else's transaction takes a title between this look and the end of ours.
        """
        shape = self._shapes[kind]
        if "title" not in shape.table.c or not titles:
            return None
        self._connection.execute(select(self._tables.connector.c.id).with_for_update()).all()
        if not self._first(shape, true()):
            return None  # most stores have one project: spare them a list of all titles
        table = shape.table.c
        given = table.title.in_(sorted(set(titles.values())))
        return self._first(shape, and_(given, table.name.not_in(sorted(titles))))

    def takes_default(self, kind: str) -> Other | None:
        """One of other projects that takes the default of a kind. A campaign takes none."""
        for (holder, slot), of_kind in SLOTS.items():
            if of_kind != kind or holder == "Campaign":
                continue
            shape = self._shapes[holder]
            found = self._first(shape, _column(shape, slot).is_(None))
            if found:
                return found
        return None

    def users(self, kind: str, names: Collection[str]) -> Iterator[tuple[Stored, str]]:
        """Others' objects and unmanaged ones that name one of these, and which one."""
        for holder in _HOLDERS:
            shape = self._shapes[holder]
            if any(of == holder and of_kind == kind for (of, _), of_kind in SLOTS.items()):
                for row in self._connection.execute(self._naming(shape, kind, names)):
                    stored = shape.stored(row)
                    yield from ((stored, name) for name in _named(stored, kind) if name in names)

    def _naming(self, shape: Shape, kind: str, names: Collection[str]) -> Select[Any]:
        owner = shape.table.c.managed_by
        query = shape.select().where(or_(owner.is_(None), owner != self._project))
        if len(names) > _FEW:
            return query
        columns = [
            _column(shape, slot).in_(sorted(names))
            for (holder, slot), of_kind in SLOTS.items()
            if holder == shape.kind and of_kind == kind and kind != "Account"
        ]
        bodies = [shape.table.c.body.contains(f'"{name}"', autoescape=True) for name in names]
        return query.where(or_(*columns, *bodies))

    def _first(self, shape: Shape, condition: ColumnElement[bool]) -> Other | None:
        table = shape.table.c
        mine = and_(table.managed_by.is_not(None), table.managed_by != self._project)
        row = self._connection.execute(shape.select().where(mine, condition).limit(1)).first()
        if row is None:
            return None
        stored = shape.stored(row)
        return Other(stored.kind, stored.name, str(stored.owner), stored.title)


def _column(shape: Shape, slot: str) -> ColumnElement[Any]:
    name = next(column for column, path in shape.columns.items() if path == (slot,))
    return shape.table.c[name]


def _named(stored: Stored, kind: str) -> Iterator[str]:
    """What an object names; nothing where an administrator left its body in no known shape."""
    try:
        body = json.loads(stored.body_text)
        yield from [name for _, of_kind, name in references(stored.kind, body) if of_kind == kind]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return
