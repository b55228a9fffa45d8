"""Colour and width of a terminal; without one, plain text."""

from __future__ import annotations

import os
import re
import shutil
from typing import IO, Any, NamedTuple

_CODES = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Style(NamedTuple):
    """How to print: with colour or not, and how wide."""

    colour: bool = False
    width: int = 80
    terminal: bool = False
    """Whether somebody reads it as it is printed, and may copy from it."""
    verbose: bool = False
    """Whether also what repeats itself is printed."""

    @classmethod
    def of(cls, stream: IO[Any]) -> Style:
        """The style for a stream: ``NO_COLOR``, ``FORCE_COLOR`` and a pipe are respected."""
        terminal = hasattr(stream, "isatty") and stream.isatty()
        colour = terminal and os.environ.get("TERM") != "dumb"
        if os.environ.get("FORCE_COLOR"):
            colour = True
        if os.environ.get("NO_COLOR"):
            colour = False
        width = shutil.get_terminal_size((80, 24)).columns if terminal else 80
        return cls(colour, max(40, min(width, 120)), terminal)

    def paint(self, text: str, colour: str) -> str:
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.colour else text

    def bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text

    def dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self.colour else text

    @staticmethod
    def printable(text: str) -> str:
        """Control characters made visible, so that a file cannot steer the reader's terminal."""
        return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)

    def wrap(self, text: str, first: str = "", rest: str = "") -> list[str]:
        """Lines no wider than the terminal; paragraphs stay apart."""
        import textwrap

        lines: list[str] = []
        for paragraph in text.split("\n"):
            indent = rest if lines else first
            lines += textwrap.wrap(
                paragraph,
                self.width,
                initial_indent=indent,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            ) or [""]
        return lines
