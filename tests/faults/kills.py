"""kill -9 at the n-th moment of an apply, and what comes after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.connections import target
from tests.databases.places import Place
from tests.faults import truth
from tests.faults.nursery import Nursery
from tests.faults.points import Fault
from tests.faults.scenes import Scene
from tests.faults.truth import Rows, Truth
from tests.teams import made

APPLY = ("apply", "--yes")


@dataclass(slots=True)
class Tally:
    tried: int = 0
    """Faults that struck."""
    losses: list[str] = field(default_factory=list)
    """Everything that was not as it has to be."""


class Stage:
    """A scene at a place, which can be begun again and again."""

    def __init__(
        self,
        scene: Scene,
        place: Place,
        nursery: Nursery,
        written: Place | None = None,
        **options: str | int,
    ) -> None:
        """``written`` is the place as the project has it, over another line; with options."""
        self.scene, self.place, self.nursery = scene, place, nursery
        self._rows: Rows = {}
        self._copy = place.root / "before"
        if place.database != "sqlite":
            made(place)
        if scene.begin(written or place, **options):
            ended = nursery.aliconf(*APPLY, cwd=place.root)
            assert ended.code == 0, ended
        self._save()
        scene.go_on(written or place, **options)
        run = nursery.start(place.root, APPLY)
        ended = run.wait()
        assert ended.code == 0, ended
        assert f"Apply: {scene.changes} done, 0 failed, 0 not tried." in ended.out, ended
        self.points: list[str] = run.points
        self.end: Truth = truth.look(place)
        assert not truth.lies(self.end), truth.lies(self.end)

    def _save(self) -> None:
        if self.place.database != "sqlite":
            self._rows = truth.save(target(self.place))
        elif self.place.file.exists():
            shutil.copytree(self.place.file.parent, self._copy)

    def begin(self) -> None:
        """Put the store back."""
        if self.place.database != "sqlite":
            truth.restore(target(self.place), self._rows)
            return
        _remove(self.place.file.parent)
        if self._copy.exists():
            shutil.copytree(self._copy, self.place.file.parent)

    def completes(self, what: str) -> list[str]:
        """Plan and apply after a fault: what they should have said or left and did not."""
        cut = truth.look(self.place)
        planned = self.nursery.aliconf("plan", cwd=self.place.root)
        wrong = [] if planned.code == 0 else [f"the plan ends with {planned}"]
        wrong += truth.untold(cut, planned.out)
        applied = self.nursery.aliconf(*APPLY, cwd=self.place.root)
        if applied.code:
            wrong.append(f"the next apply ends with {applied}")
        wrong += truth.untold(cut, applied.out)
        found = truth.look(self.place)
        wrong += truth.lies(found) + truth.differences(found, self.end)
        return [f"{what}: {text}" for text in wrong]


def kill_at(stage: Stage, numbers: Iterable[int], *, each: bool) -> Tally:
    """Kill an apply at each of these points.

    ``each``: let every one be followed by a plan and an apply; otherwise only those that leave the
    store in a state that none before did.
    """
    tally = Tally()
    known: set[str] = set()
    for number in numbers:
        what = f"{stage.place.database} {stage.scene.name} {number} {stage.points[number - 1]}"
        stage.begin()
        ended = stage.nursery.aliconf(
            *APPLY, cwd=stage.place.root, fault=Fault(at=number, action="kill")
        )
        if ended.code != -9:
            tally.losses.append(f"{what}: it was not killed: {ended}")
            continue
        tally.tried += 1
        cut = truth.look(stage.place)
        tally.losses += [f"{what}: {text}" for text in truth.lies(cut)]
        if each or cut.state not in known:
            known.add(cut.state)
            tally.losses += stage.completes(what)
    return tally


def distinct(points: Sequence[str]) -> list[int]:
    """Between the end of a statement and the start of the next the database does nothing: the
    points before each statement, and after each commit."""
    return [
        number
        for number, point in enumerate(points, 1)
        if point.startswith("before") or point == "after COMMIT"
    ]


def _remove(directory: Path) -> None:
    if directory.exists():
        shutil.rmtree(directory)
