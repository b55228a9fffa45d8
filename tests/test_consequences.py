"""What follows from applying a plan: how it is undone, and the command that applies exactly it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from aliconf.report.consequences import rhythm
from tests import shops
from tests.command import aliconf, write
from tests.shops import shop
from tests.test_apply import answered
from tests.test_look_twice import edit, planned

STOCK = """
    apiVersion: aliconf/v1
    kind: InventoryPolicy
    metadata: {name: NAME}
    spec: {title: TITLE, safetyStock: 1}
"""


def stock(name: str, title: str) -> str:
    return STOCK.replace("NAME", name).replace("TITLE", title)


FIRST = {
    "aliconf.yaml": shops.PROJECT,
    "account.yaml": shops.ACCOUNT,
    "pricing.yaml": shops.PRICING,
    "template.yaml": shops.TEMPLATE,
    "stock.yaml": stock("stock", "Stock"),
}
OUTLET = (
    shops.PRICING.replace("markup", "outlet")
    .replace("Markup", "Outlet")
    .replace("default: true", "default: false")
)


class Scene(NamedTuple):
    before: dict[str, str | None]
    """The files that the applied shop has beside those of `FIRST`; None takes one away."""
    after: dict[str, str | None]
    """What becomes of them."""
    does: set[str]
    undo: str
    back: set[str]
    """What a plan does once the earlier files are back, after an apply."""


MOVED = shops.PROJECT.rstrip() + (
    "\n      moved: [{kind: InventoryPolicy, from: stock, to: shelf}]\n"
)
VALUES = (
    "That brings back what the configuration said, not what somebody else changed in the connector."
)
SCENES = {
    "update": Scene(
        {},
        {"stock.yaml": stock("stock", "Shelf")},
        {"update InventoryPolicy/stock"},
        VALUES,
        {"update InventoryPolicy/stock"},
    ),
    "create": Scene(
        {},
        {"more.yaml": stock("more", "More")},
        {"create InventoryPolicy/more"},
        "What this plan creates is deleted then, unless it is protected.",
        {"delete InventoryPolicy/more"},
    ),
    "create an account": Scene(
        {},
        {"fr.yaml": shops.ACCOUNT.replace("es", "fr").replace("ES", "FR")},
        {"create Account/fr"},
        "What this plan creates is deleted then, unless it is protected; the names of accounts "
        "stay reserved with their regions.",
        {"delete Account/fr"},
    ),
    "delete": Scene(
        {},
        {"stock.yaml": None},
        {"delete InventoryPolicy/stock"},
        "What it deletes is created anew.",
        {"create InventoryPolicy/stock"},
    ),
    "delete an account": Scene(
        {"template.yaml": None},
        {"account.yaml": None},
        {"delete Account/es"},
        "What it deletes is created anew: an account in the same region only, and to be connected "
        "again.",
        {"create Account/es"},
    ),
    "adopt": Scene(
        {},
        {"generated.yaml": stock("default", "Shared")},
        {"adopt InventoryPolicy/default"},
        f"{VALUES} What it adopts is not handed back, but deleted, unless it is protected or "
        "system-generated, which is released.",
        {"release InventoryPolicy/default"},
    ),
    "release": Scene(
        {"generated.yaml": stock("default", "Shared")},
        {"generated.yaml": None},
        {"release InventoryPolicy/default"},
        "What it releases is adopted again.",
        {"adopt InventoryPolicy/default"},
    ),
    "move": Scene(
        {},
        {"stock.yaml": stock("shelf", "Stock"), "aliconf.yaml": MOVED},
        {"move InventoryPolicy/shelf"},
        f"{VALUES} A name goes back only by an entry in `moved` the other way round.",
        {"create InventoryPolicy/stock", "delete InventoryPolicy/shelf"},
    ),
    "move a default": Scene(
        {"pricing.yaml": shops.PRICING.replace("      default: true\n", ""), "outlet.yaml": OUTLET},
        {"outlet.yaml": OUTLET.replace("default: false", "default: true")},
        {"update PricingPolicy/outlet"},
        f"{VALUES} A default that moves stays moved, unless the earlier documents say "
        "`default: true` of another policy.",
        set(),
    ),
}


def put(root: Path, files: dict[str, str | None]) -> None:
    for name, text in files.items():
        (root / name).unlink(missing_ok=True)
        write(root, {name: text} if text is not None else {})


def does(plan: dict[str, Any]) -> set[str]:
    changes = [f"{one['action']} {one['kind']}/{one['name']}" for one in plan["changes"]]
    return {*changes, *(f"adopt {one['kind']}/{one['name']}" for one in plan["adoptions"])}


@pytest.mark.parametrize("name", SCENES)
def test_a_plan_says_what_reverting_it_will_do_and_that_is_what_it_does(
    name: str, tmp_path: Path
) -> None:
    scene = SCENES[name]
    shop(tmp_path)
    earlier = {**FIRST, **scene.before}
    put(tmp_path, earlier)
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    put(tmp_path, scene.after)
    plan = planned(tmp_path)
    assert does(plan) == scene.does
    undo = "`git revert` the commits, then plan and apply."
    assert plan["undo"] == f"{undo} {scene.undo}"
    # The terminal leaves out what is so of every change of values.
    rest = scene.undo.removeprefix(VALUES).strip()
    text = " ".join(aliconf("plan", cwd=tmp_path).out.split())
    assert text.partition("Undo: ")[2].partition(" Plan: ")[0] == f"{undo} {rest}".strip()

    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    put(tmp_path, dict.fromkeys(scene.after))
    put(tmp_path, {file: text for file, text in earlier.items() if file in scene.after})
    assert does(planned(tmp_path)) == scene.back


def test_what_the_first_account_brings_stays(tmp_path: Path) -> None:
    assert planned(shop(tmp_path))["undo"] == (
        "`git revert` the commits, then plan and apply. What this plan creates is deleted then, "
        "unless it is protected; the names of accounts stay reserved with their regions. What is "
        "generated stays."
    )


def exactly(root: Path) -> str:
    """The command in the last line of a plan on a terminal."""
    code, seen = answered(root, b"", command="plan")
    assert code == 0
    last = seen.splitlines()[-1]
    label, _, rest = last.partition(": ")
    command, _, end = rest.partition("\x1b")
    assert (label, end) == ("\x1b[2mExactly this", "[0m")
    return command


def test_on_a_terminal_a_plan_ends_with_the_command_that_applies_exactly_it(
    tmp_path: Path,
) -> None:
    command = exactly(shop(tmp_path))
    assert command == f"aliconf apply --digest {planned(tmp_path)['digest']}"
    assert "Exactly this" not in aliconf("plan", cwd=tmp_path).out
    assert "Exactly this" not in aliconf("plan", cwd=tmp_path, environment={"FORCE_COLOR": "1"}).out
    edit(tmp_path, "pricing.yaml", "12", "15")
    assert aliconf(*shlex.split(command)[1:], cwd=tmp_path).code == 1
    edit(tmp_path, "pricing.yaml", "15", "12")
    assert aliconf(*shlex.split(command)[1:], cwd=tmp_path).code == 0
    code, seen = answered(tmp_path, b"", command="plan")
    assert (code, "Exactly this" in seen, "no changes" in seen) == (0, False, True)


def test_the_command_of_an_environment_names_it(tmp_path: Path) -> None:
    environments = "\n      environments: {live: {connector: 'sqlite:///live.db'}}\n"
    shop(tmp_path, aliconf=shops.PROJECT.rstrip() + environments)
    code, seen = answered(tmp_path, b"", command="plan -e live")
    assert code == 0
    data = json.loads(aliconf("plan", "-e", "live", "--format", "json", cwd=tmp_path).out)
    assert f"Exactly this: aliconf apply -e live --digest {data['digest']}\x1b[0m\r\n" in seen


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("", "the connector's own rhythm"),
        ("2h", "every 2h"),
        ("0 3 * * *", "daily 03:00"),
        ("5 14 * * *", "daily 14:05"),
        ("0 3 * * 1", "0 3 * * 1"),
        ("0 3 1 * *", "0 3 1 * *"),
        ("0 */6 * * *", "0 */6 * * *"),
        ("0,30 3 * * *", "0,30 3 * * *"),
        ("0 1-5 * * *", "0 1-5 * * *"),
    ],
)
def test_a_schedule_is_said_in_words_where_they_are_shorter(schedule: str, words: str) -> None:
    assert rhythm(schedule) == words


def test_a_plan_says_when_each_policy_synchronizes(tmp_path: Path) -> None:
    nightly = """
        apiVersion: aliconf/v1
        kind: SynchronizationPolicy
        metadata: {name: nightly}
        spec: {title: Nightly, default: true, schedule: {prices: "30 3 * * *"}}
        ---
        apiVersion: aliconf/v1
        kind: SynchronizationPolicy
        metadata: {name: weekly}
        spec: {title: Weekly, schedule: {prices: "0 4 * * 1"}}
    """
    french = shops.ACCOUNT.replace("es", "fr").replace("ES", "FR")
    write(tmp_path, {"nightly.yaml": nightly})
    write(tmp_path, {"fr.yaml": french.rstrip() + "\n      synchronizationPolicy: weekly\n"})
    template = shops.TEMPLATE.replace("[es]", "[es, fr]")
    assert aliconf("apply", "--yes", cwd=shop(tmp_path, template=template)).code == 0
    edit(tmp_path, "pricing.yaml", "12", "15")
    text = " ".join(aliconf("plan", cwd=tmp_path).out.split())
    assert text.partition("Takes effect: ")[2].partition(" Undo:")[0] == (
        "when applied; with the next synchronization of prices (daily 03:30, "
        "SynchronizationPolicy/nightly; 0 4 * * 1, SynchronizationPolicy/weekly)."
    )
