"""``plan --since``: which changes come from the branch, on real repositories and a real store."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from jsonschema import Draft7Validator

from aliconf.report.plan_schema import plan_schema
from tests import shops
from tests.command import Ended, aliconf, write
from tests.shops import shop
from tests.test_against import commit, git

IMAGES = """\
apiVersion: aliconf/v1
kind: ImagePolicy
metadata:
  name: big
spec:
  title: Big images
  maxImages: 3
"""


def inventory(name: str, title: str, values: str = "safetyStock: 1") -> str:
    """An inventory policy."""
    return (
        "apiVersion: aliconf/v1\nkind: InventoryPolicy\n"
        f"metadata:\n  name: {name}\nspec:\n  title: {title}\n  {values}\n"
    )


STOCK = inventory("stock", "Stock")
MORE = inventory("more", "More")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that is committed on main and applied."""
    root = tmp_path_factory.mktemp("since")
    git(root, "init", "--quiet")
    write(root, {".gitignore": ".aliconf/\n"})
    shop(root, images=IMAGES, stock=STOCK)
    commit(root)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    return root


@pytest.fixture
def root(first: Path, tmp_path: Path) -> Path:
    return shutil.copytree(first, tmp_path / "shop")


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new), encoding="utf-8")


def merged(root: Path, file: str, old: str, new: str) -> None:
    """A change on main, committed and not applied."""
    edit(root, file, old, new)
    commit(root)


def branch(root: Path) -> None:
    git(root, "checkout", "--quiet", "-b", "feature")


def by_hand(root: Path, *statements: str) -> None:
    """What an administrator does to the store."""
    with sqlite3.connect(root / ".aliconf" / "connector.db") as store:
        for statement in statements:
            store.execute(statement)
    store.close()


def plan(root: Path, *options: str, ref: str = "main") -> Ended:
    ended = aliconf("plan", "--since", ref, *options, cwd=root)
    return replace(ended, out=shops.one_id(ended.out))


def data(root: Path, *options: str, ref: str = "main") -> dict[str, Any]:
    ended = plan(root, "--format", "json", *options, ref=ref)
    assert (ended.code, ended.err) == (0, "")
    found: dict[str, Any] = json.loads(ended.out)
    return found


