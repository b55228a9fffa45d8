"""Environments from end to end: overlays, accounts in force, synchronization off, -e everywhere."""

from __future__ import annotations

import json
import random
import sqlite3
import tempfile
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aliconf.config.load import load
from tests.command import Ended, aliconf, write
from tests.test_any_input import mutated
from tests.test_imports import among, imported

PROJECT = """
    apiVersion: aliconf/v1
    kind: Project
    metadata: {name: shop}
    spec:
      connector: sqlite:///live.db
      systemCheck: {cron: true, memoryLimit: 756M, maxExecutionTime: 60}
      rules: {ALI214: off, ALI431: off}
      environments:
        staging:
          connector: sqlite:///staging.db
          overlays: [overlays/staging/*.yaml, overlays/common.yaml]
          synchronize: false
        live:
          accounts: [es]
"""
SHOP = """
    apiVersion: aliconf/v1
    kind: Registration
    metadata: {name: main}
    spec: {email: ops@shop.example, acceptTerms: true}
    ---
    apiVersion: aliconf/v1
    kind: Account
    metadata: {name: es, labels: {market: eu}}
    spec: {title: Shop ES, region: ES, storeView: es, currency: EUR}
    ---
    apiVersion: aliconf/v1
    kind: Account
    metadata: {name: fr, labels: {market: fr}}
    spec: {title: Shop FR, region: FR, storeView: fr, currency: EUR}
    ---
    apiVersion: aliconf/v1
    kind: PricingPolicy
    metadata: {name: markup}
    spec:
      title: Markup
      default: true
      adjustments: [{increaseByPercent: 12}]
      rounding: {mode: up, ending: 0.99}
    ---
    apiVersion: aliconf/v1
    kind: PricingPolicy
    metadata: {name: cheap}
    spec: {title: Cheap, basedOn: markup, minimum: 5}
    ---
    apiVersion: aliconf/v1
    kind: ListingTemplate
    metadata: {name: everything}
    spec:
      title: Everything
      accounts: [fr, es]
      categoryId: 200000343
      query: {all: []}
      perAccount: {fr: {pricingPolicy: cheap}}
    ---
    apiVersion: aliconf/v1
    kind: ListingTemplate
    metadata: {name: french}
    spec:
      title: French
      accounts: {matchLabels: {market: fr}}
      categoryId: 200000344
      priority: 50
      query: {all: []}
"""
OVERLAY = """
    kind: PricingPolicy
    metadata: {name: markup}
    spec:
      adjustments: [{increaseByPercent: 1}]
      rounding: {ending: 0.95}
"""
COMMON = """
    kind: PricingPolicy
    metadata: {name: markup}
    spec: {rounding: {ending: 0.5}}
"""


def shop(root: Path, **changes: str) -> Path:
    files = {
        "aliconf.yaml": PROJECT,
        "shop.yaml": SHOP,
        "overlays/staging/prices.yaml": OVERLAY,
        "overlays/common.yaml": COMMON,
    }
    return write(
        root, files | {name.replace("__", "/") + ".yaml": t for name, t in changes.items()}
    )


def plan(root: Path, environment: str) -> dict[str, Any]:
    ended = aliconf("plan", "-e", environment, "--format", "json", cwd=root)
    assert ended.code == 0, ended
    found: dict[str, Any] = json.loads(ended.out)
    return found


def applied(root: Path, environment: str) -> Path:
    ended = aliconf("apply", "-e", environment, "--yes", cwd=root)
    assert ended.code == 0, ended
    assert plan(root, environment)["changes"] == []
    return root / f"{environment}.db"


def of_kind(store: Path, kind: str) -> dict[str, dict[str, Any]]:
    with sqlite3.connect(store) as connection:
        rows = connection.execute("SELECT name, body FROM policy WHERE kind = ?", (kind,))
        return {name: json.loads(text) for name, text in rows}


def test_a_plan_names_its_environment_and_shows_overlaid_values_where_they_are_written(
    tmp_path: Path,
) -> None:
    found = plan(shop(tmp_path), "staging")
    assert (found["project"], found["environment"]) == ("shop", "staging")
    assert found["connector"] == {"location": "staging.db", "id": None}
    changes = {f"{change['kind']}/{change['name']}": change for change in found["changes"]}
    places = {
        field["path"]: (field["new"], f"{place['file']}:{place['line']}", field["origin"])
        for field in changes["PricingPolicy/cheap"]["fields"]
        if (place := field["location"])
    }
    assert places == {
        "title": ("Cheap", "shop.yaml:28", None),
        "adjustments": (
            [{"increaseByPercent": "1"}],
            "overlays/staging/prices.yaml:4",
            "PricingPolicy/markup",
        ),
        "minimum": ("5", "shop.yaml:28", None),
        "rounding.mode": ("up", "shop.yaml:23", "PricingPolicy/markup"),
        "rounding.ending": ("0.5", "overlays/common.yaml:3", "PricingPolicy/markup"),
    }
    assert aliconf("plan", "-e", "staging", cwd=tmp_path).out.startswith(
        "shop (staging) → staging.db (does not exist yet)\n"
    )


