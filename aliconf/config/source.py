"""A file of the configuration: its text, and locations in it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from aliconf.config.shape import shape_of
from aliconf.findings import Finding, Location, Severity

END_OF_LINE: Final = -1
"""In place of a column."""


@dataclass(slots=True, eq=False)
class Source:
    """The text of a file as it was read, with the path to show for it."""

    path: Path
    shown: str
    text: str

    def location(self, line: int, column: int, end_column: int = 0) -> Location:
        """Line and column from 0, as the parser counts them. Its text hides secrets."""
        return self.lines.location(line, column, end_column)

    def line(self, number: int) -> str:
        """A line of the text as it stands there, from 0; it may hold secrets."""
        return self.lines.line(number)

    @property
    def lines(self) -> Lines:
        return _lines(self)


class Lines:
    """The lines of a source. There are many of them, so they are kept for the last few sources."""

    __slots__ = ("_excerpt", "_lines", "_shape", "_shown", "_text")

    def __init__(self, source: Source) -> None:
        from aliconf.config import redact  # its import takes longer than a small file to read

        lines = source.text.split("\n")
        self._lines = [line.rstrip("\r") for line in lines] if "\r" in source.text else lines
        self._excerpt = redact.excerpt if redact.may_hide(source.text) else None
        self._shown = source.shown
        self._text = source.text
        self._shape = shape_of(source.text).split("\n")

    def line(self, number: int) -> str:
        """Empty behind the last."""
        return self._lines[number] if number < len(self._lines) else ""

    def shape(self, start: int, end: int, line: int) -> str:
        """The shape of the text between two offsets, the first of which is in a line from 0."""
        text = self._text
        if start and text[start - 1] != "\n":
            return shape_of(text[start:end])
        behind = line + text.count("\n", start, end) + (end == len(text))
        return "\n".join(self._shape[line:behind])

    def location(self, line: int, column: int, end_column: int) -> Location:
        shown = text = self._lines[line] if line < len(self._lines) else ""
        end = len(text) if end_column == END_OF_LINE else end_column
        if self._excerpt is not None:
            shown = self._excerpt(self._text, line, text, column)
        return Location(self._shown, line + 1, column + 1, end and end + 1, shown)


_lines = lru_cache(maxsize=8)(Lines)


def read(path: Path, shown: str) -> Source | Finding:
    """Read a file as UTF-8; a byte order mark is dropped. Line ends stay as they are."""
    try:
        with path.open("rb", buffering=0) as file:  # what is read whole needs no buffer
            raw = file.readall().removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        return Finding(
            "ALI107",
            Severity.ERROR,
            f"cannot read the file: {(error.strerror or str(error)).lower()}",
            Location(shown),
            "Check that the file exists and that its permissions let you read it.",
        )
    try:
        return Source(path, shown, raw.decode())
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n")
        column = len(before.rsplit(b"\n", 1)[-1])
        return Finding(
            "ALI103",
            Severity.ERROR,
            f"not UTF-8: byte 0x{raw[error.start]:02x}",
            Location(shown, line + 1, column + 1),
            "Save the file as UTF-8.",
        )
