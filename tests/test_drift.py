"""Drift: what differs from what aliconf itself last left in the connector."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from aliconf.connector.reader import open_reader
from tests import shops
from tests.command import aliconf
from tests.connections import target
from tests.databases.fixtures import on
from tests.databases.places import Place
from tests.stores import Content
from tests.teams import edit, hand, made, shop_at

POLICY = {"title": "Markup", "adjustments": [{"increaseByPercent": "12"}]}


def test_the_journal_tells_what_each_object_was_left_as(place: Place) -> None:
    store = made(place)
    text = json.dumps(POLICY, sort_keys=True, separators=(",", ":"))
    with hand(store) as writer:
        for name in ("kept", "gone", "moved", "released", "again"):
            writer.create("PricingPolicy", name, Content({**POLICY, "title": name}))
        writer.update("PricingPolicy", "kept", Content(POLICY), text.replace("Markup", "kept"))
        writer.delete("PricingPolicy", "gone", text.replace("Markup", "gone"))
        writer.move("PricingPolicy", "moved", "here")
        writer.release("PricingPolicy", "released")
        writer.move("PricingPolicy", "again", "once")
        writer.create("PricingPolicy", "again", Content({**POLICY, "title": "again"}))
    with hand(store, "other") as writer:
        writer.create("PricingPolicy", "theirs", Content({**POLICY, "title": "t"}, default=True))
    with open_reader(target(place)) as reader:
        left = reader.applied("shop")
    assert {
        name: json.loads(text)["body"]["title"] for (_, name), text in left.objects.items()
    } == {
        "again": "again",
        "here": "moved",
        "kept": "Markup",
        "once": "again",
    }
    assert left.defaults == {"PricingPolicy": ("theirs", "other")}


def drift(root: Path, *arguments: str) -> dict[str, Any]:
    ended = aliconf("drift", "--format", "json", *arguments, cwd=root)
    assert ended.code in {0, 2}, ended.out + ended.err
    found: dict[str, Any] = json.loads(ended.out)
    counts = found["summary"]
    assert ended.code == (2 if any(counts[key] for key in CHANGES) else 0)
    return found


CHANGES = ("changed", "gone", "appeared", "defaults")


def applied_shop(place: Place) -> Path:
    root = shop_at(place)
    if place.database != "sqlite":
        made(place)
    ended = aliconf("apply", "--yes", cwd=root)
    assert ended.code == 0, ended.out + ended.err
    return root


def test_after_an_apply_there_is_no_drift(place: Place) -> None:
    root = applied_shop(place)
    ended = aliconf("drift", cwd=root)
    connector = ended.out.partition(" → ")[2].partition("\n")[0]
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"shop → {connector}\n\nNo drift: 4 unchanged; 5 unmanaged.\nDrift: none.\n"


def by_hand(place: Place) -> None:
    """What an administrator does to the small shop."""
    place.sql(
        'UPDATE policy SET body = REPLACE(body, \'"12"\', \'"15"\'), labels = \'{"team":"x"}\' '
        "WHERE name = 'markup'",
        "UPDATE policy SET protect = (1 = 1), managed_by = 'shop' "
        "WHERE kind = 'ImagePolicy' AND name = 'default'",
        "UPDATE policy_default SET policy = 'default' WHERE kind = 'PricingPolicy'",
        "UPDATE account SET managed_by = NULL",
        "DELETE FROM listing_template",
    )


def test_what_others_changed_is_told_field_by_field(place: Place) -> None:
    root = applied_shop(place)
    by_hand(place)
    ended = aliconf("drift", cwd=root)
    connector = ended.out.partition(" → ")[2].partition("\n")[0]
    assert ended.code == 2
    assert ended.out == (
        f"shop → {connector}\n"
        "\n"
        '+ ImagePolicy/default "Default Image Policy"\n'
        "      appeared: this project manages it, and no apply has made it so\n"
        '~ PricingPolicy/markup "Markup"\n'
        "      adjustments[0].increaseByPercent: 12 → 15\n"
        "      metadata.labels.team: – → x\n"
        '~ Account/es "Shop ES"\n'
        "      managedBy: shop → –\n"
        '- ListingTemplate/everything "Everything"\n'
        "      gone: it is in the connector no more, and no apply has removed it\n"
        "→ default of PricingPolicy\n"
        "      markup → default\n"
        "\n"
        "No drift: 1 unchanged; 4 unmanaged.\n"
        "`aliconf import --drift` takes the values into the files; `aliconf plan` shows\n"
        "  what the next apply would undo.\n"
        "Drift: 2 changed, 1 gone, 1 appeared, 1 default moved.\n"
    )
    found = drift(root)
    assert [{**one, "title": ""} for one in found["objects"]][1:3] == [
        {
            "drift": "changed",
            "kind": "PricingPolicy",
            "name": "markup",
            "title": "",
            "fields": [
                {"path": "adjustments[0].increaseByPercent", "before": "12", "now": "15"},
                {"path": "metadata.labels.team", "before": None, "now": "x"},
            ],
        },
        {
            "drift": "changed",
            "kind": "Account",
            "name": "es",
            "title": "",
            "fields": [{"path": "managedBy", "before": "shop", "now": None}],
        },
    ]
    assert found["defaults"] == [{"kind": "PricingPolicy", "before": "markup", "now": "default"}]


def test_what_waits_on_a_branch_is_no_drift_and_needs_not_be_right(place: Place) -> None:
    root = applied_shop(place)
    edit(root, "pricing.yaml", "increaseByPercent: 12", "increaseByPercent: wrong")
    (root / "broken.yaml").write_text("apiVersion: aliconf/v1\nkind: [", encoding="utf-8")
    assert drift(root)["summary"] == {
        "changed": 0,
        "gone": 0,
        "appeared": 0,
        "defaults": 0,
        "unchanged": 4,
        "unmanaged": 5,
        "others": 0,
        "ignored": 0,
    }


IGNORE = """spec:
      drift:
        ignore:
          - {object: PricingPolicy/markup, field: adjustments, reason: tuned by hand}
          - {kind: PricingPolicy, field: default, reason: tuned by hand}
          - {kind: PricingPolicy, field: metadata.labels, reason: x, until: 2021-01-01}
          - {kind: PricingPolicy, field: maximum, reason: x}
