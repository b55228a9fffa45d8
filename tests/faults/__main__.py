"""All faults at all moments, on all databases; prints what was tried and what was lost.

``python -m tests.faults [--seconds 60] [--step 1] [SCENARIO ...]``, some minutes to an hour.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.databases.fixtures import STARTS, place_on
from tests.databases.places import Place, new_database, password_variable
from tests.databases.programs import KINDS, SERVERS, Kind, ServerKind
from tests.databases.server import Server
from tests.databases.shared import Shared, new_run
from tests.faults import crowds, disks, holders, outages
from tests.faults.kills import Stage, Tally, distinct, kill_at
from tests.faults.nursery import Nursery
from tests.faults.proxy import Proxy
from tests.faults.scenes import BATCH, MIXED, ONBOARDING, SCENES


@dataclass
class Bench:
    """What every scenario needs."""

    nursery: Nursery
    shared: Shared
    seconds: float
    step: int
    databases: list[Kind]

    @contextmanager
    def place(self, kind: Kind) -> Iterator[Place]:
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            if kind == "sqlite":
                yield Place(kind, root)
            else:
                with new_database(self.shared.address(kind), root) as place:
                    yield place

    @contextmanager
    def own(self, kind: ServerKind) -> Iterator[tuple[Server, Place]]:
        """A server that may be killed, whose disk is written as it should be."""
        with tempfile.TemporaryDirectory() as directory:
            server = STARTS[kind](self.shared.run / f"faults-{kind}", self.shared.password)
            try:
                yield server, place_on(server, Path(directory))
            finally:
                server.remove()


Row = tuple[str, str, Tally, float]


def kills(bench: Bench) -> Iterator[Row]:
    for scene in SCENES:
        for kind in bench.databases:
            began = time.monotonic()
            with bench.place(kind) as place:
                stage = Stage(scene, place, bench.nursery)
                tally = kill_at(stage, range(1, len(stage.points) + 1, bench.step), each=False)
            yield f"kill -9, {scene.name}", kind, tally, time.monotonic() - began


def servers(bench: Bench) -> Iterator[Row]:
    for kind in SERVERS:
        if kind not in bench.databases:
            continue
        with bench.own(kind) as (server, place):
            stage = Stage(ONBOARDING, place, bench.nursery, **outages.OPTIONS)
            points = distinct(stage.points)
            for how, step in (("kill", 8), ("stop", 12), ("restart", 8), ("pause", 25)):
                began, tally = time.monotonic(), Tally()
                for number in points[step // 2 :: step * bench.step]:
                    tally.tried += 1
                    tally.losses += outages.server_fails(stage, server, number, how)
                yield f"server: {how}", kind, tally, time.monotonic() - began


def lines(bench: Bench) -> Iterator[Row]:
    for kind in SERVERS:
        if kind not in bench.databases:
            continue
        with bench.place(kind) as place, Proxy(place) as line:
            stage = Stage(MIXED, place, bench.nursery, line.place, **outages.OPTIONS)
            for how, step in (("cut", 2), ("answer", 2), ("mute", 25)):
                began, tally = time.monotonic(), Tally()
                points = distinct(stage.points)[:: step * bench.step]
                commits = [n for n, point in enumerate(stage.points, 1) if point == "before COMMIT"]
                for number in sorted({*points, *(commits if how == "answer" else [])}):
                    tally.tried += 1
                    tally.losses += outages.line_fails(stage, line, number, how)
                yield f"line: {how}", kind, tally, time.monotonic() - began
        began, tally = time.monotonic(), Tally()
        with bench.place(kind) as place, Proxy(place) as line:
            stage = Stage(BATCH, place, bench.nursery, line.place, **outages.OPTIONS)
            for number, point in enumerate(stage.points, 1):
                if point == "before COMMIT":
                    tally.tried += 1
                    tally.losses += outages.line_fails(stage, line, number, "answer")
        yield "line: answer to a COMMIT, batch", kind, tally, time.monotonic() - began


def leases(bench: Bench) -> Iterator[Row]:
    for kind in bench.databases:
        began = time.monotonic()
        with bench.place(kind) as place:
            stage = Stage(MIXED, place, bench.nursery)
            tally = Tally()
            for hours in (-12, 12):
                tally.tried += 1
                tally.losses += holders.clocks_apart(stage, hours)
            yield "clocks 24 h apart", kind, tally, time.monotonic() - began
        if kind == "sqlite":
            continue
        began = time.monotonic()
        with bench.place(kind) as place, Proxy(place) as line:
            options: dict[str, str | int] = {"lease": 1, "timeout": 20}
            stage = Stage(MIXED, place, bench.nursery, line.place, **options)
            slow = Tally(1, holders.too_slow(stage, line, 0.7))
            yield "slow: lease 1 s, answers 0.7 s", kind, slow, time.monotonic() - began
        began = time.monotonic()
        with bench.place(kind) as place, Proxy(place) as line:
            stage = Stage(MIXED, place, bench.nursery, line.place, lease=6, timeout=20)
            alive = Tally(1, holders.slow_but_alive(stage, line, 0.02))
            yield "slow: lease 6 s, answers 0.02 s", kind, alive, time.monotonic() - began


def full_disks(bench: Bench) -> Iterator[Row]:
    if "sqlite" not in bench.databases:
        return
    with tempfile.TemporaryDirectory() as directory:
        disk = Path(directory) / "disk"
        with disks.small_disk(disk) as mounted:
            for scene in (ONBOARDING, MIXED):
                root = disk / scene.name
                root.mkdir()
                stage = Stage(scene, Place("sqlite", root), bench.nursery)
                for action in ("full", "fill") if mounted else ("full",):
                    began, tally = time.monotonic(), Tally()
                    for number in distinct(stage.points)[:: bench.step]:
                        tally.tried += 1
                        tally.losses += disks.full_at(stage, number, action)
                    name = "no file may grow" if action == "full" else "disk full"
                    yield f"{name}, {scene.name}", "sqlite", tally, time.monotonic() - began


def crowd(bench: Bench) -> Iterator[Row]:
    for together in (False, True):
        for amount in (2, 4, 8):
            for kind in bench.databases:
                began = time.monotonic()
                with bench.place(kind) as place:
                    count = crowds.apply_at_once(
                        place, bench.nursery, amount, bench.seconds, together=together
                    )
                what = "one project" if together else "each its own"
                refused = ", ".join(f"{code} {n}" for code, n in count.refused.items()) or "none"
                name = f"{amount} at once, {what}: {count.applied} applied, refused: {refused}"
                yield name, kind, Tally(count.killed, count.losses), time.monotonic() - began


SCENARIOS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "kills": kills,
    "servers": servers,
    "lines": lines,
    "leases": leases,
    "disks": full_disks,
    "crowds": crowd,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Disturb applies, and count what is lost.")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--seconds", type=float, default=60, help="how long a crowd applies")
    parser.add_argument("--step", type=int, default=1, help="strike at every so many moments")
    parser.add_argument("--on", nargs="*", choices=KINDS, default=list(KINDS))
    chosen = parser.parse_args()
    losses: list[str] = []
    tried = 0
    print(f"{'scenario':<64} {'database':<10} {'tried':>6} {'losses':>6} {'s':>6}")
    with ExitStack() as stack:
        run, end = new_run()
        stack.callback(end)
        shared = Shared(run)
        for kind in SERVERS:
            os.environ[password_variable(kind)] = shared.password
        nursery = stack.enter_context(Nursery())
        bench = Bench(nursery, shared, chosen.seconds, chosen.step, chosen.on)
        for name in chosen.scenarios or SCENARIOS:
            for what, database, tally, seconds in SCENARIOS[name](bench):
                tried += tally.tried
                losses += tally.losses
                numbers = f"{tally.tried:>6} {len(tally.losses):>6} {seconds:>6.0f}"
                print(f"{what:<64} {database:<10} {numbers}", flush=True)
                for loss in tally.losses:
                    print(f"- {loss}", file=sys.stderr, flush=True)
    print(f"{tried} tried, {len(losses)} losses")
    return 1 if losses else 0


if __name__ == "__main__":
    sys.exit(main())