def test_the_later_overlay_is_laid_on_the_earlier_and_a_list_is_replaced(tmp_path: Path) -> None:
    store = applied(shop(tmp_path), "staging")
    markup = of_kind(store, "PricingPolicy")["markup"]
    assert markup["adjustments"] == [{"increaseByPercent": "1"}]
    assert markup["rounding"] == {"mode": "up", "ending": "0.5"}
    assert of_kind(applied(tmp_path, "live"), "PricingPolicy")["markup"]["rounding"] == {
        "mode": "up",
        "ending": "0.99",
    }


def test_null_in_an_overlay_takes_away_what_is_inherited_as_well(tmp_path: Path) -> None:
    overlay = "kind: PricingPolicy\nmetadata: {name: cheap}\nspec: {rounding: null}\n"
    store = applied(shop(tmp_path, overlays__staging__cheap=overlay), "staging")
    policies = of_kind(store, "PricingPolicy")
    assert policies["cheap"]["rounding"] == {"mode": "none"}
    assert policies["markup"]["rounding"]["mode"] == "up"


def test_a_document_can_be_taken_away_added_and_added_again(tmp_path: Path) -> None:
    root = shop(
        tmp_path,
        overlays__staging__a="""
            kind: ListingTemplate
            metadata: {name: french}
            absent: true
            ---
            kind: PricingPolicy
            metadata: {name: test}
            spec: {title: Test}
            ---
            kind: PricingPolicy
            metadata: {name: cheap}
            absent: true
        """,
        overlays__staging__b="""
            kind: PricingPolicy
            metadata: {name: cheap}
            spec: {title: Cheap again}
        """,
    )
    found = plan(root, "staging")
    names = {f"{change['kind']}/{change['name']}": change["title"] for change in found["changes"]}
    assert "ListingTemplate/french" not in names
    assert names["PricingPolicy/test"] == "Test"
    assert names["PricingPolicy/cheap"] == "Cheap again"
    assert "minimum" not in of_kind(applied(root, "staging"), "PricingPolicy")["cheap"]


def test_labels_and_protection_may_differ_by_environment(tmp_path: Path) -> None:
    overlay = """
        kind: Account
        metadata: {name: fr, labels: {market: eu, tier: test}}
        lifecycle: {protect: true}
        ---
        kind: ListingTemplate
        metadata: {name: french}
        spec: {accounts: {matchLabels: {market: null, tier: test}}}
    """
    store = applied(shop(tmp_path, overlays__staging__a=overlay), "staging")
    with sqlite3.connect(store) as connection:
        rows = connection.execute("SELECT name, labels, protect FROM account ORDER BY name")
        assert [(name, json.loads(labels), protect) for name, labels, protect in rows] == [
            ("es", {"market": "eu"}, 0),
            ("fr", {"market": "eu", "tier": "test"}, 1),
        ]


def test_accounts_that_are_not_in_force_are_left_out_with_what_is_for_them_alone(
    tmp_path: Path,
) -> None:
    store = applied(shop(tmp_path), "live")
    with sqlite3.connect(store) as connection:
        assert connection.execute("SELECT name FROM account").fetchall() == [("es",)]
        templates = connection.execute("SELECT name, body FROM listing_template").fetchall()
    assert [name for name, _ in templates] == ["everything"]
    content = json.loads(templates[0][1])
    assert (content["accounts"], content["perAccount"]) == (["es"], {})
    assert set(of_kind(store, "PricingPolicy")) == {"cheap", "default", "markup"}


def test_a_rename_of_what_is_not_in_force_is_no_mistake(tmp_path: Path) -> None:
    moved = "      moved: [{kind: Account, from: france, to: fr}, {kind: Account, from: spain, to: es}]\n"
    root = shop(tmp_path, aliconf=PROJECT + moved)
    assert aliconf("validate", cwd=root).out == "no findings in 8 documents\n"
    found = plan(root, "live")["findings"]
    assert [finding["code"] for finding in found] == ["ALI540"]  # it is the first plan


