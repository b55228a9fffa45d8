"""The file of a backup: gzip of a header, the lines of an image, and a trailer.

The header says what the file is and whose store; the trailer how many rows each table has, and the
digest of the image. A file without its trailer was cut off.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from aliconf import __version__
from aliconf.connector import schema
from aliconf.connector.dump import (
    Image,
    Line,
    Tally,
    columns_of,
    content,
    encoded,
    first_line,
    raw,
)
from aliconf.findings import AliconfError, refusal
from aliconf.progress import SILENT, Progress

UNUSABLE: Final = "ALI938"
FORMAT: Final = "aliconf/connector-backup"
VERSION: Final = 1

_LEVEL: Final = 6
_LONGEST: Final = 256 * 1024 * 1024
"""Bytes of a line; no database takes a longer row in its usual settings."""
_ID: Final = re.compile(r"c-[0-9a-f]{8}")
MAGIC: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself."""

    schema: str
    connector_id: str
    time: str
    """When it was made, by the clock of the store's database: ``2026-11-23T10:00:00Z``."""
    aliconf: str
    """Which version made it."""


def write(image: Image, time: str, stream: IO[bytes], progress: Progress = SILENT) -> Tally:
    """Write a backup of an image; what it holds. Raises OSError."""
    tally = image.tally()
    header = {
        "format": FORMAT,
        "version": VERSION,
        "schema": image.revision,
        "connector": image.connector_id,
        "time": time,
        "aliconf": __version__,
    }
    # Without a name and a time of its own: the same content makes the same bytes.
    with gzip.GzipFile("", "wb", _LEVEL, stream, mtime=0) as file:
        file.write(encoded(header) + b"\n")
        for line in image.lines():
            tally.add(line)
            file.write(line.text + b"\n")
            if line.row is not None:
                progress.advance()
        file.write(encoded({"rows": tally.rows, "digest": tally.digest}) + b"\n")
    stream.flush()
    return tally


class Backup:
    """A backup that is read, from a file that can be read again. ``name`` is for messages.

    Raises ALI938 in all that it does.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name
        lines = self._texts()
        self.header = self._header(next(lines, b""))

    def verify(self, progress: Progress = SILENT) -> Tally:
        """Read all of it, and compare it with its trailer."""
        tally = self.tally()
        for line in self.lines():
            tally.add(line)
            if line.row is not None:
                progress.advance()
        return tally

    def tally(self) -> Tally:
        return Tally(self.header.schema, self.header.connector_id)

    def lines(self) -> Iterator[Line]:
        """The lines of the image; at the end the trailer has been compared with them."""
        texts = self._texts()
        next(texts, b"")
        tally = self.tally()
        expected = content(self.header.schema)
        table = ""
        for number, text in enumerate(texts, 2):
            value = self._value(text, number)
            if isinstance(value, dict) and "table" in value:
                if not expected or text != first_line(expected[0]).text:
                    raise self._damaged(f"line {number} begins another table than it should")
                table = expected.pop(0)
                line = Line(table, text, None)
            elif isinstance(value, dict):
                if expected:
                    raise self._damaged(f"its table {expected[0]} is missing")
                self._compare(value, tally)
                if next(texts, None) is not None:
                    raise self._damaged("there is more after its end")
                return
            else:
                line = Line(table, text, self._row(table, value, number))
            tally.add(line)
            yield line
        raise self._truncated()

    def _texts(self) -> Iterator[bytes]:
        """The lines without their ends."""
        try:
            self._file.seek(0)
            begin = self._file.read(len(MAGIC))
            if begin != MAGIC:
                raise self._no_backup(
                    "it is not compressed by gzip" if begin else "it has no content"
                )
            self._file.seek(0)
            with gzip.GzipFile(fileobj=self._file, mode="rb") as file:
                while text := file.readline(_LONGEST):
                    if not text.endswith(b"\n"):
                        raise self._damaged("a line has no end")
                    yield text[:-1]
        except EOFError as error:
            raise self._truncated() from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise self._damaged(f"its compression is broken ({error})") from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise refusal(UNUSABLE, f"{self._name} cannot be read: {reason}") from error

    def _header(self, text: bytes) -> Header:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise self._no_backup(f"its first line does not say {FORMAT}")
        version = value.get("version")
        if isinstance(version, int) and version > VERSION:
            raise self._newer(f"format version {version}", str(VERSION))
        revision = value.get("schema")
        newest = schema.REVISIONS[-1]
        if version == VERSION and isinstance(revision, str) and revision > newest:
            raise self._newer(f"schema version {revision}", newest)
        texts = [value.get(key) for key in ("schema", "connector", "time", "aliconf")]
        if (
            version != VERSION
            or revision not in schema.REVISIONS
            or not _ID.fullmatch(str(texts[1]))
        ):
            raise self._damaged("its header is not one")
        return Header(*map(str, texts))

    def _value(self, text: bytes, number: int) -> Any:
        """The value of a line, which has to be written as aliconf writes it."""
        try:
            value = json.loads(text)
            if encoded(value) != text:
                raise ValueError
        except (ValueError, RecursionError) as error:
            raise self._damaged(f"line {number} is not one of aliconf's") from error
        return value

    def _row(self, table: str, value: Any, number: int) -> list[Any]:
        if not table or not isinstance(value, list) or len(value) != len(columns_of(table)):
            raise self._damaged(f"line {number} is no row of a table")
        try:
            for one in value:
                raw(one)
        except ValueError as error:
            raise self._damaged(f"line {number} has a value that is none") from error
        return value

    def _compare(self, trailer: dict[str, Any], tally: Tally) -> None:
        if trailer.get("rows") != tally.rows:
            raise self._damaged("it has not the rows that it says at its end")
        if trailer.get("digest") != tally.digest:
            raise self._damaged(
                f"its digest is {tally.digest} and not {trailer.get('digest')}, as it says"
            )

    def _no_backup(self, reason: str) -> AliconfError:
        return refusal(
            UNUSABLE,
            f"{self._name} is no backup of a connector store: {reason}",
            "Name a file that aliconf connector backup has written. Nothing was restored.",
        )

    def _truncated(self) -> AliconfError:
        return refusal(
            UNUSABLE,
            f"{self._name} ends in the middle: it was cut off when it was written or copied",
            "Use another copy of the file, or an older backup. Nothing was restored.",
        )

    def _damaged(self, reason: str) -> AliconfError:
        return refusal(
            UNUSABLE,
            f"{self._name} is damaged: {reason}",
            "Use another copy of the file, or an older backup. Nothing was restored.",
        )

    def _newer(self, found: str, known: str) -> AliconfError:
        return refusal(
            UNUSABLE,
            f"{self._name} is a backup of a newer aliconf: it has {found}; this one knows up to "
            f"{known}",
            "Upgrade aliconf to the version that wrote it. Nothing was restored.",
        )
