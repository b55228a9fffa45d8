"""Sale prices: AliExpress takes an offer only where it is below the price."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.model.numbers import plain
from aliconf.rules.given import conflict, nobody_says, settled
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
    from aliconf.model.pricing import Adjustment, PricingPolicySpec

_MOST_STEPS: Final = 100
"""Longer lists are not judged: nobody writes them, and their products exceed exact numbers."""

_MOVES_THE_PRICE: Final = ("adjustments", "margin", "minimum", "maximum")


class Line(NamedTuple):
    """What adjustments come to: a factor on the price, and an amount."""

    factor: Decimal
    amount: Decimal

    def at(self, price: Decimal) -> Decimal:
        return self.factor * price + self.amount

    def least_price(self) -> Decimal:
        """The lowest price of which a sale price is left."""
        return (LOWEST - self.amount) / self.factor


@document_rule("ALI311", "PricingPolicy")
def a_sale_price_leaves_something(
    document: LoadedDocument, spec: PricingPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    sale = spec.sale_price
    if sale is None or not sale.adjustments:
        return
    for currency in currencies(sale.minimum, spec.maximum, *_amounts(sale.adjustments)):
        line = _line(sale.adjustments, currency)
        if line is None or amount_in(currency, sale.minimum) is not None:
            continue
        highest = amount_in(currency, spec.maximum) or HIGHEST
        if line.least_price() > highest and nobody_says(
            document, configuration, "salePrice", "minimum"
        ):
            yield conflict(
                document,
                configuration,
                (("salePrice", "adjustments"), keys_in(currency, spec.maximum, "maximum")),
                "salePrice.adjustments leave nothing: even "
                f"{plain(highest)} becomes {_short(line.at(highest))}{words_in(currency)}",
                "Take less off, or give `salePrice.minimum`.",
            )
            return


@document_rule("ALI315", "PricingPolicy")
def a_sale_price_can_end_below_the_price(
    document: LoadedDocument, spec: PricingPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    sale = spec.sale_price
    if sale is None:
        return
    if sale.adjustments:
        yield from _never_less(document, spec, sale.adjustments, configuration)
    elif _comes_from_the_price(document, spec, configuration):
        yield conflict(
            document,
            configuration,
            (("salePrice", "attribute"), ("priceAttribute",), ("salePrice",)),
            f"salePrice.attribute is {sale.attribute}, where the price itself comes from: the two "
            "are always equal",
            "Name the attribute that holds the sale price, or use `adjustments`.",
        )
    for currency in currencies(sale.minimum, spec.maximum):
        least = amount_in(currency, sale.minimum)
        maximum = amount_in(currency, spec.maximum)
        if least is not None and least >= (maximum or HIGHEST):
            yield conflict(
                document,
                configuration,
                (
                    keys_in(currency, sale.minimum, "salePrice", "minimum"),
                    keys_in(currency, spec.maximum, "maximum"),
                ),
                f"salePrice.minimum {plain(least)} is not below {plain(maximum or HIGHEST)}"
                f"{words_in(currency)}, the {'maximum' if maximum else 'highest price there is'}",
                "Lower it: a sale price must end below the price.",
            )


def _never_less(
    document: LoadedDocument,
    spec: PricingPolicySpec,
    adjustments: list[Adjustment],
    configuration: Configuration,
) -> Iterator[Violation]:
    """Whether no price within the bounds becomes less, and still something.

    What adjustments change is linear in the price, so that the two ends decide.
    """
    for currency in currencies(spec.minimum, spec.maximum, *_amounts(adjustments)):
        line = _line(adjustments, currency)
        if line is None:
            continue
        low = max(amount_in(currency, spec.minimum) or LOWEST, line.least_price())
        high = amount_in(currency, spec.maximum) or HIGHEST
        if low <= high and line.at(low) >= low and line.at(high) >= high:
            price = min(max(Decimal(100), low), high)
            yield conflict(
                document,
                configuration,
                (("salePrice", "adjustments"),),
                "salePrice.adjustments never end below the price: "
                f"{plain(price)} becomes {_short(line.at(price))}{words_in(currency)}",
                "Use `decreaseByPercent`, `decreaseByAmount` or a `multiplyBy` of less than 1.",
            )
            return


def _comes_from_the_price(
    document: LoadedDocument, spec: PricingPolicySpec, configuration: Configuration
) -> bool:
    """Whether the sale price starts where the price does, and nothing moves the price away."""
    sale = spec.sale_price
    return (
        sale is not None
        and sale.attribute == spec.price_attribute
        and not any(getattr(spec, name) for name in _MOVES_THE_PRICE)
        and all(nobody_says(document, configuration, name) for name in _MOVES_THE_PRICE)
        and settled(document, configuration, "priceAttribute")
    )


def _amounts(adjustments: list[Adjustment]) -> Iterator[Amount | None]:
    """The amounts of money in adjustments."""
    for step in adjustments:
        yield step.increase_by_amount
        yield step.decrease_by_amount


def _line(adjustments: list[Adjustment], currency: str) -> Line | None:
    """None where an amount lacks the currency."""
    if len(adjustments) > _MOST_STEPS:
        return None
    factor, amount = Decimal(1), Decimal(0)
    for step in adjustments:
        times, plus = _factor(step), Decimal(0)
        for sign, value in ((1, step.increase_by_amount), (-1, step.decrease_by_amount)):
            if value is not None:
                change = amount_in(currency, value)
                if change is None:
                    return None
                plus = sign * change
        factor, amount = factor * times, amount * times + plus
    return Line(factor, amount)


def _factor(step: Adjustment) -> Decimal:
    if step.increase_by_percent is not None:
        return 1 + step.increase_by_percent / 100
    if step.decrease_by_percent is not None:
        return 1 - step.decrease_by_percent / 100
    return step.multiply_by if step.multiply_by is not None else Decimal(1)


def _short(amount: Decimal) -> str:
    """An amount for a message."""
    return plain(round(amount, PLACES)) if abs(amount) < 10**15 else f"{amount:.3g}"
