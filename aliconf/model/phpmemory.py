"""PHP's ``memory_limit`` as ``php.ini`` and ``php -i`` write it (connector-domain §4).

``756M``, ``1G``, ``1048576K``, in any case; a plain integer is bytes; ``-1`` is no limit.
``0.5G`` is not valid PHP.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic_core import PydanticCustomError

from aliconf.model.base import Published, Written

UNLIMITED: Final = -1

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
_LIMIT = r"(?:-1|(?:0|[1-9][0-9]{0,14})[kKmMgG]?)"


def parse(text: str) -> int | None:
    """The limit in bytes, `UNLIMITED`, or ``None`` where PHP would not understand the text."""
    if not re.fullmatch(_LIMIT, text):
        return None
    if text == "-1":
        return UNLIMITED
    number, unit = (text[:-1], text[-1].upper()) if text[-1].isalpha() else (text, "")
    return int(number) * _UNITS[unit]


def written(limit: int) -> str:
    """The shortest way to write it: 536870912 is ``512M``."""
    if limit <= 0:
        return str(limit)
    unit = next(unit for unit in ("G", "M", "K", "") if limit % _UNITS[unit] == 0)
    return f"{limit // _UNITS[unit]}{unit}"


def memory_limit(value: object) -> int:
    """The limit in bytes, from text or an integer."""
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        limit = parse(str(value))
        if limit is not None:
            return limit
    raise PydanticCustomError(
        "memory_limit", "not a memory_limit of PHP, such as 756M, 1G, 536870912 or -1"
    )


def _published() -> dict[str, Any]:
    return {
        "type": ["string", "integer"],
        "pattern": f"^{_LIMIT}$",
        "minimum": -1,
        "maximum": 10**15 - 1,
    }


MemoryLimit = Annotated[
    int,
    Written(memory_limit, written),
    Published("PHP memory limit", _published),
]