"""


@on("sqlite")
def test_ignored_fields_are_left_to_others_until_their_day(place: Place) -> None:
    root = shop_at(place, aliconf=shops.PROJECT.replace("spec:\n", IGNORE))
    assert aliconf("apply", "--yes", cwd=root).code == 0
    place.sql(
        "UPDATE policy SET body = REPLACE(body, '\"12\"', '\"15\"') WHERE name = 'markup'",
        "UPDATE policy_default SET policy = 'default' WHERE kind = 'PricingPolicy'",
    )
    found = drift(root)
    assert (found["objects"], found["defaults"], found["summary"]["ignored"]) == ([], [], 2)
    assert [
        (one["code"], one["message"], one["location"]["line"]) for one in found["findings"]
    ] == [
        ("ALI541", "the ignore of metadata.labels of PricingPolicy ended on 2021-01-01", 10),
        ("ALI542", "nothing drifted in maximum of PricingPolicy, which is ignored", 11),
    ]
    place.sql("UPDATE policy SET labels = '{\"a\":\"b\"}' WHERE name = 'markup'")
    assert drift(root)["summary"]["changed"] == 1
    ended = aliconf("validate", cwd=root)
    assert ended.code == 0
    assert "warning[ALI541]: the ignore of metadata.labels of PricingPolicy ended" in ended.out


@on("sqlite")
@pytest.mark.parametrize(("severity", "drifted", "sound"), [("error", 1, 1), ("off", 2, 0)])
def test_that_an_ignore_of_drift_has_ended_may_be_an_error_or_nothing(
    place: Place, severity: str, drifted: int, sound: int
) -> None:
    """What it left to others is drift again in any case."""
    root = shop_at(place, aliconf=shops.PROJECT.replace("spec:\n", IGNORE))
    assert aliconf("apply", "--yes", cwd=root).code == 0
    place.sql("UPDATE policy SET labels = '{\"a\":\"b\"}' WHERE name = 'markup'")
    edit(root, "aliconf.yaml", "rules:", f"rules:\n    ALI541: {severity}")
    assert aliconf("validate", cwd=root).code == sound
    ended = aliconf("drift", "--format", "json", cwd=root)
    found = json.loads(ended.out)
    assert (ended.code, found["summary"]["changed"]) == (drifted, 1)
    assert [one["severity"] for one in found["findings"] if one["code"] == "ALI541"] == (
        [severity] if severity == "error" else []
    )


@on("sqlite")
def test_a_secret_that_somebody_wrote_into_the_store_is_not_shown(place: Place) -> None:
    root = shop_at(
        place,
        account=shops.ACCOUNT + "      authorization:\n        appKey: ${env:APP_KEY}\n"
        "        appSecret: ${env:APP_SECRET}\n",
    )
    assert aliconf("apply", "--yes", cwd=root).code == 0
    place.sql(
        "UPDATE account SET body = REPLACE(body, '${env:APP_SECRET}', 'plain-as-day'), "
        "title = 'Spain'"
    )
    ended = aliconf("drift", cwd=root)
    assert "plain-as-day" not in ended.out + ended.err
    assert "      authorization.appSecret: ${env:APP_SECRET} → •••\n" in ended.out
    assert "plain-as-day" not in json.dumps(drift(root))
    assert (
        "      authorization.appSecret: ••• → ${env:APP_SECRET} " in aliconf("plan", cwd=root).out
    )
    assert aliconf("apply", "--yes", cwd=root).code == 0
    changed = '         authorization.appSecret: "•••" → "${env:APP_SECRET}"\n'
    assert changed in aliconf("history", "show", "2", cwd=root).out
    run = json.loads(aliconf("history", "show", "2", "--format", "json", cwd=root).out)
    (change,) = run["changes"]
    references = {"appKey": "${env:APP_KEY}", "appSecret": "${env:APP_SECRET}"}
    assert change["before"]["body"]["authorization"] == references | {"appSecret": "•••"}
    assert change["after"]["body"]["authorization"] == references


@on("sqlite")
def test_of_an_account_that_cannot_be_read_nothing_is_shown(place: Place) -> None:
    root = applied_shop(place)
    place.sql('UPDATE account SET body = \'{"authorization":{"appKey":"plain-as-day"\'')
    place.sql("UPDATE policy SET body = 'half' WHERE name = 'markup'")
    unreadable = [
        field
        for one in drift(root)["objects"]
        for field in one["fields"]
        if field["path"] == "(unreadable)"
    ]
    assert unreadable == [
        {"path": "(unreadable)", "before": None, "now": "half"},
        {"path": "(unreadable)", "before": None, "now": "•••"},
    ]
    drifted, planned = (aliconf(command, cwd=root).out for command in ("drift", "plan"))
    assert re.findall(r"\(unreadable\): (.*)", drifted) == ["– → half", "– → •••"]
    assert re.findall(r"\(unreadable\): (.*)", planned) == ["half → –", "••• → –"]


@on("sqlite")
def test_in_ci_a_store_that_does_not_exist_is_refused(place: Place) -> None:
    root = shop_at(place)
    assert aliconf("drift", cwd=root).out.endswith("Drift: none.\n")
    ended = aliconf("drift", cwd=root, environment={"CI": "true"})
    assert ended.code == 1
    assert "error[ALI921]" in ended.err
    assert not place.file.exists()


def test_an_apply_under_way_is_told_and_no_lease_is_taken(place: Place) -> None:
    root = applied_shop(place)
    with hand(target(place)):
        found = drift(root)
    assert [one["code"] for one in found["findings"]] == ["ALI945"]


@on("sqlite")
def test_bodies_that_are_no_json_are_shown_as_they_stand(place: Place) -> None:
    root = applied_shop(place)
    place.sql("UPDATE policy SET body = 'no json', labels = '7' WHERE name = 'markup'")
    (found,) = drift(root)["objects"]
    assert {"path": "(unreadable)", "before": None, "now": "no json"} in found["fields"]
    assert {"path": "metadata.labels", "before": {}, "now": "7"} in found["fields"]
