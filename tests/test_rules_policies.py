"""Rules of the five policy kinds: what they must not say, and laws that they keep."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliconf.config.configuration import Configuration
from aliconf.config.load import read_text
from aliconf.config.source import Source
from aliconf.model import defaults
from aliconf.model.kinds import POLICY_KINDS
from aliconf.rules.engine import check


def found(text: str) -> list[str]:
    """Code, object and place of each finding of some documents, without those of no project."""
    configuration = Configuration(Path("/nowhere"))
    read_text(configuration, Source(Path("/nowhere/case.yaml"), "case.yaml", text), ours=True)
    return [
        f"{finding.code} {finding.object} {finding.location.line if finding.location else ''}"
        for finding in check(configuration)
    ]


def policy(kind: str, name: str, spec: str) -> str:
    return (
        f"apiVersion: aliconf/v1\nkind: {kind}\nmetadata: {{name: {name}}}\n"
        f"spec: {{title: {name}, {spec}}}\n---\n"
    )


@pytest.mark.parametrize("path", defaults.paths(), ids=lambda path: path.stem)
def test_a_generated_policy_gives_no_finding(path: Path) -> None:
    assert found(path.read_text()) == []


@pytest.mark.parametrize("kind", POLICY_KINDS)
def test_a_policy_of_nothing_but_defaults_gives_no_finding(kind: str) -> None:
    spec = "createOrders: true" if kind == "OrderPolicy" else ""
    assert found(policy(kind, "plain", spec)) == []


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("SynchronizationPolicy", "products: {update: false}, pricesAndInventory: 'no'"),
        ("SynchronizationPolicy", "observedAttributes: [name], pricesAndInventory: 'no'"),
        ("OrderPolicy", "createOrders: true, notification: {enabled: true, email: nobody}"),
        ("OrderPolicy", "createOrders: true, notification: {enabled: 1, email: a@b.example}"),
        ("OrderPolicy", "createOrders: true, customer: {mode: fixed, email: nobody}"),
        ("OrderPolicy", "createOrders: true, customer: {mode: all, email: a@b.example}"),
        ("InventoryPolicy", "source: {type: msi, sources: [5]}"),
        ("InventoryPolicy", "source: {type: attribute, attribute: 5}"),
        ("InventoryPolicy", "source: {type: sources, sources: [madrid]}"),
        ("ImagePolicy", "shape: padded, background: black"),
        ("PricingPolicy", "rounding: {mode: up, step: -1}"),
        ("PricingPolicy", "rounding: {mode: upwards, step: 1}"),
        ("PricingPolicy", "rounding: {mode: up, step: 1, ending: 0.99}"),
        ("PricingPolicy", "adjustments: [{multiplyBy: -2}], salePrice: {attribute: price}"),
        ("PricingPolicy", "priceAttribute: 5, salePrice: {attribute: price}"),
        (
            "PricingPolicy",
            "priceAttribute: 5, margin: {costAttribute: price, minimumMarkupPercent: 1}",
        ),
        (
            "PricingPolicy",
            "salePrice: {minimum: 0, adjustments: [{decreaseByAmount: 200000}]}",
        ),
    ],
)
def test_a_value_that_its_structure_refused_is_not_missing(kind: str, spec: str) -> None:
    codes = {finding.split()[0] for finding in found(policy(kind, "plain", spec))}
    assert codes <= {"ALI114", "ALI115", "ALI116", "ALI117", "ALI118", "ALI404"}
    assert codes


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("OrderPolicy", "createWhen: FUND_PROCESSING"),
        ("OrderPolicy", "createOrders: true, notification: {enabled: true}"),
        ("OrderPolicy", "createOrders: true, customer: {mode: fixed}"),
        ("InventoryPolicy", "source: {type: msi}"),
        ("PricingPolicy", "rounding: {mode: up}"),
        ("PricingPolicy", "rounding: {ending: 0.99}"),
        ("ImagePolicy", "background: black"),
        ("SynchronizationPolicy", "products: {update: false}"),
    ],
)
def test_what_an_absent_base_may_give_is_not_missing(kind: str, spec: str) -> None:
    text = policy(kind, "plain", f"{spec}, basedOn: elsewhere")
    assert [finding.split()[0] for finding in found(text)] == ["ALI204"]


@pytest.mark.parametrize(
    ("kind", "base", "codes"),
    [
        ("PricingPolicy", "minimum: 5, maximum: 4", ["ALI310"]),
        ("PricingPolicy", "salePrice: {adjustments: [{multiplyBy: 2}]}", ["ALI315"]),
        ("InventoryPolicy", "threshold: {value: 1, sendAbove: 2, sendBelow: 3}", 3 * ["ALI32"]),
        ("ImagePolicy", "belowMinimum: keep", ["ALI330"]),
        ("OrderPolicy", "createOrders: true, useMagentoTaxes: true", ["ALI343"]),
        ("SynchronizationPolicy", "products: {update: false}", ["ALI302"]),
    ],
)
def test_what_is_wrong_with_a_base_is_said_once(kind: str, base: str, codes: list[str]) -> None:
    text = (
        policy(kind, "base", base)
        + policy(kind, "child", "basedOn: base")
        + policy(kind, "grandchild", "basedOn: child")
    )
    assert [finding[: len(code)] for finding, code in zip(found(text), codes, strict=True)] == codes
    assert all(f" {kind}/base " in finding for finding in found(text))


def test_a_conflict_of_two_bases_is_said_where_it_arises() -> None:
    text = (
        policy("PricingPolicy", "base", "minimum: 50")
        + policy("PricingPolicy", "child", "basedOn: base, maximum: 40")
        + policy("PricingPolicy", "grandchild", "basedOn: child, adjustments: []")
    )
    assert found(text) == ["ALI310 PricingPolicy/child 9"]


@pytest.mark.parametrize(
    ("kind", "base", "child"),
    [
        (
            "OrderPolicy",
            "createOrders: true, createWhen: FUND_PROCESSING, invoice: {automatic: true}",
            "createOrders: false",
        ),
        (
            "OrderPolicy",
            "createOrders: true, notification: {enabled: true, email: a@b.example}",
            "notification: {enabled: false}",
        ),
        (
            "OrderPolicy",
            "createOrders: true, customer: {mode: fixed, email: a@b.example}",
            "customer: {mode: guest}",
        ),
        (
            "OrderPolicy",
            "createOrders: true, fulfillment: {trackingRequired: true, carriers: {ups: UPS}}",
            "fulfillment: {sendTracking: false}",
        ),
        ("InventoryPolicy", "source: {type: msi, sources: [madrid]}", "source: {type: stock}"),
        ("PricingPolicy", "rounding: {mode: up, ending: 0.99}", "rounding: {mode: none}"),
        ("ImagePolicy", "shape: pad, background: black", "shape: keep"),
        (
            "SynchronizationPolicy",
            "schedule: {orders: 15m, prices: 1h}, observedAttributes: [price, qty]",
            "orders: false, products: {update: false}, pricesAndInventory: false",
        ),
    ],
)
def test_a_policy_may_turn_off_what_it_takes_over(kind: str, base: str, child: str) -> None:
    text = policy(kind, "base", base) + policy(kind, "child", f"basedOn: base, {child}")
    assert found(text) == []


def test_a_policy_that_creates_no_orders_is_told_nothing_else() -> None:
    settings = (
        "createOrders: false, createWhen: FINISH, useMagentoTaxes: true, "
        "notification: {enabled: true}, customer: {mode: fixed}, "
        "statusMapping: {IN_CANCEL: onhold}, fulfillment: {sendTracking: false, carriers: {a: B}}"
    )
    assert found(policy("OrderPolicy", "none", settings)) == ["ALI341 OrderPolicy/none 4"]


def test_amounts_of_different_currencies_are_not_compared() -> None:
    spec = (
        "minimum: {JPY: 500}, maximum: {EUR: 20}, rounding: {mode: up, ending: 0.99}, "
        "salePrice: {minimum: {KRW: 900}, adjustments: [{increaseByAmount: {PLN: 5}}, "
        "{decreaseByAmount: {EUR: 30}}]}"
    )
    assert found(policy("PricingPolicy", "mixed", spec)) == []


def test_steps_beyond_exact_numbers_are_not_judged() -> None:
    steps = ", ".join(["{multiplyBy: 9999999999}"] * 40)
    spec = f"salePrice: {{adjustments: [{steps}]}}"
    assert found(policy("PricingPolicy", "huge", spec)) == ["ALI315 PricingPolicy/huge 4"]
    many = ", ".join(["{multiplyBy: 0.00000001}"] * 101)
    assert found(policy("PricingPolicy", "many", f"salePrice: {{adjustments: [{many}]}}")) == []


CENT = Fraction(1, 100)
CENTS = st.integers(1, 20_000).map(lambda cents: Decimal(cents) / 100)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["increaseByPercent", "decreaseByPercent"]), st.integers(1, 99)),
        st.tuples(st.sampled_from(["increaseByAmount", "decreaseByAmount", "multiplyBy"]), CENTS),
    ),
    min_size=1,
    max_size=4,
)


@given(STEPS, CENTS, CENTS)
def test_a_sale_price_is_refused_exactly_where_no_price_has_one(
    steps: list[tuple[str, Decimal | int]], one: Decimal, other: Decimal
) -> None:
    low, high = sorted((Fraction(one), Fraction(other)))
    adjustments = ", ".join(f"{{{key}: {value}}}" for key, value in steps)
    bounds = f"minimum: {min(one, other)}, maximum: {max(one, other)}"
    text = policy("PricingPolicy", "sale", f"{bounds}, salePrice: {{adjustments: [{adjustments}]}}")
    # The sale price is linear in the price: the ends, and where it starts to be one, say it all.
    nothing, one_more = _after(Fraction(0), steps), _after(Fraction(1), steps)
    first = (CENT - nothing) / (one_more - nothing)
    prices = [low, high, *([first] if low < first < high else [])]
    sold = [(price, _after(price, steps)) for price in prices if _after(price, steps) >= CENT]
    expected = (
        ["ALI311"] if not sold else [] if any(sale < price for price, sale in sold) else ["ALI315"]
    )
    assert [finding.split()[0] for finding in found(text)] == expected


def _after(price: Fraction, steps: list[tuple[str, Decimal | int]]) -> Fraction:
    for key, value in steps:
        amount = Fraction(value)
        price = {
            "increaseByPercent": price * (1 + amount / 100),
            "decreaseByPercent": price * (1 - amount / 100),
            "increaseByAmount": price + amount,
            "decreaseByAmount": price - amount,
            "multiplyBy": price * amount,
        }[key]
    return price
