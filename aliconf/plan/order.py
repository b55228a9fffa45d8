"""The order in which apply makes changes."""

from __future__ import annotations

from collections.abc import Iterable

from aliconf.model.kinds import KINDS, POLICY_KINDS
from aliconf.plan.changes import Action, Change

_ORDER = {kind: 10 * index for index, kind in enumerate(KINDS)}


def in_order(changes: Iterable[Change]) -> list[Change]:
    """What is referred to comes first; deletes last, and the other way round."""
    return sorted(changes, key=_position)


def _position(change: Change) -> tuple[int, int, str]:
    order = _ORDER[change.kind]
    if change.action in {Action.DELETE, Action.RELEASE}:
        return 2, -order, change.name
    if change.generated:
        order = _ORDER["Account"] + 1  # made in the transaction of the first account
    elif change.action is Action.ADOPT and change.kind in POLICY_KINDS:
        order = _ORDER["Account"] + 2  # once the connector has generated it
    return 1, order, change.name
