"""Schedules: a five-field cron expression, or a duration.

The fields are Magento's: days of the week count from 0 (Sunday) to 6; its cron never matches a 7.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, NamedTuple

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from aliconf.model.base import Published, text_of
from aliconf.model.durations import Lasting, parse, written

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class CronField(NamedTuple):
    """One of the five fields."""

    title: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int | None:
        """The number that the text stands for; ``None`` where it is out of range or none."""
        if text in self.names:
            return self.low + self.names.index(text)
        if not re.fullmatch(r"0|[1-9][0-9]?", text):
            return None
        return int(text) if self.low <= int(text) <= self.high else None

    def accepts(self, part: str) -> bool:
        """Whether the part is an item of this field: ``*``, ``5``, ``1-5``, ``*/15``."""
        span, slash, step = part.partition("/")
        if slash and not re.fullmatch(r"[1-9][0-9]?", step):
            return False
        if span == "*":
            return True
        first, dash, last = span.partition("-")
        low, high = self.number(first), self.number(last if dash else first)
        return low is not None and high is not None and low <= high

    def pattern(self) -> str:
        """An expression of this field. It cannot see that 5-1 runs backwards."""
        from aliconf.model.ranges import integers

        one = f"(?:{'|'.join([integers(self.low, self.high), *self.names])})"
        item = rf"(?:\*|{one}(?:-{one})?)(?:/[1-9][0-9]?)?"
        return f"{item}(?:,{item})*"


FIELDS = (
    CronField("minute", 0, 59),
    CronField("hour", 0, 23),
    CronField("day of the month", 1, 31),
    CronField("month", 1, 12, MONTHS),
    CronField("day of the week", 0, 6, DAYS),
)

_EVERY = Lasting("5m", "30d")


def schedule(value: object) -> str:
    """A cron expression as it stands, or a duration in its shortest form."""
    text = text_of(value)
    if parse(text) is not None:
        return written(_EVERY.read(text))
    parts = text.split(" ")
    if len(parts) != len(FIELDS):
        raise PydanticCustomError(
            "cron",
            "neither a duration (2h) nor five cron fields (0 3 * * *): {count} fields",
            {"count": len(parts)},
        )
    for field, part in zip(FIELDS, parts, strict=True):
        if not all(field.accepts(item) for item in part.split(",")):
            raise PydanticCustomError(
                "cron",
                "{part} is no {field} ({low} to {high}) of a cron expression",
                {"part": part, "field": field.title, "low": field.low, "high": field.high},
            )
    return text


def _published() -> dict[str, Any]:
    cron = " ".join(field.pattern() for field in FIELDS)
    return {"type": "string", "pattern": f"^(?:{_EVERY.pattern()}|{cron})$"}


Schedule = Annotated[
    str, PlainValidator(schedule), Published("cron expression or duration", _published)
]
