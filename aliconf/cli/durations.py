"""How long to wait, as an option says it."""

from __future__ import annotations

import re
from typing import Final

import click

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
_LONGEST: Final = 24 * 3600
_LONGER: Final = ("5m", "1h", "24h")


def seconds(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float:
    """The callback of an option: ``30s``, ``5m`` or ``1h`` in seconds; none is 0."""
    if value is None:
        return 0.0
    parts = re.fullmatch(r"([0-9]{1,6})([smh])", value)
    found = int(parts[1]) * _SECONDS[parts[2]] if parts else _LONGEST + 1
    if found > _LONGEST:
        raise click.BadParameter(f"{value!r} is not a time such as 30s, 5m or 1h, at most 24h.")
    return float(found)


def shown(seconds: float) -> str:
    """Seconds as the option takes them: ``90s``, ``5m``."""
    whole = round(seconds)
    unit = next(unit for unit, size in reversed(_SECONDS.items()) if whole % size == 0)
    return f"{whole // _SECONDS[unit]}{unit}"


def longer(than: float) -> str:
    """A time to wait for whom so many seconds were not enough."""
    return next((one for one in _LONGER if _of(one) > than), _LONGER[-1])


def _of(value: str) -> float:
    return float(value[:-1]) * _SECONDS[value[-1]]
