"""The cause of one change, and of each of its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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
            return self._of_gone()
        then = self._state_then()
        if change.action is Action.CREATE:
            return self._of_new(then)
        own = []
        if change.action is Action.MOVE:
            own = [self._of_move()]
        elif change.action is Action.ADOPT:
            own = [Cause.BRANCH if then is None else self._of_presence()]
        fields = tuple(_told(field, self._of_field(field, then)) for field in change.fields)
        causes = {*own, *(field.cause for field in fields)}
        cause = next(cause for cause in _WORST_FIRST if cause in causes)
        partly = cause is Cause.BRANCH and len(causes) > 1
        return Explained(replace(change, cause=cause, fields=fields, also=_also(fields)), partly)

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
        same = then is now or then.equals(now)
        if same and own is not Cause.DRIFT:
            return self._all(own)

        def causes(field: FieldChange) -> list[Cause]:
            steps = field.steps
            if not same and not alike(then.at(steps), now.at(steps)):
                return [Cause.BRANCH]
            return [own, *self._unapplied(field, steps, then)] if own is Cause.DRIFT else [own]

        fields = _Fields(self.change.fields, causes)
        also = _also(fields) if own is Cause.DRIFT else ()
        cause = own if same else Cause.BRANCH
        change = replace(self.change, cause=cause, fields=fields, also=also)
        return Explained(change, partly=not same)

    def _of_gone(self) -> Explained:
        """An object without a document."""
        change, cause = self.change, self._of_absence()
        also = change.action is Action.DELETE and cause is not Cause.DRIFT
        if also and self.left.has(change.kind, change.name) and not self.left.has_body(change):
            return Explained(replace(change, cause=cause, also=(Cause.DRIFT,)))
        return self._with(cause)

    def _all(self, cause: Cause) -> Explained:
        fields = _Fields(self.change.fields, lambda _: [cause])
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

    def _of_field(self, field: FieldChange, then: State | None) -> Sequence[Cause]:
        """The cause of a field, and those that it would have without that one."""
        now = self.now
        assert now is not None
        if not field.steps:
            return [self._of_secret(field, then, now) if then else Cause.BRANCH]
        steps = self._aligned(field, then, now)
        if then is not None and alike(then.at(steps), now.at(steps)):
            return [*self._elsewhere(field, steps, then)] or [Cause.UNAPPLIED]
        if (
            then is not None
            and steps != DEFAULT
            and alike(then.at(steps), self._seen(field, steps))
        ):
            return [Cause.BRANCH]  # the plan shows what the branch's own diff does
        return [Cause.BRANCH, *self._elsewhere(field, steps, then)]

    def _elsewhere(self, field: FieldChange, steps: Path, then: State | None) -> Iterator[Cause]:
        """The causes of a field without the branch, which wants what was wanted then."""
        change = self.change
        if self._is_left:
            if not self.left.is_as_left(change, field, steps):
                yield Cause.DRIFT
        elif change.action is not Action.ADOPT:
            yield Cause.DRIFT
            return
        if then is not None:
            yield from self._unapplied(field, steps, then)

    def _unapplied(self, field: FieldChange, steps: Path, then: State) -> Iterator[Cause]:
        """What was wanted then, where no apply left that: not applied yet, or taken back since."""
        there = self.left.value(self.change, steps) if self._is_left else self._seen(field, steps)
        if not alike(then.at(steps), there):
            tip = self._state_at(self.branch.tip) if self.branch.tip else None
            # Of a default another policy may be the holder, which a tip without it leaves to it.
            behind = tip is not None and (
                not tip.default if steps == DEFAULT else alike(tip.at(steps), there)
            )
            yield Cause.BEHIND if behind else Cause.UNAPPLIED

    @cached_property
    def _is_left(self) -> bool:
        return self.left.has(self.change.kind, self.change.old_name or self.change.name)

    def _seen(self, field: FieldChange, steps: Path) -> Any:
        """What the connector has at the steps, or MISSING."""
        if steps in (DEFAULT, PROTECT):
            return field.old is True
        if steps[0] == "metadata":
            return MISSING if field.old is None else field.old
        return self.left.seen(self.change).at(steps)

    def _of_secret(self, field: FieldChange, then: State, now: State) -> Cause:
        """A secret that is stored otherwise than its reference says: its value is in no commit."""
        steps = tuple(field.path.split("."))
        key = str(self.branch.now.settings.encryption_key or "")
        if self.branch.then.encryption_key != key or not alike(then.at(steps), now.at(steps)):
            return Cause.BRANCH
        return Cause.DRIFT if field.old == _DAMAGED else Cause.UNAPPLIED

    def _aligned(self, field: FieldChange, then: State | None, now: State) -> Path:
        """The steps of a field; up to a list where its items cannot be compared one by one.

        A difference of two lists names an item by its place in one of them.
        """
        first = next((n for n, step in enumerate(field.steps) if isinstance(step, int)), None)
        if first is None:
            return field.steps
        seen = self.left.seen(self.change)
        states = [now, seen, *([then] if then else [])]
        for end in range(first, len(field.steps)):
            if isinstance(field.steps[end], int):
                lists = [state.at(field.steps[:end]) for state in states]
                lists += [self.left.value(self.change, field.steps[:end])] if self._is_left else []
                sizes = {len(items) if isinstance(items, list) else -1 for items in lists}
                if len(sizes) > 1:
                    return field.steps[:first]
        ends = (seen.at(field.steps), field.old), (now.at(field.steps), field.new)
        there = all(alike(None if at is MISSING else at, value) for at, value in ends)
        return field.steps if there else field.steps[:first]


class _Fields:
    """The fields of a new object with their causes, found each time when somebody looks."""

    __slots__ = ("_causes", "_fields")

    def __init__(
        self, fields: Iterable[FieldChange], causes: Callable[[FieldChange], Sequence[Cause]]
    ) -> None:
        self._fields = fields
        self._causes = causes

    def __iter__(self) -> Iterator[FieldChange]:
        return (_told(field, self._causes(field)) for field in self._fields)


def _told(field: FieldChange, causes: Sequence[Cause]) -> FieldChange:
    return field._replace(cause=causes[0], also=tuple(causes[1:]))


def _also(fields: Iterable[FieldChange]) -> tuple[Cause, ...]:
    found = {cause for field in fields for cause in field.also}
    return tuple(cause for cause in _WORST_FIRST if cause in found)
