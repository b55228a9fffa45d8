"""The standard streams: closed from the start, or broken on the way."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


def open_closed() -> None:
    """Put the null device where a shell closed a stream (``>&-``): Python has None there."""
    if sys.stdin is None:
        sys.stdin = os.fdopen(_null(), encoding="utf-8")
    if sys.stdout is None:
        sys.stdout = os.fdopen(_null(), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = os.fdopen(_null(), "w", encoding="utf-8")


def silence_broken() -> None:
    """Silence what cannot take the output that it still holds: Python would fail on it later."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            silence(stream)


def silence(stream: TextIO) -> None:
    """Send all further output to the null device, what the stream still holds included."""
    null = _null()
    os.dup2(null, stream.fileno())
    os.close(null)
    with suppress(OSError):
        stream.flush()


def _null() -> int:
    return os.open(os.devnull, os.O_RDWR)
