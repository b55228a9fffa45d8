"""The server or the line to it fails in the middle of an apply, which has to say what became of it."""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from tests.command import Ended
from tests.databases.server import Server
from tests.faults import truth
from tests.faults.kills import APPLY, Stage
from tests.faults.points import Fault
from tests.faults.proxy import Proxy

PATIENCE = 120.0
OPTIONS: dict[str, str | int] = {"timeout": 2}
COUNTS = re.compile(r"Apply: (\d+) done, (\d+) failed, (\d+) not tried(?:, (\d+) not known)?\.")
NOTHING = re.compile(r"Nothing was changed: 0 of (\d+) changes were tried\.")


def applied(stage: Stage, number: int, strike: Callable[[], None], **fault: Any) -> Ended:
    """An apply that waits at a point while something happens to the server, and then goes on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        run = stage.nursery.start(
            stage.place.root, APPLY, Fault(at=number, action="call", port=port, **fault)
        )
        if listening in select.select([listening, run], [], [], PATIENCE)[0]:
            with listening.accept()[0] as line:
                strike()
                line.send(b".")
            return run.wait()
        run.stop()
        raise AssertionError(f"nothing struck at {number}: {run.wait()}")


def wrong(stage: Stage, ended: Ended, before: truth.Truth) -> list[str]:
    """What the report of an apply says that is not so.

    The store must be there again."""
    found = truth.look(stage.place)
    said = ended.out + ended.err
    faults = truth.lies(found)
    if "Traceback" in said or "ALI990" in said or ended.code not in (0, 1):
        faults.append(f"it ends with {ended}")
    findings = len(re.findall(r"^(?:\S+ )?error\[", ended.err, re.MULTILINE))
    if ended.code == 1 and findings != 1:
        faults.append(f"it ends with {findings} findings: {ended}")
    new = [run["id"] for run in found.runs if run["id"] not in {run["id"] for run in before.runs}]
    done = sum(len(truth.done_of(found, run)) for run in new)
    counts, nothing = COUNTS.search(ended.out), NOTHING.search(ended.err)
    if counts:
        told, unknown = int(counts[1]), int(counts[4] or 0)
        if not told <= done <= told + unknown:
            faults.append(f"it says {counts[0]}, and {done} were done")
        if sum(int(count or 0) for count in counts.groups()) != stage.scene.changes:
            faults.append(f"it says {counts[0]} of {stage.scene.changes}")
    elif done:
        faults.append(
            f"it says {'nothing was changed' if nothing else 'no word'}; {done} were done"
        )
    return faults


def server_fails(stage: Stage, server: Server, number: int, how: str) -> list[str]:
    """Kill, stop, restart or pause the server of a stage at a point of its apply."""
    what = f"{server.kind} {stage.scene.name} {how} at {number} {stage.points[number - 1]}"
    stage.begin()
    before = truth.look(stage.place)
    began = time.monotonic()
    strikes = {
        "kill": server.kill,
        "stop": server.stop,
        "restart": server.restart,
        "pause": server.pause,
    }
    ended = applied(stage, number, strikes[how], silence=1)
    took = time.monotonic() - began
    if how == "pause":
        server.resume()
    elif how != "restart":
        server.start()
    faults = wrong(stage, ended, before)
    if took > PATIENCE / 2:
        faults.append(f"it took {took:.0f} s")
    return [f"{what}: {fault}" for fault in faults] + stage.completes(what)


def line_fails(stage: Stage, line: Proxy, number: int, how: str) -> list[str]:
    """The line fails: ``cut`` now, the ``answer`` to the next statement, or that and all others."""
    what = f"{stage.place.database} {stage.scene.name} {how} at {number} {stage.points[number - 1]}"
    stage.begin()
    before = truth.look(stage.place)

    def strike() -> None:
        if how == "cut":
            line.cut()
        elif how == "answer":
            line.bytes_left = 0
        else:
            line.mute = True

    ended = applied(stage, number, strike, silence=1)
    line.mute, line.bytes_left = False, None
    return [f"{what}: {fault}" for fault in wrong(stage, ended, before)] + stage.completes(what)
