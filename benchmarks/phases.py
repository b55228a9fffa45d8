"""aliconf's command line with a clock at its phases: ``python -m benchmarks.phases FILE apply``.

The command runs as it always does. Afterwards the file holds JSON: ``seconds`` by phase, and
``leased``, when it had the lease of the project (seconds since 1970).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final

from aliconf.cli import connect, project
from aliconf.cli.main import main
from aliconf.connector import lease
from aliconf.connector.writer import Writer

READING, LEASE, PLANNING, WRITING = "reading", "lease", "planning", "writing"

PHASES: Final[tuple[tuple[str, Any, str], ...]] = (
    (READING, project, "open_project"),
    (READING, project.Project, "check"),
    (LEASE, lease, "hold"),
    (PLANNING, connect, "plan_of"),
    (WRITING, Writer, "begin"),
    (WRITING, Writer, "perform"),
    (WRITING, Writer, "finish"),
)


class Clock:
    """Adds up the seconds of each phase."""

    def __init__(self) -> None:
        self.seconds = {phase: 0.0 for phase, _, _ in PHASES}
        self.leased: float | None = None

    def timed(self, phase: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def clocked(*arguments: Any, **keywords: Any) -> Any:
            start = time.perf_counter()
            try:
                return work(*arguments, **keywords)
            finally:
                self.seconds[phase] += time.perf_counter() - start

        return clocked

    def hold(self, hold: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def noted(*arguments: Any, **keywords: Any) -> Iterator[Any]:
            with hold(*arguments, **keywords) as held:
                self.leased = time.time()
                yield held

        return noted


def run(file: Path, arguments: list[str]) -> None:
    clock = Clock()
    # The commands import what they use when they run.
    for phase, owner, name in PHASES:
        work = getattr(owner, name)
        setattr(owner, name, clock.hold(work) if phase == LEASE else clock.timed(phase, work))
    try:
        main(arguments)
    finally:
        file.write_text(json.dumps({"seconds": clock.seconds, "leased": clock.leased}))


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2:])
