"""What became of a plan, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aliconf.apply.outcome import Outcome, Result
from aliconf.plan.changes import Action, Change
from aliconf.plan.rest import Rest
from aliconf.report.plan_text import COLOURS
from aliconf.report.style import Style
from aliconf.report.words import SIGNS
from aliconf.wording import amount, some

_TIMES = 3
_LISTED = 20
"""So many objects that were not tried stand in a line each."""
_PAINT = {
    Result.DONE: "green",
    Result.FAILED: "red",
    Result.NOT_TRIED: "yellow",
    Result.NOT_KNOWN: "red",
}


def line(change: Change, result: Result, style: Style) -> str:
    """One change as it ends: ``done    + Account/es``."""
    sign = style.paint(SIGNS[change.action], COLOURS[change.action])
    return f"{style.paint(f'{result.value:<9}', _PAINT[result])} {sign} {change.id}"


def carried_on(rest: Rest, style: Style) -> str:
    """What there is of a reviewed plan already, and what is left of it."""
    left = f"{rest.left:,} {'is' if rest.left == 1 else 'are'} left."
    text = f"{made_before(rest)} {left if rest.left else 'Nothing is left to do.'}"
    return "\n".join(style.wrap(text))


def made_before(rest: Rest) -> str:
    """``12 of 40 changes of this reviewed plan were made by the apply of …``"""
    whole = f"{amount(rest.total, 'change')} of this reviewed plan"
    many = f"{rest.made:,} of {whole}" if rest.left else f"All {whole}"
    many = "The only change of this reviewed plan" if rest.total == 1 and not rest.left else many
    times = list(dict.fromkeys(f"{run.started[:19]}Z" for run in rest.runs if run.done))
    applies = f"the appl{'y' if len(times) == 1 else 'ies'} of {' and '.join(times[-_TIMES:])}"
    return f"{many} {'was' if rest.made == 1 else 'were'} made by {applies}."


def noted(count: int) -> str:
    words = "1 object is" if count == 1 else f"{count:,} objects are"
    return f"Noted: {words} as others have made them, and no drift any more."


def report(outcome: Outcome, style: Style) -> str:
    """What was not tried, and the summary in one line."""
    return "\n".join(_lines(outcome, style)) + "\n"


def brief(outcome: Outcome, style: Style) -> str:
    """What failed, and the summary."""
    failed = {Result.FAILED, Result.NOT_KNOWN}
    lines = [line(change, end, style) for change, end in outcome.results if end in failed]
    return "\n".join([*lines, _summary(outcome, style)]) + "\n"


def _lines(outcome: Outcome, style: Style) -> Iterator[str]:
    left = [change for change, result in outcome.results if result is Result.NOT_TRIED]
    if len(left) <= _LISTED:
        yield from (line(change, Result.NOT_TRIED, style) for change in left)
    else:
        yield from _not_tried(left, style)
    yield _summary(outcome, style)
    if not outcome.complete:
        yield "Nothing else was changed; the next apply carries on from here."


def _not_tried(changes: Iterable[Change], style: Style) -> Iterator[str]:
    """A line for each action and kind: ``not tried + 1,180 PricingPolicy: p20, p21 and …``"""
    groups: dict[tuple[Action, str], list[str]] = {}
    for change in changes:
        groups.setdefault((change.action, change.kind), []).append(change.name)
    label = f"{Result.NOT_TRIED.value:<9}"
    for (action, kind), names in groups.items():
        # The sign is one character, and its colour no width.
        words = f"{len(names):,} {kind}: {some(names)}" if names[1:] else f"{kind}/{names[0]}"
        first, *rest = style.wrap(words, " " * 12, " " * 12)
        sign = style.paint(SIGNS[action], COLOURS[action])
        yield f"{style.paint(label, _PAINT[Result.NOT_TRIED])} {sign} {first.lstrip()}"
        yield from rest


def _summary(outcome: Outcome, style: Style) -> str:
    counts = ", ".join(
        f"{outcome.count(result):,} {result.value}"
        for result in Result
        if result is not Result.NOT_KNOWN or outcome.count(result)
    )
    return style.bold(f"{'Interrupted' if outcome.interrupted else 'Apply'}: {counts}.")
