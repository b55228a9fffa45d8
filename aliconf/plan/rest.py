"""What is left of a reviewed plan that applies have begun with.

The journal has each change with the state before it and after it. Taken back from what the plan of
now rests on, the changes of the applies of one digest must lead to exactly what that digest covers.
Then nothing but they has moved, and the plan of now is what they left. No file of the reviewed plan
is needed for that: the digest covers every document and every object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from aliconf.connector.left_states import state_of
from aliconf.connector.reader import ACCEPT, Change, JournalEntry, Reader, Run
from aliconf.model.base import canonical
from aliconf.model.defaults import generated
from aliconf.plan.changes import Plan
from aliconf.plan.digest import Basis, Part, rest_of

DEFAULTS: Final = "defaults"
"""In the details of a run: the defaults that its plan rested on, by kind."""


class Rest(NamedTuple):
    """What applies of a reviewed plan have made of it, perhaps nothing, and what they have left."""

    digest: str
    """Of the whole reviewed plan."""
    total: int
    """How many changes it has."""
    left: int
    runs: tuple[Run, ...]
    """Those applies, oldest first."""

    @property
    def made(self) -> int:
        return self.total - self.left


class Lost(NamedTuple):
    """Applies made a part of the reviewed plan, and the plan of now is not the rest of it."""

    rest: Rest
    broken: tuple[str, ...]
    """Which of their changes are no longer as they left them, in words."""
    basis: Basis
    """What the plan rests on, with their changes taken back: what else has moved is seen in it."""


def find_rest(reader: Reader, plan: Plan, digest: str) -> Rest | Lost | None:
    """What is left of the plan with a digest; None where no apply has begun with it."""
    runs = _applies(reader.runs(plan.project), digest)
    if not runs and not plan.rests_on.objects and _has(plan.rests_on, digest):
        # The store was made for it, and the apply ended there.
        return Rest(digest, len(plan.steps), len(plan.steps), ())
    lost: Lost | None = None
    entries: list[JournalEntry] = []
    back = _Back(plan, reader.reserved())
    for run in reversed(runs):
        more = [entry for entry in reader.entries(run.id) if _changed(entry)]
        entries[:0] = more
        for entry in reversed(more):
            back.take(entry)
        pointers = _pointers(run, plan.rests_on)
        made = {(entry.action, entry.kind, entry.name) for entry in entries if entry.intended}
        left = [change for change in run.intent if change not in made]
        rest = Rest(digest, len(run.intent), len(left), tuple(runs[runs.index(run) :]))
        broken = [*back.broken, *_moved_pointers(pointers, entries, plan)]
        basis = back.basis(pointers)
        if not broken and _has(basis, digest):
            others = tuple(_others(plan, left))
            return Lost(rest, others, basis) if others else rest
        lost = Lost(rest, tuple(broken), basis)
    return lost


def _applies(runs: Sequence[Run], digest: str) -> list[Run]:
    """The last applies of a plan, of which the first began with it; oldest first."""
    found: list[Run] = []
    for run in reversed(runs):
        if run.details.get("digest") == digest:
            if found and run.result == "complete":
                break  # the plan of that time was carried out, and came up again
            found.insert(0, run)
    return found


def _changed(entry: JournalEntry) -> bool:
    """Whether it tells of a change; what was accepted had been changed before."""
    return entry.result == "done" and entry.action != ACCEPT


def _has(basis: Basis, digest: str) -> bool:
    """Whether it is what the digest covers; perhaps there was no store yet, and so no id."""
    return digest in {basis.digest(), basis._replace(connector_id="").digest()}


@dataclass
class _Back:
    """The objects that a plan rests on, from which changes are taken back one by one."""

    plan: Plan
    reserved: Mapping[str, str]
    """The regions of deleted accounts, which the journal does not have."""
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        basis = self.plan.rests_on
        self._project = basis.project
        self._documents = {part.id for part in basis.documents}
        self._parts = {part.id: part for part in basis.objects}
        # A plan sees objects under the names that they will have.
        self._names = {
            f"{change.kind}/{change.old_name}": change.id
            for change in self.plan.changes
            if change.old_name
        }

    def basis(self, pointers: Mapping[str, str]) -> Basis:
        return self.plan.rests_on._replace(pointers=pointers, objects=tuple(self._parts.values()))

    def take(self, entry: JournalEntry) -> None:
        """Take back one change, which is ``broken`` where the object is not as it left it."""
        name = self._name(f"{entry.kind}/{entry.name}")
        if entry.action == "move":
            old = state_of(entry.before).get("name")
            self._names[f"{entry.kind}/{old}"] = name
        now = self._parts.pop(name, None)
        region = _region(now) or self.reserved.get(entry.name, "")
        if now != self._part(name, entry.after, region):
            what = "is gone" if now is None else "has changed" if entry.after else "is there again"
            said = f"{name} {what} in the connector since the apply {_VERBS[entry.action]} it"
            self.broken.append(said)
        before = self._part(name, entry.before, region)
        if before is not None:
            self._parts[name] = before

    def _name(self, name: str) -> str:
        seen = set()
        while name in self._names and name not in seen:
            seen.add(name)
            name = self._names[name]
        return name

    def _part(self, name: str, text: str | None, region: str) -> Part | None:
        """A state of the journal; None where a plan does not rest on that object."""
        state = state_of(text)
        owner = state.get("managedBy") or ""
        if not state or (owner != self._project and name not in self._documents):
            return None
        body = dict(state.get("body") or {})
        if name.startswith("Account/") and region:
            body["region"] = region
        labels = canonical(state.get("labels") or {})
        return Part(name, canonical(body), rest_of(labels, bool(state.get("protect")), owner))


_VERBS: Final = {
    "create": "created",
    "generate": "generated",
    "update": "changed",
    "adopt": "adopted",
    "release": "released",
    "delete": "deleted",
    "move": "renamed",
}


def _region(part: Part | None) -> str:
    """Of an account that is there."""
    if part is None or not part.id.startswith("Account/"):
        return ""
    return str(state_of(part.text).get("region", ""))


def _pointers(run: Run, basis: Basis) -> dict[str, str]:
    """The defaults when a run began; those of now where it did not write them down."""
    found = run.details.get(DEFAULTS)
    return dict(found) if isinstance(found, dict) else dict(basis.pointers)


def _moved_pointers(
    began: Mapping[str, str], entries: Sequence[JournalEntry], plan: Plan
) -> Iterator[str]:
    """Defaults that are not where the changes left them."""
    left = dict(began)
    for entry in entries:
        _point(entry, left)
    now = plan.rests_on.pointers
    renamed = {
        (change.kind, change.old_name): change.name for change in plan.changes if change.old_name
    }
    for kind in sorted({*left, *now}):
        was = left.get(kind)
        was = renamed.get((kind, was or ""), was)
        if was != now.get(kind):
            yield pointed(kind, was, now.get(kind))


def pointed(kind: str, was: str | None, now: str | None) -> str:
    """That the default of a kind is another one, in words."""
    before, after = (f"{kind}/{name}" if name else "none" for name in (was, now))
    return f"the default {kind} was {before} and is {after}"


def _point(entry: JournalEntry, pointers: dict[str, str]) -> None:
    """What a change does to the defaults."""
    before, after = state_of(entry.before), state_of(entry.after)
    if entry.action == "move" and pointers.get(entry.kind) == before.get("name"):
        pointers[entry.kind] = entry.name
    if after.get("default"):
        pointers[entry.kind] = entry.name
    elif entry.action == "delete" and before.get("default"):
        # "the default of PricingPolicy returned to default"
        pointers[entry.kind] = entry.message.rpartition(" ")[2]
    elif entry.kind == "Account" and entry.action in {"create", "adopt"}:
        for policy in generated():
            pointers.setdefault(policy.kind, policy.metadata.name)


def _others(plan: Plan, left: Iterable[Change]) -> Iterator[str]:
    """Changes of now that the reviewed plan does not have left, and those that now are missing.

    A digest does not cover the values of secrets, so that there may be some.
    """
    reviewed = set(left)
    now = {
        ("generate" if change.generated else change.action.value, change.kind, change.name)
        for change in plan.steps
    }
    for action, kind, name in sorted(now - reviewed):
        yield f"the {action} of {kind}/{name} was not left in the reviewed plan"
    for action, kind, name in sorted(reviewed - now):
        yield f"the {action} of {kind}/{name} is not in the plan any more"
