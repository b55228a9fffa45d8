"""Amounts of money that are one number for all currencies, or a number for each."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from aliconf.rules.given import Keys

Amount = Decimal | dict[str, Decimal]

LOWEST: Final = Decimal("0.01")
HIGHEST: Final = Decimal(100_000)
"""The prices that AliExpress takes (connector-domain §10)."""

PLACES: Final = 2
"""Decimals of a price on AliExpress (connector-domain §10)."""


def currencies(*values: Amount | None) -> list[str]:
    """The currencies that any of the amounts names; a single empty one where none does."""
    named = {currency: None for value in values if isinstance(value, dict) for currency in value}
    return list(named) or [""]


def amount_in(currency: str, value: Amount | None) -> Decimal | None:
    """The amount in a currency; None where it is not given, or not in this one."""
    return value.get(currency) if isinstance(value, dict) else value


def keys_in(currency: str, value: Amount | None, *keys: str) -> Keys:
    """The path of the amount in a currency."""
    return (*keys, currency) if isinstance(value, dict) else keys


def words_in(currency: str) -> str:
    """``in EUR``, for a message; nothing where one amount serves all."""
    return f" in {currency}" if currency else ""
