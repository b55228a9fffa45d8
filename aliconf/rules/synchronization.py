"""Synchronization policies: what depends on what, and settings of what is off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, cast

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Severity
from aliconf.rules.given import conflict, listed, says, settled
from aliconf.rules.registry import Violation, document_rule
from aliconf.rules.slots import all_are_sound

if TYPE_CHECKING:
    from aliconf.model.inventory import InventoryPolicySpec
    from aliconf.model.pricing import PricingPolicySpec
    from aliconf.model.synchronization import SynchronizationPolicySpec

_PRICE: Final = frozenset({"price"})
_STOCK: Final = frozenset({"quantity_and_stock_status", "qty"})
"""What Magento calls the stock of a product (connector-domain §5.1)."""


def _prices_are_on(
    document: LoadedDocument, spec: SynchronizationPolicySpec, configuration: Configuration
) -> bool:
    return spec.prices_and_inventory and settled(document, configuration, "pricesAndInventory")


@document_rule("ALI302", "SynchronizationPolicy")
def prices_and_stock_need_product_updates(
    document: LoadedDocument, spec: SynchronizationPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.products.update or not _prices_are_on(document, spec, configuration):
        return
    given = "prices_and_inventory" in spec.model_fields_set
    yield conflict(
        document,
        configuration,
        (("products", "update"), ("pricesAndInventory",)),
        "products.update is false, and pricesAndInventory "
        f"{'is true and' if given else '(true by default)'} needs it",
        "Set `products.update: true`, or `pricesAndInventory: false` if prices and stock are not "
        "to be synchronized either.",
    )


@document_rule("ALI303", "SynchronizationPolicy", Severity.WARNING)
def observed_attributes_hold_price_and_stock(
    document: LoadedDocument, spec: SynchronizationPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.observed_attributes is None:
        return
    observed = set(spec.observed_attributes)
    missing = [
        word
        for word, usual, others in (
            ("price", _PRICE, _price_attributes),
            ("stock", _STOCK, _stock_attributes),
        )
        # Only where the usual attributes are not observed are all policies looked at.
        if not observed & usual and not observed & others(configuration)
    ]
    if (
        not missing
        or not all_are_sound(configuration, "PricingPolicy", "InventoryPolicy")
        or not _prices_are_on(document, spec, configuration)
    ):
        return
    example = {"price": "price", "stock": "quantity_and_stock_status"}
    yield conflict(
        document,
        configuration,
        (("observedAttributes",), ("pricesAndInventory",)),
        f"observedAttributes has no attribute of the {' or of the '.join(missing)}: a change of "
        "it alone is not sent",
        f"Add {' and '.join(f'`{example[word]}`' for word in missing)}, or set "
        "`pricesAndInventory: false`.",
    )


def _price_attributes(configuration: Configuration) -> set[str]:
    return {
        cast("PricingPolicySpec", policy.spec).price_attribute
        for policy in configuration.of("PricingPolicy")
        if policy.model is not None
    }


def _stock_attributes(configuration: Configuration) -> set[str]:
    return {
        attribute
        for policy in configuration.of("InventoryPolicy")
        if policy.model is not None
        and (attribute := cast("InventoryPolicySpec", policy.spec).source.attribute) is not None
    }


@document_rule("ALI304", "SynchronizationPolicy", Severity.WARNING)
def what_is_off_needs_no_settings(
    document: LoadedDocument, spec: SynchronizationPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    environment = configuration.environment
    if environment and not environment.settings.synchronize:
        return  # all of it is off there, which is not the policy's own doing
    for keys, switches in _useless(spec):
        if says(document, *keys):
            name = ".".join(keys)
            yield conflict(
                document,
                configuration,
                (keys, *(tuple(switch.split(".")) for switch in switches)),
                f"{name} has no effect: {listed(switches)} "
                f"{'is' if len(switches) == 1 else 'are'} false",
                f"Remove `{name}`, or turn on what it is about.",
            )


def _useless(spec: SynchronizationPolicySpec) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Keys that are given, with the switches that are off for them."""
    products, schedule = spec.products, spec.schedule
    if schedule.products is not None and not (
        products.upload or products.update or products.assign
    ):
        yield (
            ("schedule", "products"),
            ["products.upload", "products.update", "products.assign"],
        )
    if schedule.prices is not None and not spec.prices_and_inventory:
        yield ("schedule", "prices"), ["pricesAndInventory"]
    if schedule.orders is not None and not spec.orders:
        yield ("schedule", "orders"), ["orders"]
    if spec.observed_attributes is not None and not (products.update or spec.prices_and_inventory):
        yield ("observedAttributes",), ["products.update", "pricesAndInventory"]
