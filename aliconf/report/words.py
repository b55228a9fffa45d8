"""The words of a plan that every report has in common: each is written once, here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from aliconf.plan.cause import Cause, Since
from aliconf.plan.changes import Action, Change, FieldChange, Plan

SIGNS: Final = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.ADOPT: ">",
    Action.RELEASE: "<",
    Action.MOVE: "→",
}
_MEANING: Final = {
    Action.ADOPT: "adopted: this project manages it from now on",
    Action.RELEASE: "released: its values stay, and this project manages it no more",
}
_REF: Final = 60
"""Characters of the name of a ref in a sentence."""
DONE: Final = ("create", "generated", "update", "delete", "adopt", "release", "move")
"""What a change is counted as, in the order in which counts are told."""
GENERATED: Final = "Generated: the connector makes these once, with its first account."
CAUSES: Final = {
    Cause.BRANCH: "this branch",
    Cause.UNAPPLIED: "not applied yet",
    Cause.BEHIND: "it is behind",
    Cause.DRIFT: "drift",
}
ALSO: Final = {
    Cause.UNAPPLIED: "over what is not applied yet",
    Cause.BEHIND: "over what this branch lacks",
    Cause.DRIFT: "over drift",
}
"""A cause beside another one."""
DEFAULT: Final = "the default"


def counted(changes: Iterable[Change]) -> str:
    """``3 to create, 5 generated, 1 to update``; ``no changes`` where there is none."""
    counts = Counter(map(done_with, changes))
    words = [
        f"{counts[done]:,} {'' if done == 'generated' else 'to '}{done}"
        for done in DONE
        if counts[done]
    ]
    return ", ".join(words) or "no changes"


def done_with(change: Change) -> str:
    """The action, or ``generated``: what a report counts a change as."""
    return "generated" if change.generated else change.action.value


def named(change: Change) -> str:
    """``Kind/name``; of a move ``Kind/old → new``."""
    return f"{change.kind}/{change.old_name} → {change.name}" if change.old_name else change.id


def title_of(change: Change) -> str:
    """The title, where it says more than the name."""
    return "" if change.title == change.name else change.title


def meaning_of(change: Change) -> str:
    """What an adoption or a release does to the object; empty for other changes."""
    words = _MEANING.get(change.action, "")
    if change.action is Action.ADOPT and not change.fields:
        return f"{words}; no value changes"
    return words


def place_of(field: FieldChange, *, created: bool) -> tuple[str, str]:
    """The policy that gives a new value, where it is another one, and the value's place.

    Both are empty for a value that goes, and of a new object for one that is not written.
    """
    location = field.location  # looked for each time
    if field.origin or location:
        return field.origin, str(location or "")
    return "", DEFAULT if not created and field.new is not None else ""


def cause_of(cause: Cause | None, since: Since | None, also: Iterable[Cause] = ()) -> str:
    """``not from this branch: drift``, ``over drift``; empty for what is the branch's alone, and
    where nobody asked."""
    if since is None:
        return ""
    if cause is None:
        return "perhaps not from this branch"
    first = [] if cause is Cause.BRANCH else [f"not from this branch: {CAUSES[cause]}"]
    return ", ".join([*first, *(ALSO[other] for other in also)])


def origin_of(field: FieldChange) -> str:
    """``this branch, over drift``, ``drift``; empty where it cannot be told."""
    if field.cause is None:
        return ""
    return ", ".join([CAUSES[field.cause], *(ALSO[other] for other in field.also)])


def of_several_causes(change: Change, fields: Iterable[FieldChange]) -> bool:
    """Whether a field has other causes than the change as a whole."""
    return any((field.cause, field.also) != (change.cause, change.also) for field in fields)


def mark_of(change: Change, fields: Iterable[FieldChange], since: Since | None) -> str:
    """What a change with all its fields folded away says of its causes."""
    if since is None:
        return ""
    if change.cause is Cause.BRANCH and any(field.cause is not change.cause for field in fields):
        return ", ".join(["in part not from this branch", *(ALSO[other] for other in change.also)])
    return cause_of(change.cause, since, change.also)


def to_adopt(plan: Plan) -> list[tuple[Change, str]]:
    """What is adopted as it is, each with its cause in words; first what is not the branch's."""
    marked = [(one, cause_of(one.cause, plan.since, one.also)) for one in plan.adoptions]
    return sorted(marked, key=lambda item: not item[1])


def since_what(since: Since) -> str:
    """``Since origin/main (7a36dda)``"""
    return f"Since {since.ref} ({since.commit[:7]})" if since.commit else f"Since {since.ref}"


def causes(since: Since) -> str:
    """``3 of 5 changes come from this branch; 1 is not applied yet, 1 is drift. Of all 5, 1 lies
    over drift``"""
    found = [(since.also.get(cause, 0), words) for cause, words in ALSO.items()]
    if since.total == 1:
        return ", ".join([_causes(since), *(words for count, words in found if count)])
    also = [(count, words) for count, words in found if count]
    if not also:
        return _causes(since)
    (first, words), *more = also
    listed = [f"{first:,} {'lies' if first == 1 else 'lie'} {words}"]
    listed += [f"{count:,} {words}" for count, words in more]
    return f"{_causes(since)}. Of all {since.total:,}, {', '.join(listed)}"


def _causes(since: Since) -> str:
    total, branch = since.total, since.branch
    ref = since.ref if len(since.ref) <= _REF else since.ref[:_REF] + "…"
    rest = [
        (since.unapplied, "not applied yet"),
        (since.drift, "drift"),
        (since.behind, f"what {ref} has and this branch lacks"),
    ]
    words = [f"{count:,} {'is' if count == 1 else 'are'} {what}" for count, what in rest if count]
    if since.unknown:
        words.append(f"of {since.unknown:,} it cannot be told")
    if total == 1:
        if branch:
            part = " only in part" if since.partly else ""
            return f"the one change comes from this branch{part}"
        if since.unknown:
            return "whether the one change comes from this branch cannot be told"
        return f"the one change does not come from this branch: it {words[0].partition(' ')[2]}"
    if branch == total:
        first = f"all {total:,} changes come from this branch"
    else:
        comes = "comes" if branch == 1 else "come"
        first = (
            f"{f'{branch:,}' if branch else 'none'} of {total:,} changes {comes} from this branch"
        )
    if since.partly:
        first += ", only in part" if since.partly == branch else f", {since.partly:,} only in part"
    return f"{first}; {', '.join(words)}" if words else first


def summed(plan: Plan) -> str:
    """``3 to create, 1 to update``, and what is adopted without a change: ``7 to adopt as they
    are``."""
    many = len(plan.adoptions)
    adopted = f", {many:,} to adopt as {'it is' if many == 1 else 'they are'}" if many else ""
    return counted(plan.changes) + adopted


def not_managed(nobodys: int, others: int) -> list[str]:
    """``5 unmanaged``, ``5,002 of other projects``; the latter only where there are such."""
    return [f"{nobodys:,} unmanaged", *([f"{others:,} of other projects"] if others else [])]
