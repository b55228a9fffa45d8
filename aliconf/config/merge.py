"""One law for values that replace others: ``basedOn`` and overlays.

Mappings are merged key by key, everything else is replaced, and null removes a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final


class _All(tuple[str, ...]):
    """Every key."""

    def __contains__(self, key: object) -> bool:
        return True


ALL: Final = _All()
"""For ``keep_null``: below here null is a value everywhere."""


def merge(
    under: dict[str, Any], over: dict[str, Any], keep_null: Iterable[str] = ()
) -> dict[str, Any]:
    """``over`` laid on ``under``; neither is changed.

    ``keep_null`` names the keys below which null is a value of its own (a status mapping).
    """
    merged = dict(under)
    for key, value in over.items():
        if value is None and keep_null is not ALL:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge(merged[key], value, ALL if key in keep_null else keep_null)
        else:
            merged[key] = value if key in keep_null else without_nulls(value, keep_null)
    return merged


def without_nulls(value: Any, keep_null: Iterable[str] = ()) -> Any:
    """The value without keys that are null: null means absent."""
    if type(value) is dict:
        return {
            key: item if key in keep_null else without_nulls(item, keep_null)
            for key, item in value.items()
            if item is not None
        }
    if type(value) is list:
        return [without_nulls(item, keep_null) for item in value]
    return value


def null_paths(
    value: Any, keep_null: Iterable[str] = (), prefix: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """The path of each key that `without_nulls` leaves out."""
    if type(value) is dict:
        for key, item in value.items():
            if item is None:
                yield (*prefix, key)
            elif key not in keep_null:
                yield from null_paths(item, keep_null, (*prefix, key))
    elif type(value) is list:
        for index, item in enumerate(value):
            yield from null_paths(item, keep_null, (*prefix, index))
