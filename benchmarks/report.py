"""The table of a run, and the part of benchmarks/README.md that holds the last one."""

from __future__ import annotations

import datetime
import os
import platform
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.measure import Series

PACKAGES: Final = (
    *("aliconf", "pydantic", "PyYAML", "SQLAlchemy", "click"),
    *("check-jsonschema", "jsonschema", "ruamel.yaml", "octodns"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison; the goals are a ratio of the medians, or how many seconds more than the other
    it may take, and maybe a peak in bytes."""

    what: str
    ours: Series
    peer: str
    theirs: Series
    goal: float | None = None
    """None for a comparison that is only to be known."""
    memory: float | None = None
    more: float | None = None

    @property
    def ratio(self) -> float:
        return self.ours.median / self.theirs.median

    @property
    def met(self) -> bool:
        within = self.memory is None or self.ours.peak <= self.memory
        if self.more is not None:
            within = within and self.ours.median - self.theirs.median <= self.more
        return within and (self.goal is None or self.ratio <= self.goal)


def table(rows: Sequence[Row]) -> list[str]:
    """Markdown: what, both times as median (fastest), their ratio, the goal, both peaks."""
    return [
        "| | aliconf | compared with | its time | ratio | goal | | peak memory |",
        "|---|---:|---|---:|---:|---:|---|---:|",
        *(_line(row) for row in rows),
        "",
        *circumstances(PACKAGES),
    ]


def _line(row: Row) -> str:
    goal = "" if row.goal is None else f"≤ {row.goal:g}"
    if row.more is not None:
        goal = f"≤ {row.more:g} s more"
    if row.memory is not None:
        goal += f", ≤ {megabytes(row.memory)}"
    cells = (
        row.what,
        times(row.ours),
        row.peer,
        times(row.theirs),
        f"{row.ratio:.2f}",
        goal,
        "" if not goal else "met" if row.met else "**missed**",
        f"{megabytes(row.ours.peak)} / {megabytes(row.theirs.peak)}",
    )
    return f"| {' | '.join(cells)} |"


def times(series: Series) -> str:
    return f"{series.median:.3f} s ({series.best:.3f})"


def megabytes(size: float) -> str:
    return f"{size / 1e6:.0f} MB"


def circumstances(packages: Sequence[str]) -> Iterator[str]:
    """When and where it was measured, and with which versions."""
    today = datetime.datetime.now(datetime.UTC).date()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    yield (
        f"Measured on {today}: {os.cpu_count()} × {_processor()}, {memory / 2**30:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}."
    )
    yield ""
    yield ", ".join(f"{package} {version(package)}" for package in packages) + "."


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:  # only Linux has it
        text = ""
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return name[1] if name else platform.machine()


def publish(readme: Path, target: str, lines: Sequence[str]) -> None:
    """Put the lines between a README's markers of the command that made them."""
    opening, closing = f"<!-- begin: {target} -->", f"<!-- end: {target} -->"
    before, begin, rest = readme.read_text(encoding="utf-8").partition(opening)
    _, end, after = rest.partition(closing)
    if not begin or not end:
        raise ValueError(f"{readme} lacks {opening} or {closing}")
    text = "\n".join((begin, "", *lines, "", end))
    readme.write_text(before + text + after, encoding="utf-8")
