"""A reviewed plan that was not carried out to its end: its rest is applied, or nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aliconf.connector.lease import hold
from aliconf.connector.prepare import prepare_store
from aliconf.connector.writer import open_writer
from tests import shops, vaults
from tests.command import Ended, aliconf, write
from tests.connections import target
from tests.databases.fixtures import on
from tests.databases.places import Place
from tests.faults import truth
from tests.faults.kills import Stage, distinct
from tests.faults.nursery import Nursery
from tests.faults.points import Fault
from tests.faults.scenes import MIXED, ONBOARDING
from tests.stores import inserts_again, no_inserts
from tests.teams import edit, made, planned, shop_at

MOMENTS = {"sqlite": 8, "postgresql": 3, "mariadb": 3}
"""Of an apply, at which it is killed; a connection to a server costs more than a kill."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as started:
        yield started


def saved(root: Path) -> str:
    """Save the plan of now for review, also one that passes a guardrail; its digest."""
    aliconf("plan", "--out", "plan.json", cwd=root)
    digest: str = json.loads((root / "plan.json").read_text())["digest"]
    return digest


def begun(place: Place) -> str:
    """A store with nothing in it, and a saved plan of five policies and the small shop."""
    shop_at(place)
    write(place.root, shops.policies(5))
    made(place)
    return saved(place.root)


def cut_off(place: Place, done: int, digest: str) -> None:
    """An apply of the plan of now, for the reviewed one, that ends without a word."""
    plan = planned(place.root)
    details = {"digest": digest, "defaults": dict(plan.rests_on.pointers)}
    prepare_store(target(place))
    with hold(target(place), plan.project) as lease, open_writer(target(place), lease) as writer:
        writer.begin(plan.changes, details)
        for change in plan.changes[:done]:
            writer.perform([change])


def said(ended: Ended) -> str:
    """What an apply says of what was made before."""
    words = TIME.sub("<time>", " ".join(ended.out.split()))
    found = re.search(r"(?:All )?[\d,]+ (?:of \d+ )?changes of this rev.*? (?:left|do)\.", words)
    return found[0] if found else ""


def refusal(ended: Ended) -> str:
    """The refusal of an apply that changed nothing, and its hint, as one line."""
    assert (ended.code, ended.out) == (1, ""), ended
    return TIME.sub("<time>", " ".join(ended.err.split()))


def written(place: Place) -> list[tuple[object, ...]]:
    """Every row of the journal and every run."""
    return place.rows("SELECT id, run_id, result FROM journal ORDER BY id") + place.rows(
        "SELECT id, result, finished_at FROM aliconf_run ORDER BY started_at, id"
    )


@pytest.fixture(params=[ONBOARDING, MIXED], ids=lambda scene: scene.name)
def stage(request: pytest.FixtureRequest, place: Place, nursery: Nursery) -> Stage:
    """Where a plan is carried out, as it is before that."""
    stage = Stage(request.param, place, nursery)
    stage.begin()
    return stage


