"""Holding SIGINT and SIGTERM back while something must not be left half-way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_Handler = Callable[[int, FrameType | None], object] | int | signal.Handlers | None


class HeldBack:
    """The signals of this process: between ``hold`` and ``let`` they are noted and wait.

    By handlers and not by a mask of signals: another thread would take what this one blocks, and
    Python calls the handler in the main thread all the same. Only there anything is held back.
    """

    def __init__(self) -> None:
        self._former: dict[signal.Signals, _Handler] = {}
        self._came: list[int] = []

    def hold(self) -> None:
        """From here on no signal interrupts; a second call changes nothing."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            if number not in self._former and signal.getsignal(number) is not None:
                self._former[number] = signal.signal(number, self._note)

    def let(self) -> None:
        """Have signals as before, and now the first that came meanwhile: it may raise."""
        while self._former:
            number, handler = self._former.popitem()
            signal.signal(number, handler)
        came, self._came = self._came, []
        if came:
            signal.raise_signal(came[0])

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._came.append(number)
