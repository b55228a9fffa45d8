"""The journal: intent before, result after, and the truth whatever happens in between."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from aliconf.apply.run import apply_plan
from aliconf.connector.lease import hold
from aliconf.connector.urls import Target
from aliconf.connector.writer import open_writer
from aliconf.plan.changes import Plan
from tests import shops
from tests.command import aliconf, aliconf_process, write
from tests.databases.places import Place
from tests.stores import inserts_again, journal, no_inserts, stored
from tests.teams import edit, made, planned, shop_at

CHANGES = [
    ["create", "Registration", "main"],
    ["create", "PricingPolicy", "markup"],
    ["create", "Account", "es"],
    ["generate", "ImagePolicy", "default"],
    ["generate", "InventoryPolicy", "default"],
    ["generate", "PricingPolicy", "default"],
    ["generate", "OrderPolicy", "default"],
    ["generate", "SynchronizationPolicy", "default"],
    ["create", "ListingTemplate", "everything"],
]
UNKNOWN = re.compile(r"r-[0-9a-f]{8} of \S+@\S+, begun at \S+Z,")


@pytest.fixture
def store(place: Place) -> Target:
    """A store with nothing in it, and the small shop in the place's directory."""
    shop_at(place)
    return made(place)


def runs(place: Place) -> list[tuple[str | None, int]]:
    """The result of each run and how many changes it intended, the longest one first."""
    rows = place.rows("SELECT result, intent FROM aliconf_run")
    found = [(result, len(json.loads(intent))) for result, intent in rows]
    return sorted(found, key=lambda run: -run[1])


def notes(text: str) -> list[str]:
    """What a plan says of applies that were cut off, on one line each."""
    said = " ".join(line.strip() for line in text.splitlines())
    found = re.findall(r"ALI946\]: (.*?)(?= → | note\[|$)", said)
    return [UNKNOWN.sub("<run>", note) for note in found]


def cut_off_after(store: Target, plan: Plan, done: int) -> None:
    """An apply that ends without a word after so many changes."""
    with hold(store, plan.project) as lease, open_writer(store, lease) as writer:
        writer.begin(plan.changes)
        for change in plan.changes[:done]:
            writer.perform([change])


def test_a_run_says_what_it_intends_before_the_first_change(place: Place, store: Target) -> None:
    plan = planned(place.root)
    cut_off_after(store, plan, 0)
    ((intent, result, finished, project),) = place.rows(
        "SELECT intent, result, finished_at, project FROM aliconf_run"
    )
    assert json.loads(intent) == CHANGES
    assert (result, finished, project) == (None, None, "shop")
    assert journal(place) == []


def test_a_run_ends_with_its_result_and_its_rows_are_those_it_intended(
    place: Place, store: Target
) -> None:
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    ((run, result, finished, url),) = place.rows(
        "SELECT id, result, finished_at, url FROM aliconf_run"
    )
    assert (result, url) == ("complete", "")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z", finished)
    rows = place.rows("SELECT action, kind, name, run_id, result FROM journal ORDER BY id")
    assert [[*row] for row in rows] == [[*change, run, "done"] for change in CHANGES]


def test_a_run_in_ci_is_known_by_its_url(place: Place, store: Target) -> None:
    environment = {
        "GITHUB_SERVER_URL": "https://ci.example",
        "GITHUB_REPOSITORY": "moda/shop",
        "GITHUB_RUN_ID": "42",
    }
    ended = aliconf_process("apply", "--yes", cwd=place.root, environment=environment)
    assert ended.code == 0, ended.err
    assert place.rows("SELECT url FROM aliconf_run") == [
        ("https://ci.example/moda/shop/actions/runs/42",)
    ]
    place.sql("UPDATE aliconf_run SET finished_at = NULL")
    assert "(https://ci.example/moda/shop/actions/runs/42)" in " ".join(
        aliconf("plan", cwd=place.root).out.split()
    )


def test_a_run_that_is_interrupted_or_fails_says_so(place: Place, store: Target) -> None:
    asked = iter([False, True])
    with hold(store, "shop") as lease, open_writer(store, lease) as writer:
        outcome = apply_plan(
            planned(place.root),
            writer,
            progress=lambda *_: None,
            stopped=lambda: next(asked),
        )
    assert outcome.interrupted
    no_inserts(place, "account", "no")
    assert aliconf("apply", "--yes", cwd=place.root).code == 1
    inserts_again(place, "account")
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    assert runs(place) == [("interrupted", 9), ("failed", 8), ("complete", 7)]
    assert [row[2] for row in journal(place)].count("failed") == 1


