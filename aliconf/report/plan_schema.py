"""The JSON Schema of plans: what `plan --format json` prints and `plan --out` writes.

Written by hand, since it is a promise: within a version keys are added and never removed.
"""

from __future__ import annotations

from typing import Any, Final

from aliconf.model.schema import DRAFT
from aliconf.plan.cause import Cause
from aliconf.plan.changes import Action
from aliconf.report.plan_data import JSON_VERSION

FILE: Final = "plan.schema.json"

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_MAYBE: Final[Schema] = {"type": ["string", "null"]}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_DIGEST: Final[Schema] = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_PARTS: Final[Schema] = {
    "type": "object",
    "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(described: dict[str, tuple[Schema, str]], optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "required": [name for name in described if name not in optional],
        "properties": {
            name: {"description": words, **schema} for name, (schema, words) in described.items()
        },
    }


def plan_schema() -> Schema:
    location = _object(
        {
            "file": (_TEXT, "Path relative to the directory in which aliconf ran."),
            "line": ({"type": "integer", "minimum": 1}, "From 1."),
            "column": ({"type": "integer", "minimum": 1}, "From 1; columns count characters."),
            "endColumn": ({"type": ["integer", "null"]}, "One past the last character."),
            "text": (_TEXT, "The line, without secrets."),
        }
    )
    finding = _object(
        {
            "code": ({"type": "string", "pattern": "^ALI[0-9]{3}$"}, "`aliconf explain` has it."),
            "severity": ({"enum": ["error", "warning", "note"]}, "How bad it is."),
            "message": (_TEXT, "What is wrong."),
            "hint": (_MAYBE, "What to do."),
            "object": (_MAYBE, "`Kind/name`."),
            "location": (_or_null(_ref("location")), "Where."),
            "related": ({"type": "array"}, "Other places that explain it."),
        }
    )
    cause: Schema = {"enum": [*(cause.value for cause in Cause), None]}
    beside = [cause.value for cause in Cause if cause is not Cause.BRANCH]
    also = _list({"enum": beside})
    field = _object(
        {
            "path": (_TEXT, "As people write it: `adjustments[0].increaseByPercent`."),
            "old": ({}, "The value in the connector; null where it is new."),
            "new": ({}, "The value that is wanted; null where it goes."),
            "location": (_or_null(_ref("location")), "Where the new value is written."),
            "origin": (_MAYBE, "`Kind/name` of what gives the value, where it is another."),
            "cause": (cause, "Why it differs, with `--since`."),
            "also": (also, "The causes that it would have without that one."),
        }
    )
    change = _object(
        {
            "action": ({"enum": [action.value for action in Action]}, "What happens to it."),
            "kind": (_TEXT, "Kind of the object."),
            "name": (_TEXT, "Its name."),
            "title": (_TEXT, "Its title."),
            "oldName": (_MAYBE, "The name before a move."),
            "generated": ({"type": "boolean"}, "A default that comes with the first account."),
            "location": (_or_null(_ref("location")), "Where its document stands."),
            "fields": (_list(_ref("field")), "The values that differ."),
            "usedBy": (_list(_TEXT), "Who uses it: `Kind/name`."),
            "notes": (_list(_TEXT), "What else to know."),
            "cause": (cause, "Why it is in the plan, with `--since`."),
            "also": (also, "Those of its fields; of a deletion drift that goes with it."),
        }
    )
    untouched = _object(
        {
            "kind": (_TEXT, "Kind of the object."),
            "name": (_TEXT, "Its name."),
            "title": (_TEXT, "Its title."),
            "managedBy": (_MAYBE, "The project that manages it."),
        }
    )
    adoption = _object(
        {
            "kind": (_TEXT, "Kind of the object."),
            "name": (_TEXT, "Its name."),
            "title": (_TEXT, "Its title."),
            "location": (_or_null(_ref("location")), "Where its document stands."),
            "cause": (cause, "Why it is adopted, with `--since`."),
        }
    )
    left = ("adoptions", "unchanged", "unmanaged", "others", "protected")
    counts = [*(action.value for action in Action), "generated", *left]
    basis = _object(
        {
            "format": ({"type": "integer", "minimum": 1}, "Format of the digest."),
            "environment": (_MAYBE, "The environment."),
            "pointers": (
                {"type": "object", "additionalProperties": _TEXT},
                "The default policy of each kind.",
            ),
            "documents": (_PARTS, "Digest of each document by `Kind/name`."),
            "objects": (_PARTS, "Digest of each object of the connector by `Kind/name`."),
        }
    )
    since = _object(
        {
            "ref": (_TEXT, "What was named."),
            "commit": (_MAYBE, "The merge base; null where there was no commit."),
            "branch": (_COUNT, "Changes that come from the branch."),
            "partly": (_COUNT, "Those of them with a value that has another cause."),
            "unapplied": (_COUNT, "Changes that were merged before the branch, and not applied."),
            "drift": (_COUNT, "Changes because somebody changed the connector."),
            "behind": (_COUNT, "Changes because the branch lacks what the ref has."),
            "unknown": (_COUNT, "Changes of which it cannot be told."),
            "also": (
                _object(dict.fromkeys(beside, (_COUNT, "How many."))),
                "Changes by causes that they have beside the one that they are counted as.",
            ),
        }
    )
    effect = _object(
        {
            "what": ({"enum": ["orders", "prices", "products", "stock"]}, "What waits."),
            "policy": (_TEXT, "`Kind/name` of the policy that says when."),
            "schedule": (_MAYBE, "Five cron fields or a duration; null: the connector's rhythm."),
            "synchronized": ({"type": "boolean"}, "False where the policy does not do it."),
            "accounts": (_list(_TEXT), "The accounts that it is about, by name."),
        }
    )
    plan = _object(
        {
            "format": ({"const": "aliconf/plan"}, "What this is."),
            "version": ({"const": JSON_VERSION}, "Its version."),
            "project": (_TEXT, "Name of the project."),
            "environment": (_MAYBE, "The environment."),
            "connector": (
                _object(
                    {
                        "location": (_TEXT, "Where the store is, without secrets."),
                        "id": (_MAYBE, "Its id; null where it does not exist yet."),
                    }
                ),
                "The connector that the plan is for.",
            ),
            "summary": (
                _object(dict.fromkeys(counts, (_COUNT, "How many."))),
                "Counts.",
            ),
            "changes": (_list(_ref("change")), "In the order in which apply makes them."),
            "adoptions": (
                _list(adoption),
                "Objects that nobody manages and that are as their documents say: apply makes the "
                "project their manager and changes no value.",
            ),
            "unchanged": (_list(_ref("untouched")), "Objects that are as they are wanted."),
            "unmanaged": (
                _list(_ref("untouched")),
                "Objects that this project does not manage: those of nobody, whose `managedBy` is "
                "null, and those of other projects, which `managedBy` names. `summary.unmanaged` "
                "counts the former, `summary.others` the latter.",
            ),
            "protected": (_list(_ref("untouched")), "Objects that are kept without a document."),
            "guardrails": (_list(_TEXT), "How near the plan comes to each limit."),
            "findings": (
                _list(_ref("finding")),
                "What to look at: warnings, notes, and what guardrails refuse.",
            ),
            "since": (_or_null(since), "What the causes are told by, with `--since`."),
            "takesEffect": (_list(effect), "What waits for a synchronization."),
            "undo": (_MAYBE, "What reverting the commits does; null with nothing to do."),
            "digest": (_or_null(_DIGEST), "Of what the plan rests on."),
            "apply": (
                _MAYBE,
                "The command that applies exactly this, with the options that lift what refuses "
                "it; null with nothing to do, and where a refusal cannot be lifted.",
            ),
            "basis": (basis, "What the plan rests on; in a file of `plan --out`."),
            "seal": (_DIGEST, "Shows whether the file was edited; in a file of `plan --out`."),
        },
        optional=("basis", "seal"),
    )
    definitions = {
        "location": location,
        "finding": finding,
        "field": field,
        "change": change,
        "untouched": untouched,
    }
    return {
        "$schema": DRAFT,
        "title": "A plan",
        "description": "What `aliconf plan` would change, as JSON.",
        **plan,
        "definitions": definitions,
    }
