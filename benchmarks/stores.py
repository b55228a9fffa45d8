"""``make bench-stores``: measure the connector store on all three databases, side by side."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import phases, rows
from benchmarks.generate import documents, write
from benchmarks.measure import Command, Series, run
from benchmarks.report import circumstances, megabytes, publish, times
from benchmarks.run import ALICONF, CHANGED, HERE, MANY, WORK, project
from benchmarks.stands import NAMES, Stands, emptied, started, url, with_connector
from benchmarks.waiting import Waiting
from tests.databases.places import Place
from tests.databases.programs import KINDS, Kind

HUGE: Final = 100_000
APPLIES: Final = 3
READS: Final = 2
GROWTH: Final = 11
"""Ten times as many objects may take so many times as long: linear, and a little for the caches."""
PACKAGES: Final = ("aliconf", "SQLAlchemy", "psycopg", "PyMySQL", "pydantic", "PyYAML")

Cells = Mapping[Kind, str]


@dataclass
class Applied:
    """The applies of one database."""

    whole: Series = field(default_factory=Series)
    parts: dict[str, Series] = field(default_factory=dict)
    plain: Series = field(default_factory=Series)

    def add(self, seconds: float, peak: int, parts: Mapping[str, float], plain: float) -> None:
        self.whole.seconds.append(seconds)
        self.whole.peak = max(self.whole.peak, peak)
        for phase, part in parts.items():
            self.parts.setdefault(phase, Series()).seconds.append(part)
        self.plain.seconds.append(plain)

    @property
    def ratio(self) -> float:
        return self.parts[phases.WRITING].median / self.plain.median


def main() -> None:
    begun = time.monotonic()
    work = emptied(WORK / "stores")
    with ExitStack() as stack:
        stands = stack.enter_context(started(work))
        lines = list(_table(stands, stack))
        print("\n".join(lines))
        publish(HERE / "README.md", "make bench-stores", lines)
    shutil.rmtree(work)
    print(f"measured in {time.monotonic() - begun:.0f} s", file=sys.stderr)


def _table(stands: Stands, stack: ExitStack) -> Iterator[str]:
    yield f"| | {' | '.join(NAMES[kind] for kind in KINDS)} | goal | |"
    yield "|---|---:|---:|---:|---:|---|"
    many, huge = stands.work / "many", stands.work / "huge"
    project(many, documents(MANY))
    applied, places = _applies(stands, many, stack)
    yield from _of_applies(applied)
    project(huge, documents(HUGE))
    waiting = Waiting(stands, stack)
    filled = _filled(stands, huge, stack)
    seconds = waiting.seconds()
    for root in (many, huge):
        amount = MANY if root == many else HUGE
        write(root, documents(amount, revision=1))
    small = _reads("plan", many, places, READS, f"{CHANGED} to update")
    large = _reads("plan", huge, filled, 1, f"{HUGE // 100:,} to update")
    yield from _of_reads("plan", small, large)
    small = _reads("status", many, places, READS)
    # It reads a store as a plan does; on all three it would take a third of all the time.
    large = _reads("status", huge, {"sqlite": filled["sqlite"]}, 1)
    yield from _of_reads("status", small, large)
    for where, limit, words in (
        ("elsewhere", 31, "of another machine: from its last heartbeat"),
        ("here", 1, "of this machine: from its death"),
    ):
        yield _line(
            f"a dead holder {words} until a waiting apply has the lease",
            {kind: f"{found[where]:.1f} s" for kind, found in seconds.items()},
            f"≤ {limit} s",
            all(found[where] <= limit for found in seconds.values()),
        )
    yield ""
    yield from circumstances(PACKAGES)
    yield ""
    yield stands.versions + "."


def _applies(
    stands: Stands, root: Path, stack: ExitStack
) -> tuple[dict[Kind, Applied], dict[Kind, Place]]:
    """Apply new objects, each time to a new store; the last ones stay."""
    applied: dict[Kind, Applied] = {kind: Applied() for kind in stands.kinds}
    places: dict[Kind, Place] = {}
    for repetition in range(APPLIES):
        for kind in stands.kinds:
            _say(f"apply of {MANY:,} new objects, {NAMES[kind]} ({repetition + 1} of {APPLIES})")
            with ExitStack() as brief:
                last = repetition == APPLIES - 1
                place = places[kind] = _made(stands, kind, root, stack if last else brief)
                seconds, peak, parts = _apply(root)
                plain = _copy(place, stands.place(kind, brief), rows.WRITTEN)
                applied[kind].add(seconds, peak, parts, plain)
    return applied, places


def _filled(stands: Stands, root: Path, stack: ExitStack) -> dict[Kind, Place]:
    """Stores of the many objects: applied to the first, copied to the others."""
    first, *others = stands.kinds
    _say(f"apply of {HUGE:,} new objects, {NAMES[first]}")
    places = {first: _made(stands, first, root, stack)}
    _apply(root)
    for kind in others:
        _say(f"copying them to {NAMES[kind]}")
        places[kind] = stands.place(kind, stack)
        _copy(places[first], places[kind], rows.READ)
    return places


def _made(stands: Stands, kind: Kind, root: Path, stack: ExitStack) -> Place:
    """A new store for a project."""
    place = stands.place(kind, stack)
    _point(root, place)
    run(Command([ALICONF, "connector", "init"], root))
    return place


def _point(root: Path, place: Place) -> None:
    """Give the project the place's store as its connector."""
    write(root, [with_connector(next(documents(1)), place)])


