"""Who applied what, for people and as JSON; docs/json.md describes the latter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from aliconf.connector.reader import JournalEntry, Run
from aliconf.model.hidden import hidden
from aliconf.plan.way_back import Way, WayBack
from aliconf.report.style import Style
from aliconf.report.way_back_text import way_back_lines

VERSION: Final = 1

_PAINT: Final = {"complete": "green", "failed": "red"}
_SHORT: Final = 7


def render(runs: Sequence[tuple[int, Run]], total: int, style: Style) -> str:
    """Two lines an apply, the last one first."""
    if not total:
        return "Nothing was applied yet.\n"
    lines: list[str] = []
    for number, run in runs:
        lines += _head(number, run, style)
    if len(runs) < total:
        lines.append(f"{total - len(runs):,} earlier; --limit shows more.")
    return "\n".join(lines) + "\n"


def brief(runs: Sequence[tuple[int, Run]], style: Style) -> str:
    """One line an apply."""
    return "".join(f"{next(_head(number, run, style))}\n" for number, run in runs)


def _head(number: int, run: Run, style: Style) -> Iterator[str]:
    result = run.result or "not ended"
    environment = run.details.get("environment")
    where = f"  {Style.printable(str(environment))}" if environment else ""
    yield (
        f"{style.bold(f'{number:>4}')}  {run.started[:19]}Z  "
        f"{style.paint(result, _PAINT.get(result, 'yellow'))}, "
        f"{run.done:,} of {run.intended:,}{where}"
    )
    by = f"{run.actor} ({run.url})" if run.url else run.actor
    yield from style.wrap(f"by {Style.printable(by)}", "      ", "        ")
    commit = _commit(run)
    if commit:
        yield from style.wrap(commit, "      ", "        ")


def _commit(run: Run) -> str:
    commit = str(run.details.get("commit", ""))[:_SHORT]
    if not commit:
        return ""
    changed = "" if run.details.get("clean", True) else ", with files that differed from it"
    return Style.printable(f"commit {commit} of {run.details.get('author', 'nobody')}{changed}")


def render_run(
    number: int,
    run: Run,
    entries: Sequence[JournalEntry],
    back: WayBack | None,
    style: Style,
) -> str:
    """``back`` is None where it is not to be told."""
    lines = [*_head(number, run, style), f"      run {run.id}"]
    if run.details.get("digest"):
        lines += style.wrap(f"plan {run.details['digest']}", "      ", "        ")
    for allowed in run.details.get("allowed", ()):
        what = f"{allowed.get('code')} {allowed.get('object')}".strip()
        lines += style.wrap(
            Style.printable(f"allowed {what}: {allowed.get('reason')}"), "      ", "        "
        )
    lines.append("")
    for entry in entries:
        lines += _entry(entry, style)
    if back:
        lines += way_back_lines(back, entries, style)
    return "\n".join(lines) + "\n"


def _entry(entry: JournalEntry, style: Style) -> Iterator[str]:
    failed = "" if entry.result == "done" else f"  {style.paint(entry.result, 'red')}"
    yield f"{entry.action:<8} {style.bold(f'{entry.kind}/{entry.name}')}{failed}"
    if entry.message:
        yield from style.wrap(Style.printable(entry.message), "         ", "         ")
    for path, old, new in differences(entry):
        was = Style.printable(f"         {path}: {_value(old)}")
        now = Style.printable(f"→ {_value(new)}")
        fits = len(was) + 1 + len(now) <= style.width
        yield from [f"{was} {now}"] if fits else [was, f"           {now}"]


def differences(entry: JournalEntry) -> Iterator[tuple[str, Any, Any]]:
    """The values that a change changed, by path; None where there is none, secrets hidden."""
    old, new = _parsed(entry.before), _parsed(entry.after)
    if not old or not new:
        return  # made or gone as a whole
    for steps, one, other in _different((), old, new):
        path = ".".join(steps).removeprefix("body.")
        yield path, _shown(entry, steps, one), _shown(entry, steps, other)


def _parsed(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _different(
    steps: tuple[str, ...], old: Any, new: Any
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _different((*steps, key), old.get(key), new.get(key))
    elif old != new:
        yield steps, old, new


def _shown(entry: JournalEntry, steps: tuple[str, ...], value: Any) -> Any:
    """A value at steps from the top of a state, which somebody may have made a mere text."""
    if steps[:1] == ("body",) or not steps:
        return hidden(entry.kind, steps[1:], value)
    return value


def _state(entry: JournalEntry, text: str | None) -> Any:
    state = _parsed(text)
    if not isinstance(state, dict):
        return _shown(entry, (), state)
    return {key: _shown(entry, (key,), value) for key, value in state.items()}


def _value(value: Any) -> str:
    return "—" if value is None else json.dumps(value, ensure_ascii=False)


def to_json(runs: Sequence[tuple[int, Run]]) -> str:
    data = {
        "format": "aliconf/history",
        "version": VERSION,
        "runs": [_data(number, run) for number, run in runs],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def run_to_json(number: int, run: Run, entries: Sequence[JournalEntry], back: WayBack) -> str:
    data = {
        "format": "aliconf/history-run",
        "version": VERSION,
        **_data(number, run),
        "changes": [
            {
                "recorded": entry.recorded,
                "action": entry.action,
                "kind": entry.kind,
                "name": entry.name,
                "result": entry.result,
                "message": entry.message,
                "before": _state(entry, entry.before),
                "after": _state(entry, entry.after),
            }
            for entry in entries
        ],
        "commits": None if back.commits is None else list(back.commits),
        "revert": back.way is Way.REVERT,
        "carriedOn": back.first if back.first < number else None,
        "outside": list(back.outside),
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _data(number: int, run: Run) -> dict[str, Any]:
    return {
        "number": number,
        "id": run.id,
        "actor": run.actor,
        "url": run.url or None,
        "started": run.started,
        "finished": run.finished,
        "result": run.result,
        "intended": run.intended,
        "done": run.done,
        "environment": run.details.get("environment"),
        "digest": run.details.get("digest"),
        "commit": run.details.get("commit"),
        "author": run.details.get("author"),
        "clean": run.details.get("clean"),
        "allowed": run.details.get("allowed", []),
    }
