"""Stores that were made, migrated, copied, written to a file and restored, for people."""

from __future__ import annotations

from aliconf.connector.reader import Lease
from aliconf.connector.schema import REVISIONS
from aliconf.connector.transfer import Moved
from aliconf.report.style import Style
from aliconf.report.table import Column, lay_out, wrap, wrap_parts
from aliconf.wording import amount

_COLUMNS = (Column("TABLE"), Column("ROWS"))


def made(store: str, style: Style, *, new: bool) -> str:
    """``new`` is false where the store was there already."""
    if new:
        return _lines(wrap(f"Made the connector store {store}.", style, rest="  "))
    there = "is there already; nothing was changed."
    return _lines(wrap_parts(f"The connector store {store}", there, style))


def migrated(store: str, before: str, after: str, style: Style) -> str:
    if before == after:
        is_new = f"{store} has schema version {after}:"
        return _lines(wrap_parts(is_new, "nothing to migrate.", style))
    return _lines(
        wrap_parts(f"Migrated {store}", f"from schema version {before} to {after}.", style)
    )


def rekeyed(store: str, changed: int, left: int, key_id: str, style: Style) -> str:
    """``left`` secrets were under the key already."""
    secrets = amount(changed, "secret")
    already = f"; {left:,} {'was' if left == 1 else 'were'} already" if left else ""
    under = f"with the key {key_id}{already}."
    return _lines(wrap_parts(f"Encrypted {secrets} in {store}", under, style))


def copied(moved: Moved, source: str, to: str, style: Style, *, aside: bool) -> str:
    """``aside``: a copy into a file of what is on a server, which stays the one in force."""
    words = (
        "The copy is as the server's store is now, and has the same id. It is for one person, to "
        "look at or to try something on: leave `spec.connector` in aliconf.yaml as it is where "
        "others apply, because what is applied to a file does not reach them."
        if aside
        else "The copy has the same id: what was planned for the one can be applied to the other. "
        "Let `spec.connector` in aliconf.yaml name the copy before anybody applies again."
    )
    lines = [
        *wrap(f"Copied {source}", style, rest="  "),
        *wrap(f"to {to}.", style, "  ", "  "),
        "",
        *_content(moved, style),
        "",
        *_digest(moved, "of both"),
        *_migrated(moved, style),
        "",
        *wrap(words, style),
    ]
    return "\n".join(lines) + "\n"


def backed_up(moved: Moved, store: str, file: str, style: Style) -> str:
    where = "standard output" if file == "-" else file
    lines = [
        *wrap(f"Wrote a backup of {store}", style, rest="  "),
        *wrap(f"to {where}.", style, "  ", "  "),
        "",
        *_content(moved, style),
        "",
        *_digest(moved, "of the content"),
    ]
    for lease in moved.under_way:
        lines += ["", *_under_way(lease, style)]
    return "\n".join(lines) + "\n"


def restored(moved: Moved, store: str, file: str, style: Style) -> str:
    made = f" of {moved.header.time}, by aliconf {moved.header.aliconf}," if moved.header else ""
    lines = [
        *wrap(f"Restored {store}", style, rest="  "),
        *wrap(f"from the backup{made} in {file}.", style, "  ", "  "),
        "",
        *_content(moved, style),
        "",
        *_digest(moved, "of the file and the store"),
        *_migrated(moved, style),
    ]
    return "\n".join(lines) + "\n"


def _lines(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _content(moved: Moved, style: Style) -> list[str]:
    widest = max(len(str(count)) for count in [*moved.rows.values(), sum(moved.rows.values())])
    rows = [(name, f"{count:{widest}}") for name, count in moved.rows.items()]
    table = lay_out(_COLUMNS, [*rows, ("total", f"{sum(moved.rows.values()):{widest}}")], style)
    return [style.bold(table.header), *table.rows]


def _digest(moved: Moved, of: str) -> list[str]:
    return [
        f"Connector {moved.connector_id}, schema version {moved.revision}. Digest {of}:",
        f"  {moved.digest}",
    ]


def _migrated(moved: Moved, style: Style) -> list[str]:
    if moved.revision == REVISIONS[-1]:
        return []
    return wrap(f"Then it was migrated to schema version {REVISIONS[-1]}.", style)


def _under_way(lease: Lease, style: Style) -> list[str]:
    return wrap(
        f"An apply of the project {lease.project} is under way ({lease.who}, since "
        f"{lease.taken_at}): the backup has what it had done when the backup began.",
        style,
    )
