"""Two applies at once: of different objects both succeed, of the same one the second is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from aliconf.apply.outcome import Outcome
from aliconf.connector.lease import hold
from aliconf.connector.rows import Rows
from aliconf.connector.seen import Seen
from aliconf.connector.urls import Target
from aliconf.connector.writer import Writer, open_writer
from aliconf.findings import AliconfError
from aliconf.model.base import canonical
from tests import shops
from tests.command import aliconf, clean_environment, write
from tests.databases.fixtures import on_servers
from tests.databases.places import Place
from tests.stores import MARKUP, Content, Step, anybody, journal, pointers, stored, writer
from tests.teams import carried_out, edit, made, planned, shop_at, team_shop

WHO = re.compile(r"(\w+) by \S+@\S+ at \S+Z \(run (r-[0-9a-f]{8})\)$")


def only(outcome: Outcome) -> tuple[str, str]:
    (finding,) = outcome.findings
    return finding.code, finding.message


def apply(root: Path) -> None:
    ended = aliconf("apply", "--yes", cwd=root)
    assert ended.code == 0, ended.out + ended.err


def policy(name: str, title: str | None = None) -> dict[str, Any]:
    return {**MARKUP, "title": title or name}


# One after the other, from plans that were made at the same time


def test_plans_of_different_objects_that_were_made_at_once_both_succeed(place: Place) -> None:
    store = made(place)
    apply(shop_at(place))
    edit(place.root, "pricing.yaml", "12", "15")
    first = planned(place.root)
    edit(place.root, "pricing.yaml", "15", "12")
    edit(place.root, "template.yaml", "title: Everything", "title: Everything else")
    second = planned(place.root)
    for plan in (first, second):
        outcome = carried_out(store, plan)
        assert outcome.complete
    assert [row[:3] for row in journal(place)[-2:]] == [
        ("update", "PricingPolicy/markup", "done"),
        ("update", "ListingTemplate/everything", "done"),
    ]


def test_of_the_same_object_the_second_is_stale_and_says_who_was_first(place: Place) -> None:
    store = made(place)
    apply(shop_at(place))
    plans = []
    for percent in ("15", "20"):
        write(place.root, {"pricing.yaml": shops.PRICING.replace("12", percent)})
        plans.append(planned(place.root))
    assert carried_out(store, plans[0]).complete
    code, message = only(carried_out(store, plans[1]))
    assert code == "ALI917"
    ((run, actor),) = place.rows(
        "SELECT run_id, actor FROM journal WHERE action = 'update' AND result = 'done'"
    )
    assert re.sub(r"at \S+Z", "at <time>", message) == (
        "PricingPolicy/markup has changed in the connector: "
        f"updated by {actor} at <time> (run {run})"
    )
    assert '"15"' in stored(place)["PricingPolicy", "markup"].body_text
    assert place.rows("SELECT result FROM aliconf_run ORDER BY result") == [
        ("complete",),
        ("complete",),
        ("failed",),
    ]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE policy SET title = 'By hand' WHERE name = 'markup'",
            "PricingPolicy/markup has changed in the connector: by other means than aliconf, after "
            "it was <who>",
        ),
        (
            "UPDATE policy SET managed_by = 'outlet' WHERE name = 'markup'",
            "PricingPolicy/markup is managed by outlet, not managed by shop: <who>",
        ),
    ],
)
def test_what_plain_sql_has_changed_is_stale(place: Place, statement: str, message: str) -> None:
    store = made(place)
    apply(shop_at(place))
    edit(place.root, "pricing.yaml", "12", "15")
    plan = planned(place.root)
    place.sql(statement)
    code, said = only(carried_out(store, plan))
    assert (code, anybody(said)) == ("ALI917", message)


def test_what_plain_sql_has_deleted_is_stale(place: Place) -> None:
    store = made(place)
    apply(shop_at(place))
    edit(place.root, "template.yaml", "title: Everything", "title: Everything else")
    plan = planned(place.root)
    place.sql("DELETE FROM listing_template")
    code, message = only(carried_out(store, plan))
    assert (code, anybody(message)) == (
        "ALI917",
        "ListingTemplate/everything is no longer in the connector: <who>",
    )


# At the same time


def both(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Run two things at once; what they return or raise."""

    def ended(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except AliconfError as error:
            return error

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(ended, (first, second)))