def told(plan: dict[str, Any], of: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """What is told of each change and adoption, and of each field of which it is something else."""
    found = {f"adopt {one['kind']}/{one['name']}": of(one) for one in plan["adoptions"]}
    for change in plan["changes"]:
        name = f"{change['action']} {change['kind']}/{change['name']}"
        found[name] = of(change)
        for field in change["fields"]:
            if of(field) != of(change):
                found[f"{name} {field['path']}"] = of(field)
    return found


def causes(root: Path, *options: str, ref: str = "main") -> dict[str, str | None]:
    """The cause of each change and adoption, and of each field that has another one."""
    return told(data(root, *options, ref=ref), itemgetter("cause"))


def head(root: Path) -> str:
    return git(root, "rev-parse", "--short=7", "HEAD").strip()


def everything(root: Path) -> str:
    """A change of the branch, one that is not applied yet, and drift, one of them beside an edit of
    the branch. Returns the merge base."""
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    base = head(root)
    branch(root)
    edit(root, "pricing.yaml", "12", "15")
    by_hand(
        root,
        "UPDATE policy SET body = json_set(body, '$.maxImages', 6) WHERE name = 'big'",
        "UPDATE policy SET body = json_set(body, '$.priceAttribute', 'msrp') WHERE name = 'markup'",
    )
    return base


def test_each_change_that_is_not_the_branchs_says_so(root: Path) -> None:
    base = everything(root)
    assert plan(root) == Ended(
        0,
        dedent("""\
            shop → .aliconf/connector.db (c-7f31a2b4)

            ~ ImagePolicy/big "Big images"  ! not from this branch: drift
                  maxImages: 6 → 3                                          images.yaml:7:14
            ~ InventoryPolicy/stock "Stock"  ! not from this branch: not applied yet
                  safetyStock: 1 → 5                                         stock.yaml:7:16
            ~ PricingPolicy/markup "Markup"
                  priceAttribute: msrp → price                                   the default
                    ! not from this branch: drift
                  adjustments[0].increaseByPercent: 12 → 15                pricing.yaml:9:26
                  used by 1: ListingTemplate/everything (default)
        """)
        + shops.NEW_PRICES
        + f"Since main ({base}): 1 of 3 changes comes from this branch, only in part; 1 is\n"
        "  not applied yet, 1 is drift.\n"
        "Plan: 3 to update.\n",
        "",
    )


def test_colours_mark_what_is_not_the_branchs(root: Path) -> None:
    everything(root)
    ended = aliconf("plan", "--since", "main", cwd=root, environment={"FORCE_COLOR": "1"})
    assert '"Big images"  \x1b[33m! not from this branch: drift\x1b[0m\n' in ended.out


def test_the_reviewer_of_a_pull_request_sees_it_without_unfolding(root: Path) -> None:
    base = everything(root)
    lines = plan(root, "--format", "markdown").out.splitlines()
    assert [line for line in lines if line.startswith(("**Since", "<details", "| "))] == [
        f"**Since** `main` (`{base}`): 1 of 3 changes comes from this branch, only in part; "
        "1 is not applied yet, 1 is drift.",
        "<details open><summary><code>~ ImagePolicy/big</code> <code>Big images</code> · 1 value "
        "· ⚠ not from this branch: drift</summary>",
        "| Field | Now | Then | Where |",
        "| --- | --- | --- | --- |",
        "| `maxImages` | `6` | `3` | `images.yaml:7:14` |",
        "<details open><summary><code>~ InventoryPolicy/stock</code> <code>Stock</code> · 1 value "
        "· ⚠ not from this branch: not applied yet</summary>",
        "| Field | Now | Then | Where |",
        "| --- | --- | --- | --- |",
        "| `safetyStock` | `1` | `5` | `stock.yaml:7:16` |",
        "<details open><summary><code>~ PricingPolicy/markup</code> <code>Markup</code> · 2 values "
        "· used by 1 · ⚠ in part not from this branch</summary>",
        "| Field | Now | Then | Where | From |",
        "| --- | --- | --- | --- | --- |",
        "| `priceAttribute` | `msrp` | `price` | the default | drift |",
        "| `adjustments[0].increaseByPercent` | `12` | `15` | `pricing.yaml:9:26` | this branch |",
    ]


def test_the_page_says_it_too(root: Path) -> None:
    base = everything(root)
    page = plan(root, "--format", "html").out
    assert (
        f'<p class="where">Since main ({base}): 1 of 3 changes comes from this branch, only in '
        "part; 1 is not applied yet, 1 is drift.</p>"
    ) in page
    for words in ("not from this branch: drift", "in part not from this branch"):
        assert f'<small class="elsewhere">{words}</small></summary>' in page
    assert page.count('<th scope="col">From</th>') == 1
    assert '<td class="from">this branch</td></tr>' in page
    assert '<td class="from">drift</td></tr>' in page


def test_programs_get_the_cause_of_each_change_and_field(root: Path) -> None:
    everything(root)
    base = git(root, "rev-parse", "main").strip()
    found = data(root)
    assert found["since"] == {
        "ref": "main",
        "commit": base,
        "branch": 1,
        "partly": 1,
        "unapplied": 1,
        "drift": 1,
        "behind": 0,
        "unknown": 0,
        "also": {"unapplied": 0, "behind": 0, "drift": 0},
    }
    assert causes(root) == {
        "update ImagePolicy/big": "drift",
        "update InventoryPolicy/stock": "unapplied",
        "update PricingPolicy/markup": "branch",
        "update PricingPolicy/markup priceAttribute": "drift",
    }


def test_without_it_nothing_is_said_and_nothing_is_asked(root: Path) -> None:
    everything(root)
    shutil.rmtree(root / ".git")
    ended = aliconf("plan", "--format", "json", cwd=root)
    found = json.loads(ended.out)
    assert found["since"] is None
    assert {change["cause"] for change in found["changes"]} == {None}
    assert {field["cause"] for change in found["changes"] for field in change["fields"]} == {None}
    assert "branch" not in aliconf("plan", cwd=root).out


def test_without_it_nothing_of_it_is_loaded(root: Path) -> None:
    script = (
        "import sys; from aliconf.cli.main import main\n"
        "try: main(['plan'])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name in {'aliconf.plan.since', "
        "'aliconf.plan.explain', 'aliconf.config.earlier'}])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"


def test_a_plan_file_has_the_causes_and_the_digest_is_the_same(root: Path) -> None:
    everything(root)
    aliconf("plan", "--out", "plain.json", cwd=root)
    plan(root, "--out", "since.json")
    plain, since = (json.loads((root / f"{name}.json").read_text()) for name in ("plain", "since"))
    Draft7Validator(plan_schema()).validate(since)
    assert since["digest"] == plain["digest"]
    assert since["since"]["drift"] == 1
    assert [change["cause"] for change in since["changes"]] == ["drift", "unapplied", "branch"]
    ended = aliconf("apply", "since.json", cwd=root)
    assert (ended.code, ended.err) == (0, "")
    assert aliconf("plan", "--detailed-exitcode", cwd=root).code == 0


def test_a_plan_without_changes_has_nothing_to_say(root: Path) -> None:
    assert "Since" not in plan(root).out
    assert "Since" not in plan(root, "--format", "markdown").out
    assert data(root)["since"]["branch"] == 0


def test_one_change_is_told_as_one(root: Path) -> None:
    branch(root)
    edit(root, "stock.yaml", "safetyStock: 1", "safetyStock: 2")
    told = {"branch": plan(root).out}
    git(root, "commit", "--quiet", "--all", "--message", "Two")
    git(root, "branch", "--force", "main")
    told["unapplied"] = plan(root).out
    base = head(root)
    lines = {cause: out.partition("\nSince ")[2] for cause, out in told.items()}
    assert lines["branch"].partition(": ")[2] == (
        "the one change comes from this branch.\nPlan: 1 to update.\n"
    )
    assert lines["unapplied"] == (
        f"main ({base}): the one change does not come from this branch: it is not\n"
        "  applied yet.\nPlan: 1 to update.\n"
    )


# Objects that come and go


def test_an_object_that_the_branch_adds_is_the_branchs(root: Path) -> None:
    branch(root)
    write(root, {"more.yaml": MORE})  # not even added to git
    assert causes(root) == {"create InventoryPolicy/more": "branch"}


def test_an_object_that_was_merged_is_not_applied_yet(root: Path) -> None:
    write(root, {"more.yaml": MORE})
    commit(root)
    branch(root)
    assert causes(root) == {"create InventoryPolicy/more": "unapplied"}
    edit(root, "more.yaml", "safetyStock: 1", "safetyStock: 9")
    assert causes(root) == {
        "create InventoryPolicy/more": "branch",
        "create InventoryPolicy/more title": "unapplied",
    }


def test_an_object_that_somebody_deleted_is_drift(root: Path) -> None:
    branch(root)
    by_hand(root, "DELETE FROM policy WHERE name = 'stock'")
    assert causes(root) == {"create InventoryPolicy/stock": "drift"}


def test_a_document_that_goes_is_the_branchs_or_was_merged(root: Path) -> None:
    (root / "stock.yaml").unlink()
    assert causes(root) == {"delete InventoryPolicy/stock": "branch"}
    commit(root)
    branch(root)
    assert causes(root) == {"delete InventoryPolicy/stock": "unapplied"}


def test_an_object_that_somebody_made_the_projects_is_drift(root: Path) -> None:
    branch(root)
    by_hand(
        root,
        "INSERT INTO policy (kind, name, title, body, labels, protect, managed_by, "
        "system_generated, created_at, updated_at) SELECT kind, 'extra', 'Extra', body, labels, "
        "protect, managed_by, 0, created_at, updated_at FROM policy WHERE name = 'stock'",
    )
    assert causes(root) == {"delete InventoryPolicy/extra": "drift"}
    write(root, {"extra.yaml": inventory("extra", "Extra", "safetyStock: 2")})
    assert causes(root) == {"update InventoryPolicy/extra": "branch"}
    commit(root)
    git(root, "branch", "--force", "main")
    assert causes(root) == {"update InventoryPolicy/extra": "drift"}


def test_an_object_that_somebody_let_go_is_drift_and_one_to_be_adopted_is_not(root: Path) -> None:
    write(root, {"generated.yaml": inventory("default", "Shared stock")})
    adopted = "adopt InventoryPolicy/default"
    assert causes(root) == {adopted: "branch"}
    commit(root)
    branch(root)
    assert causes(root) == {adopted: "unapplied"}
    edit(root, "generated.yaml", "safetyStock: 1", "safetyStock: 2")
    assert causes(root) == {adopted: "branch", f"{adopted} title": "unapplied"}
    git(root, "checkout", "--quiet", "generated.yaml")
    assert aliconf("apply", "--yes", cwd=root).code == 0
    by_hand(root, "UPDATE policy SET managed_by = NULL WHERE title = 'Shared stock'")
    assert causes(root) == {adopted: "drift"}


def test_a_release_is_told_like_a_deletion(root: Path) -> None:
    write(root, {"generated.yaml": inventory("default", "Shared")})
    commit(root)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    (root / "generated.yaml").unlink()
    assert causes(root) == {"release InventoryPolicy/default": "branch"}
    commit(root)
    branch(root)
    assert causes(root) == {"release InventoryPolicy/default": "unapplied"}


def with_move(*moves: tuple[str, str]) -> str:
    entries = ", ".join(f"{{kind: InventoryPolicy, from: {old}, to: {new}}}" for old, new in moves)
    return dedent(shops.PROJECT).strip() + f"\n  moved: [{entries}]\n"


def renamed(root: Path) -> str:
    """The inventory policy gets another name; what a plan says of it."""
    edit(root, "stock.yaml", "name: stock", "name: shelf")
    write(root, {"aliconf.yaml": with_move(("stock", "shelf"))})
    return "move InventoryPolicy/shelf"


def test_a_move_is_the_branchs_unless_it_was_merged(root: Path) -> None:
    move = renamed(root)
    assert causes(root) == {move: "branch"}
    commit(root)
    branch(root)
    assert causes(root) == {move: "unapplied"}
    edit(root, "stock.yaml", "safetyStock: 1", "safetyStock: 2")
    by_hand(root, "UPDATE policy SET title = 'Shelves' WHERE name = 'stock'")
    assert causes(root) == {move: "branch", f"{move} title": "drift"}


def test_a_move_that_somebody_took_back_is_drift(root: Path) -> None:
    move = renamed(root)
    commit(root)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    branch(root)
    by_hand(root, "UPDATE policy SET name = 'stock' WHERE name = 'shelf'")
    assert causes(root) == {move: "drift"}
    edit(root, "stock.yaml", "name: shelf", "name: rack")
    write(root, {"aliconf.yaml": with_move(("stock", "shelf"), ("shelf", "rack"))})
    assert causes(root) == {"move InventoryPolicy/rack": "branch"}


def test_what_the_connector_generates_comes_with_the_first_account(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    shop(tmp_path, account=None, template=None)
    commit(tmp_path)
    branch(tmp_path)
    write(tmp_path, {"account.yaml": shops.ACCOUNT})
    found = causes(tmp_path)
    assert Counter(found.values()) == {"branch": 6, "unapplied": 2}
    assert found["create PricingPolicy/markup"] == "unapplied"
    commit(tmp_path)
    assert Counter(causes(tmp_path, ref="HEAD").values()) == {"unapplied": 8}
    markdown = plan(tmp_path, "--format", "markdown", ref="HEAD").out
    (line,) = (line for line in markdown.splitlines() if line.startswith("Generated"))
    assert line.endswith("`SynchronizationPolicy/default` · not from this branch: not applied yet")


def test_the_rows_of_many_new_objects_say_it_too(tmp_path: Path) -> None:
    policies = "---\n".join(inventory(f"more-{n}", f"More {n}") for n in range(101))
    git(tmp_path, "init", "--quiet")
    shop(tmp_path, more=policies, account=None, template=None)
    commit(tmp_path)
    lines = plan(tmp_path, ref="HEAD").out.splitlines()
    assert '+ InventoryPolicy/more-7 "More 7"  ! not from this branch: not applied yet' in lines


def test_a_mark_that_finds_no_room_is_below_its_object(root: Path) -> None:
    long = "A title that leaves no room for anything else on the line"
    merged(root, "stock.yaml", "title: Stock", f"title: {long}")
    branch(root)
    lines = plan(root).out.splitlines()
    assert lines[2:4] == [
        f'~ InventoryPolicy/stock "{long}"',
        "      ! not from this branch: not applied yet",
    ]


# Fields that are no part of the body


def test_labels_protection_and_the_default_have_causes_of_their_own(root: Path) -> None:
    other = dedent(shops.PRICING).replace("markup", "other").replace("Markup", "Other")
    write(root, {"other.yaml": other.replace("  default: true\n", "")})
    merged(root, "stock.yaml", "name: stock", "name: stock\n  labels: {team: a}")
    assert aliconf("apply", "--yes", cwd=root).code == 0
    branch(root)
    by_hand(
        root,
        'UPDATE policy SET labels = \'{"team":"b","extra":"c"}\' WHERE name = \'stock\'',
        "UPDATE policy SET protect = 1 WHERE name = 'big'",
        "UPDATE policy_default SET policy = 'other' WHERE kind = 'PricingPolicy'",
    )
    assert causes(root) == {
        "update ImagePolicy/big": "drift",
        "update InventoryPolicy/stock": "drift",
        "update PricingPolicy/markup": "drift",
    }
    edit(root, "stock.yaml", "team: a", "team: c")
    edit(root, "images.yaml", "spec:", "lifecycle: {protect: false}\nspec:")
    assert causes(root) == {
        "update ImagePolicy/big": "drift",
        "update InventoryPolicy/stock": "branch",
        "update InventoryPolicy/stock metadata.labels.extra": "drift",
        "update PricingPolicy/markup": "drift",
    }


def test_a_default_that_was_merged_is_not_applied_yet(root: Path) -> None:
    edit(root, "stock.yaml", "title: Stock", "title: Stock\n  default: true")
    assert causes(root) == {"update InventoryPolicy/stock": "branch"}
    commit(root)
    branch(root)
    assert causes(root) == {"update InventoryPolicy/stock": "unapplied"}


def test_items_of_lists_are_told_one_by_one_as_far_as_they_can_be(root: Path) -> None:
    two = "increaseByPercent: 12\n    - increaseByAmount: 3"
    merged(root, "pricing.yaml", "increaseByPercent: 12", two)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    branch(root)
    edit(root, "pricing.yaml", "Percent: 12", "Percent: 15")
    by_hand(
        root,
        "UPDATE policy SET body = json_set(body, '$.adjustments[1].increaseByAmount', '4') "
        "WHERE name = 'markup'",
    )
    changed = "update PricingPolicy/markup"
    assert causes(root) == {
        changed: "branch",
        f"{changed} adjustments[1].increaseByAmount": "drift",
    }
    by_hand(
        root,
        "UPDATE policy SET body = json_set(body, '$.adjustments', json('[]')) "
        "WHERE name = 'markup'",
    )
    assert causes(root) == {changed: "branch"}
    git(root, "checkout", "--quiet", "pricing.yaml")
    assert causes(root) == {changed: "drift"}


def test_an_item_that_stands_elsewhere_in_the_connector_is_told_with_its_list(root: Path) -> None:
    write(
        root,
        {
            "observed.yaml": """
            apiVersion: aliconf/v1
            kind: SynchronizationPolicy
            metadata: {name: observed}
            spec: {title: Observed, observedAttributes: [b, c, e, price]}
            """
        },
    )
    commit(root)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    branch(root)
    edit(root, "observed.yaml", "[b, c,", "[b, d,")
    by_hand(
        root,
        "UPDATE policy SET body = json_set(body, '$.observedAttributes', "
        """json('["a","b","c","e"]')) WHERE name = 'observed'""",
    )
    # Their difference calls c, which the branch replaces, item 2: that is e in the documents.
    assert causes(root) == {"update SynchronizationPolicy/observed": "branch"}


def test_a_value_that_another_policy_gives_is_of_who_changed_that_one(root: Path) -> None:
    write(root, {"based.yaml": inventory("based", "Based", "basedOn: stock")})
    commit(root)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    edit(root, "stock.yaml", "safetyStock: 1", "safetyStock: 2")
    expected = ["update InventoryPolicy/based", "update InventoryPolicy/stock"]
    assert causes(root) == dict.fromkeys(expected, "branch")
    commit(root)
    branch(root)
    assert causes(root) == dict.fromkeys(expected, "unapplied")


def test_a_body_that_is_no_json_is_drift(root: Path) -> None:
    branch(root)
    by_hand(root, "UPDATE policy SET body = 'broken' WHERE name = 'stock'")
    assert set(causes(root).values()) == {"drift"}
