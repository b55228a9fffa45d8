"""``moved`` in the project: objects that get another name instead of a delete and a create."""

from __future__ import annotations

from collections.abc import Iterator

from aliconf.config.configuration import Configuration
from aliconf.findings import Finding, Severity
from aliconf.plan.changes import Action, Change
from aliconf.plan.observed import Observed, parse_body
from aliconf.plan.users import referred_to
from aliconf.plan.wanted import Id


def follow_moves(
    configuration: Configuration, observed: Observed, project: str
) -> tuple[dict[Id, str], list[Finding]]:
    """Rename what the project says has moved; the new id of each with its old name.

    An entry whose old name is no longer in the connector has been applied: nothing is left to do.
    A store that has missed some renames takes them at once: a to b and b to c is a to c.
    """
    entries: dict[Id, tuple[int, str]] = {
        (entry.kind, entry.from_): (index, entry.to)
        for index, entry in enumerate(configuration.settings.moved)
    }
    moved: dict[Id, str] = {}
    findings: list[Finding] = []
    for old, (index, _) in entries.items():
        if old not in observed.objects:
            continue
        new = _target(old, entries, observed)
        reason = _refused(old, new, configuration, observed, project)
        if reason:
            findings.append(_finding(configuration, index, old, new, reason))
        else:
            observed.move(*old, new)
            moved[old[0], new] = old[1]
    return moved, findings


def later_names(configuration: Configuration, kind: str, old: str) -> Iterator[str]:
    """An object's name, and those that it was to get by ``moved``, one after the other."""
    moved = {e.from_: e.to for e in configuration.settings.moved if e.kind == kind}
    name = old
    yield name
    while name in moved:
        name = moved.pop(name)  # popped, so that a circle ends
        yield name


def _target(old: Id, entries: dict[Id, tuple[int, str]], observed: Observed) -> str:
    """The last name of a chain of moves, as far as no other object stands in between."""
    kind, name = old[0], entries[old][1]
    seen = {old[1]}
    while (kind, name) in entries and (kind, name) not in observed.objects and name not in seen:
        seen.add(name)
        name = entries[kind, name][1]
    return name


def _refused(
    old: Id, new: str, configuration: Configuration, observed: Observed, project: str
) -> str:
    kind, name = old
    if observed.objects[old].owner != project:
        return f"{kind}/{name} is not managed by this project"
    if (kind, new) in observed.objects:
        return f"{kind}/{new} is already in the connector"
    if configuration.get(kind, name) is not None:
        return f"{kind}/{name} is still declared"
    if configuration.get(kind, new) is None:
        return f"{kind}/{new} is not declared"
    users = [
        f"{other.kind}/{other.name}"
        for other in observed.objects.values()
        if other.owner != project and old in referred_to(other.kind, parse_body(other.body_text))
    ]
    if users:
        return f"{', '.join(users)} uses it, and this project does not manage that"
    return ""


def _finding(configuration: Configuration, index: int, old: Id, new: str, reason: str) -> Finding:
    assert configuration.project is not None
    return Finding(
        "ALI504",
        Severity.ERROR,
        f"cannot move {old[0]}/{old[1]} to {new}: {reason}",
        configuration.project.locate("spec", "moved", index),
        "Correct or remove this entry of `moved`.",
        configuration.project.id,
    )


def suggest_moves(changes: list[Change]) -> Iterator[Finding]:
    """A delete and a create of equal bodies are probably one object under another name."""
    deleted: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        if change.action is Action.DELETE:
            deleted.setdefault((change.kind, change.before), []).append(change)
    for change in changes:
        if change.action is not Action.CREATE or change.desired is None:
            continue
        twins = deleted.get((change.kind, change.desired.text))
        if twins:
            old = twins.pop(0)
            yield Finding(
                "ALI505",
                Severity.NOTE,
                f"{old.id} goes and {change.id} comes with the same body",
                change.location,
                "If it is a rename, say so in the project and nothing is deleted:\n"
                f"moved: [{{kind: {change.kind}, from: {old.name}, to: {change.name}}}]",
                change.id,
            )
