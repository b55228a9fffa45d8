"""A plan for programs: JSON, versioned; docs/json.md describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from aliconf.model.base import canonical
from aliconf.plan.cause import Since
from aliconf.plan.changes import Action, Change, Effect, FieldChange, Plan, Untouched
from aliconf.report.consequences import command, undo
from aliconf.report.findings_data import as_data, place
from aliconf.report.plan_lines import line
from aliconf.report.words import ALSO

JSON_VERSION: Final = 1
INDENTED_UP_TO: Final = 1000
"""Of more changes than this each is one line: nobody reads them all, and indentation takes twice
the time and the room."""


def to_json(plan: Plan) -> str:
    return "".join(in_pieces(plan))


def in_pieces(plan: Plan) -> Iterator[str]:
    """The JSON, with the end of its last line; of a large plan a hundred changes a piece."""
    data = _without_changes(plan)
    if len(plan.changes) <= INDENTED_UP_TO:
        data["changes"] = [_change(change) for change in plan.changes]
        return iter([json.dumps(data, indent=2, ensure_ascii=False), "\n"])
    parts = {key: json.dumps(value, ensure_ascii=False) for key, value in data.items()}
    return _laid_out(parts, map(line, plan.changes))


def to_file(plan: Plan) -> str:
    """The text of the file that ``aliconf apply FILE`` applies."""
    from aliconf.plan.saved import basis_data, plan_file, seal_of

    if len(plan.changes) <= INDENTED_UP_TO:
        return plan_file(to_data(plan), plan.rests_on)
    data = {**_without_changes(plan), "basis": basis_data(plan.rests_on)}
    changes = [line(change) for change in plan.changes]
    parts = {key: canonical(value) for key, value in data.items()}
    del parts["changes"]
    seal = seal_of(parts, changes)
    return "".join(_laid_out({**parts, "changes": "", "seal": f'"{seal}"'}, changes))


def to_data(plan: Plan) -> dict[str, Any]:
    """The same as data."""
    return {
        **_without_changes(plan),
        "changes": [_change(change) for change in plan.changes],
    }


def _without_changes(plan: Plan) -> dict[str, Any]:
    digest = plan.basis.digest() if plan.basis else ""
    return {
        "format": "aliconf/plan",
        "version": JSON_VERSION,
        "project": plan.project,
        "environment": plan.environment or None,
        "connector": {"location": plan.connector, "id": plan.connector_id or None},
        "summary": {
            **{action.value: plan.count(action) for action in Action},
            "generated": sum(1 for change in plan.changes if change.generated),
            "adoptions": len(plan.adoptions),
            "unchanged": len(plan.unchanged),
            "unmanaged": len(plan.nobodys),
            "others": len(plan.others),
            "protected": len(plan.protected),
        },
        "changes": [],
        "adoptions": [_adoption(change) for change in plan.adoptions],
        "unchanged": [_object(item) for item in plan.unchanged],
        "unmanaged": [_object(item) for item in plan.unmanaged],
        "protected": [_object(item) for item in plan.protected],
        "guardrails": list(plan.guardrails),
        "findings": [as_data(finding) for finding in plan.findings],
        "since": plan.since and _since(plan.since),
        "takesEffect": [_effect(effect) for effect in plan.effects],
        "undo": undo(plan) or None,
        "digest": digest or None,
        "apply": command(plan, digest) or None,
    }


def _adoption(change: Change) -> dict[str, Any]:
    location = change.location
    return {
        "kind": change.kind,
        "name": change.name,
        "title": change.title,
        "location": location and place(location),
        "cause": change.cause,
    }


def _laid_out(parts: dict[str, str], changes: Iterable[str]) -> Iterator[str]:
    """One key a line and one change a line; no change is kept as data."""
    before = "{\n"
    for key, text in parts.items():
        yield f'{before}"{key}": '
        if key == "changes":
            lines = iter(changes)
            before = "[\n"
            while piece := ",\n".join(islice(lines, 100)):
                yield before + piece
                before = ",\n"
            yield "\n]"
        else:
            yield text
        before = ",\n"
    yield "\n}\n"


def _change(change: Change) -> dict[str, Any]:
    location = change.location
    return {
        "action": change.action.value,
        "kind": change.kind,
        "name": change.name,
        "title": change.title,
        "oldName": change.old_name or None,
        "generated": change.generated,
        "location": location and place(location),
        "fields": [_field(field) for field in change.fields],
        "usedBy": list(change.users),
        "notes": list(change.notes),
        "cause": change.cause,
        "also": list(change.also),
    }


def _field(field: FieldChange) -> dict[str, Any]:
    location = field.location  # each time it is asked for it is looked for
    return {
        "path": field.path,
        "old": field.old,
        "new": field.new,
        "location": location and place(location),
        "origin": field.origin or None,
        "cause": field.cause,
        "also": list(field.also),
    }


def _since(since: Since) -> dict[str, Any]:
    return {
        "ref": since.ref,
        "commit": since.commit or None,
        "branch": since.branch,
        "partly": since.partly,
        "unapplied": since.unapplied,
        "drift": since.drift,
        "behind": since.behind,
        "unknown": since.unknown,
        "also": {cause.value: since.also.get(cause, 0) for cause in ALSO},
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "what": effect.what,
        "policy": effect.policy,
        "schedule": effect.schedule or None,
        "synchronized": effect.on,
        "accounts": list(effect.accounts),
    }


def _object(item: Untouched) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "name": item.name,
        "title": item.title,
        "managedBy": item.owner or None,
    }
