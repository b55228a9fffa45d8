"""Where a value stands in its file.

Reading keeps no positions: they would cost more than the values, and only what a finding or a
change shows needs one. So the document is parsed again, with its marks, when somebody asks; once
for all documents of its shape.
"""

from __future__ import annotations

from functools import lru_cache

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aliconf.config.source import END_OF_LINE, Source
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


_Place = tuple[int, int, int]
"""Line, column and end as libyaml counts them, from 0 and within a document."""


class _Tree:
    """The nodes of all documents of a shape; what was looked for is found at once."""

    __slots__ = ("_found", "_keys", "_lines", "_root", "_values")

    def __init__(self, root: Node, shape: str) -> None:
        self._root = root
        self._lines = shape.split("\n")
        self._found: dict[Path, _Pair | None] = {(): (None, root)}
        self._keys: dict[int, dict[str | int, _Pair]] = {}
        self._values: dict[Path, _Place | None] = {}

    def find(self, path: Path) -> _Pair | None:
        try:
            return self._found[path]
        except KeyError:
            above = self.find(path[:-1])
            found = self._child(above[1], path[-1]) if above else None
            self._found[path] = found
            return found

    def value(self, path: Path) -> _Place | None:
        """Of the value at a path; None where there is none."""
        try:
            return self._values[path]
        except KeyError:
            place = self.place(path) if self.find(path) else None
            self._values[path] = place
            return place

    def place(self, path: Path, *, key: bool = False) -> _Place:
        """Of a value, or of its key; where it is absent, of the nearest key above it."""
        pair = self.find(path)
        while pair is None:
            path, key = path[:-1], True
            pair = self.find(path)
        label, found = pair
        shown = label if key and label is not None else found
        if shown is self._root and isinstance(shown, MappingNode) and shown.value:
            shown = shown.value[0][0]  # not the whole document: its first key
        if not isinstance(shown, ScalarNode) and label is not None and not _flow(shown):
            shown = label
        start, end = shown.start_mark, shown.end_mark
        if start.line != end.line:
            return start.line, start.column, 0
        # libyaml knows more ends of lines than there are here.
        at_end = end.line < len(self._lines) and end.column == len(self._lines[end.line])
        return start.line, start.column, END_OF_LINE if at_end else end.column

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


@lru_cache(maxsize=64)
def _tree(shape: str) -> _Tree | None:
    composer = _Composer(shape)
    try:
        root = composer.get_node() if composer.check_node() else None
    except yaml.YAMLError:
        # Reading already reported it, at its place.
        return None
    return None if root is None else _Tree(root, shape)


class Places:
    """The places of the values of one document."""

    __slots__ = ("_begins", "_lines", "_tree")

    def __init__(self, source: Source, span: Span, line: int) -> None:
        """``line`` is that at which the span begins, from 0."""
        start, end = span
        self._lines = source.lines
        self._begins = line
        self._tree = _tree(self._lines.shape(start, end or len(source.text), line))

    def find(self, path: Path) -> Location | None:
        """The place of a value, be it null; None where the document has none at the path."""
        place = self._tree.value(path) if self._tree is not None else None
        return place and self._lines.location(self._begins + place[0], place[1], place[2])

    def has(self, path: Path) -> bool:
        return self._tree is not None and self._tree.value(path) is not None

    def locate(self, path: Path, *, key: bool = False) -> Location:
        """The place of a value, or of its key; where it is absent, of the nearest key above it."""
        if self._tree is None:
            return self._lines.location(self._begins, 0, 0)
        line, column, end = self._tree.place(path, key=key)
        return self._lines.location(self._begins + line, column, end)


@lru_cache(maxsize=8)
def places(source: Source, span: Span, line: int) -> Places:
    """The places of a document; those of the last few are kept."""
    return Places(source, span, line)


def _flow(node: Node) -> bool:
    return bool(getattr(node, "flow_style", False))
