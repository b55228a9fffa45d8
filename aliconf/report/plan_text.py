"""A plan for people, at the width of their terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from aliconf.findings import Severity, errors_of
from aliconf.plan.cause import Since
from aliconf.plan.changes import Action, Change, FieldChange, Plan, Untouched
from aliconf.report import findings_text
from aliconf.report.consequences import (
    adopts,
    applying,
    command,
    refused,
    regions,
    takes_effect,
    undo,
)
from aliconf.report.style import Style
from aliconf.report.values import show
from aliconf.report.words import (
    GENERATED,
    SIGNS,
    cause_of,
    causes,
    meaning_of,
    named,
    not_managed,
    of_several_causes,
    place_of,
    since_what,
    summed,
    title_of,
    to_adopt,
)
from aliconf.wording import some

if TYPE_CHECKING:
    from aliconf.plan.drift import Drift

COLOURS: Final = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.DELETE: "red",
    Action.ADOPT: "cyan",
    Action.RELEASE: "magenta",
    Action.MOVE: "blue",
}
INDENT: Final = "      "
EXACT_UP_TO: Final = 1_000
"""Documents and objects of a plan whose digest is printed."""

_MOST_ADOPTED: Final = 8
VALUES_UP_TO: Final = 100
"""Of more new objects than this only the names are printed: nobody reads a shop's first import
value by value, and the files say the same."""


def render(
    plan: Plan,
    style: Style,
    *,
    full: bool = False,
    unmanaged: bool = False,
    commands: bool = False,
) -> str:
    """The whole plan; its summary is last.

    On a terminal, ``commands`` adds how to apply exactly this: nobody copies a command from a pipe.
    """
    new = sum(change.action is Action.CREATE and not change.generated for change in plan.changes)
    brief = new > VALUES_UP_TO and not full
    lines = [heading(plan, style)]
    if plan.changes:
        lines.append("")
    for change in plan.changes:
        short = brief and change.action is Action.CREATE
        lines += _change(change, style, plan.since, brief=short)
    if brief:
        words = f"The values of {new} new objects are not printed (--full prints them)."
        lines += ["", *style.wrap(words, "", "  ")]
    if any(change.generated for change in plan.changes):
        lines += ["", GENERATED]
    if full:
        lines += _listed("unchanged", "=", plan.unchanged, style)
    if unmanaged:
        lines += _listed("unmanaged", "·", plan.nobodys, style)
        lines += _listed("of other projects", "·", plan.others, style)
    lines += _findings(plan, style, errors=False)
    lines += _adopted(plan, style, full=full)
    lines += _not_touched(plan, style, full=full, unmanaged=unmanaged)
    lines += _consequences(plan, style)
    if plan.since and plan.changes:
        words = f"{since_what(plan.since)}: {causes(plan.since)}."
        lines += style.wrap(style.printable(words), "", "  ")
    lines += [*_findings(plan, style, errors=True), ""] if errors_of(plan.findings) else []
    lines.append(style.bold(summary(plan)))
    lines += [style.dim(_command(plan))] if commands and style.terminal and plan.steps else []
    return "\n".join(lines) + "\n"


def brief(plan: Plan, style: Style) -> str:
    """What is refused, and the summary."""
    refused = errors_of(plan.findings)
    findings = findings_text.render(refused, style) + "\n" if refused else ""
    return f"{findings}{style.bold(summary(plan))}\n"


def summary(plan: Plan) -> str:
    """``Plan: 3 to create, 5 generated, 1 to update.``, and how much was found: ``2 warnings.``

    Notes are not counted: nobody has to do anything about them.
    """
    wrong = (finding for finding in plan.findings if finding.severity is not Severity.NOTE)
    found = findings_text.count(wrong)
    return f"Plan: {summed(plan)}.{f' {found}.' if found else ''}"


def _findings(plan: Plan, style: Style, *, errors: bool) -> Iterator[str]:
    """The errors, or what is no error."""
    found = [one for one in plan.findings if (one.severity is Severity.ERROR) is errors]
    if found:
        yield ""
        yield findings_text.render(found, style).rstrip("\n")


def heading(found: Plan | Drift, style: Style) -> str:
    """``shop (staging) → connector.db (c-7f31a2b4)``"""
    where = f"{found.project} ({found.environment})" if found.environment else found.project
    known = found.connector_id or "does not exist yet"
    return style.bold(f"{where} → {found.connector}") + style.dim(f" ({known})")


def _consequences(plan: Plan, style: Style) -> Iterator[str]:
    if plan.steps:
        yield from style.wrap(f"Takes effect: {takes_effect(plan)}.", "", "  ")
        yield from style.wrap(f"Undo: {undo(plan, short=True)}", "", "  ")


def _command(plan: Plan) -> str:
    """The digest is a look at every object, which of many would be seen: there the file has it."""
    if no := refused(plan):
        return f"{no[0].upper()}{no[1:]}."
    if plan.basis and len(plan.basis.documents) + len(plan.basis.objects) > EXACT_UP_TO:
        return f"With `--out FILE`, `{applying(plan, 'FILE')}` applies exactly this."
    return f"Exactly this: {command(plan)}"


def _change(change: Change, style: Style, since: Since | None, *, brief: bool) -> Iterator[str]:
    sign = style.paint(SIGNS[change.action], COLOURS[change.action])
    title = f' "{_one_line(title_of(change), style)}"' if title_of(change) else ""
    generated = style.dim(" (generated)") if change.generated else ""
    line = f"{sign} {style.bold(named(change))}{title}{generated}"
    # What colours are made of takes no room.
    room = style.width - len(f"- {named(change)}{title}") - len(" (generated)") * change.generated
    # What some of the values lie over is said with those.
    alike = change.also and not of_several_causes(change, change.fields)
    mark = cause_of(change.cause, since, change.also if alike else ())
    yield from _with_cause(line, room, mark, style)
    meaning = meaning_of(change)
    if meaning:
        yield from (style.dim(line) for line in style.wrap(meaning, INDENT, INDENT))
    if brief:
        return
    for field in change.fields:
        yield from _field(field, style, created=change.action is Action.CREATE)
        if field.cause is not change.cause or (field.also and not alike):
            words = cause_of(field.cause, since, field.also) or "from this branch"
            yield from _with_cause("", 0, words, style, INDENT + "  ")
    for note in change.notes:
        yield from style.wrap(note, INDENT, INDENT)
    if change.users:
        words = f"used by {len(change.users):,}: {some(change.users)}"
        yield from (style.dim(line) for line in style.wrap(words, INDENT, INDENT + "  "))


def _with_cause(
    line: str, room: int, words: str, style: Style, indent: str = INDENT
) -> Iterator[str]:
    """A line with the words after it, or below it where there is no room for them."""
    words = f"! {style.printable(words)}" if words else ""
    if words and len(words) + 2 <= room:
        yield f"{line}  {style.paint(words, 'yellow')}"
        return
    if line:
        yield line
    yield from (style.paint(part, "yellow") for part in style.wrap(words, indent, indent) if words)


def _field(field: FieldChange, style: Style, *, created: bool) -> Iterator[str]:
    new = style.printable(show(field.new))
    if not created or field.old is not None:
        new = f"{style.printable(show(field.old))} → {new}"
    origin, place = place_of(field, created=created)
    if origin:
        place = f"from {origin.partition('/')[2]} {place}"  # of the same kind, always
    left = f"{INDENT}{_one_line(field.path, style)}: {new}"
    room = style.width - len(left) - len(place)
    if not place:
        yield from long_line(left, style)
    elif room >= 2:
        yield left + " " * room + style.dim(place)
    else:
        yield from long_line(left, style)
        yield " " * max(len(INDENT) + 2, style.width - len(place)) + style.dim(place)


def _one_line(text: str, style: Style) -> str:
    """Titles and the keys of labels may hold the end of a line."""
    return style.printable(text).replace("\n", "\\n")


def long_line(text: str, style: Style) -> list[str]:
    if len(text) <= style.width:
        return [text]
    return style.wrap(text.lstrip(), INDENT, INDENT + "  ")


def _listed(label: str, sign: str, objects: tuple[Untouched, ...], style: Style) -> Iterator[str]:
    if objects:
        yield ""
        yield style.bold(f"{label} ({len(objects):,})")
    for item in objects:
        title = f' "{_one_line(item.title, style)}"' if item.title != item.name else ""
        owner = f" ({item.owner})" if item.owner and label == "of other projects" else ""
        yield f"{sign} {item.id}{title}{style.dim(owner)}"


def _adopted(plan: Plan, style: Style, *, full: bool) -> list[str]:
    if not plan.adoptions:
        return []
    names = [f"{one.id} ({cause})" if cause else one.id for one, cause in to_adopt(plan)]
    more = len(names) > _MOST_ADOPTED and not full
    shown = some(names, _MOST_ADOPTED if more else len(names))
    words = f"To adopt: {adopts(plan)}: {shown}{' (--full lists them)' if more else ''}."
    return ["", *style.wrap(style.printable(words), "", "  ")]


def _not_touched(plan: Plan, style: Style, *, full: bool, unmanaged: bool) -> list[str]:
    parts = [f"{len(plan.unchanged):,} unchanged"]
    if plan.unchanged and not full:
        parts[0] += " (--full lists them)"
    parts += not_managed(len(plan.nobodys), len(plan.others))
    if plan.unmanaged and not unmanaged:
        parts[-1] += " (--unmanaged lists them)"
    if regions(plan):
        parts.append(regions(plan))
    if plan.protected:
        parts.append(f"{len(plan.protected):,} protected and kept without a document: ")
        parts[-1] += some([item.id for item in plan.protected])
    lines = ["", *style.wrap("Not touched: " + "; ".join(parts) + ".", "", "  ")]
    if plan.guardrails:
        lines += style.wrap("Guardrails: " + "; ".join(plan.guardrails) + ".", "", "  ")
    return lines
