"""Whether the store still is what a plan saw: asked in the transaction that changes something.

What is not as it was is refused as stale (ALI917), with who changed it as far as the journal says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aliconf.connector import errors
from aliconf.connector.journal import Journal, state_text
from aliconf.connector.reader import Stored
from aliconf.connector.rows import Rows
from aliconf.connector.steps import Desired, Step
from aliconf.findings import AliconfError
from aliconf.model.kinds import POLICY_KINDS


class Seen:
    """What the plan of a project rests on, and what became of it."""

    def __init__(self, rows: Rows, journal: Journal, project: str) -> None:
        self._rows = rows
        self._journal = journal
        self._project = project
        self.others = rows.others(project)
        self.before_moves: dict[tuple[str, str], str] = {}
        """Bodies in which a move of this run renamed a reference, as the plan saw them."""

    def one(self, kind: str, name: str) -> Stored:
        stored = self._rows.get(kind, name)
        if stored is None:
            raise self.stale(kind, name, "is no longer in the connector")
        return stored

    def present(self, kind: str, steps: Sequence[Step]) -> dict[str, Stored]:
        """The objects of the steps, in their order."""
        found = self._rows.some(kind, [step.name for step in steps])
        for step in steps:
            if step.name not in found:
                raise self.stale(kind, step.name, "is no longer in the connector")
        return {step.name: found[step.name] for step in steps}

    def managed(
        self, kind: str, steps: Sequence[Step], *, compare: bool = True
    ) -> dict[str, Stored]:
        found = self.present(kind, steps)
        for step in steps:
            self.check_owner(found[step.name])
            if compare:
                self.compare(found[step.name], step.before)
        return found

    def check_owner(self, stored: Stored) -> None:
        if stored.owner != self._project:
            owner = f"managed by {stored.owner}" if stored.owner else "unmanaged"
            raise self.stale(
                stored.kind, stored.name, f"is {owner}, not managed by {self._project}"
            )

    def compare(self, stored: Stored, before: str) -> None:
        if before == stored.body_text:
            return
        if before != self.before_moves.get((stored.kind, stored.name)):
            raise self.stale(stored.kind, stored.name, "has changed in the connector", stored)

    def stale(self, kind: str, name: str, what: str, stored: Stored | None = None) -> AliconfError:
        """The refusal, with who changed the object as far as the journal can say."""
        last = self._journal.last_change(kind, name)
        words = last[1] if last else ""
        if stored and last and last[0] != state_text(stored, self.pointer(kind)):
            words = f"by other means than aliconf, after it was {words}"
        return errors.stale(f"{kind}/{name} {what}" + (f": {words}" if words else ""))

    def take_names(self, kind: str, regions: dict[str, str]) -> None:
        """Make sure that names are free; a deleted account gives its to one of its region."""
        for name in self._rows.some(kind, regions):
            raise self.stale(kind, name, "is in the connector by now")
        reserved = self._rows.reserved(kind, regions)
        for name, region in reserved.items():
            if regions[name] != region:
                raise errors.region_fixed(
                    f"the account name {name} is reserved with region {region}: an account of "
                    f"that name was deleted, and {regions[name]} cannot take its place"
                )
        if reserved:
            self._rows.forget_deleted(kind, list(reserved))

    def take_titles(self, kind: str, wanted: Mapping[str, Desired]) -> None:
        """Make sure that no other project has given a title since the plan was made."""
        titles = {name: title(desired) for name, desired in wanted.items()}
        holder = self.others.titled(kind, titles)
        if holder:
            raise self.stale(
                kind, holder.name, f"has the title {holder.title!r} by now, for {holder.owner}"
            )

    def leave_users(self, kind: str, names: Sequence[str]) -> None:
        """Make sure that nobody else has come to use objects that go, or get another name."""
        for user, name in self.others.users(kind, names):
            by = f"managed by {user.owner}" if user.owner else "unmanaged"
            raise self.stale(user.kind, user.name, f"({by}) uses {kind}/{name} by now")

    def pointer(self, kind: str) -> str | None:
        return self._rows.default(kind) if kind in POLICY_KINDS else None


def title(desired: Desired) -> str:
    """Empty for a registration, which has none."""
    return str(desired.body.get("title", ""))
