"""The tables of a status: accounts, policies, listing templates and campaigns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from aliconf.report.style import Style
from aliconf.report.table import INDENT, Cell, Column, Row, lay_out, wrap
from aliconf.status.checklist import phases
from aliconf.status.overview import (
    Account,
    Campaign,
    Entry,
    Overview,
    Phase,
    Policy,
    Replacement,
    Slot,
    Template,
)

TYPES: Final = {
    "ImagePolicy": "image",
    "InventoryPolicy": "inventory",
    "PricingPolicy": "pricing",
    "OrderPolicy": "order",
    "SynchronizationPolicy": "sync",
}
_SLOTS: Final = {"imagePolicy": "image", "pricingPolicy": "pricing", "inventoryPolicy": "inventory"}
_PHASES: Final = {
    Phase.ACTIVE: Cell("active now", "green"),
    Phase.TO_COME: Cell("to come"),
    Phase.OVER: Cell("over"),
    Phase.UNKNOWN: Cell("unknown", "red"),
}
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_NOBODY, _ANOTHER, _INVALID = "~", "^", "!"
_LEGEND: Final = {
    _NOBODY: "not managed by aliconf",
    _ANOTHER: "managed by another project",
    _INVALID: "INVALID",
}
_MARK: Final = Column("")
_NOTHING: Final = "–"
MORE: Final = f"{INDENT}… "
"""Begins the line below rows that were cut."""


def accounts(overview: Overview, style: Style, most: int | None) -> list[str]:
    columns = (
        Column("NAME", 16),
        _MARK,
        Column("TITLE", 8, leaves=3),
        Column("REGION"),
        Column("STORE VIEW", 8, leaves=2),
        Column("CONNECTED"),
        Column("ORDERS", 8, leaves=1),
        Column("SYNC", 8, leaves=1),
    )

    def row(account: Account) -> Row:
        entry = account.entry
        return (
            entry.name,
            _mark(entry, overview),
            entry.title,
            account.region or _NOTHING,
            account.store_view or _NOTHING,
            Cell("Yes", "green") if account.connected else "No",
            _chosen([account.orders]),
            _chosen([account.synchronization]),
        )

    rows = [row(item) for item in overview.accounts]
    slots = [slot for item in overview.accounts for slot in (item.orders, item.synchronization)]
    return _table("ACCOUNTS", columns, rows, style, most, notes=_notes(slots))


def policies(overview: Overview, style: Style, most: int | None) -> list[str]:
    columns = (
        Column("TITLE", 12),
        Column("NAME", 12, leaves=5),
        _MARK,
        Column("TYPE"),
        Column("DEF", leaves=2),
        Column("CREATED", leaves=4),
        Column("UPDATED", leaves=3),
        Column("STATUS"),
    )

    def row(policy: Policy) -> Row:
        entry = policy.entry
        return (
            entry.title,
            entry.name,
            _owner(entry, overview),
            TYPES[entry.kind],
            "yes" if policy.default else "",
            entry.created[:10],
            entry.updated[:10],
            Cell("VALID", "green") if entry.valid else Cell("INVALID", "red"),
        )

    valid = sum(1 for policy in overview.policies if policy.entry.valid)
    invalid = len(overview.policies) - valid
    counts = f"{valid} VALID, {invalid} INVALID" if invalid else f"{valid} VALID"
    return _table(
        "POLICIES", columns, [row(item) for item in overview.policies], style, most, counts
    )


def templates(overview: Overview, style: Style, most: int | None) -> list[str]:
    columns = (
        Column("NAME", 16),
        _MARK,
        Column("ACCOUNTS", 8, leaves=2),
        Column("IMAGE", 7, leaves=4),
        Column("PRICING", 7, leaves=1),
        Column("INVENTORY", 9, leaves=3),
        Column("ACTIVE"),
    )

    def row(template: Template) -> Row:
        return (
            template.entry.name,
            _mark(template.entry, overview),
            ", ".join(template.accounts) or _NOTHING,
            *(_chosen(_in_force(template, slot)) for slot in _SLOTS),
            _activity(template),
        )

    def below(index: int) -> Iterable[str]:
        template = overview.templates[index]
        for replacement in template.replacements:
            words = _replaces(replacement, template)
            yield from map(style.dim, wrap(words, style, INDENT * 2, INDENT * 3))

    rows = [row(item) for item in overview.templates]
    notes = _notes(slot for item in overview.templates for _, slot in item.slots)
    return _table("LISTING TEMPLATES", columns, rows, style, most, below=below, notes=notes)


def campaigns(overview: Overview, style: Style, most: int | None) -> list[str]:
    columns = (
        Column("NAME", 16),
        _MARK,
        Column("ACCOUNTS", 8, leaves=4),
        Column("REPLACES", 8, leaves=3),
        Column("STATE"),
        Column("FROM (UTC)", leaves=2),
        Column("UNTIL (UTC)", leaves=1),
    )

    def row(campaign: Campaign) -> Row:
        return (
            campaign.entry.name,
            _mark(campaign.entry, overview),
            ", ".join(campaign.accounts) or _NOTHING,
            ", ".join(f"{_SLOTS[slot]}: {name}" for slot, name in campaign.replaces) or _NOTHING,
            _PHASES[campaign.phase],
            moment(campaign.begins, overview.now),
            moment(campaign.ends, overview.now),
        )

    if not overview.campaigns:
        return []
    rows = [row(item) for item in overview.campaigns]
    return _table("CAMPAIGNS", columns, rows, style, most, phases(overview))


def moment(when: datetime | None, now: datetime) -> str:
    """``26 Nov 23:00`` in UTC, with the year where it is another one."""
    if when is None:
        return _NOTHING
    year = "" if when.year == now.year else f" {when.year}"
    return f"{when.day} {_MONTHS[when.month - 1]}{year} {when:%H:%M}"


def _table(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    style: Style,
    most: int | None,
    counts: str = "",
    below: Callable[[int], Iterable[str]] = lambda _: (),
    notes: Sequence[str] = (),
) -> list[str]:
    """The table under its title, without the mark's column where no row has one."""
    if not rows:
        return [style.bold(f"{title} (none)")]
    heading = f"{title} ({len(rows):,}{': ' if counts else ''}{counts})"
    shown = rows[:most]
    position = columns.index(_MARK)
    marks = set("".join(str(row[position]) for row in shown))
    kept = [index for index in range(len(columns)) if marks or index != position]
    laid = lay_out(
        [columns[index] for index in kept], [[row[index] for index in kept] for row in shown], style
    )
    lines = [*map(style.bold, wrap(heading, style, rest=INDENT)), style.dim(laid.header)]
    for index, line in enumerate(laid.rows):
        lines += [line, *below(index)]
    if len(shown) < len(rows):
        lines.append(f"{MORE}{len(rows) - len(shown):,} more: aliconf status --all")
    notes = [*notes, *(f"{mark} {words}" for mark, words in _LEGEND.items() if mark in marks)]
    if laid.left_out:
        notes.append(f"no room for {', '.join(laid.left_out)}")
    if notes:
        lines += map(style.dim, wrap("; ".join(notes), style, INDENT, INDENT))
    return lines


