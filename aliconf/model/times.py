"""Moments with an offset, and dates: text in YAML, since YAML 1.2 has neither."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic_core import PydanticCustomError

from aliconf.model.base import Published, Written, text_of

_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
_OFFSET = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_TIMESTAMP = rf"{_DATE}T{_TIME}{_OFFSET}"


def moment(value: object) -> datetime:
    """An RFC 3339 timestamp with its offset, as a moment in UTC."""
    text = text_of(value)
    wrong = PydanticCustomError(
        "timestamp", "not a timestamp with an offset, such as 2026-11-27T00:00:00+01:00"
    )
    if not re.fullmatch(_TIMESTAMP, text):
        raise wrong
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # the 30th of February, or the end of the calendar
        raise wrong from None


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(value: object) -> date:
    """A date such as ``2026-11-27``."""
    text = text_of(value)
    wrong = PydanticCustomError("date", "not a date, such as 2026-11-27")
    if not re.fullmatch(_DATE, text):
        raise wrong
    try:
        return date.fromisoformat(text)
    except ValueError:  # the 30th of February
        raise wrong from None


Timestamp = Annotated[
    datetime,
    Written(moment, written),
    Published(
        "timestamp with offset",
        lambda: {"type": "string", "format": "date-time", "pattern": f"^{_TIMESTAMP}$"},
    ),
]

Date = Annotated[
    date,
    Written(day, date.isoformat),
    Published("date", lambda: {"type": "string", "format": "date", "pattern": f"^{_DATE}$"}),
]