def _apply(root: Path) -> tuple[float, int, dict[str, float]]:
    """Seconds, peak memory and the seconds of each phase."""
    file = root.parent / "phases.json"
    command = [sys.executable, "-m", "benchmarks.phases", str(file), "-C", str(root)]
    seconds, peak = run(Command([*command, "apply", "--yes"], HERE.parent, " 0 failed"))
    parts: dict[str, float] = json.loads(file.read_text())["seconds"]
    return seconds, peak, parts


def _copy(source: Place, sink: Place, names: Sequence[str]) -> float:
    file = source.root.parent / "rows.json"
    of = [url(source), str(source.root), url(sink), str(sink.root)]
    run(Command([sys.executable, "-m", "benchmarks.rows", str(file), *of, *names], HERE.parent))
    return float(json.loads(file.read_text())["seconds"])


def _reads(
    command: str,
    root: Path,
    places: Mapping[Kind, Place],
    repetitions: int,
    expected: str = "",
) -> dict[Kind, Series]:
    """Run a command that reads the stores, in turn."""
    series = {kind: Series() for kind in places}
    for repetition in range(repetitions):
        for kind, place in places.items():
            _say(f"{command} in the {root.name} project, {NAMES[kind]} ({repetition + 1})")
            _point(root, place)
            seconds, peak = run(Command([ALICONF, command], root, expected))
            series[kind].seconds.append(seconds)
            series[kind].peak = max(series[kind].peak, peak)
    return series


def _of_applies(applied: Mapping[Kind, Applied]) -> Iterator[str]:
    def cells(of: Callable[[Applied], str]) -> Cells:
        return {kind: of(applied[kind]) for kind in applied}

    yield _line(
        f"`aliconf apply --yes`, {MANY:,} new objects",
        cells(lambda one: f"{times(one.whole)}, {megabytes(one.whole.peak)}"),
    )
    for phase, words in (
        (phases.READING, "reading and checking the files"),
        (phases.PLANNING, "planning"),
        (phases.WRITING, "writing"),
    ):
        parts = {kind: one.parts[phase] for kind, one in applied.items()}
        yield _line(f"– {words}", {kind: times(part) for kind, part in parts.items()})
    yield _line("the same rows, one `executemany` a table", cells(lambda one: times(one.plain)))
    yield _line(
        "writing / the same rows",
        cells(lambda one: f"{one.ratio:.1f}"),
        "≤ 5",
        all(one.ratio <= 5 for one in applied.values()),
    )


def _of_reads(
    command: str, small: Mapping[Kind, Series], large: Mapping[Kind, Series]
) -> Iterator[str]:
    for amount, found in ((MANY, small), (HUGE, large)):
        words = f"`aliconf {command}`, {amount:,} objects, {amount // 100:,} changed"
        yield _line(
            words,
            {kind: f"{one.median:.2f} s, {megabytes(one.peak)}" for kind, one in found.items()},
        )
    growth = {
        kind: (large[kind].median / small[kind].median, large[kind].peak / small[kind].peak)
        for kind in large
    }
    yield _line(
        "growth in time, in memory",
        {kind: f"{time:.1f}, {memory:.1f}" for kind, (time, memory) in growth.items()},
        f"≤ {GROWTH}",
        all(max(both) <= GROWTH for both in growth.values()),
    )


def _line(words: str, cells: Cells, goal: str = "", met: bool = True) -> str:
    verdict = "" if not goal else "met" if met else "**missed**"
    return f"| {words} | {' | '.join(cells.get(kind, '') for kind in KINDS)} | {goal} | {verdict} |"


def _say(what: str) -> None:
    print(f"{what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
