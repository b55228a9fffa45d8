"""Bring the connector to a plan: the only user of a ``Writer``."""

from __future__ import annotations

from collections.abc import Callable

from aliconf.apply.outcome import Outcome, Result
from aliconf.connector.writer import Writer
from aliconf.findings import AliconfError
from aliconf.plan.changes import Action, Change, Plan

Progress = Callable[[Change, Result], None]


def refuse_obstacles(plan: Plan) -> None:
    """Raise AliconfError where a plan can be looked at and must not be applied."""
    if plan.obstacles:
        raise AliconfError(*plan.obstacles)


def apply_plan(
    plan: Plan, writer: Writer, *, progress: Progress, stopped: Callable[[], bool]
) -> Outcome:
    """Make the changes in the plan's order, each in its own transaction.

    It ends at the first failure: what comes later may depend on it. ``stopped`` is asked before
    each change, so that an interrupt ends the run between two changes and never inside one.
    """
    refuse_obstacles(plan)
    outcome = Outcome()
    for change in plan.changes:
        if outcome.findings or outcome.interrupted or stopped():
            outcome.interrupted = outcome.interrupted or not outcome.findings
            outcome.results.append((change, Result.NOT_TRIED))
            continue
        try:
            _perform(change, writer)
        except AliconfError as error:
            outcome.findings += error.findings
            outcome.results.append((change, Result.FAILED))
        else:
            outcome.results.append((change, Result.DONE))
        progress(*outcome.results[-1])
    return outcome


def _perform(change: Change, writer: Writer) -> None:
    kind, name, desired = change.kind, change.name, change.desired
    if change.generated:
        return  # made in the transaction of the first account
    if change.action is Action.DELETE:
        writer.delete(kind, name, change.before)
    elif change.action is Action.RELEASE:
        writer.release(kind, name)
    elif desired is None:
        raise ValueError(f"{change.action} of {change.id} says not what is desired")
    elif change.action is Action.CREATE:
        writer.create(kind, name, desired)
    elif change.action is Action.UPDATE:
        writer.update(kind, name, desired, change.before)
    elif change.action is Action.ADOPT:
        writer.adopt(kind, name, desired, change.before)
    else:
        writer.move(kind, change.old_name, name, desired, change.before)
