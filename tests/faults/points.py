"""The moments of a process at which a fault can strike: before and after each statement and commit.

Installed in a child before it runs aliconf. Every statement counts, also those of the reader; not
those of the heartbeat, which come when they like.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, TypedDict
from unittest import mock

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect


class Fault(TypedDict, total=False):
    """What is to happen in a child; without ``at`` nothing strikes, and the points are counted."""

    at: int
    """At which point, from 1."""
    of: str
    """Only points of this name are counted for ``at``."""
    action: str
    """``kill``, ``call``, ``full`` or ``fill``."""
    port: int
    """Of ``call``: who is told, and lets the child go on."""
    filler: str
    """Of ``fill``: the file that takes the rest of the disk."""
    silence: float
    """How many seconds a server may be silent."""
    hours: float
    """By how much the child's clock is wrong."""


class Points:
    def __init__(self, at: int, of: str, strike: Callable[[], None]) -> None:
        self.seen: list[str] = []
        self._left = at
        self._of = of
        self._strike = strike

    def reach(self, point: str) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self.seen.append(point)
        if self._of in ("", point):
            self._left -= 1
            if self._left == 0:
                self._strike()


def install(fault: Fault) -> Points:
    _disturb(fault)
    points = Points(
        fault.get("at", 0), fault.get("of", ""), lambda: _ACTIONS[fault["action"]](fault)
    )

    @event.listens_for(Engine, "before_cursor_execute")
    def _(_1: Any, _2: Any, statement: str, *_rest: Any) -> None:
        points.reach(f"before {_short(statement)}")

    @event.listens_for(Engine, "after_cursor_execute")
    def _(_1: Any, _2: Any, statement: str, *_rest: Any) -> None:
        points.reach(f"after {_short(statement)}")

    commit = DefaultDialect.do_commit

    def do_commit(dialect: DefaultDialect, connection: Any) -> None:
        points.reach("before COMMIT")
        commit(dialect, connection)
        points.reach("after COMMIT")

    mock.patch.object(DefaultDialect, "do_commit", do_commit).start()
    return points


def _short(statement: str) -> str:
    return " ".join(statement.split())[:60]


def _kill(_: Fault) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _call(fault: Fault) -> None:
    with socket.create_connection(("127.0.0.1", fault["port"])) as line:
        line.recv(1)


def _full(_: Fault) -> None:
    """From here on no file takes another byte; EFBIG instead of ENOSPC, and no disk is needed."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def _fill(fault: Fault) -> None:
    """Take all that is left of the disk on which the filler is."""
    handle = os.open(fault["filler"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for size in (65536, 4096, 1):
        try:
            while True:
                os.write(handle, b"\0" * size)
        except OSError:
            continue
    os.close(handle)


_ACTIONS: dict[str, Callable[[Fault], None]] = {
    "kill": _kill,
    "call": _call,
    "full": _full,
    "fill": _fill,
}


def _disturb(fault: Fault) -> None:
    if "silence" in fault:
        from aliconf.connector import mariadb_driver, postgresql_driver

        mock.patch.object(mariadb_driver, "SILENCE", fault["silence"]).start()
        mock.patch.object(postgresql_driver, "PATIENCE", fault["silence"]).start()
    if "hours" in fault:
        real, shift = time.time, 3600 * fault["hours"]
        mock.patch.object(time, "time", side_effect=lambda: real() + shift).start()
