"""Limits on how much one plan may update or delete: of each kind, and of all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from aliconf.config.configuration import Configuration
from aliconf.connector.reader import Stored
from aliconf.findings import Finding, Location, Severity
from aliconf.plan.changes import Action, Change

_ALL = ""


def _objects(kind: str) -> str:
    return f"{kind} objects" if kind else "objects"


def check_guardrails(
    configuration: Configuration, managed: Iterable[Stored], changes: Iterable[Change]
) -> tuple[list[str], list[Finding]]:
    """How near the plan comes to each limit, in words, and a finding for each limit passed."""
    limits = configuration.settings.guardrails
    managed, changes = list(managed), list(changes)
    totals = Counter(stored.kind for stored in managed) + Counter({_ALL: len(managed)})
    done = Counter((change.kind, change.action) for change in changes)
    done += Counter((_ALL, change.action) for change in changes)
    words: list[str] = []
    findings: list[Finding] = []
    for action, limit, key, code in (
        (Action.UPDATE, limits.maximum_updates, "maximumUpdates", "ALI520"),
        (Action.DELETE, limits.maximum_deletes, "maximumDeletes", "ALI521"),
    ):
        for kind, total in sorted(totals.items()):
            count = done[kind, action]
            if not count or total < limits.minimum_objects:
                continue
            words.append(f"{count} of {total} {_objects(kind)} {action.value}d (limit {limit} %)")
            if count * 100 > limit * total:
                findings.append(
                    Finding(
                        code,
                        Severity.ERROR,
                        f"{count} of {total} {_objects(kind)} would be {action.value}d, "
                        f"{count * 100 / total:.0f} % (limit {limit} %)",
                        _place(configuration, key),
                        f"If that is meant, raise `guardrails.{key}` in the project.",
                        kind or "all objects",
                    )
                )
    return words, findings


def _place(configuration: Configuration, key: str) -> Location | None:
    project = configuration.project
    return project.locate("spec", "guardrails", key) if project else None
