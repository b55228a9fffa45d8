"""Findings for people: place, message, the source line with a caret, and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from aliconf.findings import Finding, Location, Severity
from aliconf.report.style import Style

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_WIDEST = 100
"""Longer source lines are shown in part, around the caret."""


def render(findings: Iterable[Finding], style: Style) -> str:
    return "\n".join(_block(finding, style) for finding in findings)


def _block(finding: Finding, style: Style) -> str:
    colour = _COLOURS[finding.severity]
    place = f"{style.bold(str(finding.location))}: " if finding.location else ""
    severity = style.paint(f"{finding.severity.value}[{finding.code}]", colour)
    subject = f"{finding.object}: " if finding.object and not finding.location else ""
    lines = [f"{place}{severity}: {subject}{style.printable(finding.message)}"]
    if finding.location is not None and finding.location.text.strip():
        lines += _excerpt(finding.location, style, colour)
    for related in finding.related:
        lines.append(f"    {related.message}: {related.location}")
    if finding.hint:
        lines += style.wrap(finding.hint, first="  → ", rest="    ")
    return "\n".join(lines) + "\n"


def _excerpt(location: Location, style: Style, colour: str) -> list[str]:
    text = style.printable(location.text.expandtabs(1))
    start = location.column - 1
    length = max(location.end_column - location.column, 1)
    if len(text) > _WIDEST:
        cut = max(0, start - 30)
        text = ("…" if cut else "") + text[cut : cut + _WIDEST - 2]
        text += "…"
        start = start - cut + (1 if cut else 0)
    length = max(1, min(length, len(text) - start))
    number = str(location.line)
    gutter = " " * len(number)
    return [
        f" {style.dim(number + ' |')} {text}",
        f" {style.dim(gutter + ' |')} {' ' * start}{style.paint('^' * length, colour)}",
    ]


def summary(counts: dict[Severity, int], checked: str) -> str:
    """The one line below the findings: ``2 errors, 1 warning in 14 documents``."""
    parts = [
        f"{count:,} {severity.value}{'s' if count != 1 else ''}"
        for severity, count in counts.items()
        if count
    ]
    return f"{', '.join(parts) or 'no findings'} in {checked}"
