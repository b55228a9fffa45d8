"""Why a change is in a plan: because of this branch, or of somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Cause(StrEnum):
    BRANCH = "branch"
    """What is wanted differs between the merge base and the working tree."""
    DRIFT = "drift"
    """Somebody changed the connector: it is not as the last apply left it."""
    BEHIND = "behind"
    """The connector is as the ref says by now; this branch began earlier, and would undo it."""
    UNAPPLIED = "unapplied"
    """It was wanted at the merge base already, and nobody has applied it."""


@dataclass(frozen=True, slots=True)
class Since:
    """What a plan was compared with to find its causes, and how many changes have which."""

    ref: str
    commit: str
    """The merge base; empty where there was no commit."""
    branch: int = 0
    partly: int = 0
    """Those of the branch of which something has another cause."""
    drift: int = 0
    behind: int = 0
    unapplied: int = 0
    unknown: int = 0
    """Those of which it cannot be told."""
    also: Mapping[Cause, int] = field(default_factory=dict)
    """How many changes have which cause beside the one that they are counted as."""

    @property
    def total(self) -> int:
        return self.branch + self.drift + self.behind + self.unapplied + self.unknown