def _owner(entry: Entry, overview: Overview) -> str:
    if entry.owner == overview.project:
        return ""
    return _ANOTHER if entry.owner else _NOBODY


def _mark(entry: Entry, overview: Overview) -> str:
    """Of a table without a column that says whether an object is VALID."""
    return _owner(entry, overview) + ("" if entry.valid else _INVALID)


def _chosen(slots: Iterable[Slot | None]) -> str:
    """The policies, each once; ``*`` stands for the default."""
    names = [
        f"{slot.policy}{'*' if slot.default else ''}" if slot.policy else _NOTHING
        for slot in slots
        if slot is not None
    ]
    return ", ".join(dict.fromkeys(names)) or _NOTHING


def _notes(slots: Iterable[Slot | None]) -> list[str]:
    starred = any(slot and slot.default and slot.policy for slot in slots)
    return ["* the default policy"] if starred else []


def _in_force(template: Template, slot: str) -> list[Slot]:
    """The template's own policy, then those that single accounts have instead."""
    return [found for key, found in template.slots if key == slot] + [
        found for _, key, found in template.per_account if key == slot
    ]


def _activity(template: Template) -> Cell:
    return Cell("always") if template.accounts else Cell("never", "yellow")


def _replaces(replacement: Replacement, template: Template) -> str:
    slots = " and ".join(_SLOTS[slot] for slot in replacement.slots)
    words = [_PHASES[replacement.campaign.phase].text]
    if set(replacement.accounts) != set(template.accounts):
        words.append(f"in {', '.join(replacement.accounts)}")
    if replacement.partly:
        words.append("products of its query")
    return f"{replacement.campaign.entry.name} replaces {slots} ({'; '.join(words)})"
