"""What is allowed in a plan and probably not meant: each wants a second look.

Only what this plan changes is looked at, so that what a reviewer has left alone is not told again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument, lookup
from aliconf.findings import Finding, Location, Severity
from aliconf.model.kinds import LISTING_POLICIES, POLICY_KINDS
from aliconf.plan.changes import Action, Change, FieldChange
from aliconf.plan.concerned import Concerned
from aliconf.plan.effect import BodyOf
from aliconf.plan.users import Users
from aliconf.plan.wanted import Id
from aliconf.rules.slots import POLICY_SLOTS
from aliconf.wording import amount, some

if TYPE_CHECKING:
    from aliconf.model.campaign import CampaignSpec

OLD_TITLE: Final = "ALI350"
CAMPAIGN_REPEATS: Final = "ALI351"
DEFAULT_MOVES: Final = "ALI352"
_CHANGED: Final = frozenset({Action.UPDATE, Action.MOVE, Action.ADOPT})
_EACH: Final = 8
"""So many are told one by one; the place of each costs a look into its file."""
_NUMBER: Final = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_PLAIN: Final = re.compile(r"-?\d+(?:\.\d+)?")
_SHOWN: Final = 3


class Looked(NamedTuple):
    """What the plan knows of both sides."""

    configuration: Configuration
    changes: Sequence[Change]
    was_default: Mapping[str, str]
    """Where the pointer of each kind is, under the names that the objects will have."""
    defaults: Mapping[str, str]
    """Where it will be."""
    body_of: BodyOf
    users: Callable[[], Users]
    existed: Callable[[Id], bool]
    """Whether the connector has an object of this kind and name."""


def look_twice(seen: Looked) -> Iterator[Finding]:
    changed = [
        change
        for change in seen.changes
        if change.kind in POLICY_KINDS and change.action in _CHANGED and change.fields
    ]
    yield from _several(_old_titles(changed), OLD_TITLE, "more title")
    yield from _several(_repeated(seen, changed), CAMPAIGN_REPEATS, "more campaign")
    yield from _moved_defaults(seen)


def _several(found: Iterable[Callable[[], Finding]], code: str, more: str) -> Iterator[Finding]:
    """The first of them with their places, and how many more there are."""
    found = list(found)
    for finding in found[:_EACH]:
        yield finding()
    if len(found) > _EACH:
        severity = found[0]().severity
        yield Finding(code, severity, f"{amount(len(found) - _EACH, more)} with the old number")


def _old_titles(changed: Iterable[Change]) -> Iterator[Callable[[], Finding]]:
    for change in changed:
        said = _NUMBER.findall(change.title)
        if not said or change.document is None:
            continue
        old: dict[Decimal, FieldChange] = {}
        new: set[Decimal] = set()
        for field in change.fields:
            if field.steps and field.steps[0] not in {"title", "metadata"}:
                old |= dict.fromkeys(_numbers(field.old), field)
                new |= set(_numbers(field.new))
        for text in said:
            stale = [number for number in _read(text) if number in old]
            if stale and not new.intersection(_read(text)):
                yield _Title(change, change.document, text, old[stale[0]])
                break


@dataclass(frozen=True, slots=True)
class _Title:
    change: Change
    document: LoadedDocument
    text: str
    field: FieldChange

    def __call__(self) -> Finding:
        field, title = self.field, self.change.title
        after = "goes" if field.new is None else f"becomes {_shown(field.new)}"
        return Finding(
            OLD_TITLE,
            Severity.NOTE,
            f'the title still says "{title}", and `{field.path}` {after}',
            self.document.locate("spec", "title"),
            "Correct the title, or leave it where the number means something else.",
            self.change.id,
        )


def _repeated(seen: Looked, changed: Iterable[Change]) -> Iterator[Callable[[], Finding]]:
    """Campaigns whose policy has the number that changes in the policy which they stand in for."""
    now = seen.configuration.now
    campaigns = [
        document
        for document in seen.configuration.of("Campaign")
        if now < cast("CampaignSpec", document.spec).active.until
    ]
    changed = [change for change in changed if change.kind in LISTING_POLICIES.values()]
    if not campaigns or not changed:
        return
    concerned = Concerned(seen.configuration, seen.defaults)
    gone = _Gone(seen, changed, concerned)
    for campaign in campaigns if gone.numbers else ():
        accounts = concerned.of_document(campaign)
        for slot, attribute, kind in POLICY_SLOTS["Campaign"]:
            name = getattr(campaign.spec, attribute)
            met = gone.repeated_by((kind, name), accounts) if name is not None else None
            if met:
                yield _Repeated(seen.configuration, campaign, slot, (kind, name), *met)


class _Gone:
    """Numbers that change in the policies of templates, by kind, path, old number and account."""

    def __init__(self, seen: Looked, changed: Sequence[Change], concerned: Concerned) -> None:
        self._body_of = seen.body_of
        self.numbers: dict[tuple[str, str, Decimal, str], tuple[Change, FieldChange]] = {}
        self._paths: dict[str, dict[str, Sequence[str | int]]] = {}
        """By kind, the paths of what changes."""
        self._known: dict[Id, list[tuple[str, Decimal]]] = {}
        accounts = concerned.by_templates({(change.kind, change.name) for change in changed})
        for change in changed:
            for field in change.fields:
                old = _number(field.old)
                if old is None or old == _number(field.new):
                    continue
                self._paths.setdefault(change.kind, {})[field.path] = field.steps
                for account in accounts.get((change.kind, change.name), ()):
                    key = (change.kind, field.path, old, account)
                    self.numbers.setdefault(key, (change, field))

    def repeated_by(self, policy: Id, accounts: Iterable[str]) -> tuple[Change, FieldChange] | None:
        """The first change of a number that the policy keeps, in any of the accounts."""
        for path, number in self._numbers_of(policy):
            for account in accounts:
                if met := self.numbers.get((policy[0], path, number, account)):
                    return met
        return None

    def _numbers_of(self, policy: Id) -> list[tuple[str, Decimal]]:
        if policy not in self._known:
            paths = self._paths.get(policy[0], {})
            body = (self._body_of(*policy) or {}) if paths else {}
            at = ((path, _number(lookup(body, tuple(steps)))) for path, steps in paths.items())
            self._known[policy] = [(path, found) for path, found in at if found is not None]
        return self._known[policy]


@dataclass(frozen=True, slots=True)
class _Repeated:
    configuration: Configuration
    campaign: LoadedDocument
    slot: str
    policy: Id
    change: Change
    field: FieldChange

    def __call__(self) -> Finding:
        active = cast("CampaignSpec", self.campaign.spec).active
        starts = active.from_ > self.configuration.now
        when = f"starts at {active.from_:%Y-%m-%d %H:%M} UTC" if starts else "is running"
        field, change = self.field, self.change
        becomes = "goes" if field.new is None else f"becomes {_shown(field.new)}"
        return Finding(
            CAMPAIGN_REPEATS,
            Severity.WARNING,
            f"{self.campaign.id} {when} with {'/'.join(self.policy)}, which repeats "
            f"`{field.path}: {_shown(field.old)}`: it is not changed, while that of {change.id}, "
            f"which it stands in for, {becomes}",
            self._place(),
            f"Change the number in {'/'.join(self.policy)} as well, if it follows the other.",
            self.campaign.id,
        )

    def _place(self) -> Location:
        """Of the number, where a document has it; otherwise of the policy's name."""
        document = self.configuration.get(*self.policy)
        if document is not None:
            origin = self.configuration.effective(document).origin(*self.field.steps)
            if origin is not None:
                return origin[1]
        return self.campaign.locate("spec", self.slot)


