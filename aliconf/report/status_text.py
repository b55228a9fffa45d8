"""A status for people, at the width of their terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aliconf.findings import with_environment
from aliconf.report.status_tables import MORE, accounts, campaigns, policies, templates
from aliconf.report.style import Style
from aliconf.report.table import INDENT, width, wrap
from aliconf.status.overview import Overview, State, Status, Step, Task, Waiting
from aliconf.status.tasks import INVALID
from aliconf.wording import amount, some

SHOWN: Final = 20
"""How many rows of a table there are unless all are asked for."""
_NARROW: Final = 60
"""Below this width, labels stand above what they are about and not beside it."""
_COLOURS: Final = {
    State.DONE: "green",
    State.MISSING: "yellow",
    State.FAILED: "red",
    State.WAITING: "yellow",
    State.NOT_CHECKED: "yellow",
    State.NOT_AUTHORIZED: "yellow",
}


def render(status: Status, style: Style, *, full: bool = False) -> str:
    """The tables, cut after `SHOWN` rows unless ``full``, and what is to do."""
    overview = status.overview
    parts = [_heading(overview, style)]
    if overview.exists:
        most = None if full else SHOWN
        parts += [
            accounts(overview, style, most),
            policies(overview, style, most),
            templates(overview, style, most),
            campaigns(overview, style, most),
        ]
    parts.append(_to_do(status.tasks, style, None if full else SHOWN))
    environment = status.overview.environment
    parts = [
        [with_environment(line, environment) if line.startswith(MORE) else line for line in part]
        for part in parts
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def summary(status: Status, style: Style) -> str:
    """The wizard's steps as a checklist."""
    labels = max(width(step.name) for step in status.steps)
    states = max(width(step.state) for step in status.steps)
    lines = [*_heading(status.overview, style), ""]
    for step in status.steps:
        lines += _step(step, labels, states, style)
    return "\n".join(lines) + "\n"


def brief(status: Status, style: Style, *, summary: bool) -> str:
    """Only what is not as it should be, of the tables or of the checklist. It may be nothing."""
    lines: list[str] = []
    if summary:
        wanting = [one for one in status.steps if one.state not in {State.DONE, State.OPTIONAL}]
        labels = max((width(step.name) for step in wanting), default=0)
        states = max((width(step.state) for step in wanting), default=0)
        for step in wanting:
            lines += _step(replace(step, command=""), labels, states, style)
    else:
        if status.overview.waiting.changes != 0:
            lines += wrap(_waiting(status.overview.waiting), style)
        for entry in status.overview.entries():
            for error in entry.errors:
                words = f"{entry.id} is {INVALID}: {error.message} [{error.code}]"
                lines += wrap(words, style, rest=INDENT)
    return "".join(f"{line}\n" for line in lines)


def _heading(overview: Overview, style: Style) -> list[str]:
    connector = f"connector {overview.connector_id}" if overview.exists else "no connector yet"
    project = overview.project
    if overview.environment:
        project += f" ({overview.environment})"
    first, *rest = wrap(f"{project} · {connector} at {overview.connector}", style)
    words = _waiting(overview.waiting)
    if not overview.exists:
        idle = overview.waiting.changes == 0
        words = f"Nothing was applied yet. {'There is nothing to apply.' if idle else words}"
    return [style.bold(first), *map(style.bold, rest), *wrap(words, style)]


def _waiting(waiting: Waiting) -> str:
    if waiting.errors:
        return f"The configuration has {amount(len(waiting.errors), 'error')}."
    if waiting.changes is None:
        return "The plan is refused."
    if waiting.changes:
        return f"The configuration has {amount(waiting.changes, 'change')} to apply."
    return "The connector is as the configuration says."


def _step(step: Step, labels: int, states: int, style: Style) -> list[str]:
    name = step.name + " " * (labels - width(step.name))
    state = style.paint(step.state, _COLOURS[step.state]) if step.state in _COLOURS else step.state
    state += " " * (states - width(step.state))
    if style.width < _NARROW:
        indent = INDENT * 2
        detail = wrap(step.detail, style, indent, indent)
        return [
            f"{INDENT}{name}  {state}".rstrip(),
            *_with_command(detail, step.command, indent, style),
        ]
    rest = " " * (len(INDENT) + labels + 2 + states + 2)
    first, *more = wrap(step.detail, style, rest, rest)
    lines = [f"{INDENT}{name}  {state}  {first[len(rest) :]}", *more]
    return _with_command(lines, step.command, rest, style, last=(more or [first])[-1])


def _to_do(tasks: tuple[Task, ...], style: Style, most: int | None) -> list[str]:
    lines = [style.bold(f"TO DO ({len(tasks) or 'nothing'})")]
    shown = tasks[:most]
    labels = max((width(task.subject) for task in shown), default=0)
    for task in shown:
        lines += _task(task, labels, style)
    if len(shown) < len(tasks):
        lines.append(f"{MORE}{len(tasks) - len(shown):,} more: aliconf status --all")
    return lines


def _task(task: Task, labels: int, style: Style) -> list[str]:
    narrow = style.width < _NARROW
    label = task.subject + (":" if narrow else " " * (labels - width(task.subject)))
    rest = INDENT * 2 if narrow else " " * (len(INDENT) + labels + 2)
    first = f"{INDENT}{label} " + ("" if narrow else " ")
    lines = wrap(task.message, style, first, rest)
    place = f"{task.location.file}:{task.location.line}" if task.location else ""
    users = f"used by {some(task.users)}" if task.users else ""
    more = "; ".join(part for part in (place, users) if part)
    if more:
        lines += wrap(more, style, rest, rest)
    lines = _with_command(lines, task.command, rest, style)
    if task.subject == INVALID:
        lines[0] = lines[0].replace(INVALID, style.paint(INVALID, "red"), 1)
    return lines


def _with_command(
    lines: list[str], command: str, rest: str, style: Style, *, last: str = ""
) -> list[str]:
    """The command at the right margin of the last line, or below it where there is no room.

    ``last`` is the last line without its colours.
    """
    if not command:
        return lines
    if style.width < _NARROW:
        return [*lines, f"{rest}→ {style.bold(command)}"]
    gap = style.width - width(last or lines[-1]) - width(command)
    if gap >= 2:
        return [*lines[:-1], lines[-1] + " " * gap + style.bold(command)]
    return [*lines, " " * (style.width - width(command)) + style.bold(command)]
