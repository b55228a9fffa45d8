"""Regular expressions of all numbers in a range, for the strings of a JSON Schema.

A JSON Schema bounds numbers, but ``5m``, ``3MB`` and ``"19.99"`` are strings to it. The expressions
are valid in Python and in ECMA 262, and match without anchors; the caller anchors them.
"""

from __future__ import annotations

from decimal import Decimal

_FRACTION = r"(?:\.[0-9]{1,8})?"


def integers(low: int, high: int) -> str:
    """An expression of the integers from ``low`` (0 or more) to ``high``, without leading zeros."""
    parts: list[str] = []
    while low <= high:
        start, low = low, _block_end(low, high) + 1
        parts.append(_digits(str(start), str(low - 1)))
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _block_end(low: int, high: int) -> int:
    """The end of the largest run from ``low`` that one row of digit classes can say.

    Such a run differs in one digit, is free in all that follow, and keeps its length: 40 to 69.
    """
    size = 1
    while low % (size * 10) == 0 and 0 < low + size * 10 - 1 <= high:
        if len(str(low)) < len(str(size * 10)):
            break
        size *= 10
    end = low + size - 1
    while end + size <= high and (end + 1) // size % 10 != 0:
        end += size
    return end


def _digits(first: str, last: str) -> str:
    """The row of digit classes from ``first`` to ``last``, two numbers of one length."""
    if first == last:
        return first
    same = next(i for i, digit in enumerate(first) if digit != last[i])
    free = len(first) - same - 1
    tail = "" if not free else "[0-9]" if free == 1 else f"[0-9]{{{free}}}"
    return f"{first[:same]}[{first[same]}-{last[same]}]{tail}"


def decimals(low: Decimal, high: Decimal, *, above: bool = False, below: bool = False) -> str:
    """An expression of the plain decimals from ``low`` (less than 1) to the integer ``high``.

    ``above`` and ``below`` leave out the bounds themselves.
    """
    whole = int(high)
    if below and str(whole).strip("0") == "1":
        upper = f"(?:0|[1-9][0-9]{{0,{len(str(whole)) - 2}}})" if whole > 1 else "0"
    else:
        upper = integers(0, whole - 1)
    upper += _FRACTION
    if not below:
        upper = rf"(?:{upper}|{whole}(?:\.0{{1,8}})?)"
    return _not_less(low, above) + upper


def _not_less(low: Decimal, above: bool) -> str:
    """A look-ahead that refuses what is less than ``low`` (or equal, with ``above``)."""
    digits = format(low, "f").partition(".")[2].rstrip("0")
    if not digits:
        return r"(?!0(?:\.0*)?$)" if above else ""
    less = [
        f"{digits[:place]}[0-{int(digit) - 1}][0-9]*"
        for place, digit in enumerate(digits)
        if digit != "0"
    ]
    shorter = [digits[:length] for length in range(1, len(digits))]
    equal = [f"{digits}0*"] if above else []
    return rf"(?!0(?:\.(?:{'|'.join(less + shorter + equal)}))?$)"
