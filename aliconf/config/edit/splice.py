"""One operation on the text of a document: a value replaced, a line inserted or taken out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aliconf.config.documents import MISSING, lookup
from aliconf.config.edit import write
from aliconf.config.edit.nodes import Node
from aliconf.config.edit.operations import Operation
from aliconf.config.positions import Path

Order = Callable[[Path], Sequence[str]]
"""The keys of the mapping at a path, in their canonical order."""
_STEP = 2


class CannotSpliceError(Exception):
    """There is no simple way to write it at this place."""


def spliced(
    text: str, root: Node, operation: Operation, wanted: Any, order: Order, *, whole: bool = False
) -> str:
    """The text after an operation; ``wanted`` is the whole document then.

    ``whole`` writes a collection anew, which must have no comments. Raises CannotSpliceError.
    """
    return _Splice(text, root, wanted, order, whole).do(operation)


class _Splice:
    def __init__(self, text: str, root: Node, wanted: Any, order: Order, whole: bool) -> None:
        self.text = text
        self.root = root
        self.wanted = wanted
        self.order = order
        self.whole = whole
        first = text.find("\n")
        self.newline = "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"

    def do(self, operation: Operation) -> str:
        owner, depth = self._nearest(operation.path)
        path = operation.path
        if depth < len(path) - 1 or (owner.alias and depth == len(path) - 1):
            # The value comes from elsewhere, or does not exist yet, from here on.
            if owner.mapping:
                step = str(path[depth])
                return self._key(owner, path[:depth], step, lookup(self.wanted, path[: depth + 1]))
            above, _ = self._nearest(path[:depth])
            return self._replace(above, owner, path[:depth], lookup(self.wanted, path[:depth]))
        here = owner.child(path[-1])
        if operation.verb == "remove":
            if here is None:
                raise CannotSpliceError
            return self._remove(owner, path[-1])
        if operation.verb == "insert":
            return self._item(owner, path, operation.value)
        if here is None:
            return self._key(owner, path[:-1], str(path[-1]), operation.value)
        return self._replace(owner, here, path, operation.value)

    def _nearest(self, path: Path) -> tuple[Node, int]:
        """The node that is written here and is nearest to the last step, and its depth."""
        node = self.root
        for depth, step in enumerate(path[:-1]):
            inner = node.child(step)
            if inner is None:
                return node, depth
            node = inner
            if node.alias or (node.scalar and depth < len(path) - 1):
                return node, depth + 1
        return node, max(len(path) - 1, 0)

    # One value in place of another.

    def _replace(self, owner: Node, here: Node, path: Path, value: Any) -> str:
        old = self.text[here.start : here.end]
        if self.whole and "#" in old:
            raise CannotSpliceError
        collection = isinstance(value, dict | list) and bool(value)
        if owner.flow or (here.flow and not here.scalar) or not collection:
            new = write.in_flow(value) if isinstance(value, dict | list) else ""
            new = new or write.scalar(value, here.style, flow=owner.flow)
            if here.start == here.end:  # nothing stood behind the colon
                new = f" {new}"
            start = here.start
            if not owner.flow and (here.mapping or here.sequence) and not here.flow:
                start, comments = self._behind_colon(owner, path)
                new = f" {new}{comments}"
            return self._put(start, here.end, new)
        indent = self._indent(owner)
        start, comments = self._behind_colon(owner, path) if owner.mapping else (here.start, "")
        if comments:
            raise CannotSpliceError  # which of the new lines they are about is not clear
        if owner.sequence:
            (first, *rest) = write.behind_dash(value, indent, _STEP)
            new = self.newline.join([first.lstrip(" ")[2:], *rest])
            return self._put(here.start, here.end, new)
        new = write.behind_key(value, indent, _STEP, "\n").replace("\n", self.newline)
        return self._put(start, here.end, new)

    def _behind_colon(self, owner: Node, path: Path) -> tuple[int, str]:
        """Where the colon of the last key of the path ends, and the comments between it and the
        value, which may be on another line."""
        if not owner.mapping:
            raise CannotSpliceError
        key, value = owner.entries[owner.names.index(str(path[-1]))]
        colon = self.text.find(":", key.end)
        if colon < 0 or colon >= value.start or self.text[key.end : colon].strip():
            raise CannotSpliceError
        between = self.text[colon + 1 : value.start].rstrip()
        if any(line.strip() and line.strip()[0] != "#" for line in between.split("\n")):
            raise CannotSpliceError  # an anchor or a tag
        return colon + 1, between

    # Keys.

    def _key(self, owner: Node, path: Path, key: str, value: Any) -> str:
        if not owner.mapping or value is MISSING:
            raise CannotSpliceError
        place = self._rank(owner, path, key)
        written = f"{write.scalar(key, flow=owner.flow)}:"
        if owner.flow:
            entry = f"{written} {self._in_brackets(value)}"
            return self._between(owner, place, entry)
        indent = self._indent(owner)
        entry = written + write.behind_key(value, indent, _STEP, "\n")
        if place == 0 and not self._opens_line(owner.entries[0][0]):
            place = 1
        return self._lines(
            owner, place, [" " * indent + entry.split("\n")[0], *entry.split("\n")[1:]]
        )

    def _rank(self, owner: Node, path: Path, key: str) -> int:
        """Before which entry a new key belongs."""
        known = list(self.order(path))
        if key not in known:
            return len(owner.entries)
        rank = known.index(key)
        place = 0
        for position, name in enumerate(owner.names):
            if name not in known or known.index(name) < rank:
                place = position + 1
        return place

    # Items and keys alike.

    def _item(self, owner: Node, path: Path, value: Any) -> str:
        index = path[-1]
        if not owner.sequence or not isinstance(index, int):
            raise CannotSpliceError
        if owner.flow:
            return self._between(owner, index, self._in_brackets(value))
        dash = self._dash(owner.entries[0][1])
        if index == 0 and self.text[self._line(dash) : dash].strip():
            raise CannotSpliceError
        indent = dash - self._line(dash)
        return self._lines(owner, index, write.behind_dash(value, indent, _STEP), items=True)

    def _in_brackets(self, value: Any) -> str:
        return write.in_flow(value)

    def _between(self, owner: Node, place: int, entry: str) -> str:
        """An entry into a collection in brackets."""
        if place:
            at = owner.entries[place - 1][1].end
            return self._put(at, at, f", {entry}")
        if owner.entries:
            at = owner.entries[0][0].start
            return self._put(at, at, f"{entry}, ")
        return self._put(owner.start + 1, owner.start + 1, entry)

    def _lines(self, owner: Node, place: int, new: list[str], *, items: bool = False) -> str:
        """Lines into a block, behind the entry before that place."""
        if place:
            at = self._end_of_line(owner.entries[place - 1][1].end)
        else:
            first = owner.entries[0][0]
            at = self._line(self._dash(first) if items else first.start)
        joined = self.newline.join(new)
        if place and self.text[at - 1 : at] != "\n":
            return self._put(at, at, self.newline + joined)
        return self._put(at, at, joined + self.newline)

    def _remove(self, owner: Node, step: str | int) -> str:
        index = owner.names.index(str(step)) if owner.mapping else int(step)
        key, value = owner.entries[index]
        if len(owner.entries) == 1:
            raise CannotSpliceError
        if owner.flow:
            if index:
                return self._put(owner.entries[index - 1][1].end, value.end, "")
            return self._put(key.start, owner.entries[1][0].start, "")
        start = self._dash(value) if owner.sequence else key.start
        end = self._end_of_line(value.end)
        line = self._line(start)
        if not self.text[line:start].strip():
            if end == len(self.text) and self.text[end - 1 : end] != "\n":
                line = len(self.text[:line].removesuffix("\n").removesuffix("\r"))
            return self._put(line, end, "")
        if index or owner.sequence:
            raise CannotSpliceError
        following = owner.entries[1][0].start
        if "#" in self.text[value.end : following]:
            raise CannotSpliceError
        return self._put(start, following, "")

    # The text.

    def _indent(self, owner: Node) -> int:
        """In which column the keys, or the dashes, of a block stand."""
        if owner.sequence:
            dash = self._dash(owner.entries[0][1])
            return dash - self._line(dash)
        first = owner.entries[0][0].start
        return first - self._line(first)

    def _dash(self, item: Node) -> int:
        """Where the dash of an item of a block stands."""
        position = item.start - 1
        while position >= 0 and self.text[position] in " \t\r\n":
            position -= 1
        if position < 0 or self.text[position] != "-":
            raise CannotSpliceError  # a comment or an anchor is between
        return position

    def _opens_line(self, node: Node) -> bool:
        return not self.text[self._line(node.start) : node.start].strip()

    def _line(self, position: int) -> int:
        """Where the line of a position begins."""
        return self.text.rfind("\n", 0, position) + 1

    def _end_of_line(self, position: int) -> int:
        """Behind the line end of a position's line."""
        end = self.text.find("\n", position)
        return len(self.text) if end < 0 else end + 1

    def _put(self, start: int, end: int, new: str) -> str:
        return self.text[:start] + new + self.text[end:]