def test_a_reviewed_plan_that_is_killed_anywhere_is_finished_by_the_same_command(
    stage: Stage, place: Place, nursery: Nursery
) -> None:
    digest = saved(place.root)
    moments = distinct(stage.points)
    step = len(moments) // MOMENTS[place.database]
    for count, number in enumerate(moments[step // 2 :: step]):
        stage.begin()
        command = ("apply", "plan.json") if count % 2 else ("apply", "--digest", digest)
        killed = nursery.aliconf(*command, cwd=place.root, fault=Fault(at=number, action="kill"))
        assert killed.code == -9, killed
        ended = aliconf(*command, cwd=place.root)
        assert ended.code == 0, (number, ended)
        assert truth.differences(truth.look(place), stage.end) == []
        before = written(place)
        assert aliconf(*command, cwd=place.root).code == 0
        assert written(place) == before


@on("sqlite")
def test_the_rest_of_a_plan_is_known_after_each_of_its_changes(stage: Stage, place: Place) -> None:
    digest = saved(place.root)
    total = len(planned(place.root).changes)
    for done in range(1, total + 1):
        stage.begin()
        cut_off(place, done, digest)
        left = len(planned(place.root).changes)
        ended = aliconf("apply", "--digest", digest, cwd=place.root)
        assert ended.code == 0, (done, ended)
        assert said(ended).startswith(f"{total - left} of {total}" if left else f"All {total}")
        assert truth.differences(truth.look(place), stage.end) == []


def test_an_apply_says_what_was_made_before_and_by_which_applies(place: Place) -> None:
    digest = begun(place)
    cut_off(place, 2, digest)
    place.sql("UPDATE aliconf_run SET started_at = '2020-01-01T00:00:00.000Z'")
    cut_off(place, 3, digest)
    ended = aliconf("apply", "plan.json", cwd=place.root)
    assert (ended.code, said(ended)) == (
        0,
        "5 of 14 changes of this reviewed plan were made by the applies of <time> and <time>. "
        "9 are left.",
    )
    assert ended.out.endswith("Apply: 9 done, 0 failed, 0 not tried.\n")
    runs = place.rows("SELECT result, details FROM aliconf_run")
    assert sorted(result for result, _ in runs) == ["complete", "cut off", "cut off"]
    assert {json.loads(details)["digest"] for _, details in runs} == {digest}


def test_an_apply_that_is_run_again_does_nothing_and_is_green(place: Place) -> None:
    digest = begun(place)
    for command in (("plan.json",), ("--digest", digest)):
        assert aliconf("apply", *command, cwd=place.root).code == 0
        before = written(place)
        ended = aliconf("apply", *command, cwd=place.root)
        assert (ended.code, ended.err) == (0, "")
        assert TIME.sub("<time>", " ".join(ended.out.split())).endswith(
            "Plan: no changes. All 14 changes of this reviewed plan were made by the apply of "
            "<time>. Nothing is left to do."
        )
        assert written(place) == before


def test_a_reviewed_plan_that_failed_is_carried_on_once_the_reason_is_gone(place: Place) -> None:
    begun(place)
    no_inserts(place, "account", "not today")
    failed = aliconf("apply", "plan.json", cwd=place.root)
    assert failed.code == 1
    assert "Apply: 7 done, 1 failed, 6 not tried." in failed.out
    again = aliconf("apply", "plan.json", cwd=place.root)
    assert (again.code, said(again)) == (
        1,
        "7 of 14 changes of this reviewed plan were made by the apply of <time>. 7 are left.",
    )
    inserts_again(place, "account")
    ended = aliconf("apply", "plan.json", cwd=place.root)
    assert (ended.code, said(ended)) == (0, said(again))
    assert aliconf("plan", "--detailed-exitcode", cwd=place.root).code == 0
    assert said(aliconf("apply", "plan.json", cwd=place.root)).startswith("All 14 changes")


MOVED = {
    "a change that was made": (
        "UPDATE policy SET title = 'Other' WHERE name = 'p0'",
        "PricingPolicy/p0 has changed in the connector since the apply created it",
    ),
    "a change that was made is gone": (
        "DELETE FROM policy WHERE name = 'p0'",
        "PricingPolicy/p0 is gone in the connector since the apply created it",
    ),
    "labels": (
        "UPDATE policy SET labels = '{\"a\":\"b\"}' WHERE name = 'p0'",
        "PricingPolicy/p0 has changed in the connector since the apply created it",
    ),
    "an owner": (
        "UPDATE policy SET managed_by = NULL WHERE name = 'p0'",
        "PricingPolicy/p0 has changed in the connector since the apply created it",
    ),
    "a default": (
        "UPDATE policy_default SET policy = 'p0'",
        "the default PricingPolicy was PricingPolicy/markup and is PricingPolicy/p0",
    ),
    "what is left": (
        "INSERT INTO policy (kind, name, title, created_at, updated_at) "
        "VALUES ('PricingPolicy', 'p4', 'P4', '', '')",
        "PricingPolicy/p4 is new in the connector",
    ),
    "a document": ("", "PricingPolicy/p4 has changed in the configuration"),
    "a document whose change was made": (
        "",
        "PricingPolicy/p0 has changed in the configuration",
    ),
}
HINT = (
    "→ 3 of 14 changes of this reviewed plan were made by the apply of <time>. Plan again, have "
    "that reviewed, and apply it."
)


@pytest.mark.parametrize("what", MOVED)
def test_a_rest_that_has_moved_is_refused_and_named(place: Place, what: str) -> None:
    statement, message = MOVED[what]
    digest = begun(place)
    # The registration; markup, which becomes the default; p0.
    cut_off(place, 3, digest)
    if statement:
        place.sql(statement)
    else:
        edit(place.root, f"{message[14:16]}.yaml", "12", "15")
    before = written(place)
    assert refusal(aliconf("apply", "plan.json", cwd=place.root)) == (
        f"error[ALI531]: the rest of the saved plan is stale: {message} {HINT}"
    )
    known = "since the apply" in message or "default" in message
    moved = message if known else "what it rests on has moved"
    assert refusal(aliconf("apply", "--digest", digest, cwd=place.root)) == (
        f"error[ALI531]: the rest of the reviewed plan is stale: {moved} {HINT} With the file of "
        "the reviewed plan (`aliconf apply FILE`) apply says what has moved; the workflows of "
        "`aliconf init --ci` keep it as `aliconf-plan`. `aliconf plan --since REF` tells where each "
        "change of now comes from."
    )
    assert written(place) == before


def test_a_change_that_somebody_took_back_is_not_made_again(place: Place) -> None:
    """The plan of now has it, as the reviewed one had, and who took it back may have had a reason."""
    shop_at(place)
    made(place)
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    edit(place.root, "pricing.yaml", "12", "15")
    edit(place.root, "template.yaml", "Everything", "All of it")
    edit(place.root, "registration.yaml", "ops@", "shop@")
    cut_off(place, 2, saved(place.root))
    place.sql("UPDATE policy SET body = REPLACE(body, '\"15\"', '\"12\"') WHERE name = 'markup'")
    assert refusal(aliconf("apply", "plan.json", cwd=place.root)) == (
        "error[ALI531]: the rest of the saved plan is stale: PricingPolicy/markup has changed in "
        "the connector since the apply changed it → 2 of 3 changes of this reviewed plan were made "
        "by the apply of <time>. Plan again, have that reviewed, and apply it."
    )


def test_another_apply_in_between_makes_the_rest_stale(place: Place) -> None:
    digest = begun(place)
    cut_off(place, 3, digest)
    write(place.root, shops.policies(6))
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    (place.root / "p5.yaml").unlink()
    assert refusal(aliconf("apply", "plan.json", cwd=place.root)) == (
        "error[ALI531]: the rest of the saved plan is stale: "
        + "; ".join(
            f"the default {kind}Policy was none and is {kind}Policy/default"
            for kind in ("Image", "Inventory", "Order", "Synchronization")
        )
        + "; Account/es is new in the connector; ListingTemplate/everything is new in the "
        "connector; PricingPolicy/p1 is new in the connector; PricingPolicy/p2 is new in the "
        f"connector; and 3 more {HINT}"
    )


def test_a_plan_that_came_up_again_is_applied_again_and_its_rest_is_known(place: Place) -> None:
    shop_at(place)
    made(place)
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    edit(place.root, "pricing.yaml", "12", "15")
    edit(place.root, "template.yaml", "Everything", "All of it")
    digest = saved(place.root)
    assert aliconf("apply", "plan.json", cwd=place.root).code == 0
    edit(place.root, "pricing.yaml", "15", "12")
    edit(place.root, "template.yaml", "All of it", "Everything")
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    edit(place.root, "pricing.yaml", "12", "15")
    edit(place.root, "template.yaml", "Everything", "All of it")
    cut_off(place, 1, digest)
    ended = aliconf("apply", "plan.json", cwd=place.root)
    assert (ended.code, said(ended)) == (
        0,
        "1 of 2 changes of this reviewed plan was made by the apply of <time>. 1 is left.",
    )


def test_a_lifted_guardrail_is_no_mistake_where_the_rest_does_not_pass_it(place: Place) -> None:
    shop_at(place)
    write(place.root, shops.policies(20))
    made(place)
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    for index in range(12):
        (place.root / f"p{index}.yaml").unlink()
    digest = saved(place.root)
    command = ("apply", "plan.json", "--allow", "ALI521", "--reason", "cleared out")
    assert "ALI521" in aliconf("apply", "plan.json", cwd=place.root).err
    cut_off(place, 11, digest)
    ended = aliconf(*command, cwd=place.root)
    assert (ended.code, said(ended)) == (
        0,
        "11 of 12 changes of this reviewed plan were made by the apply of <time>. 1 is left.",
    )
    assert aliconf(*command, cwd=place.root).code == 0


@on("sqlite")
def test_an_environment_that_requires_a_reviewed_plan_takes_its_rest(place: Place) -> None:
    more = "      environments: {production: {requireReviewedPlan: true}}\n"
    shop_at(place, aliconf=shops.PROJECT + more)
    assert aliconf("plan", "-e", "production", "--out", "plan.json", cwd=place.root).code == 0
    command = ("apply", "-e", "production", "plan.json")
    prepare_store(target(place))
    no_inserts(place, "account", "not today")
    assert aliconf(*command, cwd=place.root).code == 1
    inserts_again(place, "account")
    ended = aliconf(*command, cwd=place.root)
    assert (ended.code, said(ended)) == (
        0,
        "2 of 9 changes of this reviewed plan were made by the apply of <time>. 7 are left.",
    )
    assert aliconf(*command, cwd=place.root).code == 0


@on("sqlite")
def test_a_secret_that_came_to_differ_is_no_part_of_the_rest(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in vaults.VALUES.items():
        monkeypatch.setenv(name, value)
    vaults.applied(place)
    edit(place.root, "pricing.yaml", "12", "15")
    edit(place.root, "template.yaml", "Everything", "All of it")
    cut_off(place, 1, saved(place.root))
    monkeypatch.setenv("APP_SECRET", "another")
    assert refusal(aliconf("apply", "plan.json", cwd=place.root)).startswith(
        "error[ALI531]: the rest of the saved plan is stale: the update of Account/es was not left "
        "in the reviewed plan → "
    )
