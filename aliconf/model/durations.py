"""Durations: ``5m``, ``2h``, ``1d``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Final, NamedTuple

from pydantic_core import PydanticCustomError, core_schema

from aliconf.model.base import text_of

UNITS: Final = {"d": 24 * 60, "h": 60, "m": 1}
"""Minutes of each unit, the largest first."""

_DURATION = re.compile(r"([1-9][0-9]{0,5})([mhd])")


def parse(text: str) -> timedelta | None:
    """The duration, or ``None`` where the text is none."""
    match = _DURATION.fullmatch(text)
    return timedelta(minutes=int(match[1]) * UNITS[match[2]]) if match else None


def written(duration: timedelta) -> str:
    """The shortest way to write it: ``120m`` is ``2h``."""
    minutes = int(duration.total_seconds()) // 60
    unit = next(unit for unit, size in UNITS.items() if minutes % size == 0)
    return f"{minutes // UNITS[unit]}{unit}"


class Lasting(NamedTuple):
    """Annotates a ``timedelta`` with its bounds, both inclusive and written as in YAML."""

    shortest: str = "1m"
    longest: str = "365d"

    def minutes(self) -> tuple[int, int]:
        """The bounds in minutes."""
        low, high = (_DURATION.fullmatch(text) for text in (self.shortest, self.longest))
        if not low or not high:
            raise ValueError(f"{self} has bounds that are no durations")
        return int(low[1]) * UNITS[low[2]], int(high[1]) * UNITS[high[2]]

    def read(self, value: object) -> timedelta:
        duration = parse(text_of(value))
        if duration is None:
            raise PydanticCustomError(
                "duration", "not a duration: a number and m, h or d, such as 30m or 2h"
            )
        low, high = self.minutes()
        if not low <= duration / timedelta(minutes=1) <= high:
            raise PydanticCustomError(
                "out_of_bounds",
                "{value} is not between {low} and {high}",
                {"value": value, "low": self.shortest, "high": self.longest},
            )
        return duration

    def pattern(self) -> str:
        """An expression of the durations within the bounds, without anchors."""
        from aliconf.model.ranges import integers

        low, high = self.minutes()
        return "|".join(
            integers(max(1, -(-low // size)), high // size) + unit
            for unit, size in reversed(UNITS.items())
            if high // size
        )

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                written, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "$comment": "duration",
            "type": "string",
            "pattern": f"^(?:{self.pattern()})$",
        }


Duration = Annotated[timedelta, Lasting()]
