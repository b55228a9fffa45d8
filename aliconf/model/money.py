"""Amounts of money: one for every currency, or a map by currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Discriminator, Field, StringConstraints, Tag

from aliconf.model.base import Words
from aliconf.model.numbers import Exact

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Words("currency (ISO 4217)")]
"""An ISO 4217 code. Whether it is a known one is a rule: a new currency is no syntax error."""


def _shape(value: Any) -> str:
    return "ByCurrency" if isinstance(value, dict) else "Amount"


_Positive = Annotated[Decimal, Exact(gt="0")]
_Price = Annotated[Decimal, Exact(ge="0.01", le="100000")]

Amount = Annotated[
    Annotated[_Positive, Tag("Amount")]
    | Annotated[dict[Currency, _Positive], Field(min_length=1), Tag("ByCurrency")],
    Discriminator(_shape),
    Words("amount, or a map of amounts by currency"),
]
"""In the account's listing currency, or by currency: ``{EUR: 19.99, PLN: 84.99}``."""

Price = Annotated[
    Annotated[_Price, Tag("Amount")]
    | Annotated[dict[Currency, _Price], Field(min_length=1), Tag("ByCurrency")],
    Discriminator(_shape),
    Words("amount, or a map of amounts by currency"),
]
"""An amount that AliExpress takes as a price: 0.01 to 100000 (connector-domain §10)."""


def amounts(amount: Decimal | dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    """The single amounts with their currency; the currency is empty where one amount serves all."""
    return list(amount.items()) if isinstance(amount, dict) else [("", amount)]
