"""Two applies of one project at once: on a slow line, and with clocks that are hours apart."""

from __future__ import annotations

import re
import select
import socket
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aliconf.connector.reader import open_reader
from tests.command import Ended
from tests.connections import target
from tests.faults import outages, truth
from tests.faults.kills import APPLY, Stage
from tests.faults.nursery import Run
from tests.faults.outages import PATIENCE
from tests.faults.points import Fault
from tests.faults.proxy import Proxy


def _halfway(stage: Stage) -> Fault:
    """The end of a transaction in the middle: no lock is held there but the lease.

    Not by the number of statements: who is slow renews its lease more often.
    """
    middle = stage.points.index("after COMMIT", len(stage.points) // 2) + 1
    return Fault(at=stage.points[:middle].count("after COMMIT"), of="after COMMIT", action="call")


class _Waiting:
    """An apply that stands still in the middle until it is told to go on."""

    def __init__(self, stage: Stage, fault: Fault) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.run: Run = stage.nursery.start(
            stage.place.root, APPLY, _halfway(stage) | Fault(port=port) | fault
        )
        ready = select.select([self._listening, self.run], [], [], PATIENCE)[0]
        assert self._listening in ready, self.run.wait()
        self._line, _ = self._listening.accept()

    def go_on(self) -> None:
        with closing(self._listening), self._line:
            self._line.send(b".")


def _second(stage: Stage, *waiting: str, fault: Fault | None = None) -> Run:
    """The same project in another directory, over the straight line."""
    other = replace(stage.place, root=stage.place.root / "other")
    other.root.mkdir(exist_ok=True)
    if stage.place.database == "sqlite":
        link = other.root / ".aliconf"
        if not link.exists():
            link.symlink_to(stage.place.file.parent, target_is_directory=True)
    stage.scene.go_on(other, **outages.OPTIONS)
    return stage.nursery.start(other.root, (*APPLY, *waiting), fault)


def _codes(ended: Ended) -> list[str]:
    return re.findall(r"error\[(ALI\d+)\]", ended.err)


def slow_but_alive(stage: Stage, line: Proxy, delay: float) -> list[str]:
    """Answers are late, but heartbeats go on: nobody else may take the lease."""
    stage.begin()
    first = _Waiting(stage, Fault())
    line.delay = delay
    _outlive_itself(stage)
    second = _second(stage).wait()
    first.go_on()
    ended = first.run.wait()
    line.delay = 0
    faults = [] if ended.code == 0 else [f"the slow one ends with {ended}"]
    if _codes(second) != ["ALI935"]:
        faults.append(f"the second ends with {second}")
    return faults + stage.completes("slow")


def _outlive_itself(stage: Stage) -> None:
    """Wait until a heartbeat came after the moment at which the lease was to expire."""
    until = time.monotonic() + PATIENCE
    expiry = ""
    while time.monotonic() < until:
        with open_reader(target(stage.place)) as reader:
            (lease,) = reader.leases()
        expiry = expiry or lease.expires_at
        if lease.heartbeat_at > expiry:
            return
        time.sleep(0.2)
    raise AssertionError(f"no heartbeat since {expiry}")


def too_slow(stage: Stage, line: Proxy, delay: float) -> list[str]:
    """Answers come later than the lease lives: another takes it, and the slow one is fenced.

    Whoever is late: the slow one goes on when the other has ended.
    """
    stage.begin()
    before = truth.look(stage.place)
    first = _Waiting(stage, Fault())
    line.delay = delay
    other = _second(stage, "--wait", "2m").wait()
    line.delay = 0
    first.go_on()
    ended = first.run.wait()
    faults = [] if _codes(ended) == ["ALI936"] else [f"the slow one ends with {ended}"]
    if other.code:
        faults.append(f"the second ends with {other}")
    found = truth.look(stage.place)
    told = outages.COUNTS.search(ended.out)
    known = {run["id"] for run in before.runs}
    (cut,) = (
        run["id"] for run in found.runs if run["id"] not in known and run["result"] == "cut off"
    )
    if told is None or int(told[1]) != len(truth.done_of(found, cut)):
        faults.append(f"the slow one says {told and told[0]}: {found.runs}")
    return faults + truth.differences(found, stage.end) + stage.completes("too slow")


def clocks_apart(stage: Stage, hours: float) -> list[str]:
    """The second one's clock says that the first one's lease has long expired, or is not yet."""
    stage.begin()
    began = datetime.now(UTC)
    first = _Waiting(stage, Fault(hours=-hours))
    second = _second(stage, fault=Fault(hours=hours)).wait()
    first.go_on()
    ended = first.run.wait()
    faults = [] if ended.code == 0 else [f"the first ends with {ended}"]
    if _codes(second) != ["ALI935"]:
        faults.append(f"the second ends with {second}")
    for row in truth.look(stage.place).journal[-1:]:
        apart = abs(datetime.fromisoformat(row["recorded_at"]) - began)
        if apart > timedelta(minutes=10):
            faults.append(f"the journal is {apart} off")
    return faults + stage.completes(f"{hours} hours apart")
