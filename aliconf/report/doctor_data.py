"""The system check for programs: JSON, versioned; docs/json.md describes it."""

from __future__ import annotations

import json
from typing import Final

from aliconf.report.findings_data import place
from aliconf.status.diagnosis import Diagnosis

JSON_VERSION: Final = 1


def to_json(diagnosis: Diagnosis) -> str:
    return json.dumps(
        {
            "format": "aliconf/doctor",
            "version": JSON_VERSION,
            "project": diagnosis.project,
            "passed": diagnosis.passed,
            "probed": False,
            "by": diagnosis.by or None,
            "on": diagnosis.on or None,
            "location": diagnosis.location and place(diagnosis.location),
            "checks": [
                {
                    "parameter": check.key,
                    "title": check.name,
                    "required": check.required,
                    "declared": check.declared or None,
                    "passed": check.passed,
                    "where": check.where,
                    "remedy": None if check.passed else check.remedy,
                }
                for check in diagnosis.checks
            ],
        },
        indent=2,
        ensure_ascii=False,
    )
