"""When the changes of a plan take effect, beyond the moment in which they are applied.

What a policy says of prices, stock, products and orders reaches AliExpress with a synchronization,
and that runs as the synchronization policy of each account says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from aliconf.config.configuration import Configuration
from aliconf.model.base import Body
from aliconf.plan.changes import Action, Change, Effect
from aliconf.plan.concerned import Concerned
from aliconf.plan.wanted import Id

_SYNCHRONIZATION: Final = "SynchronizationPolicy"
_CARRIES: Final = {
    "PricingPolicy": "prices",
    "InventoryPolicy": "stock",
    "ImagePolicy": "products",
    "ListingTemplate": "products",
    "OrderPolicy": "orders",
}
"""What brings a change of each kind to AliExpress, or the orders from there."""
_GONE: Final = frozenset({Action.DELETE, Action.RELEASE})

BodyOf = Callable[[str, str], Body | None]
"""The body of an object after the plan, by kind and name; None where there is none."""


def effects(
    changes: Iterable[Change],
    configuration: Configuration,
    defaults: Mapping[str, str],
    body_of: BodyOf,
) -> Iterator[Effect]:
    """What waits for a synchronization, by what is synchronized and by policy."""
    changed = [
        change
        for change in changes
        if change.kind in _CARRIES and change.fields and change.action not in _GONE
    ]
    if not changed:
        return
    schedules = _Schedules(configuration, defaults, body_of)
    found: dict[tuple[str, str], dict[str, None]] = {}
    for what, source, account in _concerned(changed, configuration, defaults):
        policy = source if what == "stock" else ""
        for key in schedules.of(account, what, policy):
            found.setdefault((what, key), {})[account] = None
    for (what, policy), accounts in sorted(found.items(), key=lambda item: item[0]):
        on, schedule = schedules.rhythm(what, policy)
        yield Effect(what, policy, schedule, on, tuple(accounts))


def _concerned(
    changed: list[Change], configuration: Configuration, defaults: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """What is synchronized, the policy that changes, and the account that it is in force for."""
    concerned = Concerned(configuration, defaults)
    policies: set[Id] = {(change.kind, change.name) for change in changed}
    for users in (concerned.by_templates(policies), concerned.by_campaigns(policies)):
        for (kind, name), accounts in users.items():
            for account in accounts:
                yield _CARRIES[kind], f"{kind}/{name}", account
    for change in changed:
        if change.kind == "ListingTemplate" and change.document is not None:
            for account in concerned.of_document(change.document):
                yield "products", change.id, account
    if any(kind == "OrderPolicy" for kind, _ in policies):
        for document in configuration.of("Account"):
            name = getattr(document.spec, "order_policy", None) or defaults.get("OrderPolicy", "")
            if ("OrderPolicy", name) in policies:
                yield "orders", f"OrderPolicy/{name}", document.name


class _Schedules:
    """The synchronization policies of the accounts, each read once."""

    def __init__(
        self, configuration: Configuration, defaults: Mapping[str, str], body_of: BodyOf
    ) -> None:
        self._configuration = configuration
        self._default = defaults.get(_SYNCHRONIZATION, "")
        self._body_of = body_of
        self._bodies: dict[str, Body] = {}

    def of(self, account: str, what: str, inventory: str) -> Iterator[str]:
        """The policy by which the account gets it: that of the stock, unless it is switched off."""
        document = self._configuration.get("Account", account)
        if document is None:
            return
        name = getattr(document.spec, "synchronization_policy", None) or self._default
        policy = f"{_SYNCHRONIZATION}/{name}"
        yield inventory if inventory and _is_on(what, self._body(policy)) else policy

    def rhythm(self, what: str, policy: str) -> tuple[bool, str]:
        """Whether it is synchronized, and when; empty for the connector's own rhythm."""
        body = self._body(policy)
        if policy.startswith("InventoryPolicy/"):
            return True, str(body.get("updateEvery", ""))
        schedule = body.get("schedule")
        found = schedule.get(what) if isinstance(schedule, Mapping) else None
        return _is_on(what, body), str(found or "")

    def _body(self, policy: str) -> Body:
        if policy not in self._bodies:
            kind, _, name = policy.partition("/")
            self._bodies[policy] = self._body_of(kind, name) or {}
        return self._bodies[policy]


def _is_on(what: str, body: Mapping[str, Any]) -> bool:
    """Whether a synchronization policy synchronizes it; what an old body does not say is on."""
    if what in {"prices", "stock"}:
        return body.get("pricesAndInventory") is not False
    if what == "orders":
        return body.get("orders") is not False
    products = body.get("products")
    if not isinstance(products, Mapping):
        return True
    return any(products.get(key) is not False for key in ("upload", "update", "assign"))
