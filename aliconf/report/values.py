"""Values of a body as people write them in YAML."""

from __future__ import annotations

import re
from typing import Any

_SIMPLE = re.compile(r"[A-Za-z0-9_%€/$*.@+-][^\x00-\x1f#:,\[\]{}\"'\\]*")
_RESERVED = frozenset({"true", "false", "null", "~", ""})


def show(value: Any, inside: bool = False) -> str:
    """A value in YAML's flow style: ``{EUR: 9.99}``, ``[a, b]``, ``'a: b'``."""
    if value is None:
        return "null" if inside else "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(k, True)}: {show(v, True)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(show(item, True) for item in value) + "]"
    text = str(value)
    if (not inside and "\n" not in text and text == text.strip() and text) or (
        _SIMPLE.fullmatch(text) and text not in _RESERVED and text == text.strip()
    ):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
