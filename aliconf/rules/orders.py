"""Order policies: settings that need each other, that do nothing, or that create wrong orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.config.words import did_you_mean
from aliconf.findings import Severity
from aliconf.rules.given import conflict, listed, nobody_says, says, settled
from aliconf.rules.registry import Violation, document_rule

if TYPE_CHECKING:
    from aliconf.model.order import OrderPolicySpec, StatusMapping

_ALIVE_WHEN_OFF: Final = frozenset({"title", "default", "basedOn", "createOrders"})

_TOO_EARLY_OR_WRONG: Final = {
    "PLACE_ORDER_SUCCESS": "is not paid yet, and many such orders never are",
    "RISK_CONTROL": "is in AliExpress's risk review, and may still be cancelled",
    "IN_CANCEL": "is one whose buyer asked to cancel it",
    "IN_ISSUE": "is in dispute",
    "IN_FROZEN": "is frozen",
    "FINISH": "has ended: delivered long ago, or cancelled",
}
"""What an order of this status is (connector-domain §13)."""

MAGENTO_STATUSES: Final = frozenset(
    {
        "pending",
        "pending_payment",
        "processing",
        "complete",
        "closed",
        "canceled",
        "holded",
        "payment_review",
        "fraud",
        "pending_paypal",
        "paypal_reversed",
        "paypal_canceled_reversal",
    }
)
"""The order statuses that Magento comes with (connector-domain §11)."""

_OFTEN_MEANT: Final = {
    "new": "pending",
    "hold": "holded",
    "held": "holded",
    "onhold": "holded",
    "on_hold": "holded",
    "shipped": "complete",
}
"""States, labels and words of other systems that look nothing like the status."""


@document_rule("ALI340", "OrderPolicy")
def create_orders_is_given(
    document: LoadedDocument, spec: OrderPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.create_orders is None and nobody_says(document, configuration, "createOrders"):
        yield Violation(
            document,
            ("spec", "createOrders"),
            "createOrders is missing, also in what this policy is based on",
            "Say `createOrders: true` or `createOrders: false`.",
            key=True,
        )


@document_rule("ALI341", "OrderPolicy", Severity.WARNING)
def a_policy_that_creates_no_orders_says_nothing_else(
    document: LoadedDocument, spec: OrderPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.create_orders is not False:
        return
    own = document.raw()["spec"]
    dead = [key for key in own if key not in _ALIVE_WHEN_OFF and own[key] is not None]
    if dead:
        one = len(dead) == 1
        yield conflict(
            document,
            configuration,
            (("createOrders",), (dead[0],)),
            f"createOrders is false, so {listed(dead)} {'has' if one else 'have'} no effect",
            f"Set `createOrders: true`, or remove {f'`{dead[0]}`' if one else 'the others'}.",
        )


@document_rule("ALI342", "OrderPolicy", Severity.WARNING)
def orders_are_created_once_they_are_paid_and_undisputed(
    document: LoadedDocument, spec: OrderPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    meaning = _TOO_EARLY_OR_WRONG.get(spec.create_when)
    if meaning and spec.create_orders is not False:
        yield Violation(
            document,
            ("spec", "createWhen"),
            f"createWhen is {spec.create_when}: an order with this status {meaning}",
            "Use WAIT_SELLER_SEND_GOODS: paid, awaiting dispatch.",
        )


@document_rule("ALI343", "OrderPolicy", Severity.WARNING)
def taxes_of_magento_may_tax_twice(
    document: LoadedDocument, spec: OrderPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.use_magento_taxes and spec.create_orders is not False:
        yield Violation(
            document,
            ("spec", "useMagentoTaxes"),
            "useMagentoTaxes adds Magento's taxes to a total that may already hold taxes",
            "Remove it if the AliExpress prices include tax; if they do not, ignore ALI343 for "
            "this policy with that reason.",
        )


@document_rule("ALI344", "OrderPolicy")
def a_notification_has_an_address(
    document: LoadedDocument, spec: OrderPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    notification = spec.notification
    if not notification.enabled or notification.email or spec.create_orders is False:
        return
    if nobody_says(document, configuration, "notification", "email"):
        yield conflict(
            document,
            configuration,
            (("notification", "enabled"), ("notification", "email")),
            "notification.enabled is true, and notification.email is missing",
            "Add `email:` with who gets the notification, or set `enabled: false`.",
        )


@document_rule("ALI345", "OrderPolicy", Severity.WARNING)
def the_address_of_a_notification_is_used(
    document: LoadedDocument, spec: OrderPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    notification = spec.notification
    if notification.enabled or not notification.email or spec.create_orders is False:
        return
    if says(document, "notification", "email") and settled(
        document, configuration, "notification", "enabled"
    ):
        yield conflict(
            document,
            configuration,
            (("notification", "email"), ("notification", "enabled")),
            f"no notification is sent to {notification.email}: notification.enabled is false",
            "Set `enabled: true`, or remove the e-mail.",
        )


@document_rule("ALI346", "OrderPolicy")
def the_fixed_customer_has_an_address(
    document: LoadedDocument, spec: OrderPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    customer = spec.customer
    if customer.mode != "fixed" or customer.email or spec.create_orders is False:
        return
    if nobody_says(document, configuration, "customer", "email"):
        yield conflict(
            document,
            configuration,
            (("customer", "mode"), ("customer", "email")),
            "customer.mode is fixed, and customer.email is missing",
            "Add `email:` with the Magento customer that all orders belong to.",
        )


@document_rule("ALI347", "OrderPolicy", Severity.WARNING)
def the_customer_s_address_is_used(
    document: LoadedDocument, spec: OrderPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    customer = spec.customer
    if customer.mode == "fixed" or not customer.email or spec.create_orders is False:
        return
    if says(document, "customer", "email") and settled(document, configuration, "customer", "mode"):
        yield conflict(
            document,
            configuration,
            (("customer", "email"), ("customer", "mode")),
            f"customer.email {customer.email} is not used: customer.mode is {customer.mode}",
            "Set `mode: fixed` to give all orders to this customer, or remove the e-mail.",
        )


@document_rule("ALI348", "OrderPolicy", Severity.WARNING)
def mapped_statuses_are_magento_s(
    document: LoadedDocument, spec: OrderPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.create_orders is False:
        return
    for keys, status in _mapped(spec.status_mapping):
        if status not in MAGENTO_STATUSES:
            meant = _meant(status)
            yield Violation(
                document,
                ("spec", "statusMapping", *keys),
                f"{status} is not an order status that Magento comes with",
                f"{meant} " * bool(meant) + "If the shop has added this status, ignore ALI348 for "
                "this policy with that reason.",
            )


def _mapped(mapping: StatusMapping) -> Iterator[tuple[tuple[str, ...], str]]:
    """The statuses that were given, with their keys."""
    for name in mapping.model_fields_set:
        value = getattr(mapping, name)
        if isinstance(value, str):
            yield (name.upper(),), value
    if mapping.finish is not None:
        for name in mapping.finish.model_fields_set:
            value = getattr(mapping.finish, name)
            if isinstance(value, str):
                yield ("FINISH", name), value


def _meant(status: str) -> str:
    word = status.lower()
    if word in _OFTEN_MEANT:
        return f"Did you mean {_OFTEN_MEANT[word]}?"
    return did_you_mean(word, sorted(MAGENTO_STATUSES))


@document_rule("ALI349", "OrderPolicy", Severity.WARNING)
def settings_of_tracking_are_used(
    document: LoadedDocument, spec: OrderPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    fulfillment = spec.fulfillment
    if fulfillment.send_tracking or spec.create_orders is False:
        return
    given = {"trackingRequired": fulfillment.tracking_required, "carriers": fulfillment.carriers}
    for key, value in given.items():
        if value and says(document, "fulfillment", key):
            yield conflict(
                document,
                configuration,
                (("fulfillment", key), ("fulfillment", "sendTracking")),
                f"fulfillment.{key} has no effect: fulfillment.sendTracking is false",
                f"Set `sendTracking: true`, or remove `{key}`.",
            )
