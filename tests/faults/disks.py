"""A disk that is full from some moment of an apply on, for the embedded store."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import outages, truth
from tests.faults.kills import APPLY, Stage
from tests.faults.points import Fault

SIZE = "2m"


def full_at(stage: Stage, number: int, action: str) -> list[str]:
    """``full``: no file takes another byte; ``fill``: the small disk of the stage has none left."""
    what = (
        f"{stage.place.database} {stage.scene.name} {action} at {number} {stage.points[number - 1]}"
    )
    stage.begin()
    before = truth.look(stage.place)
    filler = stage.place.root / "filler"
    fault = Fault(at=number, action=action, filler=str(filler))
    ended = stage.nursery.aliconf(*APPLY, cwd=stage.place.root, fault=fault)
    filler.unlink(missing_ok=True)
    faults = outages.wrong(stage, ended, before)
    return [f"{what}: {fault}" for fault in faults] + stage.completes(what)


@contextmanager
def small_disk(at: Path) -> Iterator[bool]:
    """A disk of its own at a directory; False where this user may not mount one."""
    at.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(at)]
    done = subprocess.run(mount, capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", str(at)], check=True)
