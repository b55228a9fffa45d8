"""Drift for programs: JSON, versioned; docs/json.md describes it."""

from __future__ import annotations

import json
from typing import Final

from aliconf.plan.drift import Drift
from aliconf.report.findings_data import as_data

JSON_VERSION: Final = 1


def to_json(drift: Drift) -> str:
    return json.dumps(
        {
            "format": "aliconf/drift",
            "version": JSON_VERSION,
            "project": drift.project,
            "environment": drift.environment or None,
            "connector": {"location": drift.connector, "id": drift.connector_id or None},
            "summary": {
                "changed": drift.count("changed"),
                "gone": drift.count("gone"),
                "appeared": drift.count("appeared"),
                "defaults": len(drift.defaults),
                "unchanged": drift.unchanged,
                "unmanaged": drift.unmanaged,
                "others": drift.others,
                "ignored": drift.ignored,
            },
            "objects": [
                {
                    "drift": found.what,
                    "kind": found.kind,
                    "name": found.name,
                    "title": found.title,
                    "fields": [
                        {"path": one.path, "before": one.before, "now": one.now}
                        for one in found.fields
                    ],
                }
                for found in drift.objects
            ],
            "defaults": [
                {"kind": moved.kind, "before": moved.before, "now": moved.now or None}
                for moved in drift.defaults
            ],
            "findings": [as_data(finding) for finding in drift.findings],
        },
        indent=2,
        ensure_ascii=False,
    )
