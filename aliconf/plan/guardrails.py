"""Limits on how much one plan may update or delete: of each kind, and of all together.

A move or an adoption that also changes fields is an update: whatever a plan calls it, values that
are in force are replaced. A plain rename and a plain adoption replace none.

Updates are counted among the managed objects and those whose adoption is an update. Plain
adoptions are not counted in: a plan could make itself small by taking over more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Final

from aliconf.config.configuration import Configuration
from aliconf.connector.reader import Stored
from aliconf.findings import Finding, Location, Severity
from aliconf.plan.changes import Action, Change
from aliconf.plan.lifting import ALL, to_lift

_UPDATES: Final = {
    Action.UPDATE: "",
    Action.MOVE: "as they move",
    Action.ADOPT: "as they are adopted",
}


def check_guardrails(
    configuration: Configuration, stored: Iterable[Stored], changes: Iterable[Change], project: str
) -> tuple[list[str], list[Finding]]:
    """How near the plan comes to each limit, in words, and a finding for each limit passed.

    ``stored``: all objects of the connector, under the names that they will have.
    """
    limits = configuration.settings.guardrails
    owners = {(one.kind, one.name): one.owner for one in stored}
    managed = [kind for (kind, _), owner in owners.items() if owner == project]
    updates, deletes = [], []
    for change in changes:
        if change.action is Action.DELETE:
            deletes.append(change)
        elif change.action in _UPDATES and change.fields and (change.kind, change.name) in owners:
            updates.append(change)  # what the connector will generate is not there yet
    adopted = [change.kind for change in updates if change.action is Action.ADOPT]
    words: list[str] = []
    findings: list[Finding] = []
    for done, counted, base, limit, key, code in (
        (
            "updated",
            updates,
            [*managed, *adopted],
            limits.maximum_updates,
            "maximumUpdates",
            "ALI520",
        ),
        ("deleted", deletes, managed, limits.maximum_deletes, "maximumDeletes", "ALI521"),
    ):
        for name, total in _totals(base):
            of = [change for change in counted if name in {ALL, change.kind}]
            if not of or total < limits.minimum_objects:
                continue
            what = f"{len(of):,} of {total:,} {_objects(name)}"
            words.append(f"{what} {done} (limit {limit} %)")
            if len(of) * 100 > limit * total:
                findings.append(
                    Finding(
                        code,
                        Severity.ERROR,
                        f"{what} would be {done}{_how(of)}, {_part(len(of), total, limit)} % "
                        f"(limit {limit} %)",
                        _place(configuration, key),
                        f"If that is meant, lift it for one apply with\n{to_lift(code, name)}\n"
                        f"or raise `guardrails.{key}` in the project.",
                        name,
                    )
                )
    return words, findings


def _totals(kinds: Collection[str]) -> list[tuple[str, int]]:
    """Of how many objects: of all, and of each kind."""
    return [(ALL, len(kinds)), *sorted(Counter(kinds).items())]


def _objects(name: str) -> str:
    return "objects" if name == ALL else f"{name} objects"


def _how(changes: Iterable[Change]) -> str:
    """What a plan calls the updates that it does not call so."""
    counts = Counter(change.action for change in changes)
    parts = [
        f"{counts[action]} {how}" for action, how in _UPDATES.items() if how and counts[action]
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _part(count: int, total: int, limit: Decimal) -> str:
    """In percent; with decimals where it would look as if the limit were kept."""
    part = count * 100 / total
    return f"{part:.0f}" if round(part) > limit else f"{part:.5g}"


def _place(configuration: Configuration, key: str) -> Location | None:
    project = configuration.project
    return project.locate("spec", "guardrails", key) if project else None
