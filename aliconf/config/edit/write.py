"""Values as YAML text, in the layout that ``fmt`` gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from aliconf.config.yaml_values import plain_scalar

_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`][^\r\n\t]*|-[^\s,\[\]{}][^\r\n\t]*")
_NOT_PLAIN = re.compile(r": |:$| #|\s$|  ")
_IN_BRACKETS = re.compile(r"[,\[\]{}]|:(?=[,\[\]{}])")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def scalar(value: Any, style: str = "", *, flow: bool = False) -> str:
    """A scalar, in the quotes of the one whose place it takes where it can stand in them."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    text = str(value)
    printable = text.isprintable() and "\ufeff" not in text
    if style == "'" and printable:
        return "'" + text.replace("'", "''") + "'"
    if style != '"' and printable and _may_be_plain(text, flow):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _may_be_plain(text: str, flow: bool) -> bool:
    return (
        _PLAIN.fullmatch(text) is not None
        and not _NOT_PLAIN.search(text)
        and not (flow and _IN_BRACKETS.search(text))
        and text not in {"---", "...", "<<", "="}
        and plain_scalar(text) == text
        and isinstance(plain_scalar(text), str)
    )


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable() and character != "\ufeff":
        return character
    number = ord(character)
    return f"\\U{number:08x}" if number > 0xFFFF else f"\\u{number:04x}"


def in_flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        inner = ", ".join(f"{scalar(k, flow=True)}: {in_flow(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(in_flow, value))}]"
    return scalar(value, flow=True)


def behind_key(value: Any, indent: int, step: int, newline: str) -> str:
    """What follows ``key:``; the key stands at ``indent``."""
    if not value or not isinstance(value, dict | list):
        return " " + (in_flow(value) if isinstance(value, dict | list) else scalar(value))
    return newline + newline.join(lines(value, indent + step, step))


def lines(value: Any, indent: int, step: int) -> Iterator[str]:
    """A mapping or a list that is not empty, in lines of their own."""
    white = " " * indent
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from f"{white}{scalar(key)}:{behind_key(inner, indent, step, chr(10))}".split(
                "\n"
            )
        return
    for item in value:
        yield from behind_dash(item, indent, step)


def behind_dash(item: Any, indent: int, step: int) -> list[str]:
    """An item of a list whose dash stands at ``indent``, with the dash."""
    white = " " * indent
    if item and isinstance(item, dict):
        inner = list(lines(item, indent + 2, step))
        return [f"{white}- {inner[0].lstrip(' ')}", *inner[1:]]
    return [f"{white}- {in_flow(item) if isinstance(item, dict | list) else scalar(item)}"]
