"""``plan --since`` where one change lies over another: which of them the reader has to know of."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from jsonschema import Draft7Validator

from aliconf.report.plan_schema import plan_schema
from tests import shops
from tests.command import aliconf, write
from tests.test_against import commit, git
from tests.test_since import (
    branch,
    by_hand,
    causes,
    data,
    edit,
    first,
    head,
    merged,
    plan,
    root,
    told,
)

__all__ = ["first", "root"]


def layers(root: Path) -> str:
    """Changes that lie over others: the branch's over what was merged and over drift, and drift
    over what was merged. Returns the merge base."""
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    merged(root, "images.yaml", "maxImages: 3", "maxImages: 4")
    base = head(root)
    branch(root)
    edit(root, "images.yaml", "maxImages: 4", "maxImages: 5")
    edit(root, "pricing.yaml", "12", "15")
    by_hand(
        root,
        "UPDATE policy SET body = json_set(body, '$.safetyStock', 9) WHERE name = 'stock'",
        "UPDATE policy SET body = json_set(body, '$.priceAttribute', 'msrp', "
        "'$.adjustments[0].increaseByPercent', '13') WHERE name = 'markup'",
    )
    return base


def test_what_a_change_lies_over_is_said_as_well(root: Path) -> None:
    base = layers(root)
    ended = plan(root)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.partition("\n\n")[2] == dedent("""\
        ~ ImagePolicy/big "Big images"  ! over what is not applied yet
              maxImages: 3 → 5                                          images.yaml:7:14
        ~ InventoryPolicy/stock "Stock"
              ! not from this branch: drift, over what is not applied yet
              safetyStock: 9 → 5                                         stock.yaml:7:16
        ~ PricingPolicy/markup "Markup"
              priceAttribute: msrp → price                                   the default
                ! not from this branch: drift
              adjustments[0].increaseByPercent: 13 → 15                pricing.yaml:9:26
                ! over drift
              used by 1: ListingTemplate/everything (default)
    """) + (
        shops.NEW_PRICES
        + f"Since main ({base}): 2 of 3 changes come from this branch, 1 only in part; 1 is\n"
        "  drift. Of all 3, 2 lie over what is not applied yet, 1 over drift.\n"
        "Plan: 3 to update.\n"
    )


def test_the_other_reports_say_what_a_change_lies_over(root: Path) -> None:
    base = layers(root)
    lines = plan(root, "--format", "markdown").out.splitlines()
    assert [line for line in lines if line.startswith(("**Since", "<details", "| `"))] == [
        f"**Since** `main` (`{base}`): 2 of 3 changes come from this branch, 1 only in part; "
        "1 is drift. Of all 3, 2 lie over what is not applied yet, 1 over drift.",
        "<details open><summary><code>~ ImagePolicy/big</code> <code>Big images</code> · 1 value "
        "· ⚠ over what is not applied yet</summary>",
        "| `maxImages` | `3` | `5` | `images.yaml:7:14` |",
        "<details open><summary><code>~ InventoryPolicy/stock</code> <code>Stock</code> · 1 value "
        "· ⚠ not from this branch: drift, over what is not applied yet</summary>",
        "| `safetyStock` | `9` | `5` | `stock.yaml:7:16` |",
        "<details open><summary><code>~ PricingPolicy/markup</code> <code>Markup</code> · 2 values "
        "· used by 1 · ⚠ in part not from this branch, over drift</summary>",
        "| `priceAttribute` | `msrp` | `price` | the default | drift |",
        "| `adjustments[0].increaseByPercent` | `13` | `15` | `pricing.yaml:9:26` | this branch, "
        "over drift |",
    ]
    page = plan(root, "--format", "html").out
    for words in (
        "over what is not applied yet",
        "not from this branch: drift, over what is not applied yet",
        "in part not from this branch, over drift",
    ):
        assert f'<small class="elsewhere">{words}</small></summary>' in page
    assert '<td class="from">this branch, over drift</td></tr>' in page
    found = data(root)
    Draft7Validator(plan_schema()).validate(found)
    assert found["since"]["also"] == {"unapplied": 2, "behind": 0, "drift": 1}
    assert [
        (change["cause"], change["also"], [(one["cause"], one["also"]) for one in change["fields"]])
        for change in found["changes"]
    ] == [
        ("branch", ["unapplied"], [("branch", ["unapplied"])]),
        ("drift", ["unapplied"], [("drift", ["unapplied"])]),
        ("branch", ["drift"], [("drift", []), ("branch", ["drift"])]),
    ]


def layered(root: Path) -> dict[str, list[str]]:
    """All causes of each change, the one that it is counted as first, and of each field that has
    others."""
    return told(data(root), lambda one: [one["cause"], *one["also"]])


def test_one_change_over_another_is_told_as_one(root: Path) -> None:
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    branch(root)
    by_hand(
        root, "UPDATE policy SET body = json_set(body, '$.safetyStock', 9) WHERE name = 'stock'"
    )
    since = " ".join(plan(root).out.split()).partition("Since main (")[2].partition(": ")[2]
    assert since == (
        "the one change does not come from this branch: it is drift, over what is not applied yet. "
        "Plan: 1 to update."
    )
    edit(root, "stock.yaml", "safetyStock: 5", "safetyStock: 7")
    assert layered(root) == {"update InventoryPolicy/stock": ["branch", "drift", "unapplied"]}
    since = " ".join(plan(root).out.split()).partition("Since main (")[2].partition(": ")[2]
    assert since == (
        "the one change comes from this branch, over what is not applied yet, over drift. "
        "Plan: 1 to update."
    )


def test_who_did_by_hand_what_was_merged_is_not_overwritten(root: Path) -> None:
    """The plan shows what the branch's own diff does."""
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    branch(root)
    edit(root, "stock.yaml", "safetyStock: 5", "safetyStock: 7")
    by_hand(
        root, "UPDATE policy SET body = json_set(body, '$.safetyStock', 5) WHERE name = 'stock'"
    )
    assert layered(root) == {"update InventoryPolicy/stock": ["branch"]}


