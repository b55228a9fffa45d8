"""Refusals that somebody lifts, one by one and with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from aliconf.findings import AliconfError, Finding, refusal
from aliconf.plan.changes import Plan
from aliconf.plan.lifting import LIFTABLE

NOT_LIFTABLE: Final = "ALI538"


class Allowance(NamedTuple):
    """What ``--allow CODE[=NAME]`` says."""

    code: str
    object: str
    """What the refusal is about, as its hint says: a kind, ``all`` or an environment; empty for
    whatever it is about."""

    def __str__(self) -> str:
        return f"{self.code}={self.object}" if self.object else self.code

    def lifts(self, finding: Finding) -> bool:
        return finding.code == self.code and self.object in {"", finding.object}


def refuse_obstacles(
    plan: Plan, allowances: Sequence[Allowance] = (), reason: str = "", *, is_rest: bool = False
) -> list[dict[str, str]]:
    """What was lifted, for the journal. Raises AliconfError with the refusals that stand.

    An allowance that no refusal needs is refused as well (ALI538): whoever wrote it saw another
    plan than this one. The rest of a reviewed plan may not need what the whole of it did.
    """
    for allowance in allowances:
        if not is_rest and not any(allowance.lifts(finding) for finding in plan.obstacles):
            raise _cannot(plan, allowance)
    lifted = [
        finding
        for finding in plan.obstacles
        if any(allowance.lifts(finding) for allowance in allowances)
    ]
    standing = [finding for finding in plan.obstacles if finding not in lifted]
    if standing:
        raise AliconfError(*standing)
    return [
        {"code": finding.code, "object": finding.object, "reason": reason} for finding in lifted
    ]


def _cannot(plan: Plan, allowance: Allowance) -> AliconfError:
    there = [
        str(Allowance(finding.code, finding.object))
        for finding in plan.obstacles
        if finding.code in LIFTABLE
    ]
    return refusal(
        NOT_LIFTABLE,
        f"--allow {allowance} lifts nothing: this plan has no such refusal",
        f"This plan has these: {', '.join(there)}." if there else "Leave it out.",
    )
