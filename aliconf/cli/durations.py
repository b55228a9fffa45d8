"""How long to wait, as an option says it."""

from __future__ import annotations

import re
from typing import Final

import click

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
_LONGEST: Final = 24 * 3600


def seconds(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float:
    """The callback of an option: ``30s``, ``5m`` or ``1h`` in seconds; none is 0."""
    if value is None:
        return 0.0
    parts = re.fullmatch(r"([0-9]{1,6})([smh])", value)
    found = int(parts[1]) * _SECONDS[parts[2]] if parts else _LONGEST + 1
    if found > _LONGEST:
        raise click.BadParameter(f"{value!r} is not a time such as 30s, 5m or 1h, at most 24h.")
    return float(found)
