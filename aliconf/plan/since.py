"""Who changed what: each change of a plan, and each field, with its cause.

The branch is what lies between the merge base of a ref and HEAD, and the working tree. What is
wanted then and now alike, the branch does not explain: somebody merged it and nobody applied it, or
somebody changed the connector, or the ref has moved on and the branch would take that back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from aliconf.config.configuration import Configuration
from aliconf.config.earlier import configuration_then
from aliconf.config.git import Commit, differing, merge_base, tip
from aliconf.connector.reader import Reader
from aliconf.findings import Finding, Related, Severity
from aliconf.plan.cause import Cause, Since
from aliconf.plan.changes import Action, Change, Plan
from aliconf.plan.declared import Declared
from aliconf.plan.explain import Explained, explain
from aliconf.plan.left import Left
from aliconf.wording import some

BEHIND: Final = "ALI536"
BROKEN_THEN: Final = "ALI539"
_MOST: Final = 3


class Branch:
    """The branch that a configuration is on, since it left a ref."""

    def __init__(self, configuration: Configuration, ref: str) -> None:
        """Raises AliconfError (ALI930, ALI931) where git cannot say."""
        self.now = configuration
        self.ref = ref
        self._base = merge_base(configuration.root, ref, "--since")
        self.then = self._declared(self._base) if self._base else Declared("", None)

    @cached_property
    def tip(self) -> Declared | None:
        """What the ref declares now; None where it has not moved on."""
        if self._base is None:
            return None
        commit = tip(self._base, self.ref)
        return self._declared(commit) if commit != self._base else None

    def explain(self, plan: Plan, reader: Reader) -> Plan:
        """The plan with causes, and with what is to be known of them among its findings."""
        left = Left(plan, reader)
        explained = [explain(change, self, left) for change in plan.changes]
        adopted = [explain(adoption, self, left) for adoption in plan.adoptions]
        counts = Counter(item.change.cause for item in explained)
        since = Since(
            self.ref,
            self._base.id if self._base else "",
            counts[Cause.BRANCH],
            sum(item.partly for item in explained),
            counts[Cause.DRIFT],
            counts[Cause.BEHIND],
            counts[Cause.UNAPPLIED],
            counts[None],
            Counter(cause for item in explained for cause in item.change.also),
        )
        return replace(
            plan,
            changes=tuple(item.change for item in explained),
            adoptions=tuple(item.change for item in adopted),
            findings=(*plan.findings, *self._findings([*explained, *adopted])),
            since=since,
        )

    def _declared(self, commit: Commit) -> Declared:
        found = configuration_then(self.now, commit, differing(commit))
        return Declared(commit.short, found)

    def _findings(self, explained: list[Explained]) -> Iterator[Finding]:
        behind = [item.change for item in explained if _takes_back(item)]
        if behind:
            assert self._base is not None
            yield Finding(
                BEHIND,
                Severity.WARNING,
                f"{self.ref} has moved on since {self._base.short}, where this branch begins: "
                f"applying this plan would take back {_ids(behind)}",
                hint=f"Merge {self.ref} into this branch, and plan again.",
            )
        unknown = [item.change for item in explained if item.change.cause is None]
        if unknown:
            yield self._unknown(unknown)

    def _unknown(self, changes: list[Change]) -> Finding:
        errors = self.then.errors() or (self.tip.errors() if self.tip else [])
        commit = self.then.name if self.then.errors() or self.tip is None else self.tip.name
        first = errors[0] if errors else None
        come = "comes" if len(changes) == 1 else "come"
        return Finding(
            BROKEN_THEN,
            Severity.WARNING,
            f"whether {_ids(changes)} {come} from this branch cannot be told: the documents of "
            f"{commit} have errors" + (f" ({first.code}: {first.message})" if first else ""),
            first.location if first else None,
            f"Correct them in {self.ref}, merge it into this branch, and plan again.",
            related=tuple(
                Related(f"{error.code}: {error.message}", error.location)
                for error in errors[1:_MOST]
                if error.location is not None
            ),
        )


def _takes_back(item: Explained) -> bool:
    """Whether anything of a change is behind. New objects are of one cause unless it is told."""
    change = item.change
    if Cause.BEHIND in (change.cause, *change.also):
        return True
    looked = item.partly or change.action is not Action.CREATE
    return looked and any(field.cause is Cause.BEHIND for field in change.fields)


def _ids(changes: list[Change]) -> str:
    return some([change.id for change in changes], _MOST)
