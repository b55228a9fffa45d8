"""A file of the configuration: its text, and locations in it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from aliconf.findings import Finding, Location, Severity


@dataclass(slots=True, eq=False)
class Source:
    """The text of a file as it was read, with the path to show for it."""

    path: Path
    shown: str
    text: str
    starts: list[int] = field(default_factory=list, repr=False)
    """Where each line begins; counted when the first location is asked for."""

    def location(self, line: int, column: int, end_column: int = 0) -> Location:
        """Line and column from 0, as the parser counts them. Its text hides secrets."""
        written = self.line(line)
        start = self.starts[line] if line < len(self.starts) else 0
        text = _excerpt()(self.text, start, written, column)
        return Location(self.shown, line + 1, column + 1, end_column and end_column + 1, text)

    def line(self, number: int) -> str:
        """A line of the text as it stands there, from 0; it may hold secrets."""
        if not self.starts:
            self.starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        if number >= len(self.starts):
            return ""
        start = self.starts[number]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else None].rstrip("\r")


@cache
def _excerpt() -> Callable[[str, int, str, int], str]:
    """It is asked for each place, and an import takes longer."""
    from aliconf.config.redact import excerpt

    return excerpt


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
