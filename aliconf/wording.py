"""Phrases that every room's messages have in common."""

from __future__ import annotations

from collections.abc import Sequence


def some(names: Sequence[str], most: int = 8, separator: str = ", ") -> str:
    """The first names, and how many more there are: ``a, b and 1,204 more``."""
    shown = separator.join(names[:most])
    if len(names) <= most:
        return shown
    between = separator if separator != ", " else " "
    return f"{shown}{between}and {len(names) - most:,} more"


def amount(number: int, noun: str) -> str:
    """``1 value``, ``1,204 values``, ``2 policies``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"