def test_what_is_generated_with_the_first_account_is_told_as_done_also_after_an_interrupt(
    place: Place, store: Target
) -> None:
    asked = iter([False, False, False, True])
    told = []
    with hold(store, "shop") as lease, open_writer(store, lease) as writer:
        outcome = apply_plan(
            planned(place.root),
            writer,
            progress=lambda change, result: told.append((change.kind, result.value)),
            stopped=lambda: next(asked),
        )
    done = [(kind, "done") for _, kind, _ in CHANGES[:8]]
    assert told == done
    assert [(change.kind, result.value) for change, result in outcome.results] == [
        *done,
        ("ListingTemplate", "not tried"),
    ]
    assert len(journal(place)) == 8


def test_what_a_cut_off_run_left_is_in_the_next_plan_and_the_next_apply_completes_it(
    place: Place, store: Target
) -> None:
    cut_off_after(store, planned(place.root), 3)
    note = (
        "the apply <run> was cut off: 8 of 9 changes were done; not done: "
        "ListingTemplate/everything"
    )
    before = stored(place)
    assert notes(aliconf("plan", cwd=place.root).out) == [note]
    assert runs(place) == [(None, 9)]
    ended = aliconf("apply", "--yes", cwd=place.root)
    assert (ended.code, notes(ended.out.partition("Plan:")[0] or ended.out)) == (0, [note])
    assert runs(place) == [("cut off", 9), ("complete", 1)]
    after = stored(place)
    assert {key: after[key] for key in before} == before
    assert [row[:3] for row in journal(place)] == [
        (action, f"{kind}/{name}", "done") for action, kind, name in CHANGES
    ]
    assert notes(aliconf("plan", cwd=place.root).out) == []


def test_a_cut_off_run_is_closed_also_when_it_left_nothing_to_do(
    place: Place, store: Target
) -> None:
    cut_off_after(store, planned(place.root), 9)
    note = "the apply <run> was cut off: 9 of 9 changes were done"
    assert notes(aliconf("plan", cwd=place.root).out) == [note]
    ended = aliconf("apply", cwd=place.root)
    assert (ended.code, notes(ended.out)) == (0, [note])
    assert "Plan: no changes." in ended.out
    assert runs(place) == [("cut off", 9)]
    assert notes(aliconf("plan", cwd=place.root).out) == []


def test_a_cut_off_run_that_is_no_longer_wanted_is_closed_too(place: Place, store: Target) -> None:
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    edit(place.root, "pricing.yaml", "12", "15")
    cut_off_after(store, planned(place.root), 0)
    edit(place.root, "pricing.yaml", "15", "12")
    ended = aliconf("apply", "--yes", cwd=place.root)
    assert notes(ended.out) == [
        "the apply <run> was cut off: 0 of 1 changes were done; not done: PricingPolicy/markup"
    ]
    assert runs(place) == [("complete", 9), ("cut off", 1)]


def test_a_renamed_object_counts_as_done_and_what_names_it_does_not_count(
    place: Place, store: Target
) -> None:
    edit(place.root, "template.yaml", "categoryId", "pricingPolicy: markup\n  categoryId")
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    edit(place.root, "pricing.yaml", "name: markup", "name: margin")
    edit(place.root, "template.yaml", "pricingPolicy: markup", "pricingPolicy: margin")
    edit(place.root, "template.yaml", "title: Everything", "title: All")
    moved = "moved: [{kind: PricingPolicy, from: markup, to: margin}]"
    edit(place.root, "aliconf.yaml", "spec:", f"spec:\n  {moved}")
    cut_off_after(store, planned(place.root), 1)
    assert notes(aliconf("plan", cwd=place.root).out) == [
        "the apply <run> was cut off: 1 of 2 changes were done; not done: "
        "ListingTemplate/everything"
    ]


# Batches


def policies(root: Path, amount: int) -> list[str]:
    """Declare so many policies; their names in the order of a plan."""
    write(root, shops.policies(amount))
    return sorted(["markup", *(f"p{index}" for index in range(amount))])


