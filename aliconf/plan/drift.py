"""Drift: the connector compared with what aliconf itself last left there.

The configuration has no part in it: what is on a branch and not applied yet is no drift. Texts are
compared; only what differs is taken apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple

from aliconf.connector.left_states import part_of, state_of
from aliconf.connector.reader import Applied, Lease, LeftDefault, Reader, Stored
from aliconf.findings import Finding, Severity
from aliconf.model.hidden import hidden
from aliconf.model.kinds import KINDS, POLICY_KINDS
from aliconf.plan.drift_ignores import Ignores

Id = tuple[str, str]
"""Kind and name."""
What = Literal["changed", "gone", "appeared"]
UNDER_WAY: Final = "ALI945"


class Drifted(NamedTuple):
    """One value that is not as it was left."""

    path: str
    """As people write it: ``adjustments[0].increaseByPercent``, ``metadata.labels.team``."""
    before: Any
    """As aliconf left it; None where there was none. Secrets that are no references are hidden."""
    now: Any
    steps: tuple[str | int, ...] = ()
    """The path in steps: from the top of the body; labels, protection and owner as they are shown.
    """


@dataclass(frozen=True, slots=True)
class DriftedObject:
    """One object that somebody else changed."""

    what: What
    """``appeared``: the project manages it, and no apply has made it so."""
    kind: str
    name: str
    title: str
    fields: tuple[Drifted, ...] = ()
    stored: Stored | None = None
    """As it is now; None where it is gone."""
    left: dict[str, Any] = field(default_factory=dict, repr=False)
    """The whole body that the last apply left, of a changed one; it may hold secrets."""

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"


class MovedDefault(NamedTuple):
    """A default that is not where it was left."""

    kind: str
    before: str
    now: str
    """Empty where the kind has none any more."""


@dataclass(frozen=True, slots=True)
class Drift:
    """All drift of a project. Empty is false."""

    project: str
    connector: str
    """Where the connector store is, for people."""
    connector_id: str
    """Empty where the store does not exist."""
    objects: tuple[DriftedObject, ...] = ()
    defaults: tuple[MovedDefault, ...] = ()
    unchanged: int = 0
    unmanaged: int = 0
    """Objects that no project manages."""
    others: int = 0
    """Objects of other projects."""
    ignored: int = 0
    """Values that differ and are ignored."""
    findings: tuple[Finding, ...] = ()
    environment: str = ""

    def __bool__(self) -> bool:
        return bool(self.objects or self.defaults)

    def count(self, what: What) -> int:
        return sum(1 for drifted in self.objects if drifted.what == what)


@dataclass(slots=True)
class _Found:
    objects: list[DriftedObject] = field(default_factory=list)
    unchanged: int = 0
    unmanaged: int = 0
    others: int = 0


def find_drift(
    reader: Reader,
    project: str,
    ignores: Ignores,
    connector: str = "",
    environment: str = "",
) -> Drift:
    """What differs from what the applies of a project have left."""
    left = reader.applied(project)
    found = _Found()
    here: set[Id] = set()
    for stored in reader.objects():
        here.add((stored.kind, stored.name))
        _compare(stored, left, project, ignores, found)
    for (kind, name), text in left.objects.items():
        if (kind, name) not in here:
            title = str(part_of(state_of(text), "body").get("title", ""))
            found.objects.append(DriftedObject("gone", kind, name, title))
    order = {kind: number for number, kind in enumerate(KINDS)}
    found.objects.sort(key=lambda drifted: (order[drifted.kind], drifted.name))
    pointers = reader.defaults() if reader.exists else {}
    defaults = tuple(_moved_defaults(left.defaults, pointers, ignores))
    notes = [*_under_way(reader.leases(), project), *ignores.findings()]
    return Drift(
        project,
        connector,
        reader.connector_id,
        tuple(found.objects),
        defaults,
        found.unchanged,
        found.unmanaged,
        found.others,
        ignores.count,
        tuple(notes),
        environment,
    )


def _compare(stored: Stored, left: Applied, project: str, ignores: Ignores, found: _Found) -> None:
    text = left.objects.get((stored.kind, stored.name))
    if text is None:
        if not stored.owner:
            found.unmanaged += 1
        elif stored.owner != project:
            found.others += 1
        else:
            found.objects.append(_drifted("appeared", stored))
        return
    if text in _texts(stored):
        found.unchanged += 1
        return
    before = state_of(text)
    fields = tuple(_fields(before, stored, ignores))
    if not fields:
        found.unchanged += 1
        return
    left_body = part_of(before, "body")
    found.objects.append(replace(_drifted("changed", stored, fields), left=left_body))


def _drifted(what: What, stored: Stored, fields: tuple[Drifted, ...] = ()) -> DriftedObject:
    return DriftedObject(what, stored.kind, stored.name, stored.title, fields, stored)


def _texts(stored: Stored) -> tuple[str, ...]:
    """The states that the journal has of an object as it is, without parsing its body.

    Whether it is the default is in the state, and is compared for each kind as a whole.
    """
    body = stored.body_text
    if stored.kind == "Account":
        body = _without_region(body)
    owner = f'"{stored.owner}"' if stored.owner else "null"  # names need no escapes
    protect = "true" if stored.protect else "false"
    rest = (
        f'"labels":{stored.labels_text},"managedBy":{owner},"name":"{stored.name}",'
        f'"protect":{protect}}}'
    )
    if stored.kind not in POLICY_KINDS:
        return (f'{{"body":{body},{rest}',)
    return (f'{{"body":{body},"default":false,{rest}', f'{{"body":{body},"default":true,{rest}')


def _without_region(text: str) -> str:
    from aliconf.model.base import canonical

    body = state_of(text)
    if not body:
        return text
    body.pop("region", None)
    return canonical(body)


def _fields(before: dict[str, Any], stored: Stored, ignores: Ignores) -> Iterator[Drifted]:
    """The values that differ and are not ignored, in the order of their paths."""
    for path, old, new in _differences(before, stored):
        shown = _shown(path)
        if not ignores.covers(stored.kind, stored.name, shown):
            yield Drifted(shown, old, new, path)


def _differences(
    before: dict[str, Any], stored: Stored
) -> Iterator[tuple[tuple[str | int, ...], Any, Any]]:
    from aliconf.plan.fields import differences, in_order

    old = part_of(before, "body")
    new = state_of(stored.body_text) or {"(unreadable)": stored.body_text}
    if stored.kind == "Account":
        new.pop("region", None)
    for path, one, other in sorted(differences(old, new), key=lambda item: in_order(item[0])):
        yield path, hidden(stored.kind, path, one), hidden(stored.kind, path, other)
    labels = part_of(before, "labels")
    now = state_of(stored.labels_text)
    for key in sorted({*labels, *now}):
        if labels.get(key) != now.get(key):
            yield ("metadata", "labels", key), labels.get(key), now.get(key)
    if not now and stored.labels_text != "{}":
        yield ("metadata", "labels"), labels, stored.labels_text
    protect = before.get("protect", False)
    if protect != stored.protect:
        yield ("lifecycle", "protect"), protect, stored.protect
    owner = before.get("managedBy")
    if owner != stored.owner:
        yield ("managedBy",), owner, stored.owner


def _moved_defaults(
    left: Mapping[str, LeftDefault], pointers: Mapping[str, str], ignores: Ignores
) -> Iterator[MovedDefault]:
    for kind in POLICY_KINDS:
        was, now = left.get(kind), pointers.get(kind, "")
        if was is None or was.name == now:
            continue
        if not any(ignores.covers(kind, name, "default") for name in (was.name, now)):
            yield MovedDefault(kind, was.name, now)


def _under_way(leases: Iterable[Lease], project: str) -> Iterator[Finding]:
    for lease in leases:
        if lease.project == project:
            yield Finding(
                UNDER_WAY,
                Severity.NOTE,
                f"an apply of this project is under way: {lease.who}, since {lease.taken_at}",
                hint="What it has done so far is not drift. Look again when it has ended.",
            )


def _shown(path: tuple[str | int, ...]) -> str:
    from aliconf.config.words import show_path

    return show_path(path)
