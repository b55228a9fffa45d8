"""A plan for people, at the width of their terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aliconf.plan.changes import Action, Change, FieldChange, Plan, Untouched
from aliconf.report import findings_text
from aliconf.report.style import Style
from aliconf.report.values import show

SIGNS: Final = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.ADOPT: ">",
    Action.RELEASE: "<",
    Action.MOVE: "→",
}
COLOURS: Final = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.DELETE: "red",
    Action.ADOPT: "cyan",
    Action.RELEASE: "magenta",
    Action.MOVE: "blue",
}
_MEANING: Final = {
    Action.ADOPT: "adopted: this project manages it from now on",
    Action.RELEASE: "released: its values stay, and this project manages it no more",
}
_DONE: Final = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.DELETE: "to delete",
    Action.ADOPT: "to adopt",
    Action.RELEASE: "to release",
    Action.MOVE: "to move",
}
INDENT: Final = "      "

VALUES_UP_TO: Final = 100
"""Of more new objects than this only the names are printed: nobody reads a shop's first import
value by value, and the files say the same."""


def render(plan: Plan, style: Style, *, full: bool = False, unmanaged: bool = False) -> str:
    """The whole plan; the last line is its summary."""
    new = sum(change.action is Action.CREATE and not change.generated for change in plan.changes)
    brief = new > VALUES_UP_TO and not full
    where = f"{plan.project} ({plan.environment})" if plan.environment else plan.project
    lines = [style.bold(f"{where} → {plan.connector}")]
    if not plan.connector_id:
        lines[0] += style.dim(" (does not exist yet)")
    if plan.changes:
        lines.append("")
    for change in plan.changes:
        lines += _change(change, style, brief=brief and change.action is Action.CREATE)
    if brief:
        words = f"The values of {new} new objects are not printed (--full prints them)."
        lines += ["", *style.wrap(words, "", "  ")]
    if any(change.generated for change in plan.changes):
        lines += ["", "Generated: the connector makes these once, with its first account."]
    if full:
        lines += _listed("unchanged", "=", plan.unchanged, style)
    if unmanaged:
        lines += _listed("unmanaged", "·", plan.unmanaged, style)
    if plan.findings:
        lines += ["", findings_text.render(plan.findings, style).rstrip("\n")]
    lines += _not_touched(plan, style, full=full, unmanaged=unmanaged)
    lines.append(style.bold(summary(plan)))
    return "\n".join(lines) + "\n"


def summary(plan: Plan) -> str:
    """``Plan: 3 to create (and 5 generated defaults), 1 to update.``"""
    generated = sum(1 for change in plan.changes if change.generated)
    parts = []
    for action, words in _DONE.items():
        count = plan.count(action) - (generated if action is Action.CREATE else 0)
        if count:
            parts.append(f"{count} {words}")
        if action is Action.CREATE and generated:
            parts.append(f"{generated} generated")
    return f"Plan: {', '.join(parts)}." if parts else "Plan: no changes."


def _change(change: Change, style: Style, *, brief: bool) -> Iterator[str]:
    sign = style.paint(SIGNS[change.action], COLOURS[change.action])
    name = f"{change.kind}/{change.old_name} → {change.name}" if change.old_name else change.id
    has_title = change.title not in {"", change.name}
    title = f' "{style.printable(change.title)}"' if has_title else ""
    generated = style.dim(" (generated)") if change.generated else ""
    yield f"{sign} {style.bold(name)}{title}{generated}"
    if change.action in _MEANING:
        yield f"{INDENT}{style.dim(_MEANING[change.action])}"
    if brief:
        return
    for field in change.fields:
        yield from _field(field, style, created=change.action is Action.CREATE)
    for note in change.notes:
        yield from style.wrap(note, INDENT, INDENT)
    if change.users:
        words = f"used by {len(change.users)}: {_some(change.users)}"
        yield from (style.dim(line) for line in style.wrap(words, INDENT, INDENT + "  "))


def _field(field: FieldChange, style: Style, *, created: bool) -> Iterator[str]:
    new = style.printable(show(field.new))
    if not created or field.old is not None:
        new = f"{style.printable(show(field.old))} → {new}"
    place = str(field.location) if field.location else ""
    if field.origin:
        place = f"from {field.origin.partition('/')[2]} {place}"  # of the same kind, always
    if not place and not created and field.new is not None:
        place = "the default"
    left = f"{INDENT}{field.path}: {new}"
    room = style.width - len(left) - len(place)
    if not place:
        yield from long_line(left, style)
    elif room >= 2:
        yield left + " " * room + style.dim(place)
    else:
        yield from long_line(left, style)
        yield " " * max(len(INDENT) + 2, style.width - len(place)) + style.dim(place)


def long_line(text: str, style: Style) -> list[str]:
    if len(text) <= style.width:
        return [text]
    return style.wrap(text.lstrip(), INDENT, INDENT + "  ")


def _some(names: tuple[str, ...], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _listed(label: str, sign: str, objects: tuple[Untouched, ...], style: Style) -> Iterator[str]:
    if objects:
        yield ""
        yield style.bold(f"{label} ({len(objects)})")
    for item in objects:
        title = f' "{style.printable(item.title)}"' if item.title != item.name else ""
        owner = f" ({item.owner})" if item.owner and label == "unmanaged" else ""
        yield f"{sign} {item.id}{title}{style.dim(owner)}"


def _not_touched(plan: Plan, style: Style, *, full: bool, unmanaged: bool) -> list[str]:
    parts = [f"{len(plan.unchanged)} unchanged"]
    if plan.unchanged and not full:
        parts[0] += " (--full lists them)"
    parts.append(f"{len(plan.unmanaged)} unmanaged")
    if plan.unmanaged and not unmanaged:
        parts[1] += " (--unmanaged lists them)"
    if plan.protected:
        parts.append(f"{len(plan.protected)} protected and kept without a document: ")
        parts[-1] += _some(tuple(item.id for item in plan.protected))
    lines = ["", *style.wrap("Not touched: " + "; ".join(parts) + ".", "", "  ")]
    if plan.guardrails:
        lines += style.wrap("Guardrails: " + "; ".join(plan.guardrails) + ".", "", "  ")
    return lines