def test_an_object_that_fails_in_the_middle_of_a_batch_ends_the_run_there(
    place: Place, store: Target
) -> None:
    names = policies(place.root, 250)
    bad = names.index("p137")
    no_inserts(place, "policy", "not today", "NEW.name = 'p137'")
    ended = aliconf("apply", "--yes", cwd=place.root)
    assert ended.code == 1
    lines = ended.out.split("generated.\n")[1].splitlines()
    created = [f"+ PricingPolicy/{name}" for name in names]
    assert lines[: bad + 2] == [
        "done      + Registration/main",
        *(f"done      {line}" for line in created[:bad]),
        f"failed    {created[bad]}",
    ]
    total = len(names) + 8
    rest = [*names[bad + 1 :], "default"]
    assert lines[bad + 2 :] == [
        f"not tried + {len(rest)} PricingPolicy: {', '.join(rest[:8])} and",
        f"            {len(rest) - 8} more",
        "not tried + Account/es",
        "not tried + ImagePolicy/default",
        "not tried + InventoryPolicy/default",
        "not tried + OrderPolicy/default",
        "not tried + SynchronizationPolicy/default",
        "not tried + ListingTemplate/everything",
        f"Apply: {bad + 1} done, 1 failed, {total - bad - 2} not tried.",
        "Nothing else was changed; the next apply carries on from here.",
    ]
    assert f"the connector store {store.display} refuses the change: not today" in " ".join(
        ended.err.split()
    )
    assert [row[:3] for row in journal(place)] == [
        ("create", "Registration/main", "done"),
        *(("create", f"PricingPolicy/{name}", "done") for name in names[:bad]),
        ("create", "PricingPolicy/p137", "failed"),
    ]
    assert {name for kind, name in stored(place) if kind == "PricingPolicy"} == {*names[:bad]}
    assert runs(place) == [("failed", total)]
    inserts_again(place, "policy")
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    assert aliconf("plan", "--detailed-exitcode", cwd=place.root).code == 0
    assert runs(place) == [("failed", total), ("complete", total - bad - 1)]
    assert len(journal(place)) == total + 1


def test_an_object_that_another_project_took_ends_a_batch_there_too(
    place: Place, store: Target
) -> None:
    names = policies(place.root, 150)
    plan = planned(place.root)
    place.sql(
        "INSERT INTO policy (kind, name, title, managed_by, created_at, updated_at) "
        "VALUES ('PricingPolicy', 'p70', 'Theirs', 'outlet', '', '')"
    )
    with hold(store, "shop") as lease, open_writer(store, lease) as writer:
        outcome = apply_plan(plan, writer, progress=lambda *_: None, stopped=lambda: False)
    results = {change.name: result.value for change, result in outcome.results}
    bad = names.index("p70")
    assert [results[name] for name in names] == [
        *["done"] * bad,
        "failed",
        *["not tried"] * (len(names) - bad - 1),
    ]
    assert [finding.message for finding in outcome.findings] == [
        "PricingPolicy/p70 is in the connector by now"
    ]
    assert journal(place)[-1][:3] == ("create", "PricingPolicy/p70", "failed")


def test_an_interrupt_also_ends_a_failed_batch_that_is_made_one_by_one(
    place: Place, store: Target
) -> None:
    policies(place.root, 150)
    plan = planned(place.root)
    place.sql(
        "INSERT INTO policy (kind, name, title, managed_by, created_at, updated_at) "
        "VALUES ('PricingPolicy', 'p15', 'Theirs', 'outlet', '', '')"
    )
    # Before the batch, before the part of it that has the failure, and before each change of that.
    asked = iter([False, False, *[False] * 20, True])
    with hold(store, "shop") as lease, open_writer(store, lease) as writer:
        outcome = apply_plan(plan, writer, progress=lambda *_: None, stopped=lambda: next(asked))
    assert [result.value for _, result in outcome.results] == [
        *["done"] * 20,
        *["not tried"] * (len(plan.changes) - 20),
    ]
    assert (outcome.interrupted, outcome.findings) == (True, [])
    assert runs(place) == [("interrupted", len(plan.changes))]
    assert len(journal(place)) == 20


def test_a_batch_writes_one_row_for_each_change_and_keeps_their_order(
    place: Place, store: Target
) -> None:
    names = policies(place.root, 120)
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    for file in ("p3.yaml", "p40.yaml"):
        edit(place.root, file, "12", "15")
    rows = journal(place)
    assert [name for _, name, *_ in rows] == [
        "Registration/main",
        *(f"PricingPolicy/{name}" for name in names),
        *(f"{kind}/{name}" for _, kind, name in CHANGES[2:]),
    ]
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    assert journal(place)[len(rows) :] == [
        ("update", "PricingPolicy/p3", "done", ""),
        ("update", "PricingPolicy/p40", "done", ""),
    ]