OFF = {"products": {"upload": False, "update": False, "assign": False}} | {
    "pricesAndInventory": False,
    "orders": False,
}
NIGHTLY = """
    apiVersion: aliconf/v1
    kind: SynchronizationPolicy
    metadata: {name: nightly}
    spec: {title: Nightly, orders: true, schedule: {orders: 15m}}
    ---
    apiVersion: aliconf/v1
    kind: SynchronizationPolicy
    metadata: {name: often}
    spec: {title: Often, basedOn: nightly, schedule: {orders: 5m}}
    ---
    apiVersion: aliconf/v1
    kind: Account
    metadata: {name: it}
    spec: {title: Shop IT, region: IT, storeView: it, synchronizationPolicy: often}
"""
DEFAULT = """
    apiVersion: aliconf/v1
    kind: SynchronizationPolicy
    metadata: {name: default}
    spec: {title: Usual, orders: true}
"""
CHOSEN = NIGHTLY.replace("title: Nightly,", "title: Nightly, default: true,")


@pytest.mark.parametrize(
    ("policies", "pointer"),
    [("", "default"), (NIGHTLY, "default"), (DEFAULT, "default"), (CHOSEN, "nightly")],
    ids=["generated", "named", "declared", "chosen"],
)
def test_without_synchronization_no_policy_of_the_store_synchronizes(
    tmp_path: Path, policies: str, pointer: str
) -> None:
    root = shop(tmp_path, **({"policies": policies} if policies else {}))
    assert aliconf("validate", "--strict", cwd=root).code == 0
    store = applied(root, "staging")
    found = of_kind(store, "SynchronizationPolicy")
    assert "default" in found
    assert {name: {key: body[key] for key in OFF} for name, body in found.items()} == dict.fromkeys(
        found, OFF
    )
    with sqlite3.connect(store) as connection:
        (holder,) = connection.execute(
            "SELECT policy FROM policy_default WHERE kind = 'SynchronizationPolicy'"
        ).fetchone()
    assert holder == pointer
    live = of_kind(applied(root, "live"), "SynchronizationPolicy")
    assert all(body["orders"] for body in live.values())


def test_a_store_that_synchronizes_is_switched_off_by_the_next_apply(tmp_path: Path) -> None:
    on = PROJECT.replace("          synchronize: false\n", "")
    assert on != PROJECT
    root = shop(tmp_path, aliconf=on)
    store = applied(root, "staging")
    assert of_kind(store, "SynchronizationPolicy")["default"]["orders"] is True
    write(root, {"aliconf.yaml": PROJECT})
    found = plan(root, "staging")
    assert [(change["action"], change["name"]) for change in found["changes"]] == [
        ("adopt", "default")
    ]
    applied(root, "staging")
    assert of_kind(store, "SynchronizationPolicy")["default"]["orders"] is False


def test_a_finding_of_the_base_is_said_once_and_one_of_environments_with_their_names(
    tmp_path: Path,
) -> None:
    root = shop(
        tmp_path,
        other="""
            apiVersion: aliconf/v1
            kind: Campaign
            metadata: {name: sale}
            spec:
              title: Sale
              accounts: [es]
              active: {from: "2126-11-27T00:00:00Z", until: "2126-12-01T00:00:00Z"}
              pricingPolicy: nothing
        """,
        overlays__staging__a="""
            kind: PricingPolicy
            metadata: {name: cheap}
            spec: {minimum: -1}
        """,
        aliconf=PROJECT.replace("accounts: [es]", "{}").replace(
            "        live:\n          {}", "        live: {overlays: [overlays/staging/a.yaml]}"
        ),
    )
    ended = aliconf("validate", cwd=root)
    assert ended == Ended(
        1,
        dedent("""\
            other.yaml:8:18: error[ALI204]: no PricingPolicy is named 'nothing'
             8 |   pricingPolicy: nothing
               |                  ^^^^^^^
              → Declared: cheap, markup.

            overlays/staging/a.yaml:3:17: error[ALI404]: minimum is -1; it must be at least 0.01 (environments staging, live)
             3 | spec: {minimum: -1}
               |                 ^^
              → The price is never less; AliExpress takes 0.01 to 100000.

            2 errors in 9 documents
        """),
        "",
    )


def test_broken_yaml_in_an_overlay_is_found_at_its_place(tmp_path: Path) -> None:
    root = shop(tmp_path, overlays__staging__a="kind: PricingPolicy\nmetadata: {name: cheap\n")
    ended = aliconf("plan", "-e", "staging", cwd=root)
    assert (ended.code, ended.out) == (1, "")
    assert "overlays/staging/a.yaml:" in ended.err
    assert "error[ALI101]" in ended.err
    assert aliconf("plan", "-e", "live", cwd=root).code == 0


