"""Other applies of this project: one that is under way, and those that were cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aliconf.findings import Finding, Severity
from aliconf.plan.observed import Observed
from aliconf.wording import some

UNDER_WAY: Final = "ALI945"
CUT_OFF: Final = "ALI946"
_SHOWN: Final = 5


def notes(observed: Observed, project: str, *, leased: bool) -> Iterator[Finding]:
    """What to know before this plan is applied; ``leased``: the lease is ours."""
    lease = next((lease for lease in observed.leases if lease.project == project), None)
    if lease and not leased:
        yield Finding(
            UNDER_WAY,
            Severity.NOTE,
            f"an apply of this project is under way: {lease.who}, since {lease.taken_at}",
            hint="What it has not done yet is still in this plan. Plan again when it has ended.",
        )
        return
    for run in observed.unfinished:
        total = len(run.done) + len(run.left)
        by = f"{run.actor} ({run.url})" if run.url else run.actor
        left = f"; not done: {some(run.left, _SHOWN)}" if run.left else ""
        yield Finding(
            CUT_OFF,
            Severity.NOTE,
            f"the apply {run.run_id} of {by}, begun at {run.started}, was cut off: "
            f"{len(run.done):,} of {total:,} changes were done{left}",
            hint="What it left is in this plan as far as it is still wanted."
            if run.left
            else "It left nothing: only that it was complete had not been written down.",
        )
