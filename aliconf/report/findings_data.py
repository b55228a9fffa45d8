"""Findings for programs: JSON (our own, versioned), GitHub annotations and SARIF."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from aliconf import __version__
from aliconf.findings import Finding, Location, Severity

JSON_VERSION: Final = 1
_GITHUB: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_SARIF: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def as_data(finding: Finding) -> dict[str, Any]:
    """One finding as docs/json.md describes it."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint or None,
        "object": finding.object or None,
        "location": finding.location and place(finding.location),
        "related": [
            {"message": related.message, "location": place(related.location)}
            for related in finding.related
        ],
    }


def to_json(findings: Sequence[Finding], counts: dict[Severity, int], documents: int | None) -> str:
    return json.dumps(
        {
            "format": "aliconf/findings",
            "version": JSON_VERSION,
            "summary": {
                "documents": documents,
                **{f"{severity.value}s": count for severity, count in counts.items()},
            },
            "findings": [as_data(finding) for finding in findings],
        },
        indent=2,
        ensure_ascii=False,
    )


def to_github(findings: Iterable[Finding]) -> str:
    """Workflow commands that GitHub shows as annotations of the changed lines."""
    lines = []
    for finding in findings:
        properties = {"title": finding.code}
        if finding.location is not None:
            properties |= {
                "file": finding.location.file,
                "line": str(finding.location.line),
                "col": str(finding.location.column),
            }
            if finding.location.end_column:
                properties["endColumn"] = str(finding.location.end_column)
        listed = ",".join(f"{key}={_escape(value, ':,')}" for key, value in properties.items())
        message = finding.message + (f"\n{finding.hint}" if finding.hint else "")
        lines.append(f"::{_GITHUB[finding.severity]} {listed}::{_escape(message)}")
    return "\n".join(lines)


def to_sarif(findings: Sequence[Finding], titles: dict[str, str]) -> str:
    """SARIF 2.1.0; ``titles`` gives each code its short description."""
    codes = sorted({finding.code for finding in findings})
    rules = [{"id": code, "shortDescription": {"text": titles.get(code, code)}} for code in codes]
    results = [
        {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": _SARIF[finding.severity],
            "message": {"text": _sentences(finding)},
            "locations": [_physical(finding.location)] if finding.location else [],
            "relatedLocations": [
                _physical(related.location) | {"message": {"text": related.message}}
                for related in finding.related
            ],
        }
        for finding in findings
    ]
    driver = {"name": "aliconf", "version": __version__, "rules": rules}
    return json.dumps(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": driver},
                    "columnKind": "unicodeCodePoints",
                    "results": results,
                }
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def _sentences(finding: Finding) -> str:
    """Message and hint as one text: a hint ends with a full stop, a message does not."""
    return f"{finding.message}. {finding.hint}" if finding.hint else finding.message


def place(location: Location) -> dict[str, Any]:
    return {
        "file": location.file,
        "line": location.line,
        "column": location.column,
        "endColumn": location.end_column or None,
        "text": location.text,
    }


def _physical(location: Location) -> dict[str, Any]:
    region = {"startLine": location.line, "startColumn": location.column}
    if location.end_column:
        region["endColumn"] = location.end_column
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(PurePath(location.file).as_posix())},
            "region": region,
        }
    }


def _escape(text: str, more: str = "") -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    for character in more:
        escaped = escaped.replace(character, f"%{ord(character):02X}")
    return escaped
