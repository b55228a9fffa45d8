"""YAML to plain Python values, by YAML 1.2 rules, with every problem at its place.

libyaml scans; this module builds the values itself, straight from the events and without recursion,
because PyYAML's own constructors follow YAML 1.1 (``NO`` is false, ``1:30`` is 90), keep the last of two
equal keys, read numbers as binary floats, and overflow on deep nesting.

Positions are not kept: `aliconf.config.positions` finds the few that are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

try:
    from yaml._yaml import CParser as Parser
except ImportError:  # PyYAML was built without libyaml: slower, and the same events.

    class Parser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):  # type: ignore[no-redef]
        def __init__(self, text: str) -> None:
            yaml.reader.Reader.__init__(self, text)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)


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
    problems: list[Problem] = field(default_factory=list)


def parse(text: str) -> Iterator[RawDocument | Problem]:
    """Yield the documents of a text. After a syntax error it goes on at the next ``---``."""
    offset = line = 0
    while True:
        problem = None
        try:
            for document in _documents(text[offset:] if offset else text):
                yield _moved(document, offset, line)
        except yaml.YAMLError as error:
            problem = _syntax(error)
        if problem is None:
            return
        yield _shifted(problem, line)
        following = _next_document(text, offset, problem.line)
        if following is None:
            return
        line += text.count("\n", offset, following)
        offset = following


def _moved(document: RawDocument, offset: int, line: int) -> RawDocument:
    if offset:
        document.offset += offset
        document.line += line
        document.problems = [_shifted(problem, line) for problem in document.problems]
    return document


def _shifted(problem: Problem, line: int) -> Problem:
    if not line:
        return problem
    first = problem.first and (problem.first[0] + line, problem.first[1])
    return Problem(
        problem.code,
        problem.message,
        problem.line + line,
        problem.column,
        problem.hint,
        problem.end_column,
        first,
    )


def _next_document(text: str, offset: int, line: int) -> int | None:
    """Where the next document begins after a line. ``---`` at column 0 is a marker in every context."""
    position = offset
    for _ in range(line):
        position = text.find("\n", position) + 1
        if not position:
            return None
    match = re.compile(r"^---(?=\s|$)", re.MULTILINE).search(text, max(position, offset + 1))
    return match.start() if match else None


def _documents(text: str) -> Iterator[RawDocument]:
    parser = Parser(text)
    next_event = parser.get_event
    while True:
        event = next_event()
        kind = type(event)
        if kind is DocumentStartEvent:
            mark = event.start_mark
            document = RawDocument(None, mark.index, mark.line)
            _Builder(document, next_event).build()
            yield document
        elif kind is StreamEndEvent:
            return
        elif kind is not StreamStartEvent and kind is not DocumentEndEvent:
            raise AssertionError(f"unexpected event between documents: {event}")


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


class _Builder:
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
        anchors = self.anchors
        while True:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                self.nodes += 1
                if top is not None and top.pending is None and type(top.value) is dict:
                    self._key(top, event)
                    if event.anchor:
                        anchors[event.anchor] = (event.value, 1)
                    continue
                value = self._scalar(event)
                if event.anchor:
                    anchors[event.anchor] = (value, 1)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._check_tag(event, "map" if kind is MappingStartEvent else "seq")
                self.nodes += 1
                if len(stack) >= MAX_DEPTH:
                    raise _Refused(
                        "ALI104", f"nested deeper than {MAX_DEPTH} levels", event.start_mark
                    )
                if top is not None and top.pending is None and type(top.value) is dict:
                    raise _Refused("ALI101", "a key must be a plain text", event.start_mark)
                top = _Container({} if kind is MappingStartEvent else [], event.anchor, self.nodes)
                if event.anchor:
                    self.open_anchors.add(event.anchor)
                stack.append(top)
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                done = stack.pop()
                value = self._merged(done) if done.merges else done.value
                if done.anchor:
                    anchors[done.anchor] = (value, self.nodes - done.nodes + 1)
                    self.open_anchors.discard(done.anchor)
                top = stack[-1] if stack else None
            elif kind is AliasEvent:
                value = self._alias(event)
                if top is not None and top.pending is None and type(top.value) is dict:
                    raise _Refused("ALI101", "a key must be a plain text", event.start_mark)
            else:  # DocumentEndEvent
                return
            if top is None:
                self.document.value = value
            elif type(top.value) is list:
                top.value.append(value)
            else:
                self._put(top, value)

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
        top.pending = event

    def _put(self, top: _Container, value: Any) -> None:
        event = top.pending
        top.pending = None
        if event.value == MERGE and event.implicit[0]:
            parts = value if type(value) is list else [value]
            for part in parts:
                if type(part) is not dict:
                    raise _Refused(
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
            raise _Refused(
                "ALI104", f"the alias *{name} is part of its own anchor", event.start_mark
            )
        if name not in self.anchors:
            raise _Refused("ALI101", f"no anchor &{name} above this alias", event.start_mark)
        value, nodes = self.anchors[name]
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise _Refused(
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
        wanted = {"str": str, "int": int, "float": (Decimal, int), "bool": bool, "null": type(None)}
        name = tag.removeprefix(_TAGS)
        if not tag.startswith(_TAGS) or name not in wanted:
            self._unknown_tag(event)
            return event.value
        if name == "str":
            return event.value
        value = plain_scalar(event.value)
        if not isinstance(value, wanted[name]) or (name != "bool" and isinstance(value, bool)):
            raise _Refused("ALI101", f"{event.value!r} is not a !!{name}", event.start_mark)
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


class _Refused(yaml.YAMLError):
    """A document that is YAML and that aliconf does not read."""

    def __init__(self, code: str, message: str, mark: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.mark = mark


_HINTS: Final = (
    # (part of libyaml's words, our words, hint)
    (
        "character that cannot start any token",
        "a character that cannot begin a value",
        "Indent with spaces, not tabs; put quotes around text that begins with @, ` or %.",
    ),
    (
        "found a tab character that violates indentation",
        "a tab in the indentation",
        "Indent with spaces: YAML does not allow tabs there.",
    ),
    (
        "mapping values are not allowed in this context",
        "a ':' where no key can be",
        "Put quotes around text that contains ': ', or check the indentation of this line.",
    ),
    (
        "did not find expected key",
        "the indentation does not fit the lines above",
        "Line this key up with its siblings; a list item begins with '- '.",
    ),
    (
        "did not find expected '-' indicator",
        "the indentation does not fit the list above",
        "Line this item up with its siblings.",
    ),
    (
        "could not find expected ':'",
        "a key without ':'",
        "Write 'key: value'; a text over several lines needs quotes, | or >.",
    ),
    (
        "did not find expected ',' or ']'",
        "a list in [ ] is not closed",
        "Separate the items with commas and close the list with ].",
    ),
    (
        "did not find expected ',' or '}'",
        "a mapping in { } is not closed",
        "Separate the entries with commas and close the mapping with }.",
    ),
    ("found undefined tag handle", "a tag with an unknown prefix", "Remove the tag."),
    (
        "block sequence entries are not allowed in this context",
        "a list item where none can be",
        "Begin the list on a line of its own, below its key.",
    ),
)


def _syntax(error: yaml.YAMLError) -> Problem:
    if isinstance(error, _Refused):
        return Problem(error.code, error.message, error.mark.line, error.mark.column)
    if isinstance(error, yaml.MarkedYAMLError):
        words = error.problem or str(error)
        mark = error.problem_mark or error.context_mark
        if "quoted scalar" in (error.context or "") and error.context_mark is not None:
            opened = error.context_mark
            return Problem(
                "ALI101",
                "a quote is opened here and never closed",
                opened.line,
                opened.column,
                "Close it with the same kind of quote.",
            )
        line, column = (mark.line, mark.column) if mark else (0, 0)
        for part, message, hint in _HINTS:
            if part in words:
                return Problem("ALI101", message, line, column, hint)
        return Problem("ALI101", words, line, column, "Not YAML from here on.")
    # A ReaderError knows a position in the bytes only; control characters have no place in YAML.
    return Problem(
        "ALI101", str(error).split("\n")[0].strip(), 0, 0, "Remove the control character."
    )
