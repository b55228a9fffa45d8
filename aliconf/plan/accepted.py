"""Drift that an apply has nothing to do about: the configuration says the same by now."""

from __future__ import annotations

from aliconf.plan.changes import Change, Plan
from aliconf.plan.drift import Drift
from aliconf.plan.wanted import Id


def to_accept(plan: Plan, drift: Drift) -> dict[Id, str | None]:
    """The objects of which an apply of the plan takes note, each with the body that the plan saw.

    None is for what the project does not manage any more, whatever it is. What the plan changes is
    not here: that change tells how it is left. Neither is an object that is only protected: nobody
    has said that it is meant to be so.
    """
    touched = {(change.kind, name) for change in plan.steps for name in _names(change)}
    as_wanted = {(one.kind, one.name) for one in plan.unchanged}
    pointed = {change.kind for change in plan.changes if change.desired and change.desired.default}
    found: set[Id] = {
        (one.kind, one.name)
        for one in drift.objects
        if (one.kind, one.name) in as_wanted
        or one.stored is None
        or one.stored.owner != plan.project
    }
    found |= {(one.kind, one.now) for one in drift.defaults if one.now and one.kind not in pointed}
    texts = {part.id: part.text for part in plan.rests_on.objects}
    return {(kind, name): texts.get(f"{kind}/{name}") for kind, name in sorted(found - touched)}


def _names(change: Change) -> tuple[str, ...]:
    return (change.name, change.old_name) if change.old_name else (change.name,)
