"""What the applies of a project have left, beside what a plan sees in the connector."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

from aliconf.config.documents import MISSING
from aliconf.config.positions import Path
from aliconf.connector.left_states import part_of, state_of
from aliconf.connector.reader import Applied, Reader
from aliconf.model.base import Body, canonical
from aliconf.model.references import rename_references
from aliconf.plan.changes import Action, Change, FieldChange, Plan
from aliconf.plan.declared import State
from aliconf.plan.fields import DEFAULT, PROTECT
from aliconf.plan.observed import parse_body, upgraded


class Left:
    """By the journal, which is read once somebody asks."""

    def __init__(self, plan: Plan, reader: Reader) -> None:
        self._project = plan.project
        self._pointers = plan.rests_on.pointers
        self._reader = reader
        moved = [change for change in plan.changes if change.action is Action.MOVE]
        self._renames = {(change.kind, change.old_name): change.name for change in moved}
        self._last: _Pair | None = None

    def has(self, kind: str, name: str) -> bool:
        """Whether an apply made the object so that the project manages it, under this name."""
        return (kind, name) in self._applied.objects

    def seen(self, change: Change) -> State:
        """The body that the connector has, as the plan saw it."""
        return self._pair(change).seen

    def is_as_left(self, change: Change, field: FieldChange, steps: Path) -> bool:
        """Whether the connector has at the steps what an apply left there.

        The object is one that applies have left.
        """
        pair = self._pair(change)
        if steps == DEFAULT:
            return self._default(change.kind) == self._pointers.get(change.kind, "")
        if steps == PROTECT:
            return (pair.state.get("protect") is True) == bool(field.old)
        if steps[0] == "metadata":
            return alike(part_of(pair.state, "labels").get(str(steps[-1])), field.old)
        return pair.equal or alike(pair.left.at(steps), pair.seen.at(steps))

    def value(self, change: Change, steps: Path) -> Any:
        """What an apply left at the steps, or MISSING."""
        state = self._pair(change).state
        if steps == DEFAULT:
            return self._default(change.kind) == change.name
        if steps == PROTECT:
            return state.get("protect") is True
        if steps[0] == "metadata":
            return part_of(state, "labels").get(str(steps[-1]), MISSING)
        return self._pair(change).left.at(steps)

    def has_body(self, change: Change) -> bool:
        """Whether the connector has the body that an apply left."""
        pair = self._pair(change)
        return pair.equal or pair.left.text == pair.seen.text

    @cached_property
    def _applied(self) -> Applied:
        return self._reader.applied(self._project)

    def _default(self, kind: str) -> str:
        left = self._applied.defaults.get(kind)
        return self._renames.get((kind, left.name), left.name) if left else ""

    def _pair(self, change: Change) -> _Pair:
        """The fields of a change ask one by one, and so do its lists."""
        if self._last is None or self._last.change is not change:
            text = self._applied.objects.get((change.kind, change.old_name or change.name), "{}")
            self._last = _Pair(change, state_of(text), self._renames)
        return self._last


class _Pair:
    """One object as an apply left it, and as the plan saw it."""

    def __init__(
        self, change: Change, state: dict[str, Any], renames: Mapping[tuple[str, str], str]
    ) -> None:
        self.change = change
        self.state = state
        self._renames = renames
        self._old, self._now = part_of(state, "body"), parse_body(change.before)
        if change.kind == "Account":  # a state has no region, as it never changes
            wanted = change.desired.body if change.desired else {}
            region = self._now.get("region", wanted.get("region"))
            self._old |= {"region": region} if region is not None else {}

    @cached_property
    def equal(self) -> bool:
        return self._old == self._now

    @cached_property
    def left(self) -> State:
        return self._of_today(self._old)

    @cached_property
    def seen(self) -> State:
        return self._of_today(self._now)

    def _of_today(self, found: Body) -> State:
        """As the plan sees a stored body: in today's format, and with the new names."""
        kind = self.change.kind
        with suppress(TypeError, AttributeError):  # an administrator left it in no shape we know
            for (of_kind, old), new in self._renames.items():
                found = rename_references(found, kind, of_kind, old, new)
        return State(canonical(upgraded(kind, found)), {})


def alike(one: Any, other: Any) -> bool:
    """Equal, and not merely as true equals 1."""
    return type(one) is type(other) and one == other
