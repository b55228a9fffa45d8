"""Pricing policies: bounds and rounding that some price can meet, and margins on the cost."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Severity
from aliconf.model.money import amounts
from aliconf.model.numbers import plain
from aliconf.rules.given import conflict, nobody_says, says, settled
from aliconf.rules.per_currency import (
    HIGHEST,
    LOWEST,
    PLACES,
    Amount,
    amount_in,
    currencies,
    keys_in,
    words_in,
)
from aliconf.rules.registry import Violation, document_rule

if TYPE_CHECKING:
    from aliconf.model.pricing import PricingPolicySpec


@document_rule("ALI310", "PricingPolicy")
def the_minimum_is_not_above_the_maximum(
    document: LoadedDocument, spec: PricingPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.minimum is None or spec.maximum is None:
        return
    for currency in currencies(spec.minimum, spec.maximum):
        low, high = amount_in(currency, spec.minimum), amount_in(currency, spec.maximum)
        if low is not None and high is not None and low > high:
            yield conflict(
                document,
                configuration,
                (
                    keys_in(currency, spec.minimum, "minimum"),
                    keys_in(currency, spec.maximum, "maximum"),
                ),
                f"minimum {plain(low)} is more than maximum {plain(high)}{words_in(currency)}",
                "Lower the minimum or raise the maximum.",
            )


@document_rule("ALI312", "PricingPolicy")
def rounding_is_whole(
    document: LoadedDocument, spec: PricingPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    rounding = spec.rounding
    given = "step" if rounding.step is not None else "ending"
    if rounding.step is None and rounding.ending is None:
        if (
            rounding.mode != "none"
            and nobody_says(document, configuration, "rounding", "step")
            and nobody_says(document, configuration, "rounding", "ending")
        ):
            yield conflict(
                document,
                configuration,
                (("rounding", "mode"), ("rounding", "step"), ("rounding", "ending")),
                f"rounding.mode is {rounding.mode}, without a step or an ending to round to",
                "Add `step:`, such as 0.05, or `ending:`, such as 0.99.",
            )
    elif "mode" not in rounding.model_fields_set and nobody_says(
        document, configuration, "rounding", "mode"
    ):
        yield Violation(
            document,
            ("spec", "rounding", given),
            f"rounding.{given} is given without rounding.mode: nothing would be rounded",
            "Add `mode: nearest`, `mode: up` or `mode: down`.",
            key=True,
        )


@document_rule("ALI313", "PricingPolicy", Severity.WARNING)
def rounding_that_is_off_has_no_settings(
    document: LoadedDocument, spec: PricingPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    rounding = spec.rounding
    if rounding.mode != "none" or "mode" not in rounding.model_fields_set:
        return
    for key in ("step", "ending"):
        if getattr(rounding, key) is not None and says(document, "rounding", key):
            yield conflict(
                document,
                configuration,
                (("rounding", key), ("rounding", "mode")),
                f"rounding.{key} has no effect: rounding.mode is none",
                f"Remove `{key}`, or set the mode to `nearest`, `up` or `down`.",
            )


@document_rule("ALI314", "PricingPolicy")
def some_price_within_the_bounds_is_round(
    document: LoadedDocument, spec: PricingPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    rounding = spec.rounding
    size = rounding.step or rounding.ending
    if rounding.mode == "none" or size is None:
        return
    step = rounding.step or Decimal(1)
    offset = rounding.ending or Decimal(0)
    for currency in currencies(spec.minimum, spec.maximum):
        low = amount_in(currency, spec.minimum) or LOWEST
        high = amount_in(currency, spec.maximum) or HIGHEST
        steps = max(((low - offset) / step).to_integral_value(ROUND_CEILING), Decimal(0))
        if low <= high < offset + steps * step:
            form = f"is a multiple of {plain(step)}" if rounding.step else f"ends in {plain(size)}"
            yield conflict(
                document,
                configuration,
                (
                    ("rounding", "step" if rounding.step else "ending"),
                    keys_in(currency, spec.maximum, "maximum"),
                    keys_in(currency, spec.minimum, "minimum"),
                ),
                f"no price from {plain(low)} to {plain(high)}{words_in(currency)} {form}",
                "Change the bounds or the rounding so that they have a price in common.",
            )


@document_rule("ALI316", "PricingPolicy", Severity.WARNING)
def the_cost_is_not_the_price(
    document: LoadedDocument, spec: PricingPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    margin = spec.margin
    if (
        margin is not None
        and margin.cost_attribute == spec.price_attribute
        and settled(document, configuration, "priceAttribute")
        and settled(document, configuration, "margin", "costAttribute")
    ):
        yield conflict(
            document,
            configuration,
            (("margin", "costAttribute"), ("priceAttribute",)),
            f"margin.costAttribute and priceAttribute are both {margin.cost_attribute}: the margin "
            "is a markup on the price itself",
            "Name the attribute that holds the cost in `margin.costAttribute`; a markup belongs in "
            "`adjustments`.",
        )


@document_rule("ALI413", "PricingPolicy")
def prices_have_two_decimals(
    document: LoadedDocument, spec: PricingPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    for keys, value in _prices(spec):
        for currency, amount in amounts(value):
            if amount != round(amount, PLACES):
                shorter = max(amount.quantize(LOWEST, ROUND_DOWN), LOWEST)
                yield Violation(
                    document,
                    ("spec", *keys_in(currency, value, *keys)),
                    f"{'.'.join(keys)} is {plain(amount)}{words_in(currency)}; AliExpress takes "
                    f"{PLACES} decimals",
                    f"Write {plain(shorter)}, or another amount of {PLACES} decimals.",
                )


def _prices(spec: PricingPolicySpec) -> Iterator[tuple[tuple[str, ...], Amount]]:
    """What prices are made of in the end; adjustments may be finer."""
    sale = spec.sale_price
    for keys, value in (
        (("minimum",), spec.minimum),
        (("maximum",), spec.maximum),
        (("rounding", "step"), spec.rounding.step),
        (("rounding", "ending"), spec.rounding.ending),
        (("salePrice", "minimum"), sale.minimum if sale else None),
    ):
        if value is not None:
            yield keys, value
