"""Objects as rows: the statements of which a writer's changes are made. No rule is kept here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from aliconf.connector.bulk import insert_all
from aliconf.connector.names import Names
from aliconf.connector.others import Others
from aliconf.connector.reader import Stored
from aliconf.connector.schema import tables
from aliconf.connector.shapes import Shape, shapes
from aliconf.connector.steps import Desired
from aliconf.model.base import Body, canonical


class Rows:
    """The objects of a store, in the transaction that the connection is in.

    ``now`` is the time that the rows get: the second at which the transaction began.
    """

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._tables = tables(names)
        self.shapes = shapes(names)
        self.now = ""

    def others(self, project: str) -> Others:
        """What all but this project have."""
        return Others(self._connection, self._tables, self.shapes, project)

    def get(self, kind: str, name: str) -> Stored | None:
        """An object; a deleted account is none."""
        return self.some(kind, [name]).get(name)

    def some(self, kind: str, names: Iterable[str]) -> dict[str, Stored]:
        """Those objects that are there; nobody else changes them before the transaction ends."""
        shape = self.shapes[kind]
        query = shape.select().where(shape.keys(names)).with_for_update()
        return {row[0]: shape.stored(row) for row in self._connection.execute(query).all()}

    def of_project(self, project: str) -> Iterator[Stored]:
        for shape in self.shapes.values():
            query = shape.select().where(shape.table.c.managed_by == project)
            yield from map(shape.stored, self._connection.execute(query).all())

    def insert(
        self,
        kind: str,
        objects: Iterable[tuple[str, Desired]],
        owner: str | None,
        *,
        generated: bool = False,
    ) -> None:
        shape = self.shapes[kind]
        common: dict[str, object] = {
            "managed_by": owner,
            "created_at": self.now,
            "updated_at": self.now,
        }
        if shape.shared:
            common |= {"kind": kind, "system_generated": generated}
        insert_all(
            self._connection,
            shape.table,
            ("name", *shape.columns, "body", "labels", "protect", *common),
            [
                (name, *shape.split(desired.body), *_metadata(desired).values(), *common.values())
                for name, desired in objects
            ],
        )

    def change(self, kind: str, objects: Iterable[tuple[str, Desired]]) -> None:
        """Set everything but the owner and an account's region."""
        shape = self.shapes[kind]
        self._set(
            shape,
            [(name, shape.values(desired.body) | _metadata(desired)) for name, desired in objects],
        )

    def set_body(self, kind: str, name: str, body: Body) -> None:
        shape = self.shapes[kind]
        self._set(shape, [(name, shape.values(body))])

    def _set(self, shape: Shape, rows: Sequence[tuple[str, dict[str, Any]]]) -> None:
        if not rows:
            return
        columns = {column for _, values in rows for column in values} - {"region"}
        statement = (
            update(shape.table)
            .where(shape.key(bindparam("of_name")))
            .values({column: bindparam(f"new_{column}") for column in columns})
            .values(updated_at=self.now)
        )
        self._connection.execute(
            statement,
            [
                {"of_name": name, **{f"new_{column}": values[column] for column in columns}}
                for name, values in rows
            ],
        )

    def owner(self, kind: str, name: str) -> str | None:
        """The project that manages an object; None for an unmanaged one."""
        shape = self.shapes[kind]
        query = select(shape.table.c.managed_by).where(shape.key(name))
        return self._connection.execute(query).scalar()

    def set_owner(self, kind: str, names: Sequence[str], owner: str | None) -> None:
        shape = self.shapes[kind]
        self._connection.execute(
            update(shape.table).where(shape.keys(names)).values(managed_by=owner)
        )

    def rename(self, kind: str, old: str, new: str) -> None:
        """A pointer to a policy follows by its foreign key."""
        shape = self.shapes[kind]
        self._connection.execute(
            update(shape.table).where(shape.key(old)).values(name=new, updated_at=self.now)
        )

    def delete(self, kind: str, names: Sequence[str]) -> None:
        """An account leaves its row, which keeps its name and region."""
        shape = self.shapes[kind]
        if not shape.reserves:
            self._connection.execute(delete(shape.table).where(shape.keys(names)))
            return
        self._connection.execute(
            update(shape.table)
            .where(shape.keys(names))
            .values(deleted_at=self.now, managed_by=None, protect=False, authorized_at=None)
        )

    def reserved(self, kind: str, names: Iterable[str]) -> Mapping[str, str]:
        """The regions of deleted accounts by their names."""
        shape = self.shapes[kind]
        if not shape.reserves:
            return {}
        account = shape.table.c
        query = select(account.name, account.region).where(
            shape.keys(names), account.deleted_at.is_not(None)
        )
        return {row.name: row.region for row in self._connection.execute(query)}

    def forget_deleted(self, kind: str, names: Sequence[str]) -> None:
        """Remove the rows of deleted accounts whose names accounts of their regions take."""
        shape = self.shapes[kind]
        self._connection.execute(
            delete(shape.table).where(shape.keys(names), shape.table.c.deleted_at.is_not(None))
        )

    def default(self, kind: str) -> str | None:
        """The policy that the pointer of a kind names, which then stays until the end."""
        pointer = self._tables.policy_default.c
        query = select(pointer.policy).where(pointer.kind == kind).with_for_update()
        return self._connection.execute(query).scalar()

    def set_default(self, kind: str, name: str) -> None:
        pointer = self._tables.policy_default
        moved = self._connection.execute(
            update(pointer).where(pointer.c.kind == kind).values(policy=name, updated_at=self.now)
        )
        if not moved.rowcount:
            self._connection.execute(
                insert(pointer).values(kind=kind, policy=name, updated_at=self.now)
            )

    def generated_policy(self, kind: str) -> str | None:
        """The name of the system-generated policy of a kind."""
        policy = self._tables.policy.c
        query = select(policy.name).where(policy.kind == kind, policy.system_generated)
        return self._connection.execute(query.order_by(policy.name)).scalar()

    def take_generation(self) -> bool:
        """Whether the default policies are still to be generated; from now on they are not."""
        connector = self._tables.connector
        taken = self._connection.execute(
            update(connector)
            .where(connector.c.defaults_generated_at.is_(None))
            .values(defaults_generated_at=self.now)
        )
        return bool(taken.rowcount)


def _metadata(desired: Desired) -> dict[str, Any]:
    return {"labels": canonical(desired.labels), "protect": desired.protect}
