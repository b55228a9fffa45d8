"""Findings in Markdown: a list, the worst first where there is no room for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from aliconf.findings import Finding, Severity
from aliconf.report import findings_text
from aliconf.report.budget import MAX_BYTES
from aliconf.report.markup import code, prose, prose_lines

_RESERVE: Final = 100
"""Bytes of the line that says how many more there are."""


def render(
    findings: Sequence[Finding],
    counts: dict[Severity, int],
    checked: str,
    max_bytes: int = MAX_BYTES,
) -> str:
    """A report of ``validate``; ``checked`` says what was looked at: ``14 documents``."""
    head = f"### aliconf validate · {findings_text.summary(counts, checked)}"
    return "\n\n".join([head, *listed(findings, max_bytes - len(head.encode()) - 3)]) + "\n"


def listed(findings: Sequence[Finding], room: int) -> list[str]:
    """One list of as many findings as find room in so many bytes; none is cut in two."""
    ordered = _worst_first(findings)
    lines: list[str] = []
    for index, finding in enumerate(ordered):
        line = bullet(finding)
        room -= len(line.encode()) + 1
        if room < (_RESERVE if index + 1 < len(ordered) else 0):
            lines.append(f"- … and {len(ordered) - index:,} more")
            break
        lines.append(line)
    return ["\n".join(lines)] if lines else []


def _worst_first(findings: Iterable[Finding]) -> list[Finding]:
    ranks = {severity: rank for rank, severity in enumerate(Severity)}
    return sorted(findings, key=lambda finding: ranks[finding.severity])


def bullet(finding: Finding) -> str:
    """A finding as an item of a list, on one line."""
    subject = f"{code(finding.object)}: " if finding.object else ""
    place = f" {code(str(finding.location))}" if finding.location else ""
    hint = f"<br>→ {prose_lines(finding.hint)}" if finding.hint else ""
    words = f"{subject}{prose(finding.message)}"
    return f"- {code(finding.code)} {finding.severity.value}: {words}{place}{hint}"
