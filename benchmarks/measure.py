"""Run commands side by side; measure wall time, and peak memory as the kernel counts it."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LEFT_OUT = {"CI", "PYTHONDONTWRITEBYTECODE"}
"""What users do not have set: without byte code each run would compile what is not installed."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and what its output must hold, or else it did not do the work."""

    arguments: Sequence[str]
    directory: Path
    expect: str = ""


@dataclass(slots=True)
class Series:
    """The measurements of one contestant: seconds of each repetition, highest peak in bytes."""

    seconds: list[float] = field(default_factory=list)
    peak: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        return min(self.seconds)


def alternate(contestants: Mapping[str, Iterable[Command]], repetitions: int) -> dict[str, Series]:
    """Run the contestants in turn, after one round that is not counted.

    A contestant may be several commands; their times are added up.
    """
    commands = {name: list(steps) for name, steps in contestants.items()}
    series = {name: Series() for name in commands}
    for repetition in range(-1, repetitions):
        for name, steps in commands.items():
            samples = [run(step) for step in steps]
            if repetition >= 0:
                series[name].seconds.append(sum(seconds for seconds, _ in samples))
                series[name].peak = max(series[name].peak, *(peak for _, peak in samples))
    return series


def run(command: Command) -> tuple[float, int]:
    """Seconds and peak bytes of one run. Raises RuntimeError where it failed.

    The peak is at least that of this process when it starts the other, so keep this process small.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command.arguments,
            cwd=command.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode != 0 or command.expect not in text:
        shown = " ".join(command.arguments[:6])
        raise RuntimeError(
            f"{shown} ended with {process.returncode}; expected 0 and {command.expect!r}:\n"
            + text[-2000:]
        )
    return seconds, usage.ru_maxrss * 1024
