"""A plan as one HTML file: every object, to read, to search and to print. It loads nothing.

The template escapes every text. The page forbids itself everything but its own style and script,
which it names by their digests, so that markup in a title could not even run if it got through.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from aliconf.findings import Finding
from aliconf.plan.cause import Cause, Since
from aliconf.plan.changes import Action, Change, FieldChange, Plan
from aliconf.report.consequences import adopts, exactly_this, regions, takes_effect, undo
from aliconf.report.markup import one_line, paragraphs, spans
from aliconf.report.values import show
from aliconf.report.words import (
    DONE,
    GENERATED,
    SIGNS,
    causes,
    done_with,
    mark_of,
    meaning_of,
    named,
    of_several_causes,
    origin_of,
    place_of,
    since_what,
    summed,
    title_of,
    to_adopt,
)
from aliconf.wording import amount

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES: Final = files("aliconf.report") / "templates"
_LONGEST: Final = 10_000
"""Characters of one value."""
_OPEN: Final = 50
"""The most changes that are open from the start."""
_BRANCH: Final = "branch"
_ELSEWHERE: Final = "elsewhere"
"""Where a change comes from, as the page's filter says it."""


def render(plan: Plan) -> str:
    """The page of a plan."""
    obstacles = dict.fromkeys(finding.code for finding in plan.obstacles)
    shown = {finding.code for finding in plan.findings}
    findings = [*plan.findings, *(item for item in plan.obstacles if item.code not in shown)]
    counts = Counter(map(done_with, plan.changes))
    about: dict[str, list[Finding]] = {}
    for finding in findings:
        about.setdefault(finding.object, []).append(finding)
    return _page(
        summary=summed(plan),
        project=one_line(plan.project),
        environment=one_line(plan.environment),
        connector=one_line(plan.connector),
        connector_id=one_line(plan.connector_id),
        is_plan=True,
        obstacles=list(obstacles),
        findings=map(_finding, findings),
        counts=[(done, counts[done]) for done in DONE if counts[done]],
        total=len(plan.changes),
        changes=(_change(change, plan.since, about.get(change.id, [])) for change in plan.changes),
        opened=set(_dangerous(plan.changes, about)),
        sides=_sides(plan.changes) if plan.since else [],
        since=_since(plan.since) if plan.since and plan.changes else "",
        generated=GENERATED if counts["generated"] else "",
        adopts=adopts(plan),
        adopted=[
            (one_line(change.id), one_line(change.title), cause) for change, cause in to_adopt(plan)
        ],
        untouched=[
            (label, [(one_line(item.id), one_line(item.title)) for item in objects])
            for label, objects in (
                ("unchanged", plan.unchanged),
                ("unmanaged", plan.nobodys),
                ("of other projects", plan.others),
                ("protected and kept without a document", plan.protected),
            )
        ],
        guardrails=plan.guardrails,
        regions=regions(plan),
        effect=spans(takes_effect(plan), _LONGEST),
        undo=spans(undo(plan), _LONGEST),
        exactly=spans(exactly_this(plan), _LONGEST),
    )


def refused(findings: Sequence[Finding], project: str, environment: str = "") -> str:
    """The page that says why there is no plan."""
    return _page(
        summary="no plan",
        project=one_line(project),
        environment=one_line(environment),
        is_plan=False,
        findings=map(_finding, findings),
    )


def _page(**values: Any) -> str:
    style, script = (_read(name) for name in ("plan.css", "plan.js"))
    policy = f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}"
    return _template().render(
        style=style,
        script=script,
        policy=f"{policy}; base-uri 'none'; form-action 'none'",
        **values,
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_read("plan.html"))


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    """How a content security policy names an inline style or script."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "object": one_line(finding.object),
        "message": spans(finding.message, _LONGEST),
        "hint": paragraphs(finding.hint, _LONGEST) if finding.hint else [],
        "place": one_line(str(finding.location or "")),
    }


def _since(since: Since) -> str:
    return one_line(f"{since_what(since)}: {causes(since)}.")


def _dangerous(changes: Sequence[Change], about: Mapping[str, Sequence[Finding]]) -> Iterator[int]:
    """The numbers, from 1, of the changes that are open when the page is: what cannot be taken back
    and what is to be looked at twice."""
    numbers = (
        number
        for number, change in enumerate(changes, start=1)
        if change.action is Action.DELETE
        or change.id in about
        or (change.kind == "Account" and any(field.path == "region" for field in change.fields))
    )
    return islice(numbers, _OPEN)


def _sides(changes: Sequence[Change]) -> list[tuple[str, str, int]]:
    """What the page can be filtered by with ``--since``: value, words and how many changes; a
    change that comes from both in part counts for both."""
    counts = Counter(side for change in changes for side in _from(change))
    if not counts[_ELSEWHERE]:
        return []
    words = {_BRANCH: "this branch", _ELSEWHERE: "not this branch"}
    return [(side, text, counts[side]) for side, text in words.items()]


def _from(change: Change) -> list[str]:
    causes = {change.cause, *(field.cause for field in change.fields)}
    return [
        *([_BRANCH] if Cause.BRANCH in causes else []),
        *([_ELSEWHERE] if causes - {Cause.BRANCH} else []),
    ]


def _change(change: Change, since: Since | None, findings: Sequence[Finding]) -> dict[str, Any]:
    fields = list(change.fields)
    several = since is not None and of_several_causes(change, fields)
    created = change.action is Action.CREATE and all(field.old is None for field in fields)
    return {
        "action": done_with(change),
        "sign": SIGNS[change.action],
        "name": one_line(named(change)),
        "title": one_line(title_of(change)),
        "meaning": meaning_of(change),
        "amount": amount(len(fields), "value") if fields else "",
        "created": created,
        "cause": mark_of(change, fields, since),
        "several": several,
        "from": " ".join(_from(change)) if since else "",
        "findings": list(map(_finding, findings)),
        "fields": list(_fields(fields, created=created)),
        "notes": [spans(note, _LONGEST) for note in change.notes],
        "users": [one_line(user) for user in change.users],
    }


def _fields(fields: Sequence[FieldChange], *, created: bool) -> Iterator[tuple[str, ...]]:
    """Path, old value, new value, place, and whose it is."""
    for field in fields:
        origin, place = place_of(field, created=created)
        if origin:
            place = f"from {origin} {place}"
        yield tuple(
            one_line(text, _LONGEST)
            for text in (field.path, show(field.old), show(field.new), place, origin_of(field))
        )
