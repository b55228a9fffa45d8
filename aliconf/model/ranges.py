"""Regular expressions of all numbers in a range, for the strings of a JSON Schema.

A JSON Schema bounds numbers, but ``5m``, ``3MB`` and ``"19.99"`` are strings to it. The expressions
are valid in Python and in ECMA 262, and match without anchors; the caller anchors them.
"""

from __future__ import annotations

from decimal import Decimal

PLACES = 8
"""Decimal places that aliconf takes."""


def integers(low: int, high: int) -> str:
    """An expression of the integers from ``low`` (0 or more) to ``high``, without leading zeros."""
    parts: list[str] = []
    while low <= high:
        # The largest block x..x99 that starts at `low` and stays in the range and in its length.
        free = 0
        while low and low % 10 ** (free + 1) == 0 and low + 10 ** (free + 1) - 1 <= high:
            if len(str(low + 10 ** (free + 1) - 1)) > len(str(low)):
                break
            free += 1
        block = 10**free
        head, digit = divmod(low // block, 10)
        last = digit
        while last < 9 and low + (last - digit + 2) * block - 1 <= high:
            last += 1
        tail = "" if not free else "[0-9]" if free == 1 else f"[0-9]{{{free}}}"
        digits = str(digit) if last == digit else f"[{digit}-{last}]"
        parts.append(f"{head or ''}{digits}{tail}")
        low += (last - digit + 1) * block
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def decimals(low: Decimal, high: Decimal, *, above: bool = False, below: bool = False) -> str:
    """An expression of the plain decimals from ``low`` (less than 1) to the integer ``high``.

    ``above`` and ``below`` leave out the bounds themselves.
    """
    fraction = rf"(?:\.[0-9]{{1,{PLACES}}})?"
    whole = int(high)
    upper = rf"{integers(0, whole - 1)}{fraction}" if whole else ""
    if not below:
        upper = f"(?:{upper}|{whole}(?:\\.0{{1,{PLACES}}})?)"
    return f"{_not_less(low, above)}{upper}"


def _not_less(low: Decimal, above: bool) -> str:
    """A look-ahead that refuses what is less than ``low`` (or equal, with ``above``)."""
    digits = format(low, "f").partition(".")[2].rstrip("0")
    less = [f"{digits[:end]}0*" for end in range(1, len(digits)) if digits[:end]]
    for place, digit in enumerate(digits):
        if digit != "0":
            less.append(f"{digits[:place]}[0-{int(digit) - 1}][0-9]*")
    if above:
        less.append(f"{digits}0*")
    if not less:
        return ""
    bare = "?" if digits or above else ""
    return rf"(?!0(?:\.(?:{'|'.join(less)})){bare}$)"
