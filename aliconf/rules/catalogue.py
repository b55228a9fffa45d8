"""All rules, by the kinds that they look at.

A module registers its rules when it is imported, and it is imported when the configuration has a
document that its rules are about: a hook that checks two policies loads nothing of campaigns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Final

from aliconf.rules.registry import RULES, Rule

_ALWAYS: Final = (
    "identity",
    "references",
    "project",
    "accounts",
    "currencies",
    "system_check",
    "drift",
    "ignores",
)
_BY_KIND: Final = {
    "ImagePolicy": ("images",),
    "InventoryPolicy": ("inventory",),
    "PricingPolicy": ("pricing", "sale_prices"),
    "OrderPolicy": ("orders",),
    "SynchronizationPolicy": ("synchronization",),
    "Account": ("listing_templates",),
    "ListingTemplate": ("listing_templates", "title_templates"),
    "Campaign": ("campaigns",),
}


def modules(kinds: Iterable[str]) -> Iterator[str]:
    """The modules whose rules are about any of these kinds, and those that every project needs."""
    yield from _ALWAYS
    for kind in kinds:
        yield from _BY_KIND.get(kind, ())


def rules_for(kinds: Iterable[str]) -> list[Rule]:
    """The rules that can find something in documents of these kinds; others may be among them."""
    for module in modules(kinds):
        import_module(f"aliconf.rules.{module}")
    return list(RULES)


def all_rules() -> list[Rule]:
    """Every rule there is."""
    return rules_for(_BY_KIND)


def choosable_rules() -> list[Rule]:
    """The rules whose severity a project can choose."""
    return [rule for rule in all_rules() if not rule.fixed]
