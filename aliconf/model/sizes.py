"""File sizes: ``3MB``, ``500KB``. A KB has 1024 bytes."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from pydantic_core import PydanticCustomError, core_schema

from aliconf.model.base import text_of

KB: Final = 1024
MB: Final = 1024 * KB

_SIZE = re.compile(r"([1-9][0-9]{0,6})(KB|MB)")


def parse(text: str) -> int | None:
    """The size in bytes, or ``None`` where the text is none."""
    match = _SIZE.fullmatch(text)
    return int(match[1]) * (MB if match[2] == "MB" else KB) if match else None


def written(size: int) -> str:
    """The shortest way to write it: ``3072KB`` is ``3MB``."""
    return f"{size // MB}MB" if size % MB == 0 else f"{size // KB}KB"


class UpTo(NamedTuple):
    """Annotates an ``int``, a size in bytes, with its upper bound."""

    largest: int

    def read(self, value: object) -> int:
        size = parse(text_of(value))
        if size is None:
            raise PydanticCustomError(
                "size", "not a size: a whole number and KB or MB, such as 500KB or 3MB"
            )
        if size > self.largest:
            raise PydanticCustomError(
                "out_of_bounds",
                "{value} is more than {high}",
                {"value": value, "high": written(self.largest)},
            )
        return size

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                written, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        from aliconf.model.ranges import integers

        kilobytes, megabytes = integers(1, self.largest // KB), integers(1, self.largest // MB)
        return {
            "$comment": "file size",
            "type": "string",
            "pattern": f"^(?:{kilobytes}KB|{megabytes}MB)$",
        }
