"""Where a value stands in its file.

Reading keeps no positions: they would cost more than the values, and only what a finding or a
change shows needs one. So the document is parsed again, with its marks, when somebody asks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aliconf.config.source import Source
from aliconf.config.yaml_values import MERGE
from aliconf.findings import Location

Span = tuple[int, int]
"""Where a document begins and ends in its text; an end of 0 is that of the text."""

Path = tuple[str | int, ...]
"""Keys and list indexes from the top of a document: ``("spec", "adjustments", 0)``."""

try:
    from yaml._yaml import CParser

    class _Composer(CParser):
        """libyaml's composer without tag resolution: only the marks matter here."""

        def resolve(self, *_: Any) -> str:
            return ""

        def descend_resolver(self, *_: Any) -> None:
            """No resolver."""

        def ascend_resolver(self) -> None:
            """No resolver."""

except ImportError:  # PyYAML was built without libyaml.
    _Composer = yaml.SafeLoader  # type: ignore[assignment,misc]


@lru_cache(maxsize=8)
def _root(source: Source, span: Span) -> Node | None:
    start, end = span
    composer = _Composer(source.text[start : end or None])
    try:
        return composer.get_node() if composer.check_node() else None
    except yaml.YAMLError:
        # Reading already reported it, at its place.
        return None


def locate(source: Source, span: Span, line: int, path: Path, *, key: bool = False) -> Location:
    """The place of a value, or of its key; where it is absent, of the nearest key above it."""
    node = _root(source, span)
    if node is None:
        return source.location(line, 0)
    found: Node = node
    label: Node | None = None
    for step in path:
        pair = _child(found, step)
        if pair is None:
            key = True
            break
        label, found = pair
    shown = label if key and label is not None else found
    if shown is node and isinstance(node, MappingNode) and node.value:
        shown = node.value[0][0]  # not the whole document: its first key
    if not isinstance(shown, ScalarNode) and label is not None and not _flow(shown):
        shown = label
    start, end = shown.start_mark, shown.end_mark
    same_line = start.line == end.line
    return source.location(
        line_of(start, line, span[0]), start.column, end.column if same_line else 0
    )


def line_of(mark: Any, line: int, offset: int) -> int:
    return int(mark.line) + (line if offset else 0)


def _flow(node: Node) -> bool:
    return bool(getattr(node, "flow_style", False))


def _child(node: Node, step: str | int) -> tuple[Node | None, Node] | None:
    """The key node (none in a list) and the value node of one step down."""
    if isinstance(node, SequenceNode) and isinstance(step, int):
        return (None, node.value[step]) if step < len(node.value) else None
    if not isinstance(node, MappingNode):
        return None
    merged: list[Node] = []
    for key, value in node.value:
        if key.value == step:
            return key, value
        if key.value == MERGE:
            merged.extend(value.value if isinstance(value, SequenceNode) else [value])
    for part in merged:
        found = _child(part, step)
        if found is not None:
            return found
    return None
