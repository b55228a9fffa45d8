"""Who uses an object: by name, or because it is the default of its kind."""

from __future__ import annotations

from collections.abc import Iterable

from aliconf.model.base import Body
from aliconf.model.kinds import POLICY_KINDS, SLOTS
from aliconf.model.references import references
from aliconf.plan.wanted import Id


class Users:
    """An index over the objects as they will be after the plan."""

    def __init__(self, defaults: dict[str, str]) -> None:
        self._defaults = defaults
        self._by_name: dict[Id, list[str]] = {}
        self._by_default: dict[str, list[str]] = {kind: [] for kind in POLICY_KINDS}

    def add(self, kind: str, name: str, body: Body) -> None:
        user = f"{kind}/{name}"
        for target_kind, target in referred_to(kind, body):
            if target_kind in self._by_default:
                users = self._by_name.setdefault((target_kind, target), [])
                if user not in users:
                    users.append(user)
        for target_kind in _slots_with_a_default(kind, body):
            self._by_default[target_kind].append(user)

    def of(self, kind: str, name: str) -> tuple[str, ...]:
        """The users of a policy, those by name first."""
        named = self._by_name.get((kind, name), [])
        if self._defaults.get(kind) != name:
            return tuple(named)
        return (*named, *(f"{user} (default)" for user in self._by_default.get(kind, [])))


def referred_to(kind: str, body: Body) -> list[Id]:
    """The objects that a body names; none where an administrator left it in no known shape."""
    try:
        return [(target_kind, target) for _, target_kind, target in references(kind, body)]
    except (TypeError, AttributeError):
        return []


def _slots_with_a_default(kind: str, body: Body) -> Iterable[str]:
    """Policy kinds for which this object takes the default; a campaign's empty slot takes none."""
    if kind == "Campaign":
        return
    for (owner, slot), target in SLOTS.items():
        if owner == kind and target in POLICY_KINDS and body.get(slot) is None:
            yield target
