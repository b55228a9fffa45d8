"""The system check for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aliconf.report.style import Style
from aliconf.report.table import Cell, Column, lay_out, wrap
from aliconf.rules.system_check import Check
from aliconf.status.diagnosis import Diagnosis

PASSED: Final = {True: Cell("Yes", "green"), False: Cell("No", "red"), None: Cell("not declared")}
_COLUMNS: Final = (
    Column("PARAMETER"),
    Column("REQUIRED", leaves=1),
    Column("DECLARED", 8),
    Column("CHECK PASSED"),
)


def render(diagnosis: Diagnosis, style: Style) -> str:
    """The three rows, then what to do for each that does not pass."""
    rows = [
        (check.name, check.required, check.declared or "–", PASSED[check.passed])
        for check in diagnosis.checks
    ]
    table = lay_out(_COLUMNS, rows, style)
    lines = [*_heading(diagnosis, style), "", style.bold(table.header), *table.rows]
    for check in diagnosis.checks:
        if not check.passed:
            lines += ["", *_to_do(check, style)]
    lines += ["", *wrap(_conclusion(diagnosis), style)]
    return "\n".join(lines) + "\n"


def brief(diagnosis: Diagnosis, style: Style) -> str:
    """The checks that do not pass; nothing where all do."""
    failed = [check for check in diagnosis.checks if not check.passed]
    lines = [line for check in failed for line in wrap(_comparison(check), style, "", "  ")]
    return "".join(f"{line}\n" for line in lines)


def _heading(diagnosis: Diagnosis, style: Style) -> list[str]:
    declared = "nothing is declared"
    if diagnosis.declared:
        declared = f"{diagnosis.declaration} ({diagnosis.location})"
    first, *rest = wrap(f"System check of {diagnosis.project}: {declared}", style, rest="  ")
    return [style.bold(first), *map(style.bold, rest)]


def _to_do(check: Check, style: Style) -> Iterator[str]:
    yield from wrap(_comparison(check), style, "", "  ")
    if check.passed is None:
        advice = f"{check.where} Declare what you see: `systemCheck.{check.key}` in aliconf.yaml."
    else:
        advice = f"{check.remedy} Then declare what you see there."
    yield from wrap(advice, style, "  → ", "    ")


def _comparison(check: Check) -> str:
    declared = f"declared {check.declared}" if check.declared else "not declared"
    return f"{check.name}: {declared}, required {check.required}"


def _conclusion(diagnosis: Diagnosis) -> str:
    passed = sum(1 for check in diagnosis.checks if check.passed)
    total = f"{passed} of {len(diagnosis.checks)} checks passed. "
    return total + "Declared, not probed: this version of aliconf does not look at the host itself."
