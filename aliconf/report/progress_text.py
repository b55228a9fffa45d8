"""Progress as text: a bar of a terminal's width, or a line for a log."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

BLOCKS: Final = ("█", "░", "…")
"""Done, to do, and the end of words that are cut."""
ASCII: Final = ("#", "-", "~")
"""The same for an encoding that has no blocks."""

_SHORTEST_BAR: Final = 10
_LONGEST_BAR: Final = 40
_ROOM_FOR_TIME: Final = len("59 min left")


@dataclass(frozen=True, slots=True)
class Work:
    """How far one piece of work has come."""

    what: str
    done: int
    total: int | None
    seconds: float
    """Since it began."""

    @property
    def amount(self) -> str:
        """``42,000 of 100,000``"""
        if self.total is None:
            return f"{self.done:,}"
        whole = f"{self.total:,}"
        return f"{self.done:>{len(whole)},} of {whole}"

    @property
    def percent(self) -> int | None:
        """Rounded down: 100 only at the end."""
        return min(100, 100 * self.done // self.total) if self.total else None

    @property
    def left(self) -> str:
        """``12 s left``; empty before two seconds and two percent, when nobody can tell."""
        percent = self.percent
        if not self.total or percent is None or not 2 <= percent < 100 or self.seconds < 2:
            return ""
        seconds = math.ceil(self.seconds * (self.total - self.done) / self.done)
        if seconds < 60:
            return f"{seconds} s left"
        minutes = math.ceil(seconds / 60)
        if minutes < 60:
            return f"{minutes} min left"
        return f"{minutes // 60} h {minutes % 60} min left"


def as_line(work: Work) -> str:
    """``reading files: 42,000 of 100,000 (42 %), 12 s left``"""
    text = f"{work.what}: {work.amount.lstrip()}"
    if work.percent is not None:
        text += f" ({work.percent} %)"
    return f"{text}, {work.left}" if work.left else text


def as_bar(work: Work, width: int, blocks: tuple[str, str, str] = BLOCKS) -> str:
    """One line of at most ``width`` columns; the narrower, the less it says."""
    full, empty, cut = blocks
    if work.percent is None:
        return _joined(work.what, [work.amount], width, cut)
    percent = f"{work.percent:>3} %"
    taken = len("  ".join([work.what, work.amount, percent])) + 2 + _ROOM_FOR_TIME
    size = min(_LONGEST_BAR, width - taken - 2)
    if size >= _SHORTEST_BAR:
        filled = size * work.percent // 100
        parts = [full * filled + empty * (size - filled), work.amount, percent, work.left]
        return _joined(work.what, parts, width, cut)
    for parts in ([work.amount, percent, work.left], [work.amount, percent]):
        if len("  ".join([work.what, *parts])) <= width:
            return _joined(work.what, parts, width, cut)
    return _joined(work.what, [percent.lstrip()], width, cut)


def _joined(what: str, parts: list[str], width: int, cut: str) -> str:
    """The words are cut before the numbers are."""
    rest = "".join(f"  {part}" for part in parts if part)
    room = width - len(rest)
    if len(what) > room:
        what = what[: max(0, room - 1)] + cut
    return (what + rest)[:width]
