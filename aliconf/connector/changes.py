"""What each kind of change does to the rows and to the journal, inside a transaction.

Changes are made in bulk: those of one action and one kind, which do not depend on each other, are
looked up, checked and written together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from aliconf.connector import errors
from aliconf.connector.defaults import default_policies
from aliconf.connector.journal import Entry, Journal, new_state_text, state_text
from aliconf.connector.reader import Stored
from aliconf.connector.rows import Rows
from aliconf.connector.secrets import Secrets
from aliconf.connector.seen import Seen, title
from aliconf.connector.steps import Desired, Step, in_groups
from aliconf.model.base import Body, canonical
from aliconf.model.kinds import SECRETS
from aliconf.model.references import rename_references


class Changes:
    """Changes of the objects of one project.

    ``Step.before`` is what the plan saw: an object that has another body by now is refused as stale
    (ALI917), like one that came, went or changed its owner.
    """

    def __init__(self, rows: Rows, secrets: Secrets, journal: Journal, project: str) -> None:
        self._rows = rows
        self._secrets = secrets
        self._journal = journal
        self._project = project
        self._seen = Seen(rows, journal, project)
        self._entries: list[Entry] = []

    def make(self, steps: Sequence[Step]) -> list[Entry]:
        """Make changes in their order; the rows of the journal that tell of them."""
        self._entries = []
        for (action, kind), group in in_groups(steps):
            if action == "create":
                self._create(kind, group)
            elif action == "update":
                self._update(kind, group)
            elif action == "adopt":
                self._adopt(kind, group)
            elif action == "release":
                self._release(kind, group)
            elif action == "delete":
                self._delete(kind, group)
            else:
                for step in group:
                    self._move(step)
        return self._entries

    def _create(self, kind: str, steps: Sequence[Step]) -> None:
        """New objects. The name of a deleted account is taken back by its own region only.

        Saving the first account also generates the default policies.
        """
        wanted = {step.name: _desired(step) for step in steps}
        # What is no JSON is found out before there is a row of it.
        texts = {name: desired.text for name, desired in wanted.items()}
        self._seen.take_names(
            kind, {name: str(desired.body.get("region", "")) for name, desired in wanted.items()}
        )
        self._seen.take_titles(kind, wanted)
        self._rows.insert(kind, wanted.items(), self._project)
        self._point(kind, wanted)
        self._record_new(kind, wanted, texts, self._keep(kind, wanted))
        self._generate_defaults(kind)

    def _update(self, kind: str, steps: Sequence[Step]) -> None:
        """Set body, labels and protection; the pointer of the kind comes here where desired."""
        found = self._seen.managed(kind, steps)
        old = self._states(found)
        wanted = {step.name: _desired(step) for step in steps}
        self._set(found, wanted)
        self._record("update", kind, wanted, old, self._keep(kind, wanted))

    def _adopt(self, kind: str, steps: Sequence[Step]) -> None:
        """Take over unmanaged objects and make them what is desired."""
        found = self._seen.present(kind, steps)
        for step in steps:
            owner = found[step.name].owner
            if owner is not None:
                raise self._seen.stale(kind, step.name, f"is managed by {owner} by now")
            self._seen.compare(found[step.name], step.before)
        old = self._states(found)
        self._rows.set_owner(kind, list(found), self._project)
        wanted = {step.name: _desired(step) for step in steps}
        self._set(found, wanted)
        self._record("adopt", kind, wanted, old, self._keep(kind, wanted))
        self._generate_defaults(kind)

    def _release(self, kind: str, steps: Sequence[Step]) -> None:
        """Stop managing objects; their values stay."""
        found = self._seen.managed(kind, steps, compare=False)
        pointer = self._seen.pointer(kind)
        self._rows.set_owner(kind, list(found), None)
        for stored in found.values():
            after = state_text(replace(stored, owner=None), pointer)
            self._entries.append(
                Entry("release", kind, stored.name, state_text(stored, pointer), after)
            )

    def _delete(self, kind: str, steps: Sequence[Step]) -> None:
        """Remove objects. The pointer that one holds returns to the generated policy."""
        found = self._seen.managed(kind, steps)
        for stored in found.values():
            if stored.protect:
                raise self._seen.stale(kind, stored.name, "is protected from deletion by now")
        self._seen.leave_users(kind, list(found))
        pointer = self._seen.pointer(kind)
        for stored in found.values():
            message = self._return_pointer(kind, stored.name) if stored.name == pointer else ""
            old = state_text(stored, pointer)
            self._entries.append(Entry("delete", kind, stored.name, old, message=message))
        self._rows.delete(kind, list(found))
        self._secrets.delete(kind, list(found))

    def _move(self, step: Step) -> None:
        """Rename an object, here and in what refers to it, and make it what is desired.

        References are renamed in the objects of this project.
        """
        kind, name, desired = step.kind, step.name, _desired(step)
        stored = self._seen.one(kind, step.old_name)
        self._seen.check_owner(stored)
        self._seen.compare(stored, step.before)
        old = state_text(stored, self._seen.pointer(kind))
        self._seen.take_names(kind, {name: stored.region})
        self._seen.leave_users(kind, [step.old_name])
        self._rows.rename(kind, step.old_name, name)
        self._secrets.move(kind, step.old_name, name)
        self._set({name: self._seen.one(kind, name)}, {name: desired})
        messages = self._keep(kind, {name: desired})
        self._record("move", kind, {name: desired}, {name: old}, messages)
        self._rename_references(kind, step.old_name, name)

    # The parts of changes.

    def _set(self, found: dict[str, Stored], wanted: dict[str, Desired]) -> None:
        for kind in {stored.kind for stored in found.values()}:
            self._seen.take_titles(
                kind,
                {name: new for name, new in wanted.items() if title(new) != found[name].title},
            )
        changed: dict[str, list[tuple[str, Desired]]] = {}
        for name, desired in wanted.items():
            stored = found[name]
            if stored.kind == "Account" and stored.region != desired.body.get("region", ""):
                raise errors.region_fixed(
                    f"the region of Account/{name} is {stored.region} and cannot become "
                    f"{desired.body.get('region', '')}"
                )
            values = (desired.text, canonical(desired.labels), desired.protect)
            if values != (stored.body_text, stored.labels_text, stored.protect):
                changed.setdefault(stored.kind, []).append((name, desired))
        for kind, objects in changed.items():
            self._rows.change(kind, objects)
        for kind in {stored.kind for stored in found.values()}:
            self._point(kind, wanted)

    def _keep(self, kind: str, wanted: Mapping[str, Desired]) -> dict[str, str]:
        """Store the secrets of objects; what the journal is to say of it, by name."""
        if kind not in SECRETS:
            return {}
        bodies = {name: desired.body for name, desired in wanted.items()}
        stored = self._secrets.keep(kind, bodies, self._rows.now)
        return {name: f"stored encrypted: {', '.join(fields)}" for name, fields in stored.items()}

    def _point(self, kind: str, wanted: dict[str, Desired]) -> None:
        for name, desired in wanted.items():
            if not desired.default:
                continue
            holder = self._seen.pointer(kind)
            if holder == name:
                continue
            owner = self._rows.owner(kind, holder) if holder else None
            if owner not in {None, self._project}:
                raise errors.pointer_of_another(kind, str(holder), str(owner))
            taker = self._seen.others.takes_default(kind) if holder and not owner else None
            if taker:
                raise errors.pointer_in_use(kind, str(holder), f"{taker.kind}/{taker.name}")
            self._rows.set_default(kind, name)

    def _return_pointer(self, kind: str, name: str) -> str:
        generated = self._rows.generated_policy(kind)
        if generated in {None, name}:
            raise errors.stale(
                f"{kind}/{name} is the default of its kind, and there is no system-generated "
                "policy to which the default could return"
            )
        taker = self._seen.others.takes_default(kind)
        if taker:
            raise self._seen.stale(
                taker.kind,
                taker.name,
                f"(managed by {taker.owner}) takes the default, {kind}/{name}, by now",
            )
        self._rows.set_default(kind, str(generated))
        return f"the default of {kind} returned to {generated}"

    def _rename_references(self, kind: str, old_name: str, name: str) -> None:
        for stored in self._rows.of_project(self._project):
            renamed = _renamed(stored, kind, old_name, name)
            if renamed is None:
                continue
            pointer = self._seen.pointer(stored.kind)
            self._rows.set_body(stored.kind, stored.name, renamed)
            self._seen.before_moves.setdefault((stored.kind, stored.name), stored.body_text)
            self._entries.append(
                Entry(
                    "update",
                    stored.kind,
                    stored.name,
                    state_text(stored, pointer),
                    state_text(replace(stored, body_text=canonical(renamed)), pointer),
                    message=f"{kind}/{old_name} is now {kind}/{name}",
                )
            )

    def _generate_defaults(self, kind: str) -> None:
        """With the first account, once: the default policies, and the pointers that are not set."""
        if kind != "Account" or not self._rows.take_generation():
            return
        for policy in default_policies():
            is_new = self._rows.get(policy.kind, policy.name) is None
            if is_new:
                self._rows.insert(policy.kind, [(policy.name, policy)], None, generated=True)
            if self._rows.default(policy.kind) is None:
                self._rows.set_default(policy.kind, policy.name)
            if is_new:
                self._record("generate", policy.kind, [policy.name])

    def _states(self, found: dict[str, Stored]) -> dict[str, str]:
        pointers: dict[str, str | None] = {}
        for kind in {stored.kind for stored in found.values()}:
            pointers[kind] = self._seen.pointer(kind)
        return {name: state_text(stored, pointers[stored.kind]) for name, stored in found.items()}

    def _record_new(
        self,
        kind: str,
        wanted: Mapping[str, Desired],
        texts: Mapping[str, str],
        messages: Mapping[str, str],
    ) -> None:
        """Note new objects. They are as desired: to read them again would take half of the time."""
        pointer = self._seen.pointer(kind)
        for name, desired in wanted.items():
            after = new_state_text(kind, name, desired, texts[name], self._project, pointer)
            message = messages.get(name, "")
            self._entries.append(Entry("create", kind, name, after=after, message=message))

    def _record(
        self,
        action: str,
        kind: str,
        wanted: Iterable[str],
        before: Mapping[str, str] | None = None,
        messages: Mapping[str, str] | None = None,
    ) -> None:
        """Note what became of objects, as they now stand in the store."""
        names = list(wanted)
        after = self._states(self._rows.some(kind, names))
        self._entries += [
            Entry(
                action,
                kind,
                name,
                (before or {}).get(name),
                after[name],
                message=(messages or {}).get(name, ""),
            )
            for name in names
        ]


def _desired(step: Step) -> Desired:
    if step.desired is None:
        raise ValueError(f"{step.action} of {step.kind}/{step.name} says not what is desired")
    return step.desired


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
