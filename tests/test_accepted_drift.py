"""Drift that the configuration says as well: every apply takes note of it, whatever else it does."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from aliconf.connector.lease import hold
from aliconf.connector.writer import open_writer
from tests import shops
from tests.command import aliconf
from tests.connections import target
from tests.databases.fixtures import on
from tests.databases.places import Place
from tests.stores import inserts_again, no_inserts
from tests.teams import edit, made, shop_at

SECOND = shops.PRICING.replace("markup", "second").replace("Markup", "Second")
DRIFT = {
    "a value": "UPDATE policy SET body = REPLACE(body, '\"12\"', '\"30\"') WHERE name = 'markup'",
    "a default": "UPDATE policy_default SET policy = 'second' WHERE kind = 'PricingPolicy'",
    "a default of others": (
        "UPDATE policy_default SET policy = 'theirs' WHERE kind = 'ImagePolicy'"
    ),
    "an object that went": "DELETE FROM listing_template",
    "an owner": "UPDATE policy SET managed_by = NULL WHERE name = 'spare'",
}
"""What somebody else does."""
FILES = {"template.yaml": "an object that went", "spare.yaml": "an owner"}
"""Documents that are removed with what they described, before the drift is imported."""


def applied(place: Place) -> Path:
    second = SECOND.replace("      default: true\n", "")
    spare = second.replace("second", "spare").replace("Second", "Spare")
    root = shop_at(place, None, more=second, spare=spare)
    if place.database != "sqlite":
        made(place)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    place.sql(
        "INSERT INTO policy (kind, name, title, created_at, updated_at) "
        "VALUES ('ImagePolicy', 'theirs', 'Theirs', '', '')"
    )
    return root


def drifted(place: Place, *what: str) -> None:
    """Let others change the connector, and the configuration say the same."""
    for one in what:
        place.sql(DRIFT[one])
    for file, one in FILES.items():
        if one in what:
            (place.root / file).unlink()
    ended = aliconf("import", "--drift", "--yes", cwd=place.root)
    assert ended.code == 0, ended.out + ended.err


def accepted(place: Place) -> list[tuple[str, str]]:
    rows = place.rows("SELECT kind, name FROM journal WHERE action = 'accept' ORDER BY id")
    return [(kind, name) for kind, name in rows]


def drift(place: Place) -> int:
    return aliconf("drift", cwd=place.root).code


def test_an_apply_with_other_changes_takes_note_in_its_own_run(place: Place) -> None:
    applied(place)
    drifted(place, *DRIFT)
    edit(place.root, "registration.yaml", "ops@", "shop@")
    assert drift(place) == 2
    ended = aliconf("apply", "--yes", cwd=place.root)
    assert ended.code == 0, ended.err
    assert ended.out.endswith(
        "done      ~ Registration/main\n"
        "Noted: 5 objects are as others have made them, and no drift any more.\n"
        "Apply: 1 done, 0 failed, 0 not tried.\n"
    )
    assert drift(place) == 0
    last = place.rows("SELECT id, intent FROM aliconf_run ORDER BY started_at")[-1]
    assert json.loads(last[1]) == [["update", "Registration", "main"]]
    rows = place.rows(f"SELECT action, name, run_id FROM journal WHERE run_id = '{last[0]}'")
    assert [(action, name) for action, name, _ in rows] == [
        ("accept", "theirs"),
        ("accept", "everything"),
        ("accept", "markup"),
        ("accept", "second"),
        ("accept", "spare"),
        ("update", "main"),
    ]
    assert "complete, 1 of 1" in aliconf("history", cwd=place.root).out
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    assert len(accepted(place)) == 5


def test_what_the_apply_changes_itself_is_not_noted(place: Place) -> None:
    applied(place)
    place.sql(DRIFT["a value"], DRIFT["a default"], DRIFT["an object that went"])
    ended = aliconf("apply", "--yes", cwd=place.root)
    assert ended.code == 0, ended.err
    assert "Noted" not in ended.out
    assert (drift(place), accepted(place)) == (0, [])


def test_an_apply_that_fails_has_noted_it_and_claims_no_more(place: Place) -> None:
    applied(place)
    drifted(place, "a value")
    (place.root / "p.yaml").write_text(SECOND.replace("second", "third").replace("Second", "Third"))
    edit(place.root, "p.yaml", "      default: true\n", "")
    no_inserts(place, "policy", "not today")
    ended = aliconf("apply", "--yes", cwd=place.root)
    assert (ended.code, ended.out.splitlines()[-3:]) == (
        1,
        [
            "Noted: 1 object is as others have made them, and no drift any more.",
            "Apply: 0 done, 1 failed, 0 not tried.",
            "Nothing else was changed; the next apply carries on from here.",
        ],
    )
    assert (drift(place), accepted(place)) == (0, [("PricingPolicy", "markup")])
    assert "failed, 0 of 1" in aliconf("history", cwd=place.root).out
    inserts_again(place, "policy")
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    assert (drift(place), accepted(place)) == (0, [("PricingPolicy", "markup")])


def test_a_reviewed_plan_with_noted_drift_is_carried_on(place: Place) -> None:
    applied(place)
    drifted(place, "a value", "a default")
    edit(place.root, "registration.yaml", "ops@", "shop@")
    (place.root / "p.yaml").write_text(SECOND.replace("second", "third").replace("Second", "Third"))
    edit(place.root, "p.yaml", "      default: true\n", "")
    assert aliconf("plan", "--out", "plan.json", cwd=place.root).code == 0
    no_inserts(place, "policy", "not today")
    assert aliconf("apply", "plan.json", cwd=place.root).code == 1
    inserts_again(place, "policy")
    ended = aliconf("apply", "plan.json", cwd=place.root)
    assert (ended.code, ended.err) == (0, "")
    assert "1 of 2 changes of this reviewed plan was made by the apply of" in " ".join(
        ended.out.split()
    )
    assert (drift(place), len(accepted(place))) == (0, 2)


def test_what_somebody_changes_after_the_plan_stays_drift(place: Place) -> None:
    root = applied(place)
    place.sql(DRIFT["a value"])
    store = target(place)
    with hold(store, "shop") as lease:
        with open_writer(store, lease) as writer:
            gone: dict[tuple[str, str], str | None] = {("Account", "es"): None}
            assert writer.accept({**gone, ("PricingPolicy", "markup"): "{}"}, {}) == 0
        with open_writer(store, lease) as writer:
            assert writer.begin((), {}, {("PricingPolicy", "spare"): "{}"}) == 0
            writer.finish("complete")
    assert (aliconf("drift", cwd=root).code, accepted(place)) == (2, [])


@on("sqlite")
def test_after_every_complete_apply_there_is_no_drift(place: Place) -> None:
    """Each thing that others can do, and all of them, with and without a change of our own."""
    for what in ((), *((one,) for one in DRIFT), tuple(DRIFT)):
        for ours in (False, True):
            with tempfile.TemporaryDirectory() as directory:
                here = Place("sqlite", Path(directory))
                applied(here)
                drifted(here, *what)
                if ours:
                    edit(here.root, "registration.yaml", "ops@", "shop@")
                ended = aliconf("apply", "--yes", cwd=here.root)
                assert ended.code == 0, ended.err
                assert (what, drift(here)) == (what, 0)
                assert len(accepted(here)) == len(what)
