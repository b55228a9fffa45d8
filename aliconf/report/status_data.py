"""A status for programs: JSON, versioned; docs/json.md describes it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from pydantic.alias_generators import to_camel

from aliconf.model.times import written
from aliconf.report.findings_data import as_data, place
from aliconf.status.overview import (
    Account,
    Campaign,
    Entry,
    Overview,
    Policy,
    Replacement,
    Slot,
    Status,
    Step,
    Task,
    Template,
    Waiting,
)

JSON_VERSION: Final = 1


def to_json(status: Status) -> str:
    overview = status.overview
    return json.dumps(
        {
            "format": "aliconf/status",
            "version": JSON_VERSION,
            "project": overview.project,
            "environment": overview.environment or None,
            "connector": _connector(overview),
            "asOf": _time(overview.now.replace(microsecond=0)),
            "valid": status.valid,
            "configuration": _waiting(overview.waiting),
            "registrations": [_entry(entry) for entry in overview.registrations],
            "accounts": [_account(account) for account in overview.accounts],
            "policies": [_policy(policy) for policy in overview.policies],
            "listingTemplates": [_template(template) for template in overview.templates],
            "campaigns": [_campaign(campaign) for campaign in overview.campaigns],
            "toDo": [_task(task) for task in status.tasks],
            "steps": [_step(step) for step in status.steps],
        },
        indent=2,
        ensure_ascii=False,
    )


def _connector(overview: Overview) -> dict[str, Any]:
    return {
        "location": overview.connector,
        "id": overview.connector_id or None,
        "exists": overview.exists,
    }


def _waiting(waiting: Waiting) -> dict[str, Any]:
    return {
        "changes": waiting.changes,
        "adoptions": waiting.adoptions,
        "errors": len(waiting.errors),
        "refusals": [as_data(finding) for finding in waiting.refusals],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "name": entry.name,
        "title": entry.title,
        "managedBy": entry.owner or None,
        "created": entry.created,
        "updated": entry.updated,
        "status": "VALID" if entry.valid else "INVALID",
        "errors": [
            {"code": error.code, "message": error.message, "hint": error.hint or None}
            for error in entry.errors
        ],
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        **_entry(account.entry),
        "region": account.region or None,
        "storeView": account.store_view or None,
        "currency": account.currency or None,
        "connected": account.connected,
        "authorized": account.authorized or None,
        "orderPolicy": account.orders and _slot(account.orders),
        "synchronizationPolicy": account.synchronization and _slot(account.synchronization),
    }


def _policy(policy: Policy) -> dict[str, Any]:
    return {**_entry(policy.entry), "default": policy.default, "generated": policy.generated}


def _template(template: Template) -> dict[str, Any]:
    per_account: dict[str, dict[str, Any]] = {}
    for account, key, slot in template.per_account:
        per_account.setdefault(account, {})[key] = _slot(slot)
    return {
        **_entry(template.entry),
        "categoryId": template.category,
        "accounts": list(template.accounts),
        "policies": {key: _slot(slot) for key, slot in template.slots},
        "perAccount": per_account,
        "campaigns": [_replacement(replacement) for replacement in template.replacements],
    }


def _replacement(replacement: Replacement) -> dict[str, Any]:
    return {
        "name": replacement.campaign.entry.name,
        "slots": list(replacement.slots),
        "accounts": list(replacement.accounts),
        "hasQuery": replacement.partly,
    }


def _campaign(campaign: Campaign) -> dict[str, Any]:
    return {
        **_entry(campaign.entry),
        "state": campaign.phase.value,
        "from": _time(campaign.begins),
        "until": _time(campaign.ends),
        "accounts": list(campaign.accounts),
        "policies": dict(campaign.replaces),
    }


def _slot(slot: Slot) -> dict[str, Any]:
    return {"name": slot.policy or None, "default": slot.default}


def _task(task: Task) -> dict[str, Any]:
    return {
        "subject": task.subject,
        "message": task.message,
        "command": task.command or None,
        "object": task.entry.id if task.entry else None,
        "location": task.location and place(task.location),
        "usedBy": list(task.users),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "state": to_camel(step.state.name.lower()),
        "detail": step.detail or None,
        "command": step.command or None,
    }


def _time(when: datetime | None) -> str | None:
    return written(when) if when is not None else None
