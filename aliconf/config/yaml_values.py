"""Plain values from the events of one document, by YAML 1.2 rules.

Straight from the events and without recursion, because PyYAML's own constructors follow YAML 1.1
(``NO``
is false, ``1:30`` is 90), keep the last of two equal keys, read numbers as binary floats, and
overflow on deep nesting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
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
_VALUES: Final = frozenset({MappingStartEvent, SequenceStartEvent, AliasEvent})
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


class _Container:
    """An open sequence or mapping while its children arrive."""

    __slots__ = ("anchor", "keys", "merges", "nodes", "pending", "value")

    def __init__(self, value: Any, anchor: str | None, nodes: int) -> None:
        self.value = value
        self.anchor = anchor
        self.nodes = nodes
        self.keys: dict[str, Any] = {}
        """Key to the mark of its first occurrence."""
        self.pending: Any = None
        """The event of the key whose value comes next."""
        self.merges: list[Any] = []


class Builder:
    """Builds one document from its events."""

    def __init__(self, document: RawDocument, next_event: Any) -> None:
        self.document = document
        self.next_event = next_event
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open_anchors: set[str] = set()
        self.nodes = 0

    def build(self) -> None:
        next_event = self.next_event
        stack: list[_Container] = []
        top: _Container | None = None
        while True:
            event = next_event()
            kind = type(event)
            is_key = top is not None and top.pending is None and type(top.value) is dict
            if kind is ScalarEvent:
                self.nodes += 1
                if top is not None and is_key:
                    self._key(top, event)
                    continue
                value = self._scalar(event)
                if value is None:
                    self.document.nulls = True
                if event.anchor:
                    self.anchors[event.anchor] = (value, 1)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = self._close(stack.pop())
                top = stack[-1] if stack else None
            elif kind is DocumentEndEvent:
                self.document.end = event.end_mark.index
                return
            elif is_key and kind in _VALUES:
                raise Refused("ALI101", "a key must be a plain text", event.start_mark)
            elif kind is AliasEvent:
                value = self._alias(event)
            else:
                top = self._open(event, len(stack))
                stack.append(top)
                continue
            self._put(top, value)

    def _open(self, event: Any, depth: int) -> _Container:
        is_mapping = type(event) is MappingStartEvent
        self._check_tag(event, "map" if is_mapping else "seq")
        self.nodes += 1
        if depth >= MAX_DEPTH:
            raise Refused("ALI104", f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        if event.anchor:
            self.open_anchors.add(event.anchor)
        return _Container({} if is_mapping else [], event.anchor, self.nodes)

    def _close(self, done: _Container) -> Any:
        value = self._merged(done) if done.merges else done.value
        if done.anchor:
            self.anchors[done.anchor] = (value, self.nodes - done.nodes + 1)
            self.open_anchors.discard(done.anchor)
        return value

    def _key(self, top: _Container, event: Any) -> None:
        key = event.value
        first = top.keys.get(key)
        if first is None:
            top.keys[key] = event.start_mark
        else:
            mark = event.start_mark
            self.document.problems.append(
                Problem(
                    "ALI102",
                    f"the key {key!r} is here twice",
                    mark.line,
                    mark.column,
                    "Keep one of the two: YAML would silently take the last.",
                    event.end_mark.column,
                    (first.line, first.column),
                )
            )
        if event.anchor:
            self.anchors[event.anchor] = (event.value, 1)
        top.pending = event

    def _put(self, top: _Container | None, value: Any) -> None:
        if top is None:
            self.document.value = value
            return
        if type(top.value) is list:
            top.value.append(value)
            return
        event = top.pending
        top.pending = None
        if event.value == MERGE and event.implicit[0]:
            parts = value if type(value) is list else [value]
            for part in parts:
                if type(part) is not dict:
                    raise Refused(
                        "ALI101",
                        "a merge key (<<) takes a mapping or a list of them",
                        event.start_mark,
                    )
                top.merges.append(part)
        else:
            top.value[event.value] = value

    @staticmethod
    def _merged(done: _Container) -> dict[str, Any]:
        """Keys given in the mapping itself win, then the earlier of several merged mappings."""
        merged: dict[str, Any] = dict(done.value)
        for part in done.merges:
            for key, value in part.items():
                merged.setdefault(key, value)
        return merged

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
        text: str = event.value
        if event.implicit[0]:
            return text if text and text[0] not in _MAYBE_NOT_TEXT else plain_scalar(text)
        if event.implicit[1] or event.tag == "!":
            return text
        return self._tagged(event)

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


def plain_scalar(text: str) -> Any:
    """An unquoted scalar by the YAML 1.2 core schema; fractions are exact decimals."""
    if text in _WORDS:
        return _WORDS[text]
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
