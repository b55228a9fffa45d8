"""Secrets as rows: encrypted, and changed in the transaction of the object whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select

from aliconf.connector import errors, vault
from aliconf.connector.names import Names
from aliconf.connector.reader import StoredSecret
from aliconf.connector.schema import Tables, tables
from aliconf.connector.vault import Place, Safe, Vault
from aliconf.model.base import Body
from aliconf.model.kinds import SECRETS
from aliconf.model.references import secret_references

_FIELDS: Final = ("kind", "name", "field", "reference", "key_id", "ciphertext", "updated_at")


def read_secrets(
    connection: Connection, store: Tables, condition: ColumnElement[bool] | None = None
) -> list[StoredSecret]:
    """The secrets of a store, as they are there."""
    columns = store.secret.c
    query = select(*columns[_FIELDS]).order_by(columns.kind, columns.name, columns.field)
    if condition is not None:
        query = query.where(condition)
    return [StoredSecret(*row) for row in connection.execute(query)]


def lock_secrets(connection: Connection, store: Tables) -> str:
    """Keep others from storing secrets till the transaction ends; the connector's id.

    So all rows stay under one key, whoever stores some while another one changes the key.
    """
    query = select(store.connector.c.id).with_for_update()
    return str(connection.execute(query).scalar_one())


def delete_rows(connection: Connection, store: Tables, rows: Iterable[StoredSecret]) -> None:
    table = store.secret
    keys = [{"of_kind": row.kind, "of_name": row.name, "of_field": row.field} for row in rows]
    if keys:
        connection.execute(
            delete(table).where(
                table.c.kind == bindparam("of_kind"),
                table.c.name == bindparam("of_name"),
                table.c.field == bindparam("of_field"),
            ),
            keys,
        )


def insert_rows(connection: Connection, store: Tables, rows: Iterable[StoredSecret]) -> None:
    values: list[dict[str, Any]] = [row._asdict() for row in rows]
    if values:
        connection.execute(insert(store.secret), values)


class Secrets:
    """The secrets of a store, in the transaction that the connection is in.

    Without a safe nothing is stored, and what is there goes as soon as its object names another
    reference.
    """

    def __init__(self, connection: Connection, names: Names, safe: Safe | None) -> None:
        self._connection = connection
        self._tables = tables(names)
        self._safe = safe
        self._seen = dict(safe.seen) if safe else {}

    def keep(self, kind: str, objects: Mapping[str, Body], now: str) -> dict[str, list[str]]:
        """Store the secrets that objects refer to; the fields that were stored, by name.

        Rows that hold the value already stay. Rows of fields that an object no longer has go. One
        that would be overwritten must be the one that the plan saw (ALI917).
        """
        if kind not in SECRETS:
            return {}
        wanted = {
            Place(kind, name, field): reference
            for name, body in objects.items()
            for field, reference in secret_references(kind, body).items()
        }
        found = {
            row.place: row
            for row in self._of(kind, list(objects))
            if row.field in _fields(kind)  # others are not the documents'
        }
        if self._safe is None or not wanted:
            gone = [row for row in found.values() if wanted.get(row.place) != row.reference]
            delete_rows(self._connection, self._tables, gone)
            return {}
        connector_id = self._lock(self._safe.vault)
        kept, made = set(), []
        for place, reference in wanted.items():
            value, row = self._safe.value(reference), found.get(place)
            if (
                row
                and row.reference == reference
                and _opened(row, self._safe, connector_id) == value
            ):
                kept.add(place)
                continue
            if row and row.ciphertext != self._seen.get(place):
                raise errors.stale(f"the stored {place.field} of {kind}/{place.name} has changed")
            sealed = self._safe.vault.encrypt(connector_id, place, value)
            made.append(StoredSecret(*place, reference, self._safe.vault.key_id, sealed, now))
        gone = [row for place, row in found.items() if place not in kept]
        delete_rows(self._connection, self._tables, gone)
        insert_rows(self._connection, self._tables, made)
        stored: dict[str, list[str]] = {}
        for row in made:
            stored.setdefault(row.name, []).append(row.field)
        return stored

    def move(self, kind: str, old: str, new: str) -> None:
        """Let secrets follow a renamed object, to which they are bound. ALI943 without the key."""
        found = self._of(kind, [old])
        if not found:
            return
        if self._safe is None:
            raise vault.no_key(f"moving {kind}/{old} to {new}, which has stored secrets,")
        connector_id = self._lock(self._safe.vault)
        moved = []
        for row in found:
            value = _opened(row, self._safe, connector_id)
            if value is None and row.field in _fields(kind):
                continue  # the object's reference says what is to be stored
            if value is None:
                raise vault.damaged(row.place)
            place = row.place._replace(name=new)
            sealed = self._safe.vault.encrypt(connector_id, place, value)
            moved.append(row._replace(name=new, ciphertext=sealed))
            if self._seen.get(row.place) == row.ciphertext:
                self._seen[place] = sealed
        delete_rows(self._connection, self._tables, found)
        insert_rows(self._connection, self._tables, moved)

    def delete(self, kind: str, names: Sequence[str]) -> None:
        delete_rows(self._connection, self._tables, self._of(kind, names))

    def _of(self, kind: str, names: Sequence[str]) -> list[StoredSecret]:
        if kind not in SECRETS:
            return []
        secret = self._tables.secret.c
        return read_secrets(
            self._connection, self._tables, (secret.kind == kind) & secret.name.in_(names)
        )

    def _lock(self, ours: Vault) -> str:
        """Let nobody change the key till the end, and refuse to be the second one (ALI943)."""
        connector_id = lock_secrets(self._connection, self._tables)
        secret = self._tables.secret.c
        other = self._connection.execute(
            select(secret.key_id).where(secret.key_id != ours.key_id).limit(1)
        ).scalar()
        if other is not None:
            raise vault.wrong_key(ours.key_id, str(other))
        return connector_id


def _fields(kind: str) -> list[str]:
    """The fields of a kind whose values the documents' references give."""
    return [".".join(path) for path in SECRETS[kind]]


def _opened(row: StoredSecret, safe: Safe, connector_id: str) -> str | None:
    return safe.vault.decrypt(connector_id, row.place, row.ciphertext)
