"""Faults at chosen moments of an apply: nothing is lost, and the next apply completes it.

``python -m tests.faults`` does all of it at every moment, which takes long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases.fixtures import marked, on, on_servers, place_on
from tests.databases.places import Place
from tests.databases.programs import ServerKind
from tests.databases.server import Server
from tests.faults import crowds, disks, holders, outages
from tests.faults.kills import Stage, distinct, kill_at
from tests.faults.nursery import Nursery
from tests.faults.proxy import Proxy
from tests.faults.scenes import BATCH, MIXED, ONBOARDING, Scene

STEPS = {"sqlite": 2, "postgresql": 7, "mariadb": 7}
"""A connection to a server costs more than a kill: of the moments there it takes some."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as started:
        yield started


@pytest.mark.parametrize("scene", [ONBOARDING, MIXED, BATCH], ids=lambda scene: scene.name)
def test_an_apply_that_is_killed_anywhere_loses_nothing(
    scene: Scene, place: Place, nursery: Nursery
) -> None:
    stage = Stage(scene, place, nursery)
    step = STEPS[place.database] * (3 if scene is BATCH else 1)
    tally = kill_at(stage, distinct(stage.points)[::step], each=False)
    assert (tally.losses, tally.tried > 1) == ([], True)


@pytest.mark.parametrize("kind", marked("postgresql", "mariadb"))
@pytest.mark.parametrize("how", ["kill", "restart", "pause"])
def test_an_apply_whose_server_fails_says_what_was_done_and_the_next_completes_it(
    how: str,
    kind: ServerKind,
    own_server: Callable[..., Server],
    nursery: Nursery,
    tmp_path: Path,
) -> None:
    server = own_server(kind, durable=True)
    stage = Stage(ONBOARDING, place_on(server, tmp_path), nursery, **outages.OPTIONS)
    assert outages.server_fails(stage, server, commit(stage, 0.6), how) == []


@on_servers
@pytest.mark.parametrize("how", ["cut", "answer", "mute"])
def test_an_apply_whose_line_fails_says_what_was_done_and_the_next_completes_it(
    how: str, place: Place, nursery: Nursery
) -> None:
    """Also where the COMMIT arrived and its answer did not."""
    with Proxy(place) as line:
        stage = Stage(MIXED, place, nursery, line.place, **outages.OPTIONS)
        numbers = [commit(stage, 0.7)] if how == "mute" else [30, commit(stage, 0.7) - 2]
        losses = [outages.line_fails(stage, line, number, how) for number in numbers]
    assert [loss for some in losses for loss in some] == []


@on_servers
def test_a_batch_whose_commit_gets_no_answer_is_looked_for_and_not_made_twice(
    place: Place, nursery: Nursery
) -> None:
    with Proxy(place) as line:
        stage = Stage(BATCH, place, nursery, line.place, **outages.OPTIONS)
        assert outages.line_fails(stage, line, commit(stage, 0.3), "answer") == []


@on_servers
def test_a_line_slower_than_the_lease_loses_it_and_who_lost_it_cannot_write(
    place: Place, nursery: Nursery
) -> None:
    with Proxy(place) as line:
        stage = Stage(MIXED, place, nursery, line.place, lease=1, timeout=20)
        assert holders.too_slow(stage, line, 0.7) == []


@on_servers
def test_heartbeats_go_on_over_a_slow_line(place: Place, nursery: Nursery) -> None:
    with Proxy(place) as line:
        stage = Stage(MIXED, place, nursery, line.place, lease=10, timeout=20)
        assert holders.slow_but_alive(stage, line, 0.02) == []


@pytest.mark.parametrize("hours", [-12, 12])
def test_clocks_that_are_a_day_apart_change_nothing(
    hours: float, place: Place, nursery: Nursery
) -> None:
    assert holders.clocks_apart(Stage(MIXED, place, nursery), hours) == []


@on("sqlite")
def test_a_disk_that_is_full_anywhere_loses_nothing(place: Place, nursery: Nursery) -> None:
    stage = Stage(MIXED, place, nursery)
    moments = distinct(stage.points)[::9]
    assert [loss for number in moments for loss in disks.full_at(stage, number, "full")] == []


@pytest.mark.parametrize("together", [False, True], ids=["own projects", "one project"])
def test_processes_that_apply_at_once_and_are_killed_at_random_lose_nothing(
    together: bool, place: Place, nursery: Nursery
) -> None:
    count = crowds.apply_at_once(place, nursery, 4, 3, together=together)
    assert (count.losses, count.applied > 0) == ([], True)


def commit(stage: Stage, after: float) -> int:
    """The first COMMIT after a part of an apply."""
    return stage.points.index("before COMMIT", int(len(stage.points) * after)) + 1
