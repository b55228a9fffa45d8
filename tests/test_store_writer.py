"""Changing a connector store: each change is one transaction with its journal rows."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aliconf.findings import AliconfError
from aliconf.model.base import canonical
from aliconf.model.kinds import POLICY_KINDS
from tests.stores import (
    ACCOUNT,
    CAMPAIGN,
    MARKUP,
    REGISTRATION,
    TEMPLATE,
    Content,
    administrator,
    anybody,
    body_of,
    filled,
    journal,
    reading,
    stored,
    writer,
)

DEAR = {**MARKUP, "adjustments": [{"increaseByPercent": "15"}]}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return filled(tmp_path)


def pointers(root: Path) -> dict[str, str]:
    with reading(root) as reader:
        return reader.defaults()


def refused(change: Callable[[], None]) -> tuple[str, str]:
    """The code and the message of the refusal of a change."""
    with pytest.raises(AliconfError) as error:
        change()
    (finding,) = error.value.findings
    assert finding.hint
    return finding.code, anybody(finding.message)


def state(root: Path, name: str) -> list[Any]:
    """Before and after of the last journal row of an object."""
    rows = administrator(
        root,
        "SELECT state_before, state_after FROM journal "
        f"WHERE kind || '/' || name = '{name}' ORDER BY id DESC LIMIT 1",
    )
    return [json.loads(text) if text else None for text in rows[0]]


def test_created_objects_are_managed_by_the_project_and_in_the_journal(tmp_path: Path) -> None:
    filled(tmp_path)
    owners = {
        f"{kind}/{name}": found.owner
        for (kind, name), found in stored(tmp_path).items()
        if not found.generated
    }
    assert owners == {
        "Registration/merchant": "shop",
        "PricingPolicy/markup": "shop",
        "Account/es": "shop",
        "ListingTemplate/shoes": "shop",
        "Campaign/black-friday": "shop",
    }
    assert journal(tmp_path) == [
        ("create", "Registration/merchant", "done", ""),
        ("create", "PricingPolicy/markup", "done", ""),
        ("create", "Account/es", "done", ""),
        ("generate", "ImagePolicy/default", "done", ""),
        ("generate", "InventoryPolicy/default", "done", ""),
        ("generate", "PricingPolicy/default", "done", ""),
        ("generate", "OrderPolicy/default", "done", ""),
        ("generate", "SynchronizationPolicy/default", "done", ""),
        ("create", "ListingTemplate/shoes", "done", ""),
        ("create", "Campaign/black-friday", "done", ""),
    ]


def test_an_update_sets_body_labels_and_protection(root: Path) -> None:
    old = stored(root)["PricingPolicy", "markup"]
    with writer(root) as opened:
        opened.update(
            "PricingPolicy", "markup", Content(DEAR, {"team": "shoes"}, True), old.body_text
        )
    new = stored(root)["PricingPolicy", "markup"]
    assert (new.body_text, new.labels_text, new.protect, new.owner, new.created) == (
        canonical(DEAR),
        '{"team":"shoes"}',
        True,
        "shop",
        old.created,
    )
    assert state(root, "PricingPolicy/markup") == [
        {
            "name": "markup",
            "body": MARKUP,
            "labels": {},
            "protect": False,
            "managedBy": "shop",
            "default": True,
        },
        {
            "name": "markup",
            "body": DEAR,
            "labels": {"team": "shoes"},
            "protect": True,
            "managedBy": "shop",
            "default": True,
        },
    ]


def test_a_column_whose_key_is_no_longer_in_the_body_becomes_null(root: Path) -> None:
    before = body_of(root, "ListingTemplate", "shoes")
    body = {key: value for key, value in TEMPLATE.items() if key != "pricingPolicy"}
    with writer(root) as opened:
        opened.update("ListingTemplate", "shoes", Content(body), before)
    assert administrator(root, "SELECT pricing_policy FROM listing_template") == [[None]]
    assert body_of(root, "ListingTemplate", "shoes") == canonical(body)


def test_titles_may_be_swapped(root: Path) -> None:
    with writer(root) as opened:
        opened.create("PricingPolicy", "other", Content({"title": "Other"}))
        opened.update(
            "PricingPolicy", "other", Content({"title": MARKUP["title"]}), '{"title":"Other"}'
        )
        opened.update(
            "PricingPolicy", "markup", Content({**MARKUP, "title": "Other"}), canonical(MARKUP)
        )
    found = stored(root)
    assert found["PricingPolicy", "other"].title == "Markup 12 %"
    assert found["PricingPolicy", "markup"].title == "Other"


def test_deleted_objects_are_gone(root: Path) -> None:
    with writer(root) as opened:
        opened.delete("Campaign", "black-friday", body_of(root, "Campaign", "black-friday"))
        opened.delete("Registration", "merchant", canonical(REGISTRATION))
    assert {kind for kind, _ in stored(root)} == {*POLICY_KINDS, "Account", "ListingTemplate"}
    assert administrator(root, "SELECT count(*) FROM campaign") == [[0]]
    assert state(root, "Campaign/black-friday") == [
        {
            "name": "black-friday",
            "body": CAMPAIGN,
            "labels": {},
            "protect": False,
            "managedBy": "shop",
        },
        None,
    ]


def test_an_adopted_object_gets_an_owner_and_what_is_desired(root: Path) -> None:
    before = body_of(root, "ImagePolicy", "default")
    with writer(root) as opened:
        opened.adopt("ImagePolicy", "default", Content({"title": "Mine", "maxImages": 5}), before)
    found = stored(root)["ImagePolicy", "default"]
    assert (found.owner, found.body_text, found.generated) == (
        "shop",
        '{"maxImages":5,"title":"Mine"}',
        True,
    )
    was, now = state(root, "ImagePolicy/default")
    assert (was["managedBy"], now["managedBy"], now["default"]) == (None, "shop", True)


def test_a_released_object_keeps_its_values(root: Path) -> None:
    old = stored(root)["ListingTemplate", "shoes"]
    with writer(root) as opened:
        opened.release("ListingTemplate", "shoes")
    new = stored(root)["ListingTemplate", "shoes"]
    assert new.owner is None
    assert (new.body_text, new.protect, new.updated) == (old.body_text, True, old.updated)


def test_a_move_renames_the_object_its_pointer_and_every_reference(root: Path) -> None:
    before = stored(root)
    with writer(root) as opened:
        opened.move("PricingPolicy", "markup", "margin")
        opened.move("Account", "es", "spain")
    found = stored(root)
    assert found["PricingPolicy", "margin"].body_text == canonical(MARKUP)
    assert pointers(root)["PricingPolicy"] == "margin"
    for kind, name, body in [
        ("ListingTemplate", "shoes", TEMPLATE),
        ("Campaign", "black-friday", CAMPAIGN),
    ]:
        expected = {**body, "pricingPolicy": "margin", "accounts": ["spain"]}
        assert found[kind, name].body_text == canonical(expected)
    assert len(found) == len(before)
    assert journal(root)[10:] == [
        ("move", "PricingPolicy/margin", "done", ""),
        (
            "update",
            "ListingTemplate/shoes",
            "done",
            "PricingPolicy/markup is now PricingPolicy/margin",
        ),
        (
            "update",
            "Campaign/black-friday",
            "done",
            "PricingPolicy/markup is now PricingPolicy/margin",
        ),
        ("move", "Account/spain", "done", ""),
        ("update", "ListingTemplate/shoes", "done", "Account/es is now Account/spain"),
        ("update", "Campaign/black-friday", "done", "Account/es is now Account/spain"),
    ]


def test_a_move_can_change_the_object_and_later_changes_know_it_by_its_old_text(
    root: Path,
) -> None:
    template = body_of(root, "ListingTemplate", "shoes")
    with writer(root) as opened:
        opened.move("PricingPolicy", "markup", "margin", Content(DEAR), canonical(MARKUP))
        opened.update(
            "ListingTemplate",
            "shoes",
            Content({**TEMPLATE, "pricingPolicy": "margin", "priority": 50}),
            template,
        )
    found = stored(root)
    assert found["PricingPolicy", "margin"].body_text == canonical(DEAR)
    assert json.loads(found["ListingTemplate", "shoes"].body_text)["priority"] == 50
    was, now = state(root, "PricingPolicy/margin")
    assert (was["name"], now["name"]) == ("markup", "margin")


def test_a_move_passes_over_objects_of_others_and_bodies_that_are_broken(root: Path) -> None:
    administrator(
        root,
        "UPDATE campaign SET managed_by = 'outlet'",
        'UPDATE listing_template SET body = \'{"perAccount": [1], "accounts": 5}\'',
    )
    with writer(root) as opened:
        opened.move("PricingPolicy", "markup", "margin")
    assert json.loads(body_of(root, "Campaign", "black-friday"))["pricingPolicy"] == "markup"
    assert json.loads(body_of(root, "ListingTemplate", "shoes"))["perAccount"] == [1]


def test_a_new_owner_and_a_moved_pointer_are_no_update_of_the_values(root: Path) -> None:
    administrator(root, "UPDATE policy SET managed_by = NULL, updated_at = 'long ago'")
    body = body_of(root, "PricingPolicy", "default")
    with writer(root) as opened:
        content = Content(json.loads(body), default=True)
        opened.adopt("PricingPolicy", "default", content, body)
    found = stored(root)["PricingPolicy", "default"]
    assert (found.owner, found.updated) == ("shop", "long ago")
    assert pointers(root)["PricingPolicy"] == "default"


# Pointers and generated policies


def test_the_first_account_generates_the_five_defaults_once(tmp_path: Path) -> None:
    with writer(tmp_path) as opened:
        opened.create("PricingPolicy", "markup", Content(MARKUP, default=True))
        assert pointers(tmp_path) == {"PricingPolicy": "markup"}
        opened.create("Account", "es", Content(ACCOUNT))
    found = stored(tmp_path)
    generated = {kind: found[kind, "default"] for kind in POLICY_KINDS}
    assert {kind: policy.title for kind, policy in generated.items()} == {
        "ImagePolicy": "Default Image Policy",
        "InventoryPolicy": "Default Inventory Policy",
        "PricingPolicy": "Default Pricing Policy",
        "OrderPolicy": "Default Order Policy",
        "SynchronizationPolicy": "Default Synchronization Policy",
    }
    assert all(policy.generated and policy.owner is None for policy in generated.values())
    assert pointers(tmp_path) == {
        "ImagePolicy": "default",
        "InventoryPolicy": "default",
        "PricingPolicy": "markup",
        "OrderPolicy": "default",
        "SynchronizationPolicy": "default",
    }

    administrator(tmp_path, "DELETE FROM policy_default", "DELETE FROM policy")
    with writer(tmp_path) as opened:
        opened.create("Account", "fr", Content({**ACCOUNT, "region": "FR"}))
    assert [kind for kind, _ in stored(tmp_path)] == ["Account", "Account"]


def test_a_policy_that_has_the_name_of_a_generated_one_stays_and_becomes_the_default(
    tmp_path: Path,
) -> None:
    with writer(tmp_path) as opened:
        opened.create("PricingPolicy", "default", Content(MARKUP))
        opened.create("Account", "es", Content(ACCOUNT))
    found = stored(tmp_path)["PricingPolicy", "default"]
    assert (found.title, found.generated, found.owner) == ("Markup 12 %", False, "shop")
    assert pointers(tmp_path)["PricingPolicy"] == "default"


def test_adopting_the_first_account_generates_the_defaults_too(tmp_path: Path) -> None:
    with writer(tmp_path):
        pass
    administrator(
        tmp_path,
        "INSERT INTO account (name, title, region, store_view, created_at, updated_at) "
        "VALUES ('es', 'Spain', 'ES', 'es_es', '2026-11-23T10:00:00Z', '2026-11-23T10:00:00Z')",
    )
    with writer(tmp_path) as opened:
        opened.adopt("Account", "es", Content(ACCOUNT), canonical(ACCOUNT))
    assert set(pointers(tmp_path)) == set(POLICY_KINDS)


def test_the_pointer_moves_with_an_update_and_stays_without_one(root: Path) -> None:
    with writer(root) as opened:
        opened.create("PricingPolicy", "dear", Content(DEAR))
        assert pointers(root)["PricingPolicy"] == "markup"
        opened.update("PricingPolicy", "dear", Content(DEAR, default=True), canonical(DEAR))
        assert pointers(root)["PricingPolicy"] == "dear"
        opened.update("PricingPolicy", "dear", Content(DEAR), canonical(DEAR))
        assert pointers(root)["PricingPolicy"] == "dear"
    was, now = state(root, "PricingPolicy/dear")
    assert was["default"]
    assert now["default"]


def test_the_pointer_returns_to_the_generated_policy_when_its_holder_is_deleted(
    root: Path,
) -> None:
    with writer(root) as opened:
        opened.delete("PricingPolicy", "markup", canonical(MARKUP))
    assert pointers(root)["PricingPolicy"] == "default"
    assert journal(root)[-1] == (
        "delete",
        "PricingPolicy/markup",
        "done",
        "the default of PricingPolicy returned to default",
    )


def test_the_holder_of_the_pointer_stays_where_there_is_no_generated_policy(root: Path) -> None:
    administrator(root, "DELETE FROM policy WHERE system_generated AND kind = 'PricingPolicy'")
    with writer(root) as opened:
        code, message = refused(lambda: opened.delete("PricingPolicy", "markup", canonical(MARKUP)))
    assert (code, message) == (
        "ALI917",
        "PricingPolicy/markup is the default of its kind, and there is no system-generated policy "
        "to which the default could return",
    )
    assert ("PricingPolicy", "markup") in stored(root)


# What is refused


def test_an_object_with_another_body_than_the_plan_saw_is_refused(root: Path) -> None:
    administrator(root, "UPDATE policy SET title = 'By hand' WHERE name = 'markup'")
    before = canonical(MARKUP)
    message = (
        "PricingPolicy/markup has changed in the connector: by other means than aliconf, "
        "after it was <who>"
    )
    with writer(root) as opened:
        assert refused(lambda: opened.update("PricingPolicy", "markup", Content(DEAR), before)) == (
            "ALI917",
            message,
        )
        assert refused(lambda: opened.delete("PricingPolicy", "markup", before)) == (
            "ALI917",
            message,
        )
    assert stored(root)["PricingPolicy", "markup"].title == "By hand"
    assert journal(root)[-2:] == [
        ("update", "PricingPolicy/markup", "failed", f"ALI917 {message}"),
        ("delete", "PricingPolicy/markup", "failed", f"ALI917 {message}"),
    ]


def test_objects_of_another_project_and_unmanaged_ones_are_left_alone(root: Path) -> None:
    administrator(root, "UPDATE campaign SET managed_by = 'outlet'")
    campaign = body_of(root, "Campaign", "black-friday")
    image = body_of(root, "ImagePolicy", "default")
    theirs = ("ALI917", "Campaign/black-friday is managed by outlet, not managed by shop: <who>")
    nobodys = ("ALI917", "ImagePolicy/default is unmanaged, not managed by shop: <who>")
    with writer(root) as opened:
        for change in (
            lambda: opened.update("Campaign", "black-friday", Content(CAMPAIGN), campaign),
            lambda: opened.delete("Campaign", "black-friday", campaign),
            lambda: opened.release("Campaign", "black-friday"),
            lambda: opened.move("Campaign", "black-friday", "black-week"),
        ):
            assert refused(change) == theirs
        for change in (
            lambda: opened.update("ImagePolicy", "default", Content({"title": "Mine"}), image),
            lambda: opened.delete("ImagePolicy", "default", image),
            lambda: opened.release("ImagePolicy", "default"),
        ):
            assert refused(change) == nobodys
        assert refused(
            lambda: opened.adopt("Campaign", "black-friday", Content(CAMPAIGN), campaign)
        ) == ("ALI917", "Campaign/black-friday is managed by outlet by now: <who>")
    assert body_of(root, "Campaign", "black-friday") == campaign


def test_objects_that_came_or_went_are_refused(root: Path) -> None:
    with writer(root) as opened:
        assert refused(lambda: opened.create("PricingPolicy", "markup", Content(DEAR))) == (
            "ALI917",
            "PricingPolicy/markup is in the connector by now: <who>",
        )
        assert refused(lambda: opened.delete("PricingPolicy", "gone", "{}")) == (
            "ALI917",
            "PricingPolicy/gone is no longer in the connector",
        )
        assert refused(lambda: opened.move("PricingPolicy", "markup", "default")) == (
            "ALI917",
            "PricingPolicy/default is in the connector by now: <who>",
        )


def test_a_protected_object_is_not_deleted(root: Path) -> None:
    before = body_of(root, "ListingTemplate", "shoes")
    with writer(root) as opened:
        assert refused(lambda: opened.delete("ListingTemplate", "shoes", before)) == (
            "ALI917",
            "ListingTemplate/shoes is protected from deletion by now: <who>",
        )


def test_a_failed_change_leaves_the_store_as_it_was(root: Path) -> None:
    """The account is inserted, and then its pointers cannot be: nothing of it stays."""
    administrator(
        root,
        "UPDATE aliconf_connector SET defaults_generated_at = NULL",
        "DELETE FROM policy_default",
        "CREATE TRIGGER no_pointers BEFORE INSERT ON policy_default "
        "BEGIN SELECT RAISE(ABORT, 'not today'); END",
    )
    before = stored(root)
    with writer(root) as opened:
        code, message = refused(
            lambda: opened.create("Account", "fr", Content({**ACCOUNT, "region": "FR"}))
        )
    assert (code, message) == (
        "ALI916",
        "the connector store .aliconf/connector.db refuses the change: not today",
    )
    assert stored(root) == before
    assert journal(root)[10:] == [("create", "Account/fr", "failed", f"{code} {message}")]


def test_an_internal_error_is_undone_and_in_the_journal(root: Path) -> None:
    with writer(root) as opened, pytest.raises(TypeError):
        opened.create("Campaign", "unheard", Content({"title": {1, 2}}))
    action, name, result, message = journal(root)[-1]
    assert (action, name, result) == ("create", "Campaign/unheard", "failed")
    assert "not JSON serializable" in message


# Regions


def test_a_region_change_is_refused_and_names_both_regions(root: Path) -> None:
    before = canonical(ACCOUNT)
    with writer(root) as opened:
        assert refused(
            lambda: opened.update("Account", "es", Content({**ACCOUNT, "region": "FR"}), before)
        ) == ("ALI919", "the region of Account/es is ES and cannot become FR")
    assert body_of(root, "Account", "es") == before


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE account SET region = 'FR'",
            "aliconf: the region of an account cannot be changed; "
            "create a new account under another name",
        ),
        (
            "INSERT OR REPLACE INTO account (name, title, region, store_view, created_at, "
            "updated_at) VALUES ('es', 'Spain', 'FR', 'es_es', '', '')",
            "aliconf: the name of this account is reserved with another region; use another name",
        ),
    ],
)
def test_the_database_refuses_a_region_change_by_hand(
    root: Path, statement: str, message: str
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as error:
        administrator(root, statement)
    assert error.value.stderr.endswith(f"IntegrityError: {message}\n")
    assert body_of(root, "Account", "es") == canonical(ACCOUNT)


def test_an_administrator_may_set_the_same_region_and_everything_else(root: Path) -> None:
    administrator(root, "UPDATE account SET region = 'ES', title = 'By hand', name = 'spain'")
    assert stored(root)["Account", "spain"].title == "By hand"


def test_a_deleted_account_keeps_its_name_for_its_region(root: Path) -> None:
    with writer(root) as opened:
        opened.delete("Account", "es", canonical(ACCOUNT))
        assert ("Account", "es") not in stored(root)
        with reading(root) as reader:
            assert reader.reserved() == {"es": "ES"}
        assert refused(
            lambda: opened.create("Account", "es", Content({**ACCOUNT, "region": "FR"}))
        ) == (
            "ALI919",
            "the account name es is reserved with region ES: an account of that name was deleted, "
            "and FR cannot take its place",
        )
        opened.create("Account", "es", Content({**ACCOUNT, "title": "Spain again"}))
    assert stored(root)["Account", "es"].title == "Spain again"
    with reading(root) as reader:
        assert reader.reserved() == {}


def test_an_account_moves_to_a_reserved_name_of_its_region_only(root: Path) -> None:
    with writer(root) as opened:
        for name, region in (("es-2", "ES"), ("fr", "FR")):
            body = {**ACCOUNT, "region": region}
            opened.create("Account", name, Content(body))
            opened.delete("Account", name, canonical(body))
        code, message = refused(lambda: opened.move("Account", "es", "fr"))
        assert code == "ALI919"
        assert "reserved with region FR" in message
        opened.move("Account", "es", "es-2")
    with reading(root) as reader:
        assert reader.reserved() == {"fr": "FR"}
    assert stored(root)["Account", "es-2"].owner == "shop"
