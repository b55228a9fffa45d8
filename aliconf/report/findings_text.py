"""Findings for people: place, message, the source line with a caret, and what to do.

What fails stands last, nearest to the prompt: errors below warnings, each by its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from aliconf.findings import Finding, Location, Severity, errors_of
from aliconf.report.style import Style
from aliconf.report.table import cut, cut_left, width
from aliconf.wording import amount

_COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_RANKS: Final = {severity: rank for rank, severity in enumerate(Severity)}
_SHOWN: Final = 5
"""How many findings of a sort are printed where there are more."""


def render(findings: Iterable[Finding], style: Style) -> str:
    return "\n".join(_blocks(findings, style))


def refused(findings: Iterable[Finding], style: Style) -> str:
    """Why a command does nothing: the errors. What was found beside them is counted."""
    found = list(findings)
    errors = errors_of(found)
    if style.verbose or not errors:
        return _with_totals(found, found, style)
    return _with_totals(errors, found, style)


def summary(counts: Mapping[Severity, int], checked: str) -> str:
    """The one line below the findings: ``2 errors, 1 warning in 14 documents``."""
    return f"{counted(counts) or 'no findings'} in {checked}"


def counted(counts: Mapping[Severity, int]) -> str:
    """``2 errors, 1 warning``; empty where there is none."""
    return ", ".join(
        amount(count, severity.value) for severity in Severity if (count := counts.get(severity, 0))
    )


def count(findings: Iterable[Finding]) -> str:
    """The findings as `counted` says them."""
    return counted(Counter(finding.severity for finding in findings))


def _with_totals(shown: list[Finding], found: list[Finding], style: Style) -> str:
    text = render(shown, style)
    if len(found) < 2:
        return text
    more = " (-v lists all)" if len(shown) < len(found) else ""
    return f"{text}\n{count(found)}{more}\n"


def _blocks(findings: Iterable[Finding], style: Style) -> Iterator[str]:
    """The first of each sort, and how many more there are; all of them in a verbose style."""
    ordered = sorted(findings, key=lambda finding: _RANKS[finding.severity], reverse=True)
    counts = Counter(map(_sort, ordered))
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in ordered:
        sort = _sort(finding)
        seen[sort] += 1
        more = counts[sort] - _SHOWN
        if style.verbose or more < 2 or seen[sort] <= _SHOWN:
            yield _block(finding, style)
        elif seen[sort] == _SHOWN + 1:
            yield f"{_severity(finding, style)}: {more:,} more like this (-v lists them)\n"


def _sort(finding: Finding) -> tuple[str, ...]:
    """What findings have in common that are alike: errors the words as well as the code, since
    each other error is one more thing to mend before anything works."""
    if finding.severity is Severity.ERROR:
        return finding.severity, finding.code, finding.message
    return finding.severity, finding.code


def _severity(finding: Finding, style: Style) -> str:
    return style.paint(f"{finding.severity.value}[{finding.code}]", _COLOURS[finding.severity])


def _block(finding: Finding, style: Style) -> str:
    place = f"{style.bold(str(finding.location))}: " if finding.location else ""
    subject = f"{finding.object}: " if finding.object and not finding.location else ""
    lines = [f"{place}{_severity(finding, style)}: {subject}{style.printable(finding.message)}"]
    if finding.location is not None and finding.location.text.strip():
        lines += _excerpt(finding.location, style, _COLOURS[finding.severity])
    for related in finding.related:
        lines.append(f"    {related.message}: {related.location}")
    if finding.hint:
        lines += style.wrap(finding.hint, first="  → ", rest="    ")
    return "\n".join(lines) + "\n"


def _excerpt(location: Location, style: Style, colour: str) -> list[str]:
    """The source line and a caret below what is meant; of a line that is wider than the terminal
    the part around it."""
    number = str(location.line)
    gutter = " " * len(number)
    before, marked, after = _parts(location, style.width - len(number) - len(" " + " | "))
    carets = "^" * max(width(marked), 1)
    return [
        f" {style.dim(number + ' |')} {before}{marked}{after}",
        f" {style.dim(gutter + ' |')} {' ' * width(before)}{style.paint(carets, colour)}",
    ]


def _parts(location: Location, room: int) -> tuple[str, str, str]:
    """The line before, at and after its mark, no wider together than the room."""
    text = location.text.expandtabs(1)
    start = location.column - 1
    end = max(location.end_column - 1, start + 1)
    before, marked, after = map(Style.printable, (text[:start], text[start:end], text[end:]))
    before = before.ljust(start)  # of a place behind the end of the line
    taken = max(width(marked), 1)
    if width(before) + taken + width(after) <= room:
        return before, marked, after
    least = room // 3
    before = cut_left(before, max(room - taken - min(width(after), least), least))
    marked = cut(marked, room - width(before) - (1 if after else 0))
    return before, marked, cut(after, room - width(before) - width(marked))
