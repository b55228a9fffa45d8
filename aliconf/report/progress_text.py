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
"""Kept free before there is a time, so that nothing jumps when it comes."""


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
        if seconds < 3600:
            return f"{math.ceil(seconds / 60)} min left"
        return f"{seconds / 3600:.1f} h left"


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
    amount, percent = work.amount, f"{work.percent:>3} %"
    time = work.left.ljust(_ROOM_FOR_TIME)
    for parts in ([amount, percent, time], [amount, percent], [percent, time], [percent]):
        free = width - len("  ".join([work.what, *parts]))
        if free < 0:
            continue
        size = min(_LONGEST_BAR, free - 2)
        if size >= _SHORTEST_BAR:
            filled = size * work.percent // 100
            parts = [full * filled + empty * (size - filled), *parts]
        return _joined(work.what, parts, width, cut)
    return _joined(work.what, [percent.strip()], width, cut)


def _joined(what: str, parts: list[str], width: int, cut: str) -> str:
    """The words are cut before the numbers are."""
    rest = "".join(f"  {part}" for part in parts if part)
    room = width - len(rest)
    if len(what) > room:
        what = what[: max(0, room - 1)] + cut
    return (what + rest)[:width].rstrip()
