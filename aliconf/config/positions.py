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

        # Each is called for every node; of what does nothing, a method of C takes the least time.
        resolve = descend_resolver = ascend_resolver = staticmethod("".format)

except ImportError:  # PyYAML was built without libyaml.
    _Composer = yaml.SafeLoader  # type: ignore[assignment,misc]


_Pair = tuple[Node | None, Node]
"""The key node of a value, none in a list, and its node."""


class _Tree:
    """The nodes of a document; those that were looked for are found at once."""

    __slots__ = ("_found", "_keys", "root")

    def __init__(self, root: Node) -> None:
        self.root = root
        self._found: dict[Path, _Pair | None] = {(): (None, root)}
        self._keys: dict[int, dict[str | int, _Pair]] = {}

    def find(self, path: Path) -> _Pair | None:
        try:
            return self._found[path]
        except KeyError:
            above = self.find(path[:-1])
            found = self._child(above[1], path[-1]) if above else None
            self._found[path] = found
            return found

    def _child(self, node: Node, step: str | int) -> _Pair | None:
        if not isinstance(node, MappingNode):
            if isinstance(node, SequenceNode) and isinstance(step, int):
                return (None, node.value[step]) if step < len(node.value) else None
            return None
        keys = self._keys.get(id(node))
        if keys is None:
            # The first of two equal keys, and an own key before a merged one.
            scalars = ((key, value) for key, value in node.value if isinstance(key, ScalarNode))
            keys = {}
            for key, value in scalars:
                keys.setdefault(key.value, (key, value))
            self._keys[id(node)] = keys
        return keys.get(step) or self._merged(node, step)

    def _merged(self, node: MappingNode, step: str | int) -> _Pair | None:
        for key, value in node.value:
            if key.value == MERGE:
                for part in value.value if isinstance(value, SequenceNode) else [value]:
                    found = self._child(part, step)
                    if found is not None:
                        return found
        return None


@lru_cache(maxsize=8)
def _tree(source: Source, span: Span) -> _Tree | None:
    start, end = span
    composer = _Composer(source.text[start : end or None])
    try:
        root = composer.get_node() if composer.check_node() else None
    except yaml.YAMLError:
        # Reading already reported it, at its place.
        return None
    return None if root is None else _Tree(root)


def is_there(source: Source, span: Span, path: Path) -> bool:
    """Whether the document has a value, be it null, at a path."""
    tree = _tree(source, span)
    return tree is not None and tree.find(path) is not None


def locate(source: Source, span: Span, line: int, path: Path, *, key: bool = False) -> Location:
    """The place of a value, or of its key; where it is absent, of the nearest key above it."""
    tree = _tree(source, span)
    if tree is None:
        return source.location(line, 0)
    node = tree.root
    pair = tree.find(path)
    while pair is None:
        path, key = path[:-1], True
        pair = tree.find(path)
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
