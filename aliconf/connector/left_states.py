"""The states of objects that the journal keeps, as docs/store.md describes them."""

from __future__ import annotations

import json
from typing import Any


def state_of(text: str | None) -> dict[str, Any]:
    """The JSON object of a text; empty where there is none, or an administrator left no object."""
    try:
        found = json.loads(text or "null")
    except (TypeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def part_of(state: dict[str, Any], key: str) -> dict[str, Any]:
    """An object inside a state, such as its ``body``; empty where there is none."""
    found = state.get(key)
    return found if isinstance(found, dict) else {}
