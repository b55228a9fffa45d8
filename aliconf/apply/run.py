"""Bring the connector to a plan: the only user of a ``Writer``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from aliconf.apply.outcome import Outcome, Result
from aliconf.connector.lease_errors import UndecidedError
from aliconf.connector.writer import Writer
from aliconf.findings import AliconfError
from aliconf.plan.changes import Change, Plan

Progress = Callable[[Change, Result], None]

ONE_BY_ONE: Final = 100
"""Up to so many changes are made singly: a person sees each, and can stop between any two."""
FIRST_BATCH: Final = 500
"""How many share the first transaction where there are more, so that one soon sees some done."""
LARGEST_BATCH: Final = 2000
"""Each next one has twice as many up to this, since a COMMIT takes as long as hundreds of rows.
An interrupt waits for one batch, and so do others who write: for less than a second."""


def apply_plan(
    plan: Plan,
    writer: Writer,
    *,
    progress: Progress,
    stopped: Callable[[], bool],
    details: Mapping[str, Any] | None = None,
    accepted: Mapping[tuple[str, str], str | None] | None = None,
) -> Outcome:
    """Make the changes in the plan's order.

    It ends at the first failure: what comes later may depend on it. ``stopped`` is asked before
    each transaction, so that an interrupt ends the run between two and never inside one. Raises
    AliconfError where not even the intent could be written down; nothing is changed then.
    ``details`` and what is ``accepted`` (see ``plan.accepted``) are for the journal.
    """
    outcome = Outcome(accepted=writer.begin(plan.steps, details, accepted or {}))
    for batch in _batches(plan.steps):
        _make(batch, writer, outcome, progress, stopped)
    # The journal tells what was done, also where this last word cannot be written.
    with suppress(AliconfError):
        writer.finish(_word(outcome))
    return outcome


def _batches(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    if len(changes) <= ONE_BY_ONE:
        yield from ([change] for change in changes)
        return
    start, size = 0, FIRST_BATCH
    while start < len(changes):
        yield changes[start : start + size]
        start, size = start + size, min(2 * size, LARGEST_BATCH)


def _make(
    batch: Sequence[Change],
    writer: Writer,
    outcome: Outcome,
    progress: Progress,
    stopped: Callable[[], bool],
) -> None:
    """All of a batch; where that fails, in smaller parts up to the change that is to blame."""
    if not outcome.findings:
        outcome.interrupted = outcome.interrupted or stopped()
    if outcome.findings or outcome.interrupted:
        for change in batch:
            _leave(change, outcome, progress)
        return
    if len(batch) == 1 and _with_account(batch[0], outcome) is Result.DONE:
        _note(batch, Result.DONE, outcome, progress)
        return
    try:
        writer.perform(batch)
    except UndecidedError as error:
        outcome.findings += error.findings
        _note(batch, Result.NOT_KNOWN, outcome, progress)
    except AliconfError as error:
        if len(batch) == 1:
            outcome.findings += error.findings
            _note(batch, Result.FAILED, outcome, progress)
            return
        size = ONE_BY_ONE if len(batch) > ONE_BY_ONE else 1
        for start in range(0, len(batch), size):
            _make(batch[start : start + size], writer, outcome, progress, stopped)
    else:
        _note(batch, Result.DONE, outcome, progress)


def _leave(change: Change, outcome: Outcome, progress: Progress) -> None:
    """A change that comes after the end: it is not tried, but may have been made before."""
    made = _with_account(change, outcome)
    if made is Result.DONE:
        _note([change], made, outcome, progress)
    else:
        outcome.results.append((change, made or Result.NOT_TRIED))


def _with_account(change: Change, outcome: Outcome) -> Result | None:
    """What is generated is made with the first account: its fate is the account's, where known."""
    if change.generated:
        fates = {result for made, result in outcome.results if made.kind == "Account"}
        for fate in (Result.DONE, Result.NOT_KNOWN):
            if fate in fates:
                return fate
    return None


def _note(batch: Sequence[Change], result: Result, outcome: Outcome, progress: Progress) -> None:
    for change in batch:
        outcome.results.append((change, result))
        progress(change, result)


def _word(outcome: Outcome) -> str:
    if outcome.findings:
        return "failed"
    return "interrupted" if outcome.interrupted else "complete"
