"""Faults at chosen moments of an apply: nothing is lost, and the next apply completes it.

``python -m tests.faults`` does all of it at every moment, which takes long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases.fixtures import marked, on, on_servers, place_on
from tests.databases.places import Place
from tests.databases.programs import SERVERS, ServerKind
from tests.databases.server import Server
from tests.faults import crowds, disks, holders, outages
from tests.faults.kills import Stage, distinct, kill_at
from tests.faults.nursery import Nursery
from tests.faults.proxy import Proxy
from tests.faults.scenes import BATCH, MIXED, ONBOARDING, Scene

MOMENTS = {"sqlite": 8, "postgresql": 4, "mariadb": 4}
"""Of an apply, at which it is killed; a connection to a server costs more than a kill."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as started:
        yield started


@pytest.mark.parametrize("scene", [ONBOARDING, MIXED], ids=lambda scene: scene.name)
def test_an_apply_that_is_killed_anywhere_loses_nothing(
    scene: Scene, place: Place, nursery: Nursery
) -> None:
    stage = Stage(scene, place, nursery)
    tally = kill_at(stage, spread(stage, MOMENTS[place.database]), each=False)
    assert (tally.losses, tally.tried) == ([], MOMENTS[place.database])


@on("sqlite")
def test_batches_that_are_killed_lose_nothing(place: Place, nursery: Nursery) -> None:
    stage = Stage(BATCH, place, nursery)
    tally = kill_at(stage, spread(stage, 4), each=False)
    assert (tally.losses, tally.tried) == ([], 4)


@pytest.mark.parametrize("kind", marked(*SERVERS))
def test_an_apply_whose_server_fails_says_what_was_done_and_the_next_completes_it(
    kind: ServerKind, own_server: Callable[..., Server], nursery: Nursery, tmp_path: Path
) -> None:
    server = own_server(kind, durable=True)
    stage = Stage(ONBOARDING, place_on(server, tmp_path), nursery, **outages.OPTIONS)
    assert outages.server_fails(stage, server, commit(stage, 0.6), "kill") == []
    assert outages.server_fails(stage, server, commit(stage, 0.6), "pause") == []


@on_servers
def test_an_apply_whose_line_fails_says_what_was_done_and_the_next_completes_it(
    place: Place, nursery: Nursery
) -> None:
    """Also where the COMMIT arrived and its answer did not."""
    with Proxy(place) as line:
        stage = Stage(MIXED, place, nursery, line.place, **outages.OPTIONS)
        assert outages.line_fails(stage, line, commit(stage, 0.7) - 2, "cut") == []
        assert outages.line_fails(stage, line, commit(stage, 0.7), "answer") == []


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
        stage = Stage(MIXED, place, nursery, line.place, lease=6, timeout=20)
        assert holders.slow_but_alive(stage, line, 0.02) == []


def test_clocks_that_are_a_day_apart_change_nothing(place: Place, nursery: Nursery) -> None:
    assert holders.clocks_apart(Stage(MIXED, place, nursery), 12) == []


@on("sqlite")
def test_a_disk_that_is_full_anywhere_loses_nothing(place: Place, nursery: Nursery) -> None:
    stage = Stage(MIXED, place, nursery)
    losses = [disks.full_at(stage, number, "full") for number in spread(stage, 8)]
    assert losses == [[]] * 8


def test_projects_that_apply_at_once_and_are_killed_at_random_lose_nothing(
    place: Place, nursery: Nursery
) -> None:
    count = crowds.apply_at_once(place, nursery, 3, 2, together=False)
    assert (count.losses, count.applied > 0) == ([], True)


@on("mariadb")
def test_applies_of_one_project_at_once_lose_nothing(place: Place, nursery: Nursery) -> None:
    count = crowds.apply_at_once(place, nursery, 3, 2, together=True)
    assert (count.losses, count.applied > 0) == ([], True)


def spread(stage: Stage, amount: int) -> list[int]:
    """So many moments of an apply, from its begin to its end."""
    moments = distinct(stage.points)
    return [moments[(2 * part + 1) * len(moments) // (2 * amount)] for part in range(amount)]


def commit(stage: Stage, after: float) -> int:
    """The first COMMIT after a part of an apply."""
    return stage.points.index("before COMMIT", int(len(stage.points) * after)) + 1