def _moved_defaults(seen: Looked) -> Iterator[Finding]:
    """Pointers that move while somebody takes the default who took it before."""
    for kind, now in seen.defaults.items():
        was = seen.was_default.get(kind)
        if was is None or was == now:
            continue
        slots = {
            holder: slot
            for holder, of_holder in POLICY_SLOTS.items()
            for slot, _, slot_kind in of_holder
            if slot_kind == kind
        }
        named_before = {
            change.id
            for change in seen.changes
            if change.kind in slots and _named_before(change, slots[change.kind])
        }
        moved = [
            user
            for user in seen.users().by_default(kind)
            if user not in named_before and seen.existed(_id(user))
        ]
        if not moved:
            continue
        document = seen.configuration.get(kind, now)
        declared = document is not None and document.has("spec", "default")
        many = f"{len(moved):,} objects that take it get" if len(moved) > 1 else "1 object gets"
        yield Finding(
            DEFAULT_MOVES,
            Severity.WARNING,
            f"the default {kind} moves from {kind}/{was} to {kind}/{now}: {many} another policy "
            f"({some(moved, _SHOWN)})",
            document.locate("spec", "default") if document is not None and declared else None,
            f"To keep {kind}/{was} for one of them, name it there.",
            f"{kind}/{now}",
        )


def _named_before(change: Change, slot: str) -> bool:
    """Whether an object that takes the default after the plan named a policy until then."""
    if change.action is Action.CREATE:
        return False
    return any(field.path == slot and field.old is not None for field in change.fields)


def _id(user: str) -> Id:
    kind, _, name = user.partition("/")
    return kind, name


def _numbers(value: Any) -> Iterator[Decimal]:
    """Every number of a value, inside lists and mappings as well."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)
    else:
        number = _number(value)
        if number is not None:
            yield number


def _number(value: Any) -> Decimal | None:
    """The number that a body holds; decimals are text there."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int) or (isinstance(value, str) and _PLAIN.fullmatch(value)):
        return Decimal(value)
    return None


def _read(text: str) -> Iterator[Decimal]:
    """What a number in a title may mean: ``12,5`` and ``1,204`` are written alike."""
    grouped = re.sub(r"[.,]", "", text) if _GROUPED.fullmatch(text) else text
    for plain in {text, text.replace(",", "."), grouped}:
        try:
            yield Decimal(plain)
        except InvalidOperation:
            continue


def _shown(value: Any) -> str:
    return str(value) if _number(value) is not None else "another value"