COMMANDS = [
    ["plan"],
    ["apply", "--yes"],
    ["status"],
    ["lease", "list"],
    ["lease", "release"],
    ["connector", "init"],
    ["connector", "migrate"],
    ["connector", "check"],
    ["connector", "backup", "store.backup"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_on_a_connector_needs_one_environment_that_there_is(
    tmp_path: Path, command: list[str]
) -> None:
    root = shop(tmp_path)
    assert aliconf(*command, cwd=root) == Ended(
        1,
        "",
        dedent("""\
            aliconf.yaml:8:3: error[ALI920]: the project has environments (staging, live), and none was chosen
             8 |   environments:
               |   ^^^^^^^^^^^^
              → Say which one: `-e staging`.
        """),
    )
    assert aliconf(*command, "-e", "stagin", cwd=root) == Ended(
        1,
        "",
        dedent("""\
            aliconf.yaml:8:3: error[ALI957]: no environment is named 'stagin'
             8 |   environments:
               |   ^^^^^^^^^^^^
              → Did you mean staging?
        """),
    )
    assert sorted(path.name for path in root.iterdir()) == ["aliconf.yaml", "overlays", "shop.yaml"]


def test_an_environment_of_a_project_that_has_none_is_refused(tmp_path: Path) -> None:
    root = shop(tmp_path, aliconf=PROJECT.partition("      environments:")[0])
    ended = aliconf("plan", "-e", "live", cwd=root)
    assert (ended.code, ended.out) == (1, "")
    assert (
        "error[ALI957]: the project has no environments, and so none is named 'live'" in ended.err
    )


def test_a_project_without_environments_does_not_load_what_they_need(tmp_path: Path) -> None:
    needed = {
        *("aliconf.config.environments", "aliconf.config.in_force", "aliconf.config.layers"),
        *("aliconf.config.overlays", "aliconf.rules.environments", "aliconf.cli.options"),
    }
    without = PROJECT.partition("      environments:")[0]
    root = write(tmp_path, {"aliconf.yaml": without, "shop.yaml": SHOP})
    assert among(imported(root, "validate"), needed) == []
    shop(root)
    assert among(imported(root, "validate"), needed) == sorted(needed - {"aliconf.cli.options"})


def test_status_and_the_connectors_commands_look_at_the_store_of_the_environment(
    tmp_path: Path,
) -> None:
    root = shop(tmp_path)
    applied(root, "staging")
    assert aliconf("status", "-e", "staging", cwd=root).out.startswith("shop (staging) · connector")
    live = json.loads(aliconf("status", "-e", "live", "--format", "json", cwd=root).out)
    assert (live["environment"], live["connector"]["exists"]) == ("live", False)
    made = aliconf("connector", "init", "-e", "live", cwd=root)
    assert made.out == "Made the connector store live.db.\n"


def test_an_environment_with_reviewed_plans_refuses_an_apply_of_its_own(tmp_path: Path) -> None:
    reviewed = PROJECT.replace("accounts: [es]", "requireReviewedPlan: true")
    root = shop(tmp_path, aliconf=reviewed)
    ended = aliconf("apply", "-e", "live", "--yes", cwd=root)
    assert (ended.code, ended.out) == (1, "")
    assert "aliconf.yaml:14:28: error[ALI958]: the environment live takes only" in ended.err
    assert not (root / "live.db").exists()
    assert aliconf("plan", "-e", "live", cwd=root).code == 0


def test_a_store_that_cannot_be_reached_is_shown_where_the_environment_names_it(
    tmp_path: Path,
) -> None:
    root = shop(tmp_path)
    (root / "staging.db").write_text("no database at all, and longer than a header of one " * 20)
    ended = aliconf("plan", "-e", "staging", cwd=root)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("aliconf.yaml:10:18: error[ALI91")


@settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(seed=st.integers(0, 2**32))
def test_whatever_stands_in_an_overlay_is_a_finding_or_a_plan(seed: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root, by = Path(directory), random.Random(seed)
        shop(root)
        found = [document.raw() for document in load(root).documents]
        documents = [mutated(document, by, 0.05) for document in by.choices(found[1:], k=3)]
        text = yaml.safe_dump_all(json.loads(json.dumps(documents, default=str)))
        (root / "overlays/common.yaml").write_text(text, encoding="utf-8")
        assert aliconf("validate", cwd=root).code in {0, 1}
        planned = aliconf("plan", "-e", "staging", cwd=root)
        rendered = aliconf("render", "-e", "staging", "--origins", cwd=root)
        assert (planned.code, rendered.code) in {(0, 0), (1, 1), (1, 0)}
