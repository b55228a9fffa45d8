"""Who applies at present."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from aliconf.connector.reader import Lease
from aliconf.report.style import Style
from aliconf.report.table import wrap, wrap_parts

VERSION = 1


def render(
    leases: Sequence[Lease],
    now: str,
    connector: str,
    style: Style,
    gone: Collection[str] = (),
) -> str:
    """One lease a paragraph; ``now`` is by the store's clock, as their times are.

    ``gone`` are the projects whose lease is that of a process which has ended on this machine.
    """
    if not leases:
        none = f"No lease is held in {connector}:"
        return "\n".join(wrap_parts(none, "nobody applies at present.", style)) + "\n"
    lines: list[str] = []
    for lease in leases:
        lines += [
            style.bold(Style.printable(lease.project)),
            *style.wrap(f"held by  {Style.printable(lease.who)}", "  ", "           "),
            f"  since    {lease.taken_at}",
            *(
                _of_gone(lease, style)
                if lease.project in gone
                else [f"  expires  {lease.expires_at} unless it is renewed"]
            ),
        ]
    lines += wrap_parts(f"It is {now} by the clock of", f"{connector}.", style)
    return "\n".join(lines) + "\n"


def _of_gone(lease: Lease, style: Style) -> list[str]:
    return [
        f"  expires  {lease.expires_at}",
        *style.wrap(
            "its process is gone; here it is free, other machines wait until it expires",
            "           ",
            "           ",
        ),
    ]


def released(project: str, lease: Lease | None, style: Style) -> str:
    """What came of taking a project's lease away; None where nobody held one."""
    if lease is None:
        lines = wrap(f"Nobody holds a lease of the project {project}.", style, rest="  ")
    else:
        held = f"{lease.who}, since {lease.taken_at}."
        lines = wrap_parts(f"Released the lease of the project {project}:", held, style)
    return "\n".join(lines) + "\n"


def brief(leases: Sequence[Lease], style: Style, gone: Collection[str] = ()) -> str:
    """One line a lease: the project, and who holds it."""
    return "".join(
        f"{style.bold(Style.printable(lease.project))}  {Style.printable(lease.who)}"
        f"{' (its process is gone)' if lease.project in gone else ''}\n"
        for lease in leases
    )


def to_json(leases: Sequence[Lease], gone: Collection[str] = ()) -> str:
    found = [{**as_data(lease), "processGone": lease.project in gone} for lease in leases]
    data = {"format": "aliconf/leases", "version": VERSION, "leases": found}
    return json.dumps(data, indent=2, ensure_ascii=False)


def as_data(lease: Lease) -> dict[str, str]:
    """All but the token, which only the holder needs."""
    return {
        "project": lease.project,
        "holder": lease.holder,
        "url": lease.url,
        "takenAt": lease.taken_at,
        "heartbeatAt": lease.heartbeat_at,
        "expiresAt": lease.expires_at,
    }
