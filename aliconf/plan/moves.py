"""``moved`` in the project: objects that get another name instead of a delete and a create."""

from __future__ import annotations

from collections.abc import Iterator

from aliconf.config.configuration import Configuration
from aliconf.findings import Finding, Severity
from aliconf.plan.changes import Action, Change
from aliconf.plan.observed import Observed
from aliconf.plan.wanted import Id


def follow_moves(
    configuration: Configuration, observed: Observed, project: str
) -> tuple[dict[Id, str], list[Finding]]:
    """Rename what the project says has moved; the new id of each with its old name.

    An entry whose old name is no longer in the connector has been applied: nothing is left to do.
    """
    moved: dict[Id, str] = {}
    findings: list[Finding] = []
    for index, entry in enumerate(configuration.settings.moved):
        stored = observed.objects.get((entry.kind, entry.from_))
        if stored is None:
            continue
        message = ""
        if stored.owner != project:
            message = f"{entry.kind}/{entry.from_} is not managed by this project"
        elif (entry.kind, entry.to) in observed.objects:
            message = f"{entry.kind}/{entry.to} is already in the connector"
        elif configuration.get(entry.kind, entry.from_) is not None:
            message = f"{entry.kind}/{entry.from_} is still declared"
        elif configuration.get(entry.kind, entry.to) is None:
            message = f"{entry.kind}/{entry.to} is not declared"
        if message:
            assert configuration.project is not None
            findings.append(
                Finding(
                    "ALI504",
                    Severity.ERROR,
                    f"cannot move {entry.kind}/{entry.from_} to {entry.to}: {message}",
                    configuration.project.locate("spec", "moved", index),
                    "Correct or remove this entry of `moved`.",
                    configuration.project.id,
                )
            )
            continue
        original = moved.pop((entry.kind, entry.from_), entry.from_)
        observed.move(entry.kind, entry.from_, entry.to)
        moved[entry.kind, entry.to] = original
    return moved, findings


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
