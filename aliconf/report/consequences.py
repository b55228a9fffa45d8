"""What follows from applying a plan, in the words of every report: what stays as it is, when it
takes effect, how it is undone, and the command that applies exactly this."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from aliconf.findings import with_environment
from aliconf.plan.changes import Action, Change, Effect, Plan
from aliconf.plan.fields import DEFAULT
from aliconf.plan.lifting import never_lifted, to_lift_all
from aliconf.wording import some

_MOST: Final = 3
_STAY: Final = frozenset({Action.UPDATE, Action.ADOPT, Action.MOVE, Action.RELEASE})
_DAILY: Final = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* \*")


def regions(plan: Plan) -> str:
    """``the region of every account (3)``, of those that are there and stay; no plan changes one.

    Empty where there is none.
    """
    left = (*plan.unchanged, *plan.unmanaged, *plan.protected)
    count = sum(item.kind == "Account" for item in left)
    count += sum(change.kind == "Account" and change.action in _STAY for change in plan.steps)
    return f"the region of every account ({count:,})" if count else ""


def adopts(plan: Plan) -> str:
    """``2 objects that nobody manages and that are as their documents say``; empty without."""
    if not plan.adoptions:
        return ""
    if len(plan.adoptions) == 1:
        return "1 object that nobody manages and that is as its document says"
    count = f"{len(plan.adoptions):,} objects"
    return f"{count} that nobody manages and that are as their documents say"


def takes_effect(plan: Plan) -> str:
    """``when applied; with the next synchronization of prices (daily 03:00, …)``; empty
    where apply does nothing."""
    if not plan.steps:
        return ""
    return "; ".join(["when applied", *_synchronized(plan.effects)])


def _synchronized(effects: Sequence[Effect]) -> Iterator[str]:
    kinds = dict.fromkeys(effect.what for effect in effects)
    soon = []
    for what in kinds:
        on = [effect for effect in effects if effect.what == what and effect.on]
        if on:
            shown = [f"{rhythm(effect.schedule)}, {effect.policy}" for effect in on[:_MOST]]
            more = [f"{len(on) - _MOST:,} more"] if len(on) > _MOST else []
            soon.append(f"{what} ({'; '.join([*shown, *more])})")
    if soon:
        yield f"with the next synchronization of {', '.join(soon)}"
    for what in kinds:
        off = [effect for effect in effects if effect.what == what and not effect.on]
        if off:
            accounts = list(dict.fromkeys(name for effect in off for name in effect.accounts))
            names = some([effect.policy for effect in off], _MOST)
            do = "does" if len(off) == 1 else "do"
            of = [f"Account/{name}" for name in accounts]
            yield (
                f"{what} of {some(of, _MOST)} {'waits' if what == 'stock' else 'wait'}: "
                f"{names} {do} not synchronize {_them(what)}"
            )


def _them(what: str) -> str:
    return "it" if what == "stock" else "them"


def rhythm(schedule: str) -> str:
    """``daily 03:00``, ``every 2h``, ``0 3 * * 1``; a policy may leave it to the connector."""
    if not schedule:
        return "the connector's own rhythm"
    if daily := _DAILY.fullmatch(schedule):
        return f"daily {int(daily[2]):02}:{int(daily[1]):02}"
    return schedule if " " in schedule else f"every {schedule}"


def undo(plan: Plan, *, short: bool = False) -> str:
    """What reverting the commits does, and what it does not; empty where apply does nothing."""
    changes = plan.steps
    if not changes:
        return ""
    did = {change.action for change in changes if not change.generated}
    words = ["`git revert` the commits, then plan and apply."]
    values = {change.action for change in plan.changes}
    if not short and values & {Action.UPDATE, Action.MOVE, Action.ADOPT}:
        words.append(
            "That brings back what the configuration said, not what somebody else changed in the "
            "connector."
        )
    words += _of_actions(changes, did)
    return " ".join(words)


def _of_actions(changes: Sequence[Change], did: set[Action]) -> Iterator[str]:
    account = {change.action for change in changes if change.kind == "Account"}
    if Action.CREATE in did:
        named = "; the names of accounts stay reserved with their regions"
        yield (
            "What this plan creates is deleted then, unless it is protected"
            + (named if Action.CREATE in account else "")
            + "."
        )
    if any(change.generated for change in changes):
        yield "What is generated stays."
    if Action.DELETE in did:
        named = (
            ": an account in the same region only, and to be connected again"
            if Action.DELETE in account
            else ""
        )
        yield f"What it deletes is created anew{named}."
    if Action.ADOPT in did:
        yield (
            "What it adopts is not handed back, but deleted, unless it is protected or "
            "system-generated, which is released."
        )
    if Action.RELEASE in did:
        yield "What it releases is adopted again."
    if Action.MOVE in did:
        yield "A name goes back only by an entry in `moved` the other way round."
    if any(map(_moves_default, changes)):
        yield (
            "A default that moves stays moved, unless the earlier documents say `default: true` "
            "of another policy."
        )


def _moves_default(change: Change) -> bool:
    if change.action not in _STAY:
        return False
    return any(field.steps == DEFAULT and field.old is not None for field in change.fields)


def command(plan: Plan, digest: str = "") -> str:
    """The command that applies exactly this plan and lifts what refuses it.

    Empty where there is nothing to apply, and where a refusal cannot be lifted. The digest costs a
    look at every object, where it is not known yet.
    """
    if plan.basis is None or not plan.steps or never_lifted(plan.obstacles):
        return ""
    return applying(plan, f"--digest {digest or plan.basis.digest()}")


def applying(plan: Plan, what: str) -> str:
    """``aliconf apply plan.json``, with the options that lift what refuses the plan."""
    lifts = to_lift_all(plan.obstacles)
    return with_environment(
        " ".join(["aliconf apply", what, *([lifts] if lifts else [])]), plan.environment
    )


def refused(plan: Plan) -> str:
    """That apply refuses the plan, whatever it is told; empty where it can be applied."""
    codes = never_lifted(plan.obstacles)
    return (
        f"apply refuses this plan ({', '.join(codes)}), and no option lifts that" if codes else ""
    )


def exactly_this(plan: Plan) -> str:
    """How to apply what was seen and nothing else; empty where there is nothing to apply."""
    if plan.basis is None or not plan.steps:
        return ""
    if no := refused(plan):
        return f"{no}."
    reason = ", with the reason in the place of WHY" if plan.obstacles else ""
    return (
        f"`{command(plan)}` applies exactly this plan{reason}. It is refused where the "
        "configuration or the connector has moved since."
    )
