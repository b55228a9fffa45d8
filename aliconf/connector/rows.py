"""Objects as rows: the statements of which a writer's changes are made. No rule is kept here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sqlalchemy import Connection, delete, false, insert, select, update

from aliconf.connector.clock import now
from aliconf.connector.reader import Stored
from aliconf.connector.schema import ACCOUNT, CONNECTOR, POLICY, POLICY_DEFAULT
from aliconf.connector.shapes import SHAPES
from aliconf.model.base import Body, canonical


class Desired(Protocol):
    """What an object is to be."""

    @property
    def body(self) -> Body:
        """Complete and normalized, as ``model.body`` gives it."""

    @property
    def labels(self) -> dict[str, str]: ...

    @property
    def protect(self) -> bool: ...

    @property
    def default(self) -> bool:
        """Whether the pointer of the kind is to move to this policy."""


class Rows:
    """The objects of a store, in the transaction that the connection is in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def touch(self) -> None:
        """Write nothing, which a store that is read-only refuses."""
        self._connection.execute(update(CONNECTOR).where(false()).values(id=""))

    def get(self, kind: str, name: str) -> Stored | None:
        """An object; a deleted account is none."""
        shape = SHAPES[kind]
        row = self._connection.execute(shape.select().where(shape.key(name))).first()
        return shape.stored(row) if row else None

    def of_project(self, project: str) -> Iterator[Stored]:
        for shape in SHAPES.values():
            query = shape.select().where(shape.table.c.managed_by == project)
            yield from map(shape.stored, self._connection.execute(query).all())

    def insert(
        self, kind: str, name: str, desired: Desired, owner: str | None, *, generated: bool = False
    ) -> None:
        shape = SHAPES[kind]
        moment = now()
        values = shape.values(desired.body) | _metadata(desired)
        if shape.table is POLICY:
            values |= {"kind": kind, "system_generated": generated}
        self._connection.execute(
            insert(shape.table).values(
                **values, name=name, managed_by=owner, created_at=moment, updated_at=moment
            )
        )

    def change(self, kind: str, name: str, desired: Desired) -> None:
        """Set everything but the owner and an account's region."""
        shape = SHAPES[kind]
        values = shape.values(desired.body) | _metadata(desired)
        values.pop("region", None)
        self._connection.execute(
            update(shape.table).where(shape.key(name)).values(**values, updated_at=now())
        )

    def set_body(self, kind: str, name: str, body: Body) -> None:
        shape = SHAPES[kind]
        values = shape.values(body)
        values.pop("region", None)
        self._connection.execute(
            update(shape.table).where(shape.key(name)).values(**values, updated_at=now())
        )

    def set_owner(self, kind: str, name: str, owner: str | None) -> None:
        shape = SHAPES[kind]
        self._connection.execute(
            update(shape.table).where(shape.key(name)).values(managed_by=owner)
        )

    def rename(self, kind: str, old: str, new: str) -> None:
        """A pointer to a policy follows by its foreign key."""
        shape = SHAPES[kind]
        self._connection.execute(
            update(shape.table).where(shape.key(old)).values(name=new, updated_at=now())
        )

    def delete(self, kind: str, name: str) -> None:
        """An account leaves its row, which keeps its name and region."""
        shape = SHAPES[kind]
        if shape.table is not ACCOUNT:
            self._connection.execute(delete(shape.table).where(shape.key(name)))
            return
        self._connection.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.name == name)
            .values(deleted_at=now(), managed_by=None, protect=False, authorized_at=None)
        )

    def region(self, name: str) -> str:
        return str(
            self._connection.execute(
                select(ACCOUNT.c.region).where(ACCOUNT.c.name == name)
            ).scalar()
        )

    def reserved_region(self, name: str) -> str | None:
        """The region of a deleted account."""
        query = select(ACCOUNT.c.region).where(
            ACCOUNT.c.name == name, ACCOUNT.c.deleted_at.is_not(None)
        )
        return self._connection.execute(query).scalar()

    def forget_deleted(self, name: str) -> None:
        """Remove the row of a deleted account whose name an account of its region takes."""
        self._connection.execute(
            delete(ACCOUNT).where(ACCOUNT.c.name == name, ACCOUNT.c.deleted_at.is_not(None))
        )

    def default(self, kind: str) -> str | None:
        query = select(POLICY_DEFAULT.c.policy).where(POLICY_DEFAULT.c.kind == kind)
        return self._connection.execute(query).scalar()

    def set_default(self, kind: str, name: str) -> None:
        moved = self._connection.execute(
            update(POLICY_DEFAULT)
            .where(POLICY_DEFAULT.c.kind == kind)
            .values(policy=name, updated_at=now())
        )
        if not moved.rowcount:
            self._connection.execute(
                insert(POLICY_DEFAULT).values(kind=kind, policy=name, updated_at=now())
            )

    def generated_policy(self, kind: str) -> str | None:
        """The name of the system-generated policy of a kind."""
        query = select(POLICY.c.name).where(POLICY.c.kind == kind, POLICY.c.system_generated)
        return self._connection.execute(query.order_by(POLICY.c.name)).scalar()

    def take_generation(self) -> bool:
        """Whether the default policies are still to be generated; from now on they are not."""
        taken = self._connection.execute(
            update(CONNECTOR)
            .where(CONNECTOR.c.defaults_generated_at.is_(None))
            .values(defaults_generated_at=now())
        )
        return bool(taken.rowcount)


def _metadata(desired: Desired) -> dict[str, object]:
    return {"labels": canonical(desired.labels), "protect": desired.protect}
