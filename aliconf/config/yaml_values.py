"""Plain values from the events of one document, by YAML 1.2 rules.

Straight from the events, because PyYAML's own constructors follow YAML 1.1 (``NO`` is false,
``1:30`` is 90), keep the last of two equal keys, read numbers as binary floats, and overflow on
deep nesting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

MAX_DEPTH: Final = 100
MAX_NODES: Final = 200_000
"""Values of one document after its aliases are expanded; a bomb of nested aliases has millions."""

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_MAYBE_NOT_TEXT: Final = frozenset("~ntfNTF0123456789+-.")
_TAGS: Final = "tag:yaml.org,2002:"
MERGE: Final = "<<"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the text; line and column count from 0, as libyaml does."""

    code: str
    message: str
    line: int
    column: int
    hint: str = ""
    end_column: int = 0
    first: tuple[int, int] | None = None
    """The place of the first of two equal keys."""


@dataclass(slots=True)
class RawDocument:
    """One document of a stream: its value, and where its text begins."""

    value: Any
    offset: int
    line: int
    end: int = 0
    """Where the text of the document ends, and that of the next may begin."""
    nulls: bool = False
    """Whether a null stands anywhere in it."""
    problems: list[Problem] = field(default_factory=list)


class Refused(yaml.YAMLError):
    """A document that is YAML and that aliconf does not read."""

    def __init__(self, code: str, message: str, mark: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.mark = mark


class Builder:
    """Builds one document from its events."""

    def __init__(self, document: RawDocument, next_event: Any) -> None:
        self.document = document
        self.next_event = next_event
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open_anchors: set[str] = set()
        self.nodes = 0
        self.depth = 0

    def build(self) -> None:
        event = self.next_event()
        self.document.value = self._scalar(event) if type(event) is ScalarEvent else self._of(event)
        self.document.end = self.next_event().end_mark.index

    def _of(self, event: Any) -> Any:
        """The value that begins with an event which is no scalar."""
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event)
        is_mapping = kind is MappingStartEvent
        if event.tag is not None:
            self._check_tag(event, "map" if is_mapping else "seq")
        self.nodes += 1
        if self.depth >= MAX_DEPTH:
            raise Refused("ALI104", f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        anchor, nodes = event.anchor, self.nodes
        if anchor:
            self.open_anchors.add(anchor)
        self.depth += 1
        value = self._mapping() if is_mapping else self._sequence()
        self.depth -= 1
        if anchor:
            self.anchors[anchor] = (value, self.nodes - nodes + 1)
            self.open_anchors.discard(anchor)
        return value

    def _sequence(self) -> list[Any]:
        next_event = self.next_event
        items: list[Any] = []
        while True:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                items.append(self._scalar(event))
            elif kind is SequenceEndEvent:
                return items
            else:
                items.append(self._of(event))

    def _mapping(self) -> dict[str, Any]:
        next_event = self.next_event
        values: dict[str, Any] = {}
        first: dict[str, Any] = {}
        """Key to the mark of its first occurrence."""
        merges: list[dict[str, Any]] = []
        while True:
            event = next_event()
            kind = type(event)
            if kind is not ScalarEvent:
                if kind is MappingEndEvent:
                    return _merged(values, merges) if merges else values
                raise Refused("ALI101", "a key must be a plain text", event.start_mark)
            self.nodes += 1
            key = event.value
            if key in first:
                self._twice(event, first[key])
            else:
                first[key] = event.start_mark
            if event.anchor:
                self.anchors[event.anchor] = (key, 1)
            following = next_event()
            if type(following) is ScalarEvent:
                value = self._scalar(following)
            else:
                value = self._of(following)
            if key == MERGE and event.implicit[0]:
                merges += _to_merge(value, event)
            else:
                values[key] = value

    def _twice(self, event: Any, first: Any) -> None:
        mark = event.start_mark
        self.document.problems.append(
            Problem(
                "ALI102",
                f"the key {event.value!r} is here twice",
                mark.line,
                mark.column,
                "Keep one of the two: YAML would silently take the last.",
                event.end_mark.column,
                (first.line, first.column),
            )
        )

    def _alias(self, event: Any) -> Any:
        name = event.anchor
        if name in self.open_anchors:
            raise Refused(
                "ALI104", f"the alias *{name} is part of its own anchor", event.start_mark
            )
        if name not in self.anchors:
            raise Refused("ALI101", f"no anchor &{name} above this alias", event.start_mark)
        value, nodes = self.anchors[name]
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise Refused(
                "ALI104",
                f"the aliases of this document expand to more than {MAX_NODES:,} values",
                event.start_mark,
            )
        return value

    def _scalar(self, event: Any) -> Any:
        self.nodes += 1
        value: Any = event.value
        if event.implicit[0]:
            if not value or value[0] in _MAYBE_NOT_TEXT:
                value = plain_scalar(value)
        elif not event.implicit[1] and event.tag != "!":
            value = self._tagged(event)
        if value is None:
            self.document.nulls = True
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        return value

    def _tagged(self, event: Any) -> Any:
        tag = event.tag or ""
        wanted: dict[str, type | tuple[type, ...]] = {
            "str": str,
            "int": int,
            "float": (Decimal, int),
            "bool": bool,
            "null": type(None),
        }
        name = tag.removeprefix(_TAGS)
        if not tag.startswith(_TAGS) or name not in wanted:
            self._unknown_tag(event)
            return event.value
        if name == "str":
            return event.value
        value = plain_scalar(event.value)
        if not isinstance(value, wanted[name]) or (name != "bool" and isinstance(value, bool)):
            raise Refused("ALI101", f"{event.value!r} is not a !!{name}", event.start_mark)
        return value

    def _check_tag(self, event: Any, name: str) -> None:
        if event.tag is not None and event.tag not in {"!", _TAGS + name}:
            self._unknown_tag(event)

    def _unknown_tag(self, event: Any) -> None:
        mark = event.start_mark
        tag = event.tag.removeprefix(_TAGS)
        self.document.problems.append(
            Problem(
                "ALI105",
                f"unknown tag {tag if tag.startswith('!') else '!!' + tag}",
                mark.line,
                mark.column,
                "Remove the tag: aliconf reads plain YAML values only.",
            )
        )


def _to_merge(value: Any, event: Any) -> list[dict[str, Any]]:
    """The mappings that a merge key takes."""
    parts = value if type(value) is list else [value]
    if not all(type(part) is dict for part in parts):
        raise Refused(
            "ALI101", "a merge key (<<) takes a mapping or a list of them", event.start_mark
        )
    return parts


def _merged(values: dict[str, Any], merges: list[dict[str, Any]]) -> dict[str, Any]:
    """Keys given in the mapping itself win, then the earlier of several merged mappings."""
    for part in merges:
        for key, value in part.items():
            values.setdefault(key, value)
    return values


@lru_cache(1000)
def plain_scalar(text: str) -> Any:
    """An unquoted scalar by the YAML 1.2 core schema; fractions are exact decimals."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0].isalpha():
        return text  # all that follow begin with a digit, a sign or a point
    if _INTEGER.fullmatch(text):
        # Longer than any number in a document, and int() refuses thousands of digits.
        return int(text) if len(text) <= 40 else Decimal(text)
    if _FRACTION.fullmatch(text):
        return Decimal(text)
    if _BASED.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16) if len(text) <= 40 else text
    if _SPECIAL.fullmatch(text):
        return Decimal(text.replace(".", ""))
    return text
