"""Stores that were copied, written to a file and restored, for people."""

from __future__ import annotations

from aliconf.connector.reader import Lease
from aliconf.connector.schema import REVISIONS
from aliconf.connector.transfer import Moved
from aliconf.report.style import Style
from aliconf.report.table import Column, lay_out, wrap

_COLUMNS = (Column("TABLE"), Column("ROWS"))


def copied(moved: Moved, source: str, to: str, style: Style) -> str:
    lines = [
        *wrap(f"Copied {source}", style, rest="  "),
        *wrap(f"to {to}.", style, "  ", "  "),
        "",
        *_content(moved, style),
        "",
        *_digest(moved, "of both"),
        *_migrated(moved, style),
        "",
        *wrap(
            "The copy has the same id: what was planned for the one can be applied to the other. "
            "Let `spec.connector` in aliconf.yaml name the copy before anybody applies again.",
            style,
        ),
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
