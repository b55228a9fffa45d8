"""A plan for a pull request: Markdown, summary first, within a number of bytes.

Objects come in the order of what can be lost: first those that are deleted. What finds no room is
left out object by object from the end, and counted by what happens to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from aliconf.findings import Finding
from aliconf.plan.cause import Since
from aliconf.plan.changes import Action, Change, FieldChange, Plan, Untouched
from aliconf.report.budget import MAX_BYTES
from aliconf.report.consequences import adopts, exactly_this, regions, takes_effect, undo
from aliconf.report.findings_markdown import listed
from aliconf.report.markup import code, html_code, prose
from aliconf.report.values import show
from aliconf.report.words import (
    DEFAULT,
    DONE,
    GENERATED,
    SIGNS,
    cause_of,
    causes,
    counted,
    done_with,
    mark_of,
    meaning_of,
    named,
    not_managed,
    of_several_causes,
    origin_of,
    place_of,
    summed,
    title_of,
    to_adopt,
)
from aliconf.wording import amount, some

_DANGER: Final = (
    Action.DELETE,
    Action.RELEASE,
    Action.MOVE,
    Action.UPDATE,
    Action.ADOPT,
    Action.CREATE,
)
_OPEN_UP_TO: Final = 3
_TABLE_FROM: Final = 6
_MOST_FIELDS: Final = 40
_MOST_NAMES: Final = 20
_MOST_LIMITS: Final = 6
_NAME: Final = 80
_RESERVE: Final = 300
"""Bytes of the longest line that says how many more there are."""
_ADOPTED: Final = 1_500
"""Bytes that what is to be adopted may take in any case."""


def render(plan: Plan, max_bytes: int = MAX_BYTES) -> str:
    """The whole report, in at most so many bytes of UTF-8 (at least ``LEAST_BYTES``)."""
    head = [
        heading(summed(plan), plan.environment),
        _connector(plan),
        *([_causes(plan.since)] if plan.since and plan.changes else []),
        *([_table(plan.changes)] if len(plan.changes) >= _TABLE_FROM else []),
    ]
    foot = [*_not_touched(plan)]
    if plan.steps:
        foot.append(f"**Takes effect**: {prose(takes_effect(plan))}.")
        foot.append(f"**Undo**: {prose(undo(plan))}")
    if exactly := exactly_this(plan):
        foot.append(f"**Apply**: {exactly}")
    foot.append(marker(plan.project, plan.environment))
    room = max_bytes - sum(_size(block) for block in (*head, *foot))
    findings = _look_twice(plan, room // 2 if plan.changes else room)
    room -= sum(_size(block) for block in findings)
    objects = [*_objects(plan, room - (_ADOPTED if plan.adoptions else 0))]
    room -= sum(_size(block) for block in objects)
    return "\n\n".join([*head, *findings, *objects, *_adopted(plan, room), *foot]) + "\n"


def refused(
    findings: Sequence[Finding],
    project: str,
    environment: str = "",
    max_bytes: int = MAX_BYTES,
) -> str:
    """Why there is no plan, under the marker of the plan: it takes the place of the last one."""
    head = heading("no plan", environment)
    end = marker(project, environment)
    room = max_bytes - _size(head) - _size(end)
    return "\n\n".join([head, *listed(findings, room), end]) + "\n"


def heading(result: str, environment: str) -> str:
    where = f" · {prose(environment)}" if environment else ""
    return f"### aliconf plan{where} · {result}"


def marker(project: str, environment: str = "") -> str:
    """The comment by which a bot finds the comment to update."""
    parts = [part for part in (project, environment) if part]
    return f"<!-- {':'.join(['aliconf:plan', *(quote(part, safe='') for part in parts)])} -->"


def _size(block: str) -> int:
    """Bytes of a block and of the blank line after it."""
    return len(block.encode()) + 2


def _connector(plan: Plan) -> str:
    known = f"connector {code(plan.connector_id)}" if plan.connector_id else "does not exist yet"
    return f"{code(plan.project)} → {code(plan.connector)} ({known})"


def _causes(since: Since) -> str:
    commit = f" ({code(since.commit[:7])})" if since.commit else ""
    return f"**Since** {code(since.ref, longest=_NAME)}{commit}: {prose(causes(since))}."


def _table(changes: Sequence[Change]) -> str:
    """How many objects of each kind, by what happens to them."""
    counts = Counter((change.kind, done_with(change)) for change in changes)
    counts += Counter(("**all**", done_with(change)) for change in changes)
    columns = [done for done in DONE if ("**all**", done) in counts]
    kinds = [*dict.fromkeys(change.kind for change in changes), "**all**"]
    return "\n".join(
        [
            _row("Kind", *columns),
            _row("---", *("--:" for _ in columns)),
            *(_row(kind, *(_number(counts[kind, done]) for done in columns)) for kind in kinds),
        ]
    )


def _number(count: int) -> str:
    return f"{count:,}" if count else ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _look_twice(plan: Plan, room: int) -> list[str]:
    """Findings, and why apply refuses the plan as it is."""
    codes = list(dict.fromkeys(finding.code for finding in plan.obstacles))
    shown = {finding.code for finding in plan.findings}
    findings = [*plan.findings, *(item for item in plan.obstacles if item.code not in shown)]
    blocks = []
    if codes:
        blocks.append(f"**`apply` refuses this plan as it is**: {', '.join(map(code, codes))}")
    if findings:
        blocks += ["**Look twice**", *listed(findings, room - _RESERVE)]
    return blocks


def _objects(plan: Plan, room: int) -> Iterator[str]:
    """As many objects as find room, each whole, and how many more there are."""
    ours = [change for change in plan.changes if not change.generated]
    ordered = [change for action in _DANGER for change in ours if change.action is action]
    state = " open" if len(ordered) <= _OPEN_UP_TO else ""
    generated = _generated(plan)
    room -= sum(map(_size, generated))
    left = 0
    for index, change in enumerate(ordered):
        block = _object(change, state, plan.since)
        room -= _size(block)
        if room < (_RESERVE if index + 1 < len(ordered) else 0):
            left = len(ordered) - index
            break
        yield block
    if left:
        yield f"… and {left:,} more: {counted(ordered[-left:])}."
    yield from generated


def _generated(plan: Plan) -> list[str]:
    """At most five objects, on one line: there is nothing to say about them but their names."""
    made = [change for change in plan.changes if change.generated]
    if not made:
        return []
    cause = cause_of(made[0].cause, plan.since)  # all come with the first account
    names = ", ".join(code(change.id) for change in made)
    return [f"{GENERATED[:-1]}: {names}" + (f" · {cause}" if cause else "")]


def _object(change: Change, state: str, since: Since | None) -> str:
    """One object: a line, and what is folded below it."""
    fields = list(change.fields)
    several = since is not None and of_several_causes(change, fields)
    inside = list(_inside(change, fields, several=several))
    literal = html_code if inside else code
    line = [literal(f"{SIGNS[change.action]} {named(change)}")]
    if title_of(change):
        line.append(literal(title_of(change)))
    if fields:
        line.append(f"· {amount(len(fields), 'value')}")
    if change.users:
        line.append(f"· used by {len(change.users):,}")
    mark = mark_of(change, fields, since)
    if mark:
        line.append(f"· ⚠ {mark}")
    if not inside:
        return " ".join(line)
    summary = f"<details{state}><summary>{' '.join(line)}</summary>"
    return "\n\n".join([summary, *inside, "</details>"])


def _inside(change: Change, fields: Sequence[FieldChange], *, several: bool) -> Iterator[str]:
    if meaning_of(change):
        yield f"This object is {meaning_of(change)}."
    if fields:
        yield "\n".join(_fields(fields, created=change.action is Action.CREATE, several=several))
    if len(fields) > _MOST_FIELDS:
        yield f"… and {amount(len(fields) - _MOST_FIELDS, 'more value')}."
    if change.notes:
        yield "\n".join(f"- {prose(note)}" for note in change.notes)
    if change.users:
        names = [_user(user) for user in change.users]
        yield f"Used by {some(names, _MOST_NAMES)}"


def _user(user: str) -> str:
    name, as_default, _ = user.partition(" (default)")
    return code(name) + as_default


def _fields(fields: Sequence[FieldChange], *, created: bool, several: bool) -> Iterator[str]:
    created = created and all(field.old is None for field in fields)
    head = ["Field", *(("Value",) if created else ("Now", "Then")), "Where"]
    head += ["From"] if several else []
    yield _row(*head)
    yield _row(*("---" for _ in head))
    for field in fields[:_MOST_FIELDS]:
        old = () if created else (code(show(field.old), cell=True),)
        new = code(show(field.new), cell=True)
        where = _where(field, created=created)
        origin = (origin_of(field),) if several else ()
        yield _row(code(field.path, cell=True), *old, new, where, *origin)


def _where(field: FieldChange, *, created: bool) -> str:
    """The place of a new value, and the policy that gives it where that is another one."""
    origin, place = place_of(field, created=created)
    place = code(place, cell=True) if place not in {"", DEFAULT} else place
    return f"from {code(origin, cell=True)} {place}".rstrip() if origin else place


def _adopted(plan: Plan, room: int) -> Iterator[str]:
    """What is adopted as it is: a line, or folded as many names as find room."""
    if not plan.adoptions:
        return
    names = [
        code(one.id, longest=_NAME) + (f" · {cause}" if cause else "")
        for one, cause in to_adopt(plan)
    ]
    if len(names) <= _OPEN_UP_TO:
        yield f"**To adopt**: {adopts(plan)}: {some(names)}"
        return
    lines = [f"<details><summary>To adopt: {adopts(plan)}</summary>", ""]
    room -= _RESERVE + sum(map(_size, lines))
    for index, name in enumerate(names):
        room -= len(f"- {name}\n".encode())
        if room < 0:
            lines.append(f"- … and {len(names) - index:,} more")
            break
        lines.append(f"- {name}")
    yield "\n".join([*lines, "", "</details>"])


def _not_touched(plan: Plan) -> Iterator[str]:
    parts = [
        f"{len(plan.unchanged):,} unchanged",
        *not_managed(len(plan.nobodys), len(plan.others)),
    ]
    if plan.protected:
        kept = f"{len(plan.protected):,} protected and kept without a document"
        parts.append(f"{kept} ({_ids(plan.protected)})")
    parts += [regions(plan)] if regions(plan) else []
    lines = [f"**Not touched**: {' · '.join(parts)}"]
    if plan.guardrails:
        limits = [prose(words, 2 * _NAME) for words in plan.guardrails[:_MOST_LIMITS]]
        more = len(plan.guardrails) - len(limits)
        limits += [f"{more:,} more"] if more else []
        lines.append(f"**Guardrails**: {' · '.join(limits)}")
    yield "\n\n".join(lines)


def _ids(objects: Sequence[Untouched], most: int = 5) -> str:
    return some([code(item.id, longest=_NAME) for item in objects], most)
