"""Amounts of money: one for every currency, or a map by currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Discriminator, Field, StringConstraints, Tag

from aliconf.model.base import Number

Currency = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(title="Currency", examples=["EUR"])
]
"""An ISO 4217 code. Whether it is a known one is a rule, so that a new currency is not a syntax error."""


def _shape(value: Any) -> str:
    return "map" if isinstance(value, dict) else "one"


PositiveNumber = Annotated[Number, Field(gt=0)]

Amount = Annotated[
    Annotated[Number, Field(ge=0), Tag("one")]
    | Annotated[
        dict[Currency, Annotated[Number, Field(ge=0)]], Field(min_length=1), Tag("map")
    ],
    Discriminator(_shape),
]
"""In the account's listing currency, or by currency: ``{EUR: 19.99, PLN: 84.99}``."""


def amounts(amount: Decimal | dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    """The single amounts with their currency; the currency is empty where one amount serves all."""
    return list(amount.items()) if isinstance(amount, dict) else [("", amount)]