def creating(store: Target, project: str, meeting: Barrier, *steps: Step) -> Callable[[], Any]:
    def work() -> None:
        with hold(store, project) as lease, open_writer(store, lease) as opened:
            meeting.wait()
            opened.perform(steps)

    return work


@pytest.mark.parametrize("time", range(3))
def test_a_name_that_two_projects_give_at_once_is_given_to_one(place: Place, time: int) -> None:
    store = made(place)
    meeting = Barrier(2, timeout=30)
    step = Step("create", "PricingPolicy", "markup", Content(MARKUP))
    ends = both(*(creating(store, name, meeting, step) for name in ("shop", "outlet")))
    (lost,) = [end for end in ends if end is not None]
    (finding,) = lost.findings
    assert (finding.code, anybody(finding.message)) == (
        "ALI917",
        "PricingPolicy/markup is in the connector by now: <who>",
    )
    assert [row[:3] for row in journal(place)] == [
        ("create", "PricingPolicy/markup", "done"),
        ("create", "PricingPolicy/markup", "failed"),
    ]


@on_servers
@pytest.mark.parametrize("kind", ["PricingPolicy", "Account"])
def test_a_name_that_is_given_while_both_transactions_are_open_is_given_to_one(
    place: Place, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen that the name is free when the first of them writes it."""
    store = made(place)
    meeting = Barrier(2, timeout=30)
    seen: set[int] = set()
    real = Seen.take_names

    def taking(self: Seen, kind: str, regions: dict[str, str]) -> None:
        real(self, kind, regions)
        if id(self) not in seen:
            seen.add(id(self))
            meeting.wait()

    monkeypatch.setattr(Seen, "take_names", taking)
    bodies: dict[str, dict[str, Any]] = {
        "PricingPolicy": MARKUP,
        "Account": {"title": "Spain", "region": "ES", "storeView": "es"},
    }

    def work(project: str) -> Callable[[], Any]:
        return creating(
            store, project, Barrier(1), Step("create", kind, "es", Content(bodies[kind]))
        )

    ends = both(work("shop"), work("outlet"))
    (lost,) = [end for end in ends if end is not None]
    (finding,) = lost.findings
    assert (finding.code, anybody(finding.message)) == (
        "ALI917",
        f"{kind}/es is in the connector by now: <who>",
    )
    assert len([name for of_kind, name in stored(place) if (of_kind, name) == (kind, "es")]) == 1


@on_servers
def test_a_title_that_is_given_while_both_transactions_are_open_is_given_to_one(
    place: Place,
) -> None:
    store = made(place)
    meeting = Barrier(2, timeout=30)
    ends = both(
        *(
            creating(
                store,
                project,
                meeting,
                Step("create", "PricingPolicy", project, Content(policy("x", "The one"))),
            )
            for project in ("shop", "outlet")
        )
    )
    (lost,) = [end for end in ends if end is not None]
    (finding,) = lost.findings
    assert finding.code == "ALI917"
    assert "has the title 'The one' by now, for " in finding.message
    assert len(stored(place)) == 1


def test_the_first_accounts_of_two_projects_at_once_generate_the_defaults_once(
    place: Place,
) -> None:
    store = made(place)
    meeting = Barrier(2, timeout=30)
    ends = both(
        *(
            creating(
                store,
                project,
                meeting,
                Step(
                    "create",
                    "Account",
                    region.lower(),
                    Content({"title": region, "region": region, "storeView": "v"}),
                ),
            )
            for project, region in (("shop", "ES"), ("outlet", "IT"))
        )
    )
    assert ends == [None, None]
    assert len(stored(place)) == 7
    assert set(pointers(place).values()) == {"default"}


@on_servers
def test_who_loses_a_deadlock_begins_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has locked what the other one needs next; the database ends one of them."""
    store = made(place)
    for project in ("shop", "outlet"):
        with writer(place, project) as opened:
            opened.create("PricingPolicy", project, Content(policy(project)))
    place.sql("UPDATE policy SET managed_by = 'shop'")
    with writer(place, "shop") as opened:
        opened.release("PricingPolicy", "outlet")
        opened.release("PricingPolicy", "shop")
    # Both adopt both, in the opposite order.
    meeting = Barrier(2, timeout=30)
    began: list[str] = []
    real = Rows.some

    def some(self: Rows, kind: str, names: Any) -> Any:
        found = real(self, kind, names)
        if len(began) < 2:
            began.append(kind)
            meeting.wait()
        return found

    monkeypatch.setattr(Rows, "some", some)

    def adopting(project: str, *names: str) -> Callable[[], Any]:
        steps = [
            Step("adopt", "PricingPolicy", name, Content(policy(name)), canonical(policy(name)))
            for name in names
        ]

        def changes(opened: Writer) -> Callable[[str], None]:
            def make(_: str) -> None:
                for step in steps:  # made together, they would lock both policies at once
                    opened._changes.make([step])

            return make

        def work() -> None:
            with hold(store, project) as lease, open_writer(store, lease) as opened:
                opened._in_transaction(changes(opened))

        return work

    ends = both(adopting("shop", "shop", "outlet"), adopting("outlet", "outlet", "shop"))
    (lost,) = [end for end in ends if end is not None]
    (finding,) = lost.findings
    assert finding.code == "ALI917"
    assert " by now: " in finding.message
    assert len({found.owner for found in stored(place).values()}) == 1


# From processes


def test_projects_that_apply_in_parallel_lose_and_double_nothing(place: Place) -> None:
    made(place)
    roots = [team_shop(place, name, code) for name, code in (("shop", "es"), ("outlet", "it"))]
    for root in roots:
        write(root, {f"{name}.yaml": text for name, text in many(root.name).items()})
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "aliconf", "apply", "--yes"],
            cwd=root,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for root in roots
    ]
    for process in running:
        out, err = process.communicate()
        assert process.returncode == 0, out + err
    for root in roots:
        assert aliconf("plan", "--detailed-exitcode", cwd=root).code == 0
    assert place.rows(
        "SELECT managed_by, count(*) FROM policy WHERE managed_by IS NOT NULL "
        "GROUP BY managed_by ORDER BY managed_by"
    ) == [("outlet", 61), ("shop", 61)]
    assert place.rows("SELECT count(*) FROM journal WHERE result <> 'done'") == [(0,)]
    assert place.rows("SELECT DISTINCT result FROM aliconf_run") == [("complete",)]


def many(project: str) -> dict[str, str]:
    text = shops.PRICING.replace("default: true", "default: false")
    return {
        f"p{index}": text.replace("name: markup", f"name: {project}-{index}").replace(
            "Markup", f"{project} {index}"
        )
        for index in range(60)
    }


def test_two_batches_at_once_are_both_whole(place: Place) -> None:
    store = made(place, timeout=60)

    def batch(project: str) -> Callable[[], Any]:
        def work() -> None:
            with hold(store, project) as lease, open_writer(store, lease) as opened:
                opened.perform(
                    [
                        Step("create", "PricingPolicy", name, Content(policy(name)))
                        for name in (f"{project}-{index}" for index in range(200))
                    ]
                )

        return work

    assert both(batch("shop"), batch("outlet")) == [None, None]
    assert len(stored(place)) == 400
    assert len(journal(place)) == 400
