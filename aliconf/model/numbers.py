"""Exact numbers: decimals that are never a binary float, and integers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple

from pydantic_core import PydanticCustomError, PydanticKnownError, core_schema

DIGITS: Final = 18
PLACES: Final = 8

_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def plain(number: Decimal) -> str:
    """A decimal as people write it: no exponent, no trailing zeros (``12``, ``19.9``)."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _signed(value: object) -> object:
    """Numbers, and numbers written as plain text; not ``true``, ``1e3`` in quotes or ``1_000``."""
    if isinstance(value, bool) or (isinstance(value, str) and not _PLAIN.fullmatch(value)):
        raise PydanticCustomError("decimal_parsing", "not a number")
    return value


def _unsigned(value: object) -> object:
    if isinstance(value, str) and value.startswith("-"):
        raise PydanticCustomError("decimal_parsing", "not a number")
    return _signed(value)


def _whole(value: object) -> object:
    """``6.0`` is the integer 6, as JSON Schema has it."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value) if abs(value) < 10**DIGITS else value
    return value


class Exact(NamedTuple):
    """Annotates a ``Decimal``: written in YAML as a number or as a plain string (``"19.99"``).

    At most 18 digits, 8 of them after the point. Bounds are given as text, so that they are exact.
    A ``signed`` number has none.
    """

    ge: str = "0"
    gt: str = ""
    le: str = ""
    lt: str = ""
    signed: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(
            _signed if self.signed else _unsigned,
            core_schema.decimal_schema(
                strict=False,
                allow_inf_nan=False,
                max_digits=DIGITS,
                decimal_places=PLACES,
                gt=Decimal(self.gt) if self.gt else None,
                ge=None if self.gt or self.signed else Decimal(self.ge),
                lt=Decimal(self.lt) if self.lt else None,
                le=Decimal(self.le) if self.le else None,
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                plain, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        from aliconf.model.ranges import decimals

        unbounded = str(10 ** (DIGITS - PLACES))
        low = ("exclusiveMinimum", self.gt) if self.gt else ("minimum", self.ge)
        high = ("maximum", self.le) if self.le else ("exclusiveMaximum", self.lt or unbounded)
        limits = {keyword: json_number(Decimal(text)) for keyword, text in (low, high)}
        pattern = decimals(
            Decimal(low[1]), Decimal(high[1]), above=bool(self.gt), below=not self.le
        )
        if self.signed:
            limits = {"exclusiveMinimum": -limits["exclusiveMaximum"], **limits}
            del limits["minimum"]
        return {
            "$comment": "number",
            "type": ["number", "string"],
            **limits,
            "pattern": f"^{'-?' if self.signed else ''}{pattern}$",
        }


class Whole(NamedTuple):
    """Annotates an ``int`` with its bounds."""

    ge: int = 0
    le: int = 2**53 - 1

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(
            _whole, core_schema.int_schema(strict=True, ge=self.ge, le=self.le)
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.ge, "maximum": self.le}


def json_number(number: Decimal) -> int | float:
    """A decimal as a number of JSON, for schemas only."""
    return int(number) if number == number.to_integral_value() else float(number)


def _scalar(value: object) -> str | bool:
    """Magento keeps attribute values as text: 12, 12.0 and "12" are one value."""
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        if not number.is_finite() or abs(number.adjusted()) >= DIGITS:
            raise PydanticCustomError(
                "decimal_max_digits",
                "a number of more than {max_digits} digits",
                {"max_digits": DIGITS},
            )
        return plain(number)
    raise PydanticKnownError("string_type")


class _Scalar:
    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(_scalar)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "$comment": "value",
            "type": ["string", "number", "boolean"],
            "exclusiveMinimum": -(10**DIGITS),
            "exclusiveMaximum": 10**DIGITS,
        }


Number = Annotated[Decimal, Exact()]
SignedNumber = Annotated[Decimal, Exact(signed=True)]
PositiveNumber = Annotated[Decimal, Exact(gt="0")]
Percent = Annotated[Decimal, Exact(ge="0", le="100")]
Count = Annotated[int, Whole()]
Id = Annotated[int, Whole(ge=1)]
Scalar = Annotated[str | bool, _Scalar()]
"""A value to compare an attribute with; numbers are kept as plain text."""
