"""Who applies at present."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aliconf.connector.reader import Lease
from aliconf.report.style import Style

VERSION = 1


def render(leases: Sequence[Lease], now: str, connector: str, style: Style) -> str:
    """One lease a paragraph; times as seconds from ``now``, by the store's clock."""
    if not leases:
        return f"No lease is held in {connector}: nobody applies at present.\n"
    lines: list[str] = []
    for lease in leases:
        lines += [
            style.bold(Style.printable(lease.project)),
            *style.wrap(f"held by  {Style.printable(lease.who)}", "  ", "           "),
            f"  since    {lease.taken_at}",
            f"  expires  {lease.expires_at} unless it is renewed",
        ]
    return "\n".join([*lines, f"It is {now} by the clock of {connector}."]) + "\n"


def to_json(leases: Sequence[Lease]) -> str:
    found = [as_data(lease) for lease in leases]
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
