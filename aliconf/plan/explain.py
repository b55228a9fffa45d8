"""The cause of one change, and of each of its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from aliconf.config.documents import MISSING
from aliconf.config.positions import Path
from aliconf.plan.cause import Cause
from aliconf.plan.changes import Action, Change, FieldChange
from aliconf.plan.declared import CannotTellError, Declared, State
from aliconf.plan.fields import DEFAULT, PROTECT
from aliconf.plan.left import Left, alike

if TYPE_CHECKING:
    from aliconf.plan.since import Branch

_WORST_FIRST: Final = (Cause.BRANCH, Cause.DRIFT, Cause.BEHIND, Cause.UNAPPLIED)
"""What a change of several causes is counted as."""
_DAMAGED: Final = "(damaged value)"


class Explained(NamedTuple):
    change: Change
    """With its cause; None where it cannot be told."""
    partly: bool = False
    """It comes from the branch, and something of it has another cause."""


def explain(change: Change, branch: Branch, left: Left) -> Explained:
    """A change with its cause and those of its fields."""
    try:
        return _Explanation(change, branch, left).explained()
    except CannotTellError:
        return Explained(change)


class _Explanation:
    def __init__(self, change: Change, branch: Branch, left: Left) -> None:
        self.change = change
        self.branch = branch
        self.left = left
        self.now = State.of(change.desired) if change.desired else None

    def explained(self) -> Explained:
        change = self.change
        if change.generated:
            return self._with(self._of_generated())
        if change.action in {Action.DELETE, Action.RELEASE}:
            return self._with(self._of_absence())
        then = self._state_then()
        if change.action is Action.CREATE:
            return self._of_new(then)
        own = []
        if change.action is Action.MOVE:
            own = [self._of_move()]
        elif change.action is Action.ADOPT:
            own = [Cause.BRANCH if then is None else self._of_presence()]
        fields = tuple(replace(field, cause=self._of_field(field, then)) for field in change.fields)
        causes = {*own, *(field.cause for field in fields)}
        cause = next(cause for cause in _WORST_FIRST if cause in causes)
        partly = cause is Cause.BRANCH and len(causes) > 1
        return Explained(replace(change, cause=cause, fields=fields), partly)

    def _with(self, cause: Cause) -> Explained:
        return Explained(replace(self.change, cause=cause))

    def _state_then(self) -> State | None:
        """What the object was to be at the merge base, under its name of then."""
        change = self.change
        document = change.document
        if document and self.now and self.branch.then.same(document, self.branch.now):
            return self.now
        return self._state_at(self.branch.then)

    def _state_at(self, commit: Declared) -> State | None:
        change = self.change
        found = commit.state(change.kind, change.name)
        if found is None and change.old_name:
            return commit.state(change.kind, change.old_name)
        return found

    def _of_new(self, then: State | None) -> Explained:
        """A new object. Its fields are looked at when somebody asks for them."""
        if then is None:
            return self._all(Cause.BRANCH)
        own = self._of_presence()
        assert self.now is not None
        now = self.now
        if then is now or then.equals(now):
            return self._all(own)

        def cause(field: FieldChange) -> Cause:
            steps = field.steps
            return own if alike(then.at(steps), now.at(steps)) else Cause.BRANCH

        fields = _Fields(self.change.fields, cause)
        return Explained(replace(self.change, cause=Cause.BRANCH, fields=fields), partly=True)

    def _all(self, cause: Cause) -> Explained:
        fields = _Fields(self.change.fields, lambda _: cause)
        return Explained(replace(self.change, cause=cause, fields=fields))

    def _of_generated(self) -> Cause:
        """What comes with the first account."""
        return Cause.UNAPPLIED if self.branch.then.has("Account") else Cause.BRANCH

    def _of_presence(self) -> Cause:
        """Why an object that was wanted then is not there, or not managed."""
        change = self.change
        if self.left.has(change.kind, change.name):
            return Cause.DRIFT
        tip = self.branch.tip
        gone = tip is not None and not tip.has(change.kind, change.name)
        return Cause.BEHIND if gone else Cause.UNAPPLIED

    def _of_absence(self) -> Cause:
        """Why an object without a document is there."""
        id_ = self.change.kind, self.change.name
        if self.branch.then.has(*id_):
            return Cause.BRANCH
        if not self.left.has(*id_):
            return Cause.DRIFT
        tip = self.branch.tip
        return Cause.BEHIND if tip is not None and tip.has(*id_) else Cause.UNAPPLIED

    def _of_move(self) -> Cause:
        kind, old, new = self.change.kind, self.change.old_name, self.change.name
        if new not in self.branch.then.moves(kind, old) or not self.branch.then.has(kind, new):
            return Cause.BRANCH
        if not self.left.has(kind, old):
            return Cause.DRIFT
        tip = self.branch.tip
        return Cause.BEHIND if tip is not None and not tip.has(kind, new) else Cause.UNAPPLIED

    def _of_field(self, field: FieldChange, then: State | None) -> Cause:
        now, change = self.now, self.change
        assert now is not None
        if then is None:
            return Cause.BRANCH
        if not field.steps:
            return self._of_secret(field, then, now)
        steps = self._aligned(field, then, now)
        if not alike(then.at(steps), now.at(steps)):
            return Cause.BRANCH
        if not self.left.has(change.kind, change.old_name or change.name):
            if change.action is not Action.ADOPT:
                return Cause.DRIFT
        elif not self.left.is_as_left(change, field, steps):
            return Cause.DRIFT
        return Cause.BEHIND if self._is_behind(field, steps) else Cause.UNAPPLIED

    def _is_behind(self, field: FieldChange, steps: Path) -> bool:
        """Whether the connector is as the ref wants it by now, which has moved on."""
        tip = self._state_at(self.branch.tip) if self.branch.tip else None
        if tip is None:
            return False
        if steps == DEFAULT:
            return not tip.default
        wanted = tip.at(steps)
        if steps == PROTECT or steps[0] == "metadata":
            return bool((None if wanted is MISSING else wanted) == field.old)
        return alike(wanted, self.left.seen(self.change).at(steps))

    def _of_secret(self, field: FieldChange, then: State, now: State) -> Cause:
        """A secret that is stored otherwise than its reference says: its value is in no commit."""
        steps = tuple(field.path.split("."))
        key = str(self.branch.now.settings.encryption_key or "")
        if self.branch.then.encryption_key != key or not alike(then.at(steps), now.at(steps)):
            return Cause.BRANCH
        return Cause.DRIFT if field.old == _DAMAGED else Cause.UNAPPLIED

    def _aligned(self, field: FieldChange, then: State, now: State) -> Path:
        """The steps of a field; up to a list where its items cannot be compared one by one.

        A difference of two lists names an item by its place in one of them.
        """
        first = next((n for n, step in enumerate(field.steps) if isinstance(step, int)), None)
        if first is None:
            return field.steps
        seen = self.left.seen(self.change)
        for end in range(first, len(field.steps)):
            if isinstance(field.steps[end], int):
                lists = [state.at(field.steps[:end]) for state in (then, now, seen)]
                sizes = {len(items) if isinstance(items, list) else -1 for items in lists}
                if len(sizes) > 1:
                    return field.steps[:first]
        ends = (seen.at(field.steps), field.old), (now.at(field.steps), field.new)
        there = all(alike(None if at is MISSING else at, value) for at, value in ends)
        return field.steps if there else field.steps[:first]


class _Fields:
    """The fields of a new object with their causes, found each time when somebody looks."""

    __slots__ = ("_cause", "_fields")

    def __init__(
        self, fields: Iterable[FieldChange], cause: Callable[[FieldChange], Cause]
    ) -> None:
        self._fields = fields
        self._cause = cause

    def __iter__(self) -> Iterator[FieldChange]:
        return (replace(field, cause=self._cause(field)) for field in self._fields)
