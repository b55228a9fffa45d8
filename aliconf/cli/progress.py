"""Progress on standard error: a bar on a terminal, a line now and then anywhere else.

It is drawn by the work itself when the work begins or advances: no thread, and a look at the clock
is all that a step costs. When it is due belongs to the run of a command, which has many pieces of
work: each may be short, and who waits waits for all of them. A run that is over in a second shows
nothing. A quiet run shows nothing at all, and a verbose one how long each piece of work took.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from aliconf.cli import output
from aliconf.cli.streams import silence
from aliconf.cli.verbosity import Verbosity, of_run

BAR_AFTER: Final = 1.0
"""Seconds of a run before there is a bar."""
BAR_EVERY: Final = 0.1
LINE_EVERY: Final = 10.0
"""Seconds of a run before the first line, and between two: who reads a log does not wait for it."""

_CLEAR: Final = "\r\x1b[K"


class Display:
    """Shows the progress of work on a stream, as a bar or as lines.

    ``says`` is that of the run: the displays of one run share its clock, and what is due when.
    """

    def __init__(self, stream: TextIO, *, terminal: bool, says: Verbosity) -> None:
        self._stream = stream
        self._terminal = terminal
        self._says = says
        self._clock = says.clock
        self._drawn = False
        """Whether a bar stands on the terminal now."""
        self._due = self._next()
        self._what, self._done = "", 0
        self._total: int | None = None
        self._began = self._clock()

    def begin(self, what: str, total: int | None = None) -> None:
        self._tell()
        self._what, self._total, self._done = what, total, 0
        self._began = self._clock()
        if self._drawn or self._began >= self._due:  # the first step may take its time
            self._show(self._began)

    def advance(self, amount: int = 1) -> None:
        self._done += amount
        now = self._clock()
        if now >= self._due:
            self._show(now)

    def _show(self, now: float) -> None:
        from aliconf.report import progress_text

        work = progress_text.Work(self._what, self._done, self._total, now - self._began)
        self._says.seen = now
        self._due = self._next()
        if self._terminal:
            # The last column stays free: some terminals begin a new line after it.
            width, blocks = _columns(self._stream) - 1, self._blocks()
            self._drawn = True
            self._write("\r" + progress_text.as_bar(work, width, blocks) + "\x1b[K")
        else:
            self._write(progress_text.as_line(work) + "\n")

    def _next(self) -> float:
        """When the run shows something again."""
        if self._says.quiet:
            return math.inf
        if self._terminal:
            return max(self._says.began + BAR_AFTER, self._says.seen + BAR_EVERY)
        return self._says.seen + LINE_EVERY

    def _blocks(self) -> tuple[str, str, str]:
        from aliconf.report.progress_text import ASCII, BLOCKS

        try:
            "".join(BLOCKS).encode(self._stream.encoding or "ascii")
        except UnicodeEncodeError:
            return ASCII
        return BLOCKS

    def end(self) -> None:
        """This work is over; the next of the run puts its bar there at once."""
        self._tell()
        if self._drawn:
            self._says.seen = -math.inf
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
            self._says.seen = self._due = math.inf
            self._drawn = False


def _columns(stream: TextIO) -> int:
    """Asked for each time: a window changes its size."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


@contextmanager
def shown() -> Iterator[Display]:
    """Around work whose progress is shown on standard error; nothing of a bar stays behind."""
    stream, says = sys.stderr, of_run()
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb" and not output.in_ci()
    bar = terminal and not says.verbose  # which would stand in the way of its lines
    display = Display(stream, terminal=bar, says=says)
    try:
        yield display
    finally:
        display.end()


@contextmanager
def lines(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Around work that prints a line on standard output for each of its steps.

    Each step calls what this yields with its line, which may be empty: the line is printed, then
    the bar again.
    """
    with shown() as display:
        display.begin(what, total)

        def step(text: str) -> None:
            if text:
                display.make_way()
                output.progress(text)
            display.advance()

        yield step
