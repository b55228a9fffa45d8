"""Drift for people, in the style of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aliconf.findings import with_environment
from aliconf.plan.drift import Drift, DriftedObject, What
from aliconf.report import findings_text
from aliconf.report.plan_text import INDENT, heading, long_line
from aliconf.report.style import Style
from aliconf.report.values import show
from aliconf.report.words import not_managed
from aliconf.wording import amount

_SIGNS: Final[dict[What, tuple[str, str]]] = {
    "changed": ("~", "yellow"),
    "gone": ("-", "red"),
    "appeared": ("+", "green"),
}
_MEANING: Final[dict[What, str]] = {
    "changed": "",
    "gone": "gone: it is in the connector no more, and no apply has removed it",
    "appeared": "appeared: this project manages it, and no apply has made it so",
}


def render(drift: Drift, style: Style) -> str:
    """All drift; the last line is its summary."""
    lines = [heading(drift, style)]
    if drift:
        lines.append("")
    for found in drift.objects:
        lines += _object(found, style)
    for moved in drift.defaults:
        lines.append(f"{style.paint('→', 'blue')} {style.bold(f'default of {moved.kind}')}")
        lines += long_line(f"{INDENT}{moved.before} → {moved.now or show(None)}", style)
    if drift.findings:
        lines += ["", findings_text.render(drift.findings, style).rstrip("\n")]
    counts = [f"{drift.unchanged:,} unchanged", *not_managed(drift.unmanaged, drift.others)]
    if drift.ignored:
        counts.append(f"{amount(drift.ignored, 'value')} ignored")
    lines += ["", f"No drift: {'; '.join(counts)}."]
    if drift:
        words = (
            "`aliconf import --drift` takes the values into the files; `aliconf plan` shows "
            "what the next apply would undo."
        )
        lines += style.wrap(with_environment(words, drift.environment), "", "  ")
    lines.append(style.bold(summary(drift)))
    return "\n".join(lines) + "\n"


def brief(drift: Drift, style: Style) -> str:
    """The summary; nothing where there is no drift."""
    return f"{style.bold(summary(drift))}\n" if drift else ""


def summary(drift: Drift) -> str:
    """``Drift: 2 changed, 1 gone.``"""
    parts = [f"{count:,} {what}" for what in _SIGNS if (count := drift.count(what))]
    if drift.defaults:
        parts.append(f"{amount(len(drift.defaults), 'default')} moved")
    return f"Drift: {', '.join(parts) or 'none'}."


def _object(found: DriftedObject, style: Style) -> Iterator[str]:
    sign, colour = _SIGNS[found.what]
    title = f' "{style.printable(found.title)}"' if found.title not in {"", found.name} else ""
    yield f"{style.paint(sign, colour)} {style.bold(found.id)}{title}"
    if _MEANING[found.what]:
        yield f"{INDENT}{style.dim(_MEANING[found.what])}"
    for field in found.fields:
        values = f"{style.printable(show(field.before))} → {style.printable(show(field.now))}"
        yield from long_line(f"{INDENT}{style.printable(field.path)}: {values}", style)
