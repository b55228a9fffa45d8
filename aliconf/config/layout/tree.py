"""A document as a tree in which every comment and every blank line has its owner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from aliconf.config.layout.tokens import BLOCK_STYLES, Token

BLANK: Final = ""
"""A blank line among comment lines."""


@dataclass(slots=True, eq=False)
class Entry:
    """A key with its value, or an item of a list; also the whole document."""

    column: int = 0
    lead: list[str] = field(default_factory=list)
    """Comments and blank lines above."""
    key: str | None = None
    """As written; None in a list."""
    name: str = ""
    """What the key means."""
    colon: bool = True
    """False for a key of a flow collection that stands alone."""
    properties: list[str] = field(default_factory=list)
    """Anchor and tag of the value."""
    remark: Token | None = None
    """The comment behind the key, where the value begins on a later line."""
    between: list[str] = field(default_factory=list)
    """Comments and blank lines between such a key and its value."""
    breaks: int = 0
    """Line ends before the value; in a flow collection, before the entry."""
    value: Scalar | Block | Flow | None = None
    comment: Token | None = None
    """Behind the value, on its last line."""
    tail: list[Token] = field(default_factory=list)
    """Comments below the value, further in than the key."""
    anchors: list[tuple[str, bool]] = field(default_factory=list)
    """Names of anchors (true) and aliases (false) in it, in their order."""


@dataclass(slots=True)
class Scalar:
    """A scalar or an alias."""

    token: Token

    @property
    def keeps_blank_lines(self) -> bool:
        """Whether blank lines below it would be part of it."""
        return self.token.style in BLOCK_STYLES and "+" in self.token.text.partition("#")[0]


@dataclass(slots=True)
class Block:
    """A mapping or a sequence by indentation."""

    mapping: bool
    column: int
    edge: float
    """A comment further left is not inside. For a list that lines up with its key, the key's
    siblings begin in its column too, and only an item that was commented out is inside."""
    entries: list[Entry] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)
    """Comments and blank lines at its end."""


@dataclass(slots=True)
class Flow:
    """A collection in brackets, or the single pair in ``[a: 1]`` that has none."""

    mapping: bool
    brackets: bool
    column: int
    remark: Token | None = None
    """The comment behind the opening bracket."""
    entries: list[Entry] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)
    comma: bool = False
    """Whether there is one behind the last entry."""
    broken: bool = False
    """Whether it takes several lines."""


@dataclass(slots=True)
class Tree:
    """A document."""

    root: Entry
    """Has no key; its remark stands behind ``---``."""
    head: list[str]
    """Comments and blank lines that open the document and belong to no key."""
    foot: list[str]
    """Comments below a document that is not a block."""
