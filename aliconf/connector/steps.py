"""What a writer is told to do: a change of the plan as the store sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, Protocol

from aliconf.model.base import Body

_GROUP: Final = 500
"""How many objects are looked up, checked and written together."""


class Desired(Protocol):
    """What an object is to be."""

    @property
    def body(self) -> Body:
        """Complete and normalized, as ``model.body`` gives it. Only to be read."""

    @property
    def text(self) -> str:
        """The body's canonical text."""

    @property
    def labels(self) -> dict[str, str]: ...

    @property
    def protect(self) -> bool: ...

    @property
    def default(self) -> bool:
        """Whether the pointer of the kind is to move to this policy."""


class Step(Protocol):
    """One change of one object."""

    @property
    def action(self) -> str:
        """``create``, ``update``, ``adopt``, ``release``, ``delete`` or ``move``."""

    @property
    def kind(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def desired(self) -> Desired | None:
        """None for a release and a delete."""

    @property
    def before(self) -> str:
        """The ``Stored.body_text`` that the plan saw."""

    @property
    def old_name(self) -> str:
        """The name before a move."""

    @property
    def generated(self) -> bool:
        """Made by the connector with the first account; nothing is to be done for it."""


def in_groups(steps: Sequence[Step]) -> Iterator[tuple[tuple[str, str], list[Step]]]:
    """Steps that can be made together: neighbours of one kind, each action's at once.

    Objects of one kind do not refer to each other, so that only a move needs its place. A group is
    small enough for one query, and for its bodies to be in memory together.
    """
    for kind, neighbours in groupby(
        (step for step in steps if not step.generated), key=lambda step: step.kind
    ):
        bundle = list(neighbours)
        if any(step.action == "move" for step in bundle):
            for step in bundle:
                yield (str(step.action), kind), [step]
            continue
        for action in dict.fromkeys(str(step.action) for step in bundle):
            alike = [step for step in bundle if step.action == action]
            for start in range(0, len(alike), _GROUP):
                yield (action, kind), alike[start : start + _GROUP]
