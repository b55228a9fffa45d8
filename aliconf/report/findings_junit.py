"""Findings as JUnit XML, the shape that Jenkins, GitLab and GitHub's test reporters read.

One test case per document, which fails with its errors, and one per file or for the whole project
for what is wrong outside of documents. Its class is the file, because a strict reader (Jenkins's
xUnit plugin, by its junit-10.xsd) takes no attribute for it. A test case has one ``failure`` with
all of them: some readers take only the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final

from aliconf.findings import Finding, Severity

Relative = Callable[[str], str]
"""From a file as findings name it to its path from the root of the repository."""

_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""
_PROJECT: Final = "project"


def to_junit(
    findings: Sequence[Finding],
    documents: Iterable[tuple[str, str]],
    relative: Relative,
    *,
    strict: bool = False,
) -> str:
    """The report; ``documents`` are id and file of each. ``strict`` makes warnings failures."""
    cases: dict[tuple[str, str], list[Finding]] = {
        (relative(file), name): [] for name, file in documents
    }
    for finding in findings:
        file = relative(finding.location.file) if finding.location else ""
        case = (file, finding.object) if (file, finding.object) in cases else (file, "")
        cases.setdefault(case, []).append(finding)
    failing = {Severity.ERROR, *([Severity.WARNING] if strict else [])}
    failed = sum(any(finding.severity in failing for finding in found) for found in cases.values())
    counts = f'tests="{len(cases)}" failures="{failed}" errors="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="aliconf" {counts}>',
        f'  <testsuite name="aliconf validate" {counts} skipped="0">',
    ]
    for (file, name), found in cases.items():
        lines += _case(file, name or file or _PROJECT, found, failing)
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"])


def _case(file: str, name: str, found: list[Finding], failing: set[Severity]) -> list[str]:
    attributes = f"classname={_quoted(file or _PROJECT)} name={_quoted(name)}"
    failures = [finding for finding in found if finding.severity in failing]
    others = [finding for finding in found if finding.severity not in failing]
    if not found:
        return [f"    <testcase {attributes}/>"]
    lines = [f"    <testcase {attributes}>"]
    if failures:
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        message = f"{failures[0].code} {failures[0].message}{more}"
        head = f"message={_quoted(message)} type={_quoted(failures[0].code)}"
        lines.append(f"      <failure {head}>{_text(_all(failures))}</failure>")
    if others:
        lines.append(f"      <system-out>{_text(_all(others))}</system-out>")
    return [*lines, "    </testcase>"]


def _all(findings: Iterable[Finding]) -> str:
    return "\n".join(
        "\n".join(
            [
                f"{finding.location or _PROJECT}: {finding.severity.value}[{finding.code}]: "
                f"{finding.message}",
                *(f"    {related.message}: {related.location}" for related in finding.related),
                *(["  → " + finding.hint.replace("\n", "\n    ")] if finding.hint else []),
            ]
        )
        for finding in findings
    )


def _text(text: str) -> str:
    shown = _ILLEGAL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
    return escape(shown).replace("\r", "&#13;")


def _quoted(text: str) -> str:
    """An attribute; readers of XML make spaces of line ends and tabs that are not escaped."""
    return f'"{_text(text)}"'.replace("\n", "&#10;").replace("\t", "&#9;")