def test_a_deletion_says_that_somebody_had_changed_what_goes(root: Path) -> None:
    by_hand(root, "UPDATE policy SET body = json_set(body, '$.maxImages', 6) WHERE name = 'big'")
    for file in ("images.yaml", "stock.yaml"):
        (root / file).unlink()
    assert layered(root) == {
        "delete InventoryPolicy/stock": ["branch"],
        "delete ImagePolicy/big": ["branch", "drift"],
    }
    assert '- ImagePolicy/big "Big images"  ! over drift' in plan(root).out.splitlines()
    commit(root)
    branch(root)
    assert layered(root) == {
        "delete InventoryPolicy/stock": ["unapplied"],
        "delete ImagePolicy/big": ["unapplied", "drift"],
    }


def test_what_somebody_deleted_comes_back_as_it_was_merged_since(root: Path) -> None:
    labelled = "name: stock\n  labels: {team: a}\nlifecycle: {protect: true}"
    merged(root, "stock.yaml", "name: stock", labelled)
    merged(root, "stock.yaml", "title: Stock", "title: Stock\n  default: true")
    branch(root)
    by_hand(root, "DELETE FROM policy WHERE name IN ('stock', 'big')", "DELETE FROM account")
    recreated = "create InventoryPolicy/stock"
    assert layered(root) == {
        "create Account/es": ["drift"],
        "create ImagePolicy/big": ["drift"],
        recreated: ["drift", "unapplied"],
        f"{recreated} title": ["drift"],
        f"{recreated} safetyStock": ["drift"],
    }
    edit(root, "stock.yaml", "safetyStock: 1", "safetyStock: 2")
    assert layered(root)[recreated] == ["branch", "unapplied"]


def test_what_is_no_part_of_the_body_can_lie_over_drift_too(root: Path) -> None:
    other = dedent(shops.PRICING).replace("markup", "other").replace("Markup", "Other")
    third = other.replace("other", "third").replace("Other", "Third")
    write(root, {"other.yaml": other.replace("  default: true\n", "")})
    write(root, {"third.yaml": third.replace("  default: true\n", "")})
    merged(root, "stock.yaml", "name: stock", "name: stock\n  labels: {team: a}")
    assert aliconf("apply", "--yes", cwd=root).code == 0
    merged(root, "stock.yaml", "team: a", "team: b")
    branch(root)
    by_hand(
        root,
        "UPDATE policy SET labels = '{\"team\":\"x\"}' WHERE name = 'stock'",
        "UPDATE policy_default SET policy = 'other' WHERE kind = 'PricingPolicy'",
        "UPDATE policy SET protect = 1 WHERE name = 'big'",
    )
    assert layered(root) == {
        "update ImagePolicy/big": ["drift"],
        "update InventoryPolicy/stock": ["drift", "unapplied"],
        "update PricingPolicy/markup": ["drift"],
    }
    edit(root, "stock.yaml", "team: b", "team: c")
    edit(root, "pricing.yaml", "  default: true\n", "")
    edit(root, "third.yaml", "title: Third", "title: Third\n  default: true")
    assert layered(root) == {
        "update ImagePolicy/big": ["drift"],
        "update InventoryPolicy/stock": ["branch", "drift", "unapplied"],
        "update PricingPolicy/third": ["branch", "drift"],
    }


def test_drift_can_hide_that_the_branch_lags_behind(root: Path) -> None:
    base = head(root)
    branch(root)
    git(root, "checkout", "--quiet", "main")
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    assert aliconf("apply", "--yes", cwd=root).code == 0
    git(root, "checkout", "--quiet", "feature")
    by_hand(
        root, "UPDATE policy SET body = json_set(body, '$.safetyStock', 9) WHERE name = 'stock'"
    )
    lines = plan(root).out.splitlines()
    assert lines[2:5] == [
        '~ InventoryPolicy/stock "Stock"',
        "      ! not from this branch: drift, over what this branch lacks",
        "      safetyStock: 9 → 1                                         stock.yaml:7:16",
    ]
    takes_back = "applying this plan would take back InventoryPolicy/stock"
    assert [line.partition(": ")[2] for line in lines if "ALI536" in line] == [
        f"main has moved on since {base}, where this branch begins: {takes_back}"
    ]
    edit(root, "stock.yaml", "safetyStock: 1", "safetyStock: 2")
    assert layered(root) == {"update InventoryPolicy/stock": ["branch", "drift", "behind"]}
    assert takes_back in plan(root).out
    edit(root, "stock.yaml", "safetyStock: 2", "safetyStock: 1")
    by_hand(
        root, "UPDATE policy SET body = json_set(body, '$.safetyStock', 5) WHERE name = 'stock'"
    )
    edit(root, "stock.yaml", "title: Stock", "title: Shelf")
    assert causes(root) == {
        "update InventoryPolicy/stock": "branch",
        "update InventoryPolicy/stock safetyStock": "behind",
    }
    assert takes_back in plan(root).out
