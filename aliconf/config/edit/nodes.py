"""A document as nodes that know where in the text they stand, aliases and merge keys as written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from yaml.events import (
    AliasEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from aliconf.config.layout.tokens import BLOCK_STYLES
from aliconf.config.yaml import Parser


@dataclass(slots=True, eq=False)
class Node:
    """A value. Places are indexes of the text of the file."""

    start: int
    """Behind an anchor and a tag, if there are any."""
    end: int
    """Where its last character ends; of a block scalar, where its last line does."""
    column: int
    mapping: bool = False
    sequence: bool = False
    alias: bool = False
    flow: bool = False
    anchored: bool = False
    style: str = ""
    """Of a scalar: ``'``, ``"``, ``|``, ``>``, or empty for a plain one."""
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    """Keys and values of a mapping; each item of a sequence stands for both."""
    names: list[str] = field(default_factory=list)
    """What the keys of a mapping mean."""

    @property
    def scalar(self) -> bool:
        return not (self.mapping or self.sequence or self.alias)

    def child(self, step: str | int) -> Node | None:
        """The value of a key, or an item, that is written right here."""
        if self.mapping and step in self.names:
            return self.entries[self.names.index(str(step))][1]
        if self.sequence and isinstance(step, int) and step < len(self.entries):
            return self.entries[step][1]
        return None


def compose(text: str, offset: int, end: int) -> Node:
    """The root of the document whose text begins at ``offset``; it has no syntax error."""
    next_event: Callable[[], Any] = Parser(text[offset : end or None]).get_event
    event = next_event()
    while not isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)):
        if isinstance(event, StreamEndEvent):
            raise ValueError("no document there")
        event = next_event()
    return _node(text, offset, event, next_event)


def _node(text: str, offset: int, event: Any, next_event: Callable[[], Any]) -> Node:
    start, end = event.start_mark.index + offset, event.end_mark.index + offset
    node = Node(start, end, event.start_mark.column)
    if isinstance(event, AliasEvent):
        node.alias = True
        return node
    node.anchored = event.anchor is not None
    if isinstance(event, ScalarEvent):
        node.style = event.style or ""
        node.start = _behind_properties(text, event, start, end)
        if node.style in BLOCK_STYLES:
            node.end = start + len(text[start:end].rstrip("\r\n \t"))
        return node
    node.flow = bool(event.flow_style)
    node.mapping = isinstance(event, MappingStartEvent)
    node.sequence = not node.mapping
    node.start = _behind_properties(text, event, start, end)
    while True:
        event = next_event()
        if type(event).__name__ in {"MappingEndEvent", "SequenceEndEvent"}:
            break
        first = _node(text, offset, event, next_event)
        if node.mapping:
            node.names.append(event.value if isinstance(event, ScalarEvent) else "")
            node.entries.append((first, _node(text, offset, next_event(), next_event)))
        else:
            node.entries.append((first, first))
    if node.flow:
        node.end = event.end_mark.index + offset
    else:
        node.end = node.entries[-1][1].end
        node.start = min(node.entries[0][0].start, node.start) if node.mapping else node.start
        node.column = node.entries[0][0].column if node.mapping else node.column
    return node


def _behind_properties(text: str, event: Any, start: int, end: int) -> int:
    """Where the value itself begins, behind its anchor and its tag."""
    position = start
    for _ in filter(None, (event.anchor, event.tag)):
        while position < len(text) and text[position] not in " \t\r\n":
            position += 1
        behind = position
        while behind < len(text) and text[behind] in " \t":
            behind += 1
        if isinstance(event, ScalarEvent) and behind > end:
            return end
        position = behind
    return position
