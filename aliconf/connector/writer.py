"""Writing to a connector store. Only apply does.

Every method is one change: one transaction, with its journal rows in it. A change that fails leaves
the store as it was before, and a journal row that says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection

from aliconf.connector import errors
from aliconf.connector.defaults import default_policies
from aliconf.connector.engine import connected, transaction, undo_interrupted
from aliconf.connector.journal import FAILED, Journal, state_text
from aliconf.connector.migrate import create, migrate
from aliconf.connector.reader import Stored, is_there
from aliconf.connector.rows import Desired, Rows
from aliconf.connector.state import state
from aliconf.connector.urls import Target, target
from aliconf.findings import AliconfError
from aliconf.model.base import Body, canonical
from aliconf.model.kinds import POLICY_KINDS
from aliconf.model.references import rename_references


class Writer:
    """Changes objects of one project, and takes over unmanaged ones.

    ``before`` is the ``Stored.body_text`` that the plan saw: an object that has another body by now
    is refused as stale (ALI917), like one that came, went or changed its owner. Each method raises
    ``AliconfError`` (ALI910 to ALI919) and has then changed nothing.
    """

    def __init__(self, connection: Connection, store: Target, project: str) -> None:
        self._connection = connection
        self._store = store
        self._project = project
        self._rows = Rows(connection)
        self._journal = Journal(connection, project)
        self._before_moves: dict[tuple[str, str], str] = {}
        """Bodies in which a move of this run renamed a reference, as the plan saw them."""

    @property
    def run_id(self) -> str:
        """``r-`` and 8 hexadecimal digits: the journal rows of this writer."""
        return self._journal.run_id

    def create(self, kind: str, name: str, desired: Desired) -> None:
        """A new object. The name of a deleted account is taken back by its own region only.

        Saving the first account also generates the default policies.
        """
        with self._change("create", kind, name):
            self._take_name(kind, name, str(desired.body.get("region", "")))
            self._rows.insert(kind, name, desired, self._project)
            self._point(kind, name, desired)
            self._record("create", kind, name, None)
            self._generate_defaults(kind)

    def update(self, kind: str, name: str, desired: Desired, before: str) -> None:
        """Set body, labels and protection; the pointer of the kind comes here where desired."""
        with self._change("update", kind, name):
            stored = self._managed(kind, name, before)
            old = self._state(stored)
            self._set(stored, desired)
            self._record("update", kind, name, old)

    def adopt(self, kind: str, name: str, desired: Desired, before: str) -> None:
        """Take over an unmanaged object and make it what is desired."""
        with self._change("adopt", kind, name):
            stored = self._unmanaged(kind, name, before)
            old = self._state(stored)
            self._rows.set_owner(kind, name, self._project)
            self._set(stored, desired)
            self._record("adopt", kind, name, old)
            self._generate_defaults(kind)

    def release(self, kind: str, name: str) -> None:
        """Stop managing an object; its values stay."""
        with self._change("release", kind, name):
            old = self._state(self._managed(kind, name))
            self._rows.set_owner(kind, name, None)
            self._record("release", kind, name, old)

    def delete(self, kind: str, name: str, before: str) -> None:
        """Remove an object. The pointer that it holds returns to the generated policy."""
        with self._change("delete", kind, name):
            stored = self._managed(kind, name, before)
            if stored.protect:
                raise errors.stale(f"{kind}/{name} is protected from deletion by now")
            old = self._state(stored)
            message = self._return_pointer(kind, name)
            self._rows.delete(kind, name)
            self._journal.record("delete", kind, name, before=old, message=message)

    def move(
        self, kind: str, old_name: str, name: str, desired: Desired | None = None, before: str = ""
    ) -> None:
        """Rename an object, here and in what refers to it, and make it what is desired.

        References are renamed in the objects of this project. ``before`` belongs to ``desired``:
        without it the body stays and is not compared.
        """
        with self._change("move", kind, name):
            stored = self._managed(kind, old_name, before if desired else None)
            old = self._state(stored)
            self._take_name(kind, name, self._region(stored))
            self._rows.rename(kind, old_name, name)
            if desired:
                self._set(self._present(kind, name), desired)
            self._record("move", kind, name, old)
            self._rename_references(kind, old_name, name)

    # The parts of changes: each runs inside the transaction of one.

    @contextmanager
    def _change(self, action: str, kind: str, name: str) -> Iterator[None]:
        try:
            with transaction(self._connection, self._store):
                yield
        except Exception as error:
            if not errors.is_locked(error):  # no second wait
                # The reason of the failure counts, not that its row could not be written.
                with suppress(AliconfError), transaction(self._connection, self._store):
                    self._journal.record(action, kind, name, result=FAILED, message=str(error))
            raise

    def _present(self, kind: str, name: str) -> Stored:
        stored = self._rows.get(kind, name)
        if stored is None:
            raise errors.stale(f"{kind}/{name} is no longer in the connector")
        return stored

    def _managed(self, kind: str, name: str, before: str | None = None) -> Stored:
        stored = self._present(kind, name)
        if stored.owner != self._project:
            owner = f"managed by {stored.owner}" if stored.owner else "unmanaged"
            raise errors.stale(f"{kind}/{name} is {owner}, not managed by {self._project}")
        self._compare(stored, before)
        return stored

    def _unmanaged(self, kind: str, name: str, before: str) -> Stored:
        stored = self._present(kind, name)
        if stored.owner is not None:
            raise errors.stale(f"{kind}/{name} is managed by {stored.owner} by now")
        self._compare(stored, before)
        return stored

    def _compare(self, stored: Stored, before: str | None) -> None:
        if before is None or before == stored.body_text:
            return
        if before != self._before_moves.get((stored.kind, stored.name)):
            raise errors.stale(f"{stored.kind}/{stored.name} has changed in the connector")

    def _take_name(self, kind: str, name: str, region: str) -> None:
        """Make sure that a name is free; a deleted account gives its to one of its region."""
        if self._rows.get(kind, name):
            raise errors.stale(f"{kind}/{name} is in the connector by now")
        reserved = self._rows.reserved_region(name) if kind == "Account" else None
        if reserved is None:
            return
        if reserved != region:
            raise errors.region_fixed(
                f"the account name {name} is reserved with region {reserved}: an account of that "
                f"name was deleted, and {region} cannot take its place"
            )
        self._rows.forget_deleted(name)

    def _set(self, stored: Stored, desired: Desired) -> None:
        if stored.kind == "Account":
            region, wanted = self._region(stored), str(desired.body.get("region", ""))
            if region != wanted:
                raise errors.region_fixed(
                    f"the region of Account/{stored.name} is {region} and cannot become {wanted}"
                )
        values = (canonical(desired.body), canonical(desired.labels), desired.protect)
        if values != (stored.body_text, stored.labels_text, stored.protect):
            self._rows.change(stored.kind, stored.name, desired)
        self._point(stored.kind, stored.name, desired)

    def _region(self, stored: Stored) -> str:
        return self._rows.region(stored.name) if stored.kind == "Account" else ""

    def _point(self, kind: str, name: str, desired: Desired) -> None:
        if desired.default and self._rows.default(kind) != name:
            self._rows.set_default(kind, name)

    def _return_pointer(self, kind: str, name: str) -> str:
        if kind not in POLICY_KINDS or self._rows.default(kind) != name:
            return ""
        generated = self._rows.generated_policy(kind)
        if generated in {None, name}:
            raise errors.stale(
                f"{kind}/{name} is the default of its kind, and there is no system-generated "
                "policy to which the default could return"
            )
        self._rows.set_default(kind, str(generated))
        return f"the default of {kind} returned to {generated}"

    def _rename_references(self, kind: str, old_name: str, name: str) -> None:
        for stored in self._rows.of_project(self._project):
            renamed = _renamed(stored, kind, old_name, name)
            if renamed is None:
                continue
            old = self._state(stored)
            self._rows.set_body(stored.kind, stored.name, renamed)
            self._before_moves.setdefault((stored.kind, stored.name), stored.body_text)
            self._record(
                "update", stored.kind, stored.name, old, f"{kind}/{old_name} is now {kind}/{name}"
            )

    def _generate_defaults(self, kind: str) -> None:
        """With the first account, once: the default policies, and the pointers that are not set."""
        if kind != "Account" or not self._rows.take_generation():
            return
        for policy in default_policies():
            is_new = self._rows.get(policy.kind, policy.name) is None
            if is_new:
                self._rows.insert(policy.kind, policy.name, policy, None, generated=True)
            if self._rows.default(policy.kind) is None:
                self._rows.set_default(policy.kind, policy.name)
            if is_new:
                self._record("generate", policy.kind, policy.name, None)

    def _state(self, stored: Stored) -> str:
        return state_text(stored, self._rows.default(stored.kind))

    def _record(
        self, action: str, kind: str, name: str, before: str | None, message: str = ""
    ) -> None:
        after = self._state(self._present(kind, name))
        self._journal.record(action, kind, name, before=before, after=after, message=message)


def _renamed(stored: Stored, kind: str, old_name: str, name: str) -> Body | None:
    """The body under the new name; None where it does not refer to the old one.

    In a body that an administrator left in no shape that aliconf knows there is nothing to follow.
    """
    try:
        body = json.loads(stored.body_text)
        renamed = rename_references(body, stored.kind, kind, old_name, name)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return None if renamed == body else renamed


@contextmanager
def open_writer(url: str, root: Path, project: str) -> Iterator[Writer]:
    """A writer of the store of a connector URL, for the objects of one project.

    A store that is not there is created, its directory too, and one of an older schema is upgraded.
    Raises ALI910 to ALI916.
    """
    store = target(url, root)
    try:
        store.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.not_permitted(store, error.strerror or str(error)) from error
    with connected(store, "rwc") as connection:
        with transaction(connection, store):
            found, _ = state(connection, store)
            if found == "empty":
                create(connection)
            elif found == "older":
                migrate(connection)
            Rows(connection).touch()
        yield Writer(connection, store, project)


def upgrade_store(url: str, root: Path) -> None:
    """Bring a store of an older schema up to date, which a reader cannot; nothing else is written.

    An apply does this before it reads: the embedded store is one person's, and apply is what that
    person runs. A store that does not exist stays so.
    """
    store = target(url, root)
    if not is_there(store):
        return
    undo_interrupted(store)
    with connected(store, "ro") as connection, transaction(connection, store):
        found, _ = state(connection, store)
    if found == "older":
        with connected(store, "rw") as connection, transaction(connection, store):
            migrate(connection)
