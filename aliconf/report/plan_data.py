"""A plan for programs: JSON, versioned; docs/json.md describes it."""

from __future__ import annotations

import json
from typing import Any, Final

from aliconf.plan.changes import Action, Change, FieldChange, Plan, Untouched
from aliconf.report.findings_data import as_data, place

JSON_VERSION: Final = 1


def to_json(plan: Plan) -> str:
    return json.dumps(
        {
            "format": "aliconf/plan",
            "version": JSON_VERSION,
            "project": plan.project,
            "environment": plan.environment or None,
            "connector": {"location": plan.connector, "id": plan.connector_id or None},
            "summary": {
                **{action.value: plan.count(action) for action in Action},
                "generated": sum(1 for change in plan.changes if change.generated),
                "unchanged": len(plan.unchanged),
                "unmanaged": len(plan.unmanaged),
                "protected": len(plan.protected),
            },
            "changes": [_change(change) for change in plan.changes],
            "unchanged": [_object(item) for item in plan.unchanged],
            "unmanaged": [_object(item) for item in plan.unmanaged],
            "protected": [_object(item) for item in plan.protected],
            "guardrails": list(plan.guardrails),
            "findings": [as_data(finding) for finding in plan.findings],
        },
        indent=2,
        ensure_ascii=False,
    )


def _change(change: Change) -> dict[str, Any]:
    return {
        "action": change.action.value,
        "kind": change.kind,
        "name": change.name,
        "title": change.title,
        "oldName": change.old_name or None,
        "generated": change.generated,
        "location": change.location and place(change.location),
        "fields": [_field(field) for field in change.fields],
        "usedBy": list(change.users),
        "notes": list(change.notes),
    }


def _field(field: FieldChange) -> dict[str, Any]:
    return {
        "path": field.path,
        "old": field.old,
        "new": field.new,
        "location": field.location and place(field.location),
        "origin": field.origin or None,
    }


def _object(item: Untouched) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "name": item.name,
        "title": item.title,
        "managedBy": item.owner or None,
    }
