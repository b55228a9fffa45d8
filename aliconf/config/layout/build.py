"""From the tokens of a document to its tree: who owns which comment.

- A comment behind something on its line belongs to that line.
- Comments and blank lines above a key or a list item belong to it.
- A comment below a value, further in than its key, goes with that value.
- Any other comment that stands further in than what follows closes the collection it is in.
"""

from __future__ import annotations

import re
from typing import Final

from aliconf.config.layout.tokens import (
    BLOCK_STYLES,
    COMMENT,
    END,
    MAPPING,
    PROPERTY,
    SEQUENCE,
    TEXT,
    Token,
    UnusualError,
)
from aliconf.config.layout.tree import BLANK, Block, Entry, Flow, Scalar, Tree

_OPENING: Final = ("apiVersion", "kind")

_LONGEST_KEY: Final = 1000
"""YAML allows 1024 characters before the colon."""

_ITEM = re.compile(r"#\s*- ")
"""A list item that was commented out."""


def build(tokens: list[Token]) -> Tree:
    """The tree of one document. Raises UnusualError."""
    return _Builder(tokens).document()


class _Builder:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.anchors: list[tuple[str, bool]] = []

    def document(self) -> Tree:
        root = Entry(column=-1)
        self._value(root)
        block = root.value if isinstance(root.value, Block) else None
        last, column = (block.entries[-1], block.column) if block else (root, 0)
        foot = self._settle(last, self._comments(), column)
        if block:
            block.foot += foot
            foot = []
        root.anchors = self.anchors
        return Tree(root, self._head(root), foot)

    @staticmethod
    def _head(root: Entry) -> list[str]:
        """Take the document's own comments from its first key: those above a blank line, and
        those above apiVersion or kind, which open a document and hardly need a comment."""
        if not isinstance(root.value, Block):
            return []
        first = root.value.entries[0]
        end = len(first.lead)
        if first.name not in _OPENING:
            while end and first.lead[end - 1] != BLANK:
                end -= 1
        head, first.lead = first.lead[:end], first.lead[end:]
        return head

    def _ahead(self) -> str:
        """The kind of the next token; empty at the end."""
        return self.tokens[self.position].kind if self.position < len(self.tokens) else ""

    def _take(self, kind: str | None = None) -> Token:
        token = self.tokens[self.position]
        if kind is not None and token.kind != kind:
            raise UnusualError
        self.position += 1
        if token.kind == PROPERTY and token.text[0] == "&":
            self.anchors.append((token.text[1:], True))
        elif token.style == "*":
            self.anchors.append((token.value, False))
        return token

    def _comments(self) -> list[Token]:
        found = []
        while self._ahead() == COMMENT:
            found.append(self._take())
        return found

    def _value(self, entry: Entry) -> None:
        while self._ahead() in {COMMENT, PROPERTY}:
            token = self._take()
            if token.kind == PROPERTY:
                entry.properties.append(token.text)
            elif token.breaks or entry.remark is not None:
                _add(entry.between, token)
            else:
                entry.remark = token
        token = self._take()
        entry.breaks = 1 if entry.between or entry.remark else token.breaks
        if token.kind == TEXT:
            entry.value = Scalar(token)
        elif token.kind in {MAPPING, SEQUENCE}:
            entry.value = self._block(token, entry)
        else:
            entry.value = self._flow(token)

    def _block(self, start: Token, owner: Entry) -> Block:
        level = owner.key is not None and start.column == owner.column
        block = Block(start.kind == MAPPING, start.column, start.column + (0.5 if level else 0))
        lead, owner.between = owner.between, []
        while self._ahead() != END:
            first = len(self.anchors)
            comments = self._comments()
            if block.entries:
                lead = self._settle(block.entries[-1], comments, block.column)
            entry = Entry(block.column, lead)
            if self.tokens[self.position].breaks > 1:
                entry.lead.append(BLANK)
            if block.mapping:
                self._key(entry)
            else:
                self._take("-")
            self._value(entry)
            entry.anchors = self.anchors[first:]
            block.entries.append(entry)
        self._take(END)
        return block

    def _key(self, entry: Entry) -> None:
        if self._ahead() == "?":
            self._take()
        for token in self._comments():
            _add(entry.lead, token)
        words = []
        while self._ahead() == PROPERTY:
            words.append(self._take().text)
        token = self._take(TEXT)
        words.append(token.text)
        entry.key, entry.name = " ".join(words), token.value
        long = "\n" in entry.key or len(entry.key) > _LONGEST_KEY
        if long or not token.text or token.style in BLOCK_STYLES:
            raise UnusualError
        for token in self._comments():
            _add(entry.lead, token)
        entry.colon = self._ahead() == ":"
        if entry.colon:
            self._take()

    def _flow(self, start: Token) -> Flow:
        flow = Flow(start.kind == "{", bool(start.text), start.column)
        first = self.position
        lead: list[str] = []
        breaks = 0  # before the last comma
        while self._ahead() not in {"}", "]"}:
            if self._ahead() == COMMENT:
                token = self._take()
                holder = flow.entries[-1] if flow.entries else None
                if token.breaks or lead:
                    _add(lead, token)
                elif holder is None and flow.remark is None:
                    flow.remark = token
                elif holder is not None and holder.comment is None:
                    holder.comment = token
                else:
                    _add(lead, token)
            elif self._ahead() == ",":
                breaks = self._take().breaks
                flow.comma = True
            else:
                flow.entries.append(self._flow_entry(flow, lead, breaks))
                lead, flow.comma, breaks = [], False, 0
        self._take()
        flow.foot = lead
        inside = self.tokens[first : self.position]
        flow.broken = any(token.breaks or "\n" in token.text for token in inside)
        return flow

    def _flow_entry(self, flow: Flow, lead: list[str], breaks: int) -> Entry:
        first = len(self.anchors)
        entry = Entry(lead=lead, breaks=max(breaks, self.tokens[self.position].breaks))
        if entry.breaks > 1:
            lead.append(BLANK)
        if flow.mapping:
            self._key(entry)
            entry.colon = entry.colon or not flow.brackets  # alone it would be no pair
        while self._ahead() in {COMMENT, PROPERTY}:
            token = self._take()
            if token.kind == PROPERTY:
                entry.properties.append(token.text)
            else:
                _add(entry.lead, token)
        token = self._take()
        if token.kind == TEXT:
            entry.value = Scalar(token)
        else:
            entry.value = inner = self._flow(token)
            if not inner.brackets:  # the pair has no lines of its own
                pair = inner.entries[0]
                entry.lead += pair.lead + inner.foot
                entry.comment, pair.comment = pair.comment, None
        entry.anchors = self.anchors[first:]
        return entry

    @staticmethod
    def _settle(last: Entry, comments: list[Token], column: int) -> list[str]:
        """Give the comments behind ``last`` to their owners.

        What is left belongs to what comes next in ``column``, or to the end of the document.
        """
        blocks: list[Block] = []
        while isinstance(last.value, Block):
            blocks.append(last.value)
            last = last.value.entries[-1]
        lines: list[str] = []
        tail = last.column >= 0 and not (
            isinstance(last.value, Scalar) and last.value.token.style in BLOCK_STYLES
        )
        for comment in comments:
            if comment.breaks == 0 and last.comment is None:
                last.comment = comment
                continue
            adjacent = comment.breaks == 1 or _empty(last.value)
            tail = tail and comment.column > last.column and adjacent
            if tail:
                last.tail.append(comment)
                continue
            place = comment.column + (0.5 if _ITEM.match(comment.text) else 0)
            inside = comment.column > column
            while blocks and place < blocks[-1].edge and not (inside and len(blocks) == 1):
                blocks.pop()
            _add(blocks[-1].foot if blocks else lines, comment)
        return lines


def _empty(value: Scalar | Block | Flow | None) -> bool:
    return isinstance(value, Scalar) and not value.token.text


def _add(lines: list[str], comment: Token) -> None:
    if comment.breaks > 1:
        lines.append(BLANK)
    lines.append(comment.text)
