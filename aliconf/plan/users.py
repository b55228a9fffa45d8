"""Who uses an object: by name, or because it is the default of its kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from aliconf.config.documents import LoadedDocument
from aliconf.connector.reader import Stored
from aliconf.model.base import Body
from aliconf.model.kinds import POLICY_KINDS, SLOTS
from aliconf.model.references import references
from aliconf.plan.changes import Action, Change
from aliconf.plan.observed import Observed, parse_body
from aliconf.plan.wanted import Id
from aliconf.rules.slots import POLICY_SLOTS
from aliconf.rules.slots import references as declared


class Users:
    """An index over the objects as they will be after the plan."""

    def __init__(self, defaults: dict[str, str]) -> None:
        self._defaults = defaults
        self._by_name: dict[Id, dict[str, None]] = {}
        """Users in the order in which they came, each once."""
        self._by_default: dict[str, list[str]] = {kind: [] for kind in POLICY_KINDS}

    def add(self, kind: str, name: str, body: Body) -> None:
        """A user as the connector has it."""
        self._add(f"{kind}/{name}", referred_to(kind, body), _slots_with_a_default(kind, body))

    def add_document(self, document: LoadedDocument) -> None:
        """A user as it is declared."""
        named = [(reference.kind, reference.name) for reference in declared(document)]
        empty = (
            kind
            for _, attribute, kind in POLICY_SLOTS.get(document.kind, ())
            if document.kind != "Campaign" and getattr(document.spec, attribute) is None
        )
        self._add(document.id, named, empty)

    def _add(self, user: str, named: Iterable[Id], defaults: Iterable[str]) -> None:
        for kind, name in named:
            if kind in self._by_default:
                self._by_name.setdefault((kind, name), {})[user] = None
        for kind in defaults:
            self._by_default[kind].append(user)

    def by_default(self, kind: str) -> list[str]:
        """Who takes the default of a policy kind."""
        return self._by_default.get(kind, [])

    def of(self, kind: str, name: str, *, was_default: bool = False) -> tuple[str, ...]:
        """The users of a policy, those by name first; also of one that is the default no more."""
        named = self._by_name.get((kind, name), {})
        if self._defaults.get(kind) != name and not was_default:
            return tuple(named)
        return (*named, *(f"{user} (default)" for user in self._by_default.get(kind, [])))


def with_users(
    changes: list[Change], users: Callable[[], Users], lost_defaults: Collection[Id]
) -> list[Change]:
    """The changes, with who uses what changes: a policy's field or the pointer of a kind.

    ``lost_defaults`` are the policies that go and hold the pointer of their kind until then.
    """
    if not any(_affects_users(change) for change in changes):
        return changes
    index = users()

    def told(change: Change) -> Change:
        of = (change.kind, change.name)
        return replace(change, users=index.of(*of, was_default=of in lost_defaults))

    return [told(change) if _affects_users(change) else change for change in changes]


def _affects_users(change: Change) -> bool:
    """Whether those who use the object have something else after the change."""
    if change.kind not in POLICY_KINDS or change.generated:
        return False
    return bool(change.fields) or change.action is Action.DELETE


def named_by_kept(observed: Observed, wanted: Collection[Id], project: str) -> dict[Id, list[str]]:
    """What objects without a document name that stay in the connector, and which these are."""
    named: dict[Id, list[str]] = {}
    for stored in observed.objects.values():
        if (stored.kind, stored.name) not in wanted and stays(stored, project):
            for target in referred_to(stored.kind, parse_body(stored.body_text)):
                named.setdefault(target, []).append(f"{stored.kind}/{stored.name}")
    return named


def stays(stored: Stored, project: str) -> bool:
    """Whether an object without a document stays: somebody else's, protected, or released."""
    return stored.owner != project or stored.protect or stored.generated


def takers(observed: Observed, kind: str, project: str) -> list[str]:
    """The objects of other projects that take the default of a policy kind."""
    return [
        f"{stored.kind}/{stored.name}"
        for stored in observed.objects.values()
        if stored.owner not in (None, project)
        and kind in _slots_with_a_default(stored.kind, parse_body(stored.body_text))
    ]


def referred_to(kind: str, body: Body) -> list[Id]:
    """The objects that a body names; none where an administrator left it in no known shape."""
    try:
        return [(target_kind, target) for _, target_kind, target in references(kind, body)]
    except (TypeError, AttributeError):
        return []


def _slots_with_a_default(kind: str, body: Body) -> Iterable[str]:
    """Policy kinds for which this object takes the default; a campaign's empty slot takes none."""
    if kind == "Campaign":
        return
    for (owner, slot), target in SLOTS.items():
        if owner == kind and target in POLICY_KINDS and body.get(slot) is None:
            yield target
