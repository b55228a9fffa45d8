"""A YAML text as tokens that lose nothing: what libyaml found, and what stands between.

libyaml gives every scalar and bracket its place. Between two of them there can only be white space,
comments, anchors, tags and punctuation, so cutting that up needs no YAML grammar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from aliconf.config.yaml import Parser

COMMENT: Final = "#"
PROPERTY: Final = "&"
"""An anchor or a tag."""
TEXT: Final = "text"
"""A scalar or an alias; empty for a value that is not there."""
MAPPING: Final = "mapping"
SEQUENCE: Final = "sequence"
END: Final = "end"
"""Of a block mapping or a block sequence. All other kinds are the punctuation itself."""
BLOCK_STYLES: Final = ("|", ">")

_PUNCTUATION = re.compile(r"[ \t\n]*(#[^\n]*|[-:?,])?")
_COMMENTS = re.compile(r"[ \t\n]*(#[^\n]*)?")
_PROPERTY = re.compile(r"&[\w-]+|!<[^>\s]*>|![^\s,\[\]{}]*")
_HEADER = re.compile(r"[|>](?:[-+]?([1-9])[-+]?|[-+]?)")
_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]")


class UnusualError(Exception):
    """YAML that nobody writes by hand, such as a key over several lines."""


@dataclass(slots=True)
class Token:
    kind: str
    text: str
    column: int
    breaks: int
    """Line ends between the token before and this one."""
    gap: int
    """Characters between the token before and this one, if they are on one line."""
    value: str = ""
    """What a scalar means; the name of an alias."""
    style: str = ""
    """The first character of a quoted or block scalar, ``*`` of an alias."""
    body: list[str] = field(default_factory=list)
    """Lines of a block scalar without its indentation."""


@dataclass(slots=True)
class Stretch:
    """One document of a text."""

    before: str
    """What stands before its directives or its ``---``."""
    opening: str
    """Directives and ``---``; empty where a document begins without."""
    content: str
    """Everything up to ``...``, the next ``---`` or the end of the text."""
    closing: str
    """``...``, or empty."""
    tokens: list[Token] | None
    """The content in pieces; None where it is unusual."""


def stretches(text: str) -> Iterator[Stretch | str]:
    """The documents of a text, then what stands behind the last one.

    The text has line feeds only and no syntax error.
    """
    next_event: Callable[[], Any] = Parser(text).get_event
    position = 0
    while True:
        event = next_event()
        if type(event) is StreamEndEvent:
            yield text[position:]
            return
        if type(event) is StreamStartEvent:
            continue
        opening, content = position, position
        if event.explicit:
            opening, content = event.start_mark.index, event.end_mark.index
        tokens, event = _tokens(text, content, next_event)
        if tokens and content == opening:
            tokens[0].breaks = max(tokens[0].breaks, 1)  # no `---` stands before it on its line
        closing, end = event.start_mark.index, event.end_mark.index
        yield Stretch(
            text[position:opening],
            text[opening:content],
            text[content:closing],
            text[closing:end],
            tokens,
        )
        position = end


def _tokens(
    text: str, position: int, next_event: Callable[[], Any]
) -> tuple[list[Token] | None, Any]:
    """The tokens of one document, and the event that ends it."""
    lexer: _Lexer | None = _Lexer(text, position)
    if _OTHER_BREAKS.search(text):
        lexer = None  # libyaml ends a line at these, YAML 1.2 does not
    while True:
        event = next_event()
        if lexer is not None:
            try:
                lexer.take(event)
            except UnusualError:
                lexer = None
        if type(event) is DocumentEndEvent:
            return (lexer.tokens if lexer else None), event


class _Lexer:
    """Cuts up one document, following libyaml's events."""

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position
        """How far the text is cut up."""
        self.behind = position
        """The end of the last token."""
        self.tokens: list[Token] = []
        self.open: list[int | str] = [-1]
        """The open collections: the column of a block, the closing bracket of the others."""

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is ScalarEvent:
            first = len(self.tokens)
            self._cut(_PUNCTUATION, event.start_mark.index)
            if event.start_mark.index == event.end_mark.index:
                self._nothing(first)
            else:
                self._scalar(event)
        elif kind is MappingStartEvent:
            self._start(event, MAPPING, "{", "}")
        elif kind is SequenceStartEvent:
            self._start(event, SEQUENCE, "[", "]")
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self._end(event)
        else:
            self._cut(_PUNCTUATION, event.start_mark.index)
            if kind is AliasEvent:
                token = self._add(TEXT, event.start_mark.index, event.end_mark.index)
                token.value, token.style = event.anchor, "*"

    def _start(self, event: Any, kind: str, opening: str, closing: str) -> None:
        self._cut(_PUNCTUATION, event.start_mark.index)
        self._properties(event, len(self.text))
        position = self.position
        if not event.flow_style:
            self.open.append(self._add(kind, position, position).column)
            return
        bracket = self.text[position] == opening  # none around the pair in [a: 1]
        self.open.append(closing if bracket else "")
        self._add(opening, position, position + bracket)

    def _end(self, event: Any) -> None:
        opened = self.open.pop()
        if isinstance(opened, int):
            self._add(END, self.position, self.position)
            return
        start = event.start_mark.index if opened else self.position
        self._cut(_PUNCTUATION, start)
        self._add("}" if type(event) is MappingEndEvent else "]", start, start + len(opened))

    def _cut(self, pieces: re.Pattern[str], limit: int) -> None:
        """Tokens for everything up to the limit, or for as much of it as there are such pieces."""
        while self.position < limit:
            match = pieces.match(self.text, self.position, limit)
            if match is None or match.end() == self.position:
                if pieces is _PUNCTUATION:
                    raise UnusualError
                return
            if match[1]:
                self._add(match[1][0], match.start(1), match.end())
            self.position = match.end()
        if self.position > limit:
            raise UnusualError

    def _properties(self, event: Any, limit: int) -> None:
        """Tokens for anchor and tag, and for comments behind them."""
        for _ in filter(None, (event.anchor, event.tag)):
            match = _PROPERTY.match(self.text, self.position)
            if match is None:
                raise UnusualError
            self._add(PROPERTY, match.start(), match.end())
            self._cut(_COMMENTS, limit)

    def _nothing(self, first: int) -> None:
        """A value that is not there: right behind its colon or dash, before any comments."""
        place = len(self.tokens)
        while place > first and self.tokens[place - 1].kind == COMMENT:
            place -= 1
        self.tokens.insert(place, Token(TEXT, "", 0, 0, 0))

    def _scalar(self, event: Any) -> None:
        end = event.end_mark.index
        self._properties(event, end)
        start = self.position
        if event.style not in BLOCK_STYLES:
            token = self._add(TEXT, start, end)
            token.value, token.style = event.value, event.style or ""
            return
        token = self._add(TEXT, start, end)
        token.value, token.style = event.value, event.style
        self._block(token, start)

    def _block(self, token: Token, start: int) -> None:
        """Header and lines of a block scalar, without the blank lines that only follow it."""
        header, *lines = token.text.split("\n")
        match = _HEADER.match(header)
        parent = self.open[-1]
        if match is None or not isinstance(parent, int):
            raise UnusualError
        indicator, comment = match[0], header[match.end() :]
        if match[1]:
            indent = max(parent, 0) + int(match[1])
        else:
            filled = [line for line in lines if line.strip(" ")]
            indent = (
                len(filled[0]) - len(filled[0].lstrip(" "))
                if filled
                else max(map(len, lines or [""]))
            )
        body = [line[indent:] for line in lines]
        if body and not body[-1]:
            body.pop()  # behind the last line end
        elif body:
            # The text ends without a line end; the value must not get one when the file does.
            indicator = f"{indicator[0]}{match[1] or ''}-"
        if "+" not in indicator:
            while body and not body[-1]:
                body.pop()
        self.behind = start + len("\n".join([header, *lines[: len(body)]]))
        token.body = body
        token.text = indicator
        if comment.strip():
            token.text += " " * max(_gap(comment), 1) + comment.strip()

    def _add(self, kind: str, start: int, end: int) -> Token:
        text = self.text
        breaks = text.count("\n", self.behind, start)
        column = start - text.rfind("\n", 0, start) - 1
        gap = 0 if breaks else _gap(text[self.behind : end])
        piece = text[start:end]
        if kind == COMMENT:
            piece = piece.rstrip(" \t")
        token = Token(kind, piece, column, breaks, gap)
        self.tokens.append(token)
        if end > start:
            self.position = self.behind = end
        return token


def _gap(text: str) -> int:
    """How many spaces a text begins with; a tab among them makes it one."""
    white = len(text) - len(text.lstrip(" \t"))
    return 1 if "\t" in text[:white] else white
