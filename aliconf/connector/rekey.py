"""Another key for the secrets of a store: all of them in one transaction, or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select, union

from aliconf.connector import vault
from aliconf.connector.engine import connected, explained, transaction
from aliconf.connector.lease import Held
from aliconf.connector.schema import tables
from aliconf.connector.secrets import delete_rows, insert_rows, lock_secrets, read_secrets
from aliconf.connector.urls import Target
from aliconf.connector.vault import Vault


class Rekeyed(NamedTuple):
    changed: int
    """Secrets that were encrypted with the old key."""
    left: int
    """Those that the new key encrypted already."""


def projects_in(store: Target) -> list[str]:
    """Every project that has an object in the store, or is being applied; in order."""
    content = tables(store.names)
    owned = [
        content.registration,
        content.account,
        content.policy,
        content.listing_template,
        content.campaign,
    ]
    query = union(
        select(content.lease.c.project),
        *(
            select(table.c.managed_by).where(table.c.managed_by.is_not(None)).distinct()
            for table in owned
        ),
    )
    with connected(store, "ro") as connection, explained(store):
        return sorted(row[0] for row in connection.execute(query))


def rekey(store: Target, leases: Iterable[Held], old: Vault, new: Vault) -> Rekeyed:
    """Decrypt every secret with the old key and write it with the new one.

    ``leases`` are those of every project, so that nobody stores a secret meanwhile. Raises ALI943,
    with nothing changed, where a row is under neither key or cannot be decrypted.
    """
    content = tables(store.names)
    with connected(store, "rw") as connection, transaction(connection, store):
        for lease in leases:
            lease.guard(connection)
        connector_id = lock_secrets(connection, content)
        found = read_secrets(connection, content)
        theirs = [row for row in found if row.key_id != new.key_id]
        changed = []
        for row in theirs:
            if row.key_id != old.key_id:
                raise vault.wrong_old_key(old.key_id, row.key_id)
            value = old.decrypt(connector_id, row.place, row.ciphertext)
            if value is None:
                raise vault.damaged(row.place)
            sealed = new.encrypt(connector_id, row.place, value)
            changed.append(row._replace(key_id=new.key_id, ciphertext=sealed))
        delete_rows(connection, content, theirs)
        insert_rows(connection, content, changed)
    return Rekeyed(len(changed), len(found) - len(changed))
