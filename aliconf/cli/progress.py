"""Progress on standard error: a bar on a terminal, a line now and then anywhere else.

It is drawn by the work itself when the work advances: no thread, and a look at the clock is all
that a step costs. Work that is over in a second shows nothing. A quiet run shows nothing at all,
and a verbose one how long each piece of work took.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from aliconf.cli import output
from aliconf.cli.streams import silence
from aliconf.cli.verbosity import Verbosity, of_run

BAR_AFTER: Final = 1.0
"""Seconds of work before there is a bar."""
BAR_EVERY: Final = 0.1
LINE_EVERY: Final = 10.0
"""Seconds before the first line, and between two: who reads a log does not wait for it."""

_CLEAR: Final = "\r\x1b[K"


class Display:
    """Shows the progress of work on a stream, as a bar or as lines."""

    def __init__(
        self,
        stream: TextIO,
        *,
        terminal: bool,
        clock: Callable[[], float] = time.monotonic,
        says: Verbosity | None = None,
    ) -> None:
        self._stream = stream
        self._terminal = terminal
        self._clock = clock
        self._shown = False
        self._drawn = False
        """Whether a bar stands on the terminal now."""
        self._says = says or Verbosity()
        self._due = clock() + (BAR_AFTER if terminal else LINE_EVERY)
        if self._says.quiet:
            self._due = math.inf
        self._what = ""
        self.begin("")

    def begin(self, what: str, total: int | None = None) -> None:
        self._tell()
        self._what, self._total, self._done = what, total, 0
        self._began = self._clock()
        if self._drawn:  # the first step may take its time
            self._show(self._began)

    def advance(self, amount: int = 1) -> None:
        self._done += amount
        now = self._clock()
        if now >= self._due:
            self._show(now)

    def _show(self, now: float) -> None:
        from aliconf.report import progress_text

        self._shown = True
        work = progress_text.Work(self._what, self._done, self._total, now - self._began)
        if self._terminal:
            self._due = now + BAR_EVERY
            # The last column stays free: some terminals begin a new line after it.
            width, blocks = _columns(self._stream) - 1, self._blocks()
            self._write("\r" + progress_text.as_bar(work, width, blocks) + "\x1b[K")
            self._drawn = True
        else:
            self._due = now + LINE_EVERY
            self._write(progress_text.as_line(work) + "\n")

    def _blocks(self) -> tuple[str, str, str]:
        from aliconf.report.progress_text import ASCII, BLOCKS

        try:
            "".join(BLOCKS).encode(self._stream.encoding or "ascii")
        except UnicodeEncodeError:
            return ASCII
        return BLOCKS

    def end(self) -> None:
        """All work is over."""
        self._tell()
        self.clear()

    def _tell(self) -> None:
        if self._says.verbose and self._what:
            took = f"{self._clock() - self._began:.3f} s"
            self._says.tell(f"{self._what}: {self._done:,} in {took}")

    def clear(self) -> None:
        """Take the bar away, as if it had never been there."""
        if self._drawn:
            self._drawn = False
            self._write(_CLEAR)

    def make_way(self) -> None:
        """Before a line is printed on standard output: that may be the terminal of the bar."""
        if self._drawn and sys.stdout.isatty():
            self.clear()

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # who looked has gone, and the work goes on
            silence(self._stream)
            self._due, self._drawn = math.inf, False


def _columns(stream: TextIO) -> int:
    """Asked for each time: a window changes its size."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


@contextmanager
def shown(clock: Callable[[], float] = time.monotonic) -> Iterator[Display]:
    """Around work whose progress is shown on standard error; nothing of a bar stays behind."""
    stream, says = sys.stderr, of_run()
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb" and not output.in_ci()
    bar = terminal and not says.verbose  # which would stand in the way of its lines
    display = Display(stream, terminal=bar, clock=clock, says=says)
    try:
        yield display
    finally:
        display.end()


@contextmanager
def lines(
    what: str, total: int, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[str], None]]:
    """Around work that prints a line on standard output for each of its steps.

    Each step calls what this yields with its line, which may be empty: the line is printed, then
    the bar again.
    """
    with shown(clock) as display:
        display.begin(what, total)

        def step(text: str) -> None:
            if text:
                display.make_way()
                output.progress(text)
            display.advance()

        yield step
