"""What became of a plan: plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from aliconf.findings import Finding
from aliconf.plan.changes import Change


class Result(StrEnum):
    DONE = "done"
    FAILED = "failed"
    NOT_TRIED = "not tried"
    NOT_KNOWN = "not known"
    """The server got the change, and gave no answer any more."""


@dataclass(slots=True)
class Outcome:
    """What became of each change of a plan."""

    results: list[tuple[Change, Result]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    """Why changes failed."""
    interrupted: bool = False
    accepted: int = 0
    """Of how many objects it took note that others have made them as they are meant to be."""

    def count(self, result: Result) -> int:
        return sum(1 for _, found in self.results if found is result)

    @property
    def complete(self) -> bool:
        return not self.findings and not self.interrupted and not self.count(Result.NOT_TRIED)
