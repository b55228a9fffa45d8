"""What a plan says and refuses, over a real store."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from tests import shops
from tests.command import Ended, aliconf, sql, write
from tests.shops import shop, store


@pytest.fixture
def applied(tmp_path: Path) -> Path:
    """The small shop, applied."""
    shop(tmp_path)
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    return tmp_path


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def plan(root: Path, *options: str) -> Ended:
    ended = aliconf("plan", *options, cwd=root)
    return replace(ended, out=shops.one_id(ended.out))


def changes(root: Path) -> list[tuple[str, str]]:
    """Action and name of each change, in order."""
    data = json.loads(plan(root, "--format", "json").out)
    return [(change["action"], f"{change['kind']}/{change['name']}") for change in data["changes"]]


def test_the_first_plan_shows_everything_and_the_five_generated_policies(tmp_path: Path) -> None:
    ended = plan(shop(tmp_path))
    assert ended == Ended(
        0,
        dedent("""\
            shop → .aliconf/connector.db (does not exist yet)

            + Registration/main
                  email: ops@shop.example                             registration.yaml:6:10
                  acceptTerms: true                                   registration.yaml:7:16
            + PricingPolicy/markup "Markup"
                  title: Markup                                            pricing.yaml:6:10
                  adjustments: [{increaseByPercent: 12}]                    pricing.yaml:8:3
                  default: yes                                             pricing.yaml:7:12
                  used by 1: ListingTemplate/everything (default)
            + Account/es "Shop ES"
                  title: Shop ES                                           account.yaml:6:10
                  region: ES                                               account.yaml:7:11
                  storeView: es                                            account.yaml:8:14
                  currency: EUR                                            account.yaml:9:13
            + ImagePolicy/default "Default Image Policy" (generated)
            + InventoryPolicy/default "Default Inventory Policy" (generated)
            + PricingPolicy/default "Default Pricing Policy" (generated)
            + OrderPolicy/default "Default Order Policy" (generated)
            + SynchronizationPolicy/default "Default Synchronization Policy" (generated)
            + ListingTemplate/everything "Everything"
                  title: Everything                                       template.yaml:6:10
                  accounts: [es]                                          template.yaml:7:13
                  categoryId: 200000343                                   template.yaml:8:15
                  query.all: []                                          template.yaml:10:10

            Generated: the connector makes these once, with its first account.

            Not touched: 0 unchanged; 0 unmanaged.
            Takes effect: when applied; with the next synchronization of prices (the
              connector's own rhythm, SynchronizationPolicy/default), products (the
              connector's own rhythm, SynchronizationPolicy/default).
            Undo: `git revert` the commits, then plan and apply. What this plan creates is
              deleted then, unless it is protected; the names of accounts stay reserved with
              their regions. What is generated stays.
            Plan: 4 to create, 5 generated.
            """),
        "",
    )
    assert not store(tmp_path).exists(), "a plan creates nothing"


def test_a_plan_after_apply_is_empty_and_counts_what_is_there(applied: Path) -> None:
    assert plan(applied, "--detailed-exitcode") == Ended(
        0,
        dedent("""\
            shop → .aliconf/connector.db (c-7f31a2b4)

            Not touched: 4 unchanged (--full lists them); 5 unmanaged (--unmanaged lists
              them); the region of every account (1).
            Plan: no changes.
            """),
        "",
    )


def test_full_and_unmanaged_list_what_is_otherwise_counted(applied: Path) -> None:
    assert plan(applied, "--full", "--unmanaged").out == dedent("""\
        shop → .aliconf/connector.db (c-7f31a2b4)

        unchanged (4)
        = Registration/main
        = PricingPolicy/markup "Markup"
        = Account/es "Shop ES"
        = ListingTemplate/everything "Everything"

        unmanaged (5)
        · ImagePolicy/default "Default Image Policy"
        · InventoryPolicy/default "Default Inventory Policy"
        · PricingPolicy/default "Default Pricing Policy"
        · OrderPolicy/default "Default Order Policy"
        · SynchronizationPolicy/default "Default Synchronization Policy"

        Not touched: 4 unchanged; 5 unmanaged; the region of every account (1).
        Plan: no changes.
        """)


def test_an_update_shows_old_and_new_the_place_and_who_uses_it(applied: Path) -> None:
    edit(applied, "pricing.yaml", "12", "15")
    assert plan(applied, "--detailed-exitcode") == Ended(
        2,
        dedent("""\
            shop → .aliconf/connector.db (c-7f31a2b4)

            ~ PricingPolicy/markup "Markup"
                  adjustments[0].increaseByPercent: 12 → 15                pricing.yaml:9:26
                  used by 1: ListingTemplate/everything (default)
            """)
        + f"{shops.NEW_PRICES}Plan: 1 to update.\n",
        "",
    )


def test_values_of_a_base_policy_come_with_its_name_and_place(applied: Path) -> None:
    write(
        applied,
        {
            "sale.yaml": """
                apiVersion: aliconf/v1
                kind: PricingPolicy
                metadata:
                  name: sale
                spec:
                  title: Sale
                  basedOn: markup
                  maximum: 90
            """
        },
    )
    edit(applied, "template.yaml", "all: []", "all: []\n  pricingPolicy: sale")
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    edit(applied, "pricing.yaml", "12", "15")
    assert plan(applied).out == dedent("""\
        shop → .aliconf/connector.db (c-7f31a2b4)

        ~ PricingPolicy/markup "Markup"
              adjustments[0].increaseByPercent: 12 → 15                pricing.yaml:9:26
        ~ PricingPolicy/sale "Sale"
              adjustments[0].increaseByPercent: 12 → 15    from markup pricing.yaml:9:26
              used by 1: ListingTemplate/everything

        Not touched: 3 unchanged (--full lists them); 5 unmanaged (--unmanaged lists
          them); the region of every account (1).
        Takes effect: when applied; with the next synchronization of prices (the
          connector's own rhythm, SynchronizationPolicy/default).
        Undo: `git revert` the commits, then plan and apply.
        Plan: 2 to update.
        """)


def test_a_moved_default_names_everybody_who_takes_the_default(applied: Path) -> None:
    edit(applied, "pricing.yaml", "  default: true\n", "")
    write(
        applied, {"other.yaml": shops.PRICING.replace("markup", "other").replace("Markup", "Other")}
    )
    edit(applied, "template.yaml", "all: []", "all: []\n  priority: 100")
    data = json.loads(plan(applied, "--format", "json").out)
    assert [
        (
            change["name"],
            change["usedBy"],
            change["fields"][-1]["path"],
            change["fields"][-1]["old"],
        )
        for change in data["changes"]
    ] == [
        (
            "other",
            ["ListingTemplate/everything (default)"],
            "default",
            "no, PricingPolicy/markup is",
        )
    ]


def test_declaring_no_default_leaves_the_pointer(applied: Path) -> None:
    edit(applied, "pricing.yaml", "  default: true\n", "")
    assert changes(applied) == []


def test_a_region_change_is_refused_with_both_regions_the_place_and_the_way_out(
    applied: Path,
) -> None:
    edit(applied, "account.yaml", "region: ES", "region: FR")
    ended = plan(applied)
    assert ended == Ended(
        1,
        "",
        dedent("""\
            account.yaml:7:11: error[ALI501]: the region of an account never changes: ES in the connector, FR here
             7 |   region: FR
               |           ^^
              → Set it back to ES. To sell in FR, add a new account under a new name.
            """),
    )


def test_another_spelling_of_the_region_is_no_change(applied: Path) -> None:
    edit(applied, "account.yaml", "region: ES", "region: Spain")
    assert changes(applied) == []


def test_a_store_view_change_is_planned_and_warned_of(applied: Path) -> None:
    edit(applied, "account.yaml", "storeView: es", "storeView: es_new")
    ended = plan(applied)
    assert ended.code == 0
    assert ended.out == dedent("""\
        shop → .aliconf/connector.db (c-7f31a2b4)

        ~ Account/es "Shop ES"
              storeView: es → es_new                                   account.yaml:8:14

        account.yaml:8:14: warning[ALI509]: the store view changes from es to es_new: product data, descriptions and orders will come from there
         8 |   storeView: es_new
           |              ^^^^^^
          → Check that its language fits the account's region.

        Not touched: 3 unchanged (--full lists them); 5 unmanaged (--unmanaged lists
          them); the region of every account (1).
        Takes effect: when applied.
        Undo: `git revert` the commits, then plan and apply.
        Plan: 1 to update. 1 warning.
        """)


def test_the_name_of_a_deleted_account_stays_reserved_with_its_region(applied: Path) -> None:
    (applied / "account.yaml").unlink()
    (applied / "template.yaml").unlink()
    assert changes(applied) == [("delete", "ListingTemplate/everything"), ("delete", "Account/es")]
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    write(applied, {"account.yaml": shops.ACCOUNT.replace("region: ES", "region: IT")})
    ended = plan(applied)
    assert ended.code == 1
    assert ended.err == dedent("""\
        account.yaml:4:9: error[ALI502]: the name 'es' belonged to a deleted account in ES; it cannot come back in IT
         4 |   name: es
           |         ^^
          → Choose another name for the account in IT.
        """)
    edit(applied, "account.yaml", "region: IT", "region: ES")
    assert changes(applied) == [("create", "Account/es")]
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    assert changes(applied) == []


def test_the_generated_policies_come_once(applied: Path) -> None:
    sql(store(applied), "delete from policy where name = 'default' and kind = 'ImagePolicy'")
    write(applied, {"second.yaml": shops.ACCOUNT.replace("es", "it").replace("ES", "IT")})
    assert changes(applied) == [("create", "Account/it")]


def test_a_document_for_a_generated_policy_adopts_it_and_its_removal_releases_it(
    tmp_path: Path,
) -> None:
    adopted = """
        apiVersion: aliconf/v1
        kind: ImagePolicy
        metadata:
          name: default
        spec:
          title: Default Image Policy
          maxImages: 5
    """
    write(shop(tmp_path), {"images.yaml": adopted})
    assert ("adopt", "ImagePolicy/default") in changes(tmp_path)
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    assert changes(tmp_path) == []
    (tmp_path / "images.yaml").unlink()
    assert changes(tmp_path) == [("release", "ImagePolicy/default")]
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    write(tmp_path, {"images.yaml": adopted})
    assert changes(tmp_path) == []
    assert plan(tmp_path).out.splitlines()[2:4] == [
        "To adopt: 1 object that nobody manages and that is as its document says:",
        "  ImagePolicy/default.",
    ]


def test_an_object_changed_by_hand_is_shown_and_taken_back(applied: Path) -> None:
    sql(
        store(applied),
        "update policy set body = json_set(body, '$.adjustments[0].increaseByPercent', '99') "
        "where name = 'markup'",
    )
    assert plan(applied).out.splitlines()[2:4] == [
        '~ PricingPolicy/markup "Markup"',
        "      adjustments[0].increaseByPercent: 99 → 12                pricing.yaml:9:26",
    ]


def test_an_object_deleted_by_hand_is_created_again(applied: Path) -> None:
    sql(store(applied), "delete from listing_template")
    assert changes(applied) == [("create", "ListingTemplate/everything")]


def test_a_pointer_moved_by_hand_comes_back(applied: Path) -> None:
    sql(
        store(applied),
        "update policy_default set policy = 'default' where kind = 'PricingPolicy'",
    )
    assert plan(applied).out.splitlines()[2:4] == [
        '~ PricingPolicy/markup "Markup"',
        "      default: no, PricingPolicy/default is → yes              pricing.yaml:7:12",
    ]


def test_an_object_added_by_hand_is_unmanaged_and_adopted_by_a_document(applied: Path) -> None:
    sql(
        store(applied),
        "insert into policy (kind, name, title, body, labels, protect, system_generated, "
        "created_at, updated_at) select kind, 'byhand', 'By hand', body, labels, protect, 0, "
        "created_at, updated_at from policy where name = 'markup'",
    )
    assert changes(applied) == []
    assert '· PricingPolicy/byhand "By hand"' in plan(applied, "--unmanaged").out
    by_hand = shops.PRICING.replace("default: true", "default: false")
    write(applied, {"hand.yaml": by_hand.replace("markup", "byhand").replace("Markup", "By hand")})
    assert changes(applied) == []
    assert plan(applied).out.splitlines()[-1] == "Plan: no changes, 1 to adopt as it is."
    write(applied, {"hand.yaml": by_hand.replace("markup", "another").replace("Markup", "By hand")})
    ended = plan(applied)
    assert ended.code == 1
    assert ended.err == dedent("""\
        hand.yaml:6:10: error[ALI506]: the title 'By hand' is held by PricingPolicy/byhand, managed by nobody
         6 |   title: By hand
           |          ^^^^^^^
          → Choose another title, or adopt that object: `name: byhand`.
        """)


@pytest.mark.parametrize(
    ("count", "rest"),
    [
        (8, ""),
        (
            9,
            "error[ALI506]: 1 more title is held by other objects of the connector: those of "
            "PricingPolicy/mine-9\n",
        ),
        (
            12,
            "error[ALI506]: 4 more titles are held by other objects of the connector: those of "
            "PricingPolicy/mine-9, PricingPolicy/mine-10, PricingPolicy/mine-11 and 1 more\n",
        ),
    ],
)
def test_of_many_titles_that_others_hold_eight_are_told_and_the_rest_counted(
    applied: Path, count: int, rest: str
) -> None:
    by_hand = shops.PRICING.replace("default: true", "default: false")
    titles = [f"By hand {number}" for number in range(1, count + 1)]
    for number, title in enumerate(titles, 1):
        sql(
            store(applied),
            "insert into policy (kind, name, title, body, labels, protect, system_generated, "
            f"created_at, updated_at) select kind, 'hand-{number}', '{title}', body, labels, "
            "protect, 0, created_at, updated_at from policy where name = 'markup'",
        )
        document = by_hand.replace("markup", f"mine-{number}").replace("Markup", title)
        write(applied, {f"mine-{number:02}.yaml": document})
    ended = plan(applied)
    assert ended.code == 1
    assert ended.err.count("Choose another title, or adopt that object") == 8
    errors = [line for line in ended.err.splitlines() if "error[" in line]
    assert "".join(f"{line}\n" for line in errors[8:]) == rest


def test_the_objects_of_another_project_are_left_alone(applied: Path) -> None:
    edit(applied, "aliconf.yaml", "name: shop", "name: other")
    ended = plan(applied)
    assert ended.code == 1
    assert ended.err.count("error[ALI503]") == 4
    assert "is managed by the project 'shop'" in ended.err


def test_a_protected_object_is_kept_without_its_document(applied: Path) -> None:
    edit(applied, "template.yaml", "spec:", "lifecycle:\n  protect: true\nspec:")
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    (applied / "template.yaml").unlink()
    assert plan(applied).out == dedent("""\
        shop → .aliconf/connector.db (c-7f31a2b4)

        Not touched: 3 unchanged (--full lists them); 5 unmanaged (--unmanaged lists
          them); the region of every account (1); 1 protected and kept without a
          document: ListingTemplate/everything.
        Plan: no changes.
        """)


def test_a_rename_is_suggested_and_then_followed(applied: Path) -> None:
    edit(applied, "pricing.yaml", "name: markup", "name: twelve")
    edit(applied, "template.yaml", "all: []", "all: []\n  pricingPolicy: twelve")
    ended = plan(applied)
    assert "note[ALI505]: PricingPolicy/markup goes and PricingPolicy/twelve comes" in ended.out
    assert "moved: [{kind: PricingPolicy, from: markup, to: twelve}]" in ended.out
    edit(
        applied,
        "aliconf.yaml",
        "spec:",
        "spec:\n  moved: [{kind: PricingPolicy, from: markup, to: twelve}]",
    )
    assert changes(applied) == [
        ("move", "PricingPolicy/twelve"),
        ("update", "ListingTemplate/everything"),
    ]
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    assert changes(applied) == []


def test_a_move_takes_the_references_of_other_objects_along(applied: Path) -> None:
    edit(applied, "template.yaml", "all: []", "all: []\n  pricingPolicy: markup")
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    edit(applied, "pricing.yaml", "name: markup", "name: twelve")
    edit(applied, "template.yaml", "pricingPolicy: markup", "pricingPolicy: twelve\n  priority: 7")
    edit(
        applied,
        "aliconf.yaml",
        "spec:",
        "spec:\n  moved: [{kind: PricingPolicy, from: markup, to: twelve}]",
    )
    data = json.loads(plan(applied, "--format", "json").out)
    assert [
        (change["action"], change["name"], [field["path"] for field in change["fields"]])
        for change in data["changes"]
    ] == [("move", "twelve", []), ("update", "everything", ["priority"])]
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    assert changes(applied) == []


@pytest.mark.parametrize(
    ("moved", "why"),
    [
        ("from: markup, to: gone", "PricingPolicy/gone is not declared"),
        ("from: default, to: markup", "PricingPolicy/default is not managed by this project"),
    ],
)
def test_a_move_that_cannot_be_is_refused(applied: Path, moved: str, why: str) -> None:
    edit(applied, "aliconf.yaml", "spec:", f"spec:\n  moved: [{{kind: PricingPolicy, {moved}}}]")
    if "gone" in moved:
        (applied / "pricing.yaml").unlink()
    ended = plan(applied)
    assert ended.code == 1
    assert why in ended.err


def test_the_default_returns_to_the_generated_policy_when_its_holder_goes(applied: Path) -> None:
    (applied / "pricing.yaml").unlink()
    assert plan(applied).out.splitlines()[2:6] == [
        '- PricingPolicy/markup "Markup"',
        "      the default of PricingPolicy returns to PricingPolicy/default",
        "      used by 1: ListingTemplate/everything (default)",
        "",
    ]
    sql(store(applied), "delete from policy where kind = 'PricingPolicy' and name = 'default'")
    ended = plan(applied)
    assert ended.code == 1
    assert "error[ALI507]: PricingPolicy/markup: PricingPolicy/markup is the default" in ended.err


def test_the_guardrails_refuse_a_plan_that_deletes_too_much(applied: Path) -> None:
    write(applied, shops.policies(11))
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    for number in range(3):
        (applied / f"p{number}.yaml").unlink()
    assert plan(applied).out.splitlines()[-6:-4] == [
        "Guardrails: 3 of 15 objects deleted (limit 30 %); 3 of 12 PricingPolicy objects",
        "  deleted (limit 30 %).",
    ]
    (applied / "p3.yaml").unlink()
    ended = plan(applied)
    assert ended.code == 1
    assert '- PricingPolicy/p3 "P3"' in ended.out
    refused = "4 of 12 PricingPolicy objects would be deleted, 33 % (limit 30 %)"
    assert refused in ended.out
    ended = aliconf("apply", "--yes", cwd=applied)
    assert (ended.code, refused in ended.err) == (1, True)
    assert len(changes(applied)) == 4


def test_an_error_in_the_configuration_means_no_plan(applied: Path) -> None:
    edit(applied, "registration.yaml", "acceptTerms: true", "acceptTerms: false")
    ended = plan(applied)
    assert (ended.code, ended.out) == (1, "")
    assert "ALI207" in ended.err


def test_in_ci_an_embedded_store_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    shop(tmp_path)
    for command in (["plan"], ["apply", "--yes"]):
        ended = aliconf(*command, cwd=tmp_path, environment={"CI": "true"})
        assert ended.code == 1
        assert "error[ALI921]" in ended.err
        assert " ".join(ended.err.split()).endswith(
            "→ A fresh machine has no embedded store, so everything would be planned as new. Use a "
            "store on a server (postgresql:// or mariadb://; see the README's section For a team), "
            "or a file on a machine that keeps it between runs."
        )
    assert not store(tmp_path).exists()


def test_a_body_of_an_older_aliconf_plans_nothing(applied: Path) -> None:
    """A key that came later is missing from it, and its default is what was in force."""
    sql(
        store(applied),
        "update policy set body = json_remove(body, '$.priceAttribute') where name = 'markup'",
    )
    assert changes(applied) == []


def test_titles_can_be_swapped_in_one_apply(applied: Path) -> None:
    second = shops.PRICING.replace("default: true", "default: false")
    write(applied, {"b.yaml": second.replace("markup", "second").replace("Markup", "Second")})
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    edit(applied, "pricing.yaml", "Markup", "Second")
    edit(applied, "b.yaml", "Second", "Markup")
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    assert changes(applied) == []


def test_a_title_that_the_connector_is_about_to_give_is_refused(tmp_path: Path) -> None:
    title = "Default Pricing Policy"
    ended = plan(shop(tmp_path, pricing=shops.PRICING.replace("Markup", title)))
    assert ended.code == 1
    assert "is held by PricingPolicy/default, managed by nobody" in ended.err


def test_a_released_policy_keeps_its_title(applied: Path) -> None:
    """Its document goes, and another one with its title comes: the title would be there twice."""
    adopted = shops.PRICING.replace("default: true", "default: false").replace(
        "Markup", "Default Pricing Policy"
    )
    write(applied, {"adopted.yaml": adopted.replace("markup", "default")})
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    write(applied, {"adopted.yaml": adopted.replace("markup", "mine")})
    ended = plan(applied)
    assert ended.code == 1
    assert "error[ALI506]" in ended.err


def test_a_policy_named_default_that_nobody_generated_is_no_fallback(tmp_path: Path) -> None:
    own = shops.PRICING.replace("name: markup", "name: default")
    shop(tmp_path, account=None, template=None, pricing=own)
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    shop(tmp_path, pricing=own)
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    (tmp_path / "pricing.yaml").unlink()
    ended = plan(tmp_path)
    assert ended.code == 1
    assert "error[ALI507]" in ended.err


def test_a_move_to_the_reserved_name_of_another_region_is_refused(applied: Path) -> None:
    french = shops.ACCOUNT.replace("name: es", "name: fr").replace("ES", "FR")
    write(applied, {"french.yaml": french})
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    (applied / "account.yaml").unlink()
    edit(applied, "template.yaml", "[es]", "[fr]")
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    write(applied, {"french.yaml": french.replace("name: fr", "name: es")})
    edit(applied, "template.yaml", "[fr]", "[es]")
    moved = "spec:\n  moved: [{kind: Account, from: fr, to: es}]"
    edit(applied, "aliconf.yaml", "spec:", moved)
    ended = plan(applied)
    assert ended.code == 1
    assert "error[ALI502]: the name 'es' belonged to a deleted account in ES" in ended.err


def test_what_a_protected_object_uses_is_not_deleted_under_it(applied: Path) -> None:
    edit(applied, "pricing.yaml", "default: true", "default: false")
    edit(
        applied,
        "template.yaml",
        "spec:",
        "lifecycle:\n  protect: true\nspec:\n  pricingPolicy: markup",
    )
    edit(applied, "account.yaml", "spec:", "lifecycle:\n  protect: true\nspec:")
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    for name in ("template", "account", "pricing", "registration"):
        (applied / f"{name}.yaml").unlink()
    ended = plan(applied)
    assert ended.code == 1
    assert "PricingPolicy/markup would be deleted, and ListingTemplate/everything" in ended.err
    assert "Registration/main would be deleted while accounts exist: es" in ended.err


def test_a_store_that_missed_a_rename_takes_both_at_once(applied: Path) -> None:
    edit(applied, "pricing.yaml", "name: markup", "name: thirteen")
    moves = "[{kind: PricingPolicy, from: twelve, to: thirteen}, "
    moves += "{kind: PricingPolicy, from: markup, to: twelve}]"
    edit(applied, "aliconf.yaml", "spec:", f"spec:\n  moved: {moves}")
    assert changes(applied) == [("move", "PricingPolicy/thirteen")]
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    assert changes(applied) == []


def test_a_move_under_an_unmanaged_user_is_refused(applied: Path) -> None:
    edit(applied, "template.yaml", "all: []", "all: []\n  pricingPolicy: markup")
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    sql(store(applied), "update listing_template set managed_by = null")
    (applied / "template.yaml").unlink()
    edit(applied, "pricing.yaml", "name: markup", "name: twelve")
    moved = "spec:\n  moved: [{kind: PricingPolicy, from: markup, to: twelve}]"
    edit(applied, "aliconf.yaml", "spec:", moved)
    ended = plan(applied)
    assert ended.code == 1
    assert "ListingTemplate/everything uses it, and this project does not manage" in ended.err


def test_the_deletion_of_an_account_says_that_its_name_stays_reserved(applied: Path) -> None:
    (applied / "account.yaml").unlink()
    (applied / "template.yaml").unlink()
    assert "      its name stays reserved with its region, ES" in plan(applied).out.splitlines()


def test_nothing_is_applied_without_a_registration(tmp_path: Path) -> None:
    shop(tmp_path, account=None, template=None, registration=None)
    planned = plan(tmp_path)
    assert (planned.code, "warning[ALI513]" in planned.out) == (0, True)
    ended = aliconf("apply", "--yes", cwd=tmp_path)
    assert (ended.code, "error[ALI513]" in ended.err) == (1, True)
    assert not store(tmp_path).exists()


def test_a_refusal_is_an_object_on_stdout_where_json_was_asked_for(applied: Path) -> None:
    edit(applied, "account.yaml", "region: ES", "region: FR")
    ended = plan(applied, "--format", "json")
    refused = json.loads(ended.out)
    assert (ended.code, ended.err, refused["format"]) == (1, "", "aliconf/findings")
    assert [finding["code"] for finding in refused["findings"]] == ["ALI501"]
