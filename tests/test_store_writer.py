"""Changing a connector store: each change is one transaction with its journal rows."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from aliconf.model.base import canonical
from aliconf.model.kinds import POLICY_KINDS
from tests.databases.places import Place
from tests.stores import (
    ACCOUNT,
    CAMPAIGN,
    MARKUP,
    REGISTRATION,
    TEMPLATE,
    Content,
    body_of,
    filled,
    journal,
    no_inserts,
    pointers,
    reading,
    refused,
    store_at,
    stored,
    writer,
)

DEAR = {**MARKUP, "adjustments": [{"increaseByPercent": "15"}]}


@pytest.fixture
def full(place: Place) -> Place:
    """A store with one object of each kind, of the project shop."""
    return filled(place)


def state(place: Place, kind: str, name: str) -> list[Any]:
    """Before and after of the last journal row of an object."""
    (*_, last) = place.rows(
        "SELECT state_before, state_after FROM journal "
        f"WHERE kind = '{kind}' AND name = '{name}' ORDER BY id"
    )
    return [json.loads(text) if text else None for text in last]


def test_created_objects_are_managed_by_the_project_and_in_the_journal(place: Place) -> None:
    filled(place)
    owners = {
        f"{kind}/{name}": found.owner
        for (kind, name), found in stored(place).items()
        if not found.generated
    }
    assert owners == {
        "Registration/merchant": "shop",
        "PricingPolicy/markup": "shop",
        "Account/es": "shop",
        "ListingTemplate/shoes": "shop",
        "Campaign/black-friday": "shop",
    }
    assert journal(place) == [
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


def test_an_update_sets_body_labels_and_protection(full: Place) -> None:
    old = stored(full)["PricingPolicy", "markup"]
    with writer(full) as opened:
        opened.update(
            "PricingPolicy", "markup", Content(DEAR, {"team": "shoes"}, True), old.body_text
        )
    new = stored(full)["PricingPolicy", "markup"]
    assert (new.body_text, new.labels_text, new.protect, new.owner, new.created) == (
        canonical(DEAR),
        '{"team":"shoes"}',
        True,
        "shop",
        old.created,
    )
    assert state(full, "PricingPolicy", "markup") == [
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


def test_a_column_whose_key_is_no_longer_in_the_body_becomes_null(full: Place) -> None:
    before = body_of(full, "ListingTemplate", "shoes")
    body = {key: value for key, value in TEMPLATE.items() if key != "pricingPolicy"}
    with writer(full) as opened:
        opened.update("ListingTemplate", "shoes", Content(body), before)
    assert full.rows("SELECT pricing_policy FROM listing_template") == [(None,)]
    assert body_of(full, "ListingTemplate", "shoes") == canonical(body)


def test_titles_may_be_swapped(full: Place) -> None:
    with writer(full) as opened:
        opened.create("PricingPolicy", "other", Content({"title": "Other"}))
        opened.update(
            "PricingPolicy", "other", Content({"title": MARKUP["title"]}), '{"title":"Other"}'
        )
        opened.update(
            "PricingPolicy", "markup", Content({**MARKUP, "title": "Other"}), canonical(MARKUP)
        )
    found = stored(full)
    assert found["PricingPolicy", "other"].title == "Markup 12 %"
    assert found["PricingPolicy", "markup"].title == "Other"


def test_deleted_objects_are_gone(full: Place) -> None:
    with writer(full) as opened:
        opened.delete("Campaign", "black-friday", body_of(full, "Campaign", "black-friday"))
        opened.delete("Registration", "merchant", canonical(REGISTRATION))
    assert {kind for kind, _ in stored(full)} == {*POLICY_KINDS, "Account", "ListingTemplate"}
    assert full.rows("SELECT count(*) FROM campaign") == [(0,)]
    assert state(full, "Campaign", "black-friday") == [
        {
            "name": "black-friday",
            "body": CAMPAIGN,
            "labels": {},
            "protect": False,
            "managedBy": "shop",
        },
        None,
    ]


def test_an_adopted_object_gets_an_owner_and_what_is_desired(full: Place) -> None:
    before = body_of(full, "ImagePolicy", "default")
    with writer(full) as opened:
        opened.adopt("ImagePolicy", "default", Content({"title": "Mine", "maxImages": 5}), before)
    found = stored(full)["ImagePolicy", "default"]
    assert (found.owner, found.body_text, found.generated) == (
        "shop",
        '{"maxImages":5,"title":"Mine"}',
        True,
    )
    was, now = state(full, "ImagePolicy", "default")
    assert (was["managedBy"], now["managedBy"], now["default"]) == (None, "shop", True)


def test_a_released_object_keeps_its_values(full: Place) -> None:
    old = stored(full)["ListingTemplate", "shoes"]
    with writer(full) as opened:
        opened.release("ListingTemplate", "shoes")
    new = stored(full)["ListingTemplate", "shoes"]
    assert new.owner is None
    assert (new.body_text, new.protect, new.updated) == (old.body_text, True, old.updated)


def test_a_move_renames_the_object_its_pointer_and_every_reference(full: Place) -> None:
    before = stored(full)
    with writer(full) as opened:
        opened.move("PricingPolicy", "markup", "margin")
        opened.move("Account", "es", "spain")
    found = stored(full)
    assert found["PricingPolicy", "margin"].body_text == canonical(MARKUP)
    assert pointers(full)["PricingPolicy"] == "margin"
    for kind, name, body in [
        ("ListingTemplate", "shoes", TEMPLATE),
        ("Campaign", "black-friday", CAMPAIGN),
    ]:
        expected = {**body, "pricingPolicy": "margin", "accounts": ["spain"]}
        assert found[kind, name].body_text == canonical(expected)
    assert len(found) == len(before)
    assert journal(full)[10:] == [
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
    full: Place,
) -> None:
    template = body_of(full, "ListingTemplate", "shoes")
    with writer(full) as opened:
        opened.move("PricingPolicy", "markup", "margin", Content(DEAR), canonical(MARKUP))
        opened.update(
            "ListingTemplate",
            "shoes",
            Content({**TEMPLATE, "pricingPolicy": "margin", "priority": 50}),
            template,
        )
    found = stored(full)
    assert found["PricingPolicy", "margin"].body_text == canonical(DEAR)
    assert json.loads(found["ListingTemplate", "shoes"].body_text)["priority"] == 50
    was, now = state(full, "PricingPolicy", "margin")
    assert (was["name"], now["name"]) == ("markup", "margin")


def test_a_move_passes_over_bodies_that_are_broken(full: Place) -> None:
    full.sql(
        'UPDATE listing_template SET body = \'{"perAccount": [1], "accounts": 5}\', '
        "pricing_policy = NULL",
    )
    with writer(full) as opened:
        opened.move("PricingPolicy", "markup", "margin")
    assert json.loads(body_of(full, "ListingTemplate", "shoes"))["perAccount"] == [1]


def test_what_others_use_is_neither_deleted_nor_moved_under_them(full: Place) -> None:
    for owner, by in (("'outlet'", "managed by outlet"), ("NULL", "unmanaged")):
        full.sql(f"UPDATE campaign SET managed_by = {owner}")
        for kind, name, body in (
            ("PricingPolicy", "markup", MARKUP),
            ("Account", "es", ACCOUNT),
        ):
            expected = (
                "ALI917",
                f"Campaign/black-friday ({by}) uses {kind}/{name} by now: <who>",
            )
            with writer(full) as opened:
                assert refused(partial(opened.move, kind, name, "other")) == expected
                assert refused(partial(opened.delete, kind, name, canonical(body))) == expected
    assert json.loads(body_of(full, "Campaign", "black-friday"))["pricingPolicy"] == "markup"


def test_a_new_owner_and_a_moved_pointer_are_no_update_of_the_values(full: Place) -> None:
    full.sql("UPDATE policy SET managed_by = NULL, updated_at = 'long ago'")
    body = body_of(full, "PricingPolicy", "default")
    with writer(full) as opened:
        content = Content(json.loads(body), default=True)
        opened.adopt("PricingPolicy", "default", content, body)
    found = stored(full)["PricingPolicy", "default"]
    assert (found.owner, found.updated) == ("shop", "long ago")
    assert pointers(full)["PricingPolicy"] == "default"


# Pointers and generated policies


def test_the_first_account_generates_the_five_defaults_once(place: Place) -> None:
    with writer(place) as opened:
        opened.create("PricingPolicy", "markup", Content(MARKUP, default=True))
        assert pointers(place) == {"PricingPolicy": "markup"}
        opened.create("Account", "es", Content(ACCOUNT))
    found = stored(place)
    generated = {kind: found[kind, "default"] for kind in POLICY_KINDS}
    assert {kind: policy.title for kind, policy in generated.items()} == {
        "ImagePolicy": "Default Image Policy",
        "InventoryPolicy": "Default Inventory Policy",
        "PricingPolicy": "Default Pricing Policy",
        "OrderPolicy": "Default Order Policy",
        "SynchronizationPolicy": "Default Synchronization Policy",
    }
    assert all(policy.generated and policy.owner is None for policy in generated.values())
    assert pointers(place) == {
        "ImagePolicy": "default",
        "InventoryPolicy": "default",
        "PricingPolicy": "markup",
        "OrderPolicy": "default",
        "SynchronizationPolicy": "default",
    }

    place.sql("DELETE FROM policy_default", "DELETE FROM policy")
    with writer(place) as opened:
        opened.create("Account", "fr", Content({**ACCOUNT, "region": "FR"}))
    assert [kind for kind, _ in stored(place)] == ["Account", "Account"]


def test_a_policy_that_has_the_name_of_a_generated_one_stays_and_becomes_the_default(
    place: Place,
) -> None:
    with writer(place) as opened:
        opened.create("PricingPolicy", "default", Content(MARKUP))
        opened.create("Account", "es", Content(ACCOUNT))
    found = stored(place)["PricingPolicy", "default"]
    assert (found.title, found.generated, found.owner) == ("Markup 12 %", False, "shop")
    assert pointers(place)["PricingPolicy"] == "default"


def test_adopting_the_first_account_generates_the_defaults_too(place: Place) -> None:
    with writer(place):
        pass
    place.sql(
        "INSERT INTO account (name, title, region, store_view, created_at, updated_at) "
        "VALUES ('es', 'Spain', 'ES', 'es_es', '2026-11-23T10:00:00Z', '2026-11-23T10:00:00Z')",
    )
    with writer(place) as opened:
        opened.adopt("Account", "es", Content(ACCOUNT), canonical(ACCOUNT))
    assert set(pointers(place)) == set(POLICY_KINDS)


def test_the_pointer_moves_with_an_update_and_stays_without_one(full: Place) -> None:
    with writer(full) as opened:
        opened.create("PricingPolicy", "dear", Content(DEAR))
        assert pointers(full)["PricingPolicy"] == "markup"
        opened.update("PricingPolicy", "dear", Content(DEAR, default=True), canonical(DEAR))
        assert pointers(full)["PricingPolicy"] == "dear"
        opened.update("PricingPolicy", "dear", Content(DEAR), canonical(DEAR))
        assert pointers(full)["PricingPolicy"] == "dear"
    was, now = state(full, "PricingPolicy", "dear")
    assert was["default"]
    assert now["default"]


def test_the_pointer_returns_to_the_generated_policy_when_its_holder_is_deleted(
    full: Place,
) -> None:
    with writer(full) as opened:
        opened.delete("PricingPolicy", "markup", canonical(MARKUP))
    assert pointers(full)["PricingPolicy"] == "default"
    assert journal(full)[-1] == (
        "delete",
        "PricingPolicy/markup",
        "done",
        "the default of PricingPolicy returned to default",
    )


def test_the_holder_of_the_pointer_stays_where_there_is_no_generated_policy(full: Place) -> None:
    full.sql("DELETE FROM policy WHERE system_generated AND kind = 'PricingPolicy'")
    with writer(full) as opened:
        code, message = refused(lambda: opened.delete("PricingPolicy", "markup", canonical(MARKUP)))
    assert (code, message) == (
        "ALI917",
        "PricingPolicy/markup is the default of its kind, and there is no system-generated policy "
        "to which the default could return",
    )
    assert ("PricingPolicy", "markup") in stored(full)


# What is refused


def test_an_object_with_another_body_than_the_plan_saw_is_refused(full: Place) -> None:
    full.sql("UPDATE policy SET title = 'By hand' WHERE name = 'markup'")
    before = canonical(MARKUP)
    message = (
        "PricingPolicy/markup has changed in the connector: by other means than aliconf, "
        "after it was <who>"
    )
    with writer(full) as opened:
        assert refused(lambda: opened.update("PricingPolicy", "markup", Content(DEAR), before)) == (
            "ALI917",
            message,
        )
        assert refused(lambda: opened.delete("PricingPolicy", "markup", before)) == (
            "ALI917",
            message,
        )
    assert stored(full)["PricingPolicy", "markup"].title == "By hand"
    assert journal(full)[-2:] == [
        ("update", "PricingPolicy/markup", "failed", f"ALI917 {message}"),
        ("delete", "PricingPolicy/markup", "failed", f"ALI917 {message}"),
    ]


def test_objects_of_another_project_and_unmanaged_ones_are_left_alone(full: Place) -> None:
    full.sql("UPDATE campaign SET managed_by = 'outlet'")
    campaign = body_of(full, "Campaign", "black-friday")
    image = body_of(full, "ImagePolicy", "default")
    theirs = ("ALI917", "Campaign/black-friday is managed by outlet, not managed by shop: <who>")
    nobodys = ("ALI917", "ImagePolicy/default is unmanaged, not managed by shop: <who>")
    with writer(full) as opened:
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
    assert body_of(full, "Campaign", "black-friday") == campaign


def test_objects_that_came_or_went_are_refused(full: Place) -> None:
    with writer(full) as opened:
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


def test_a_protected_object_is_not_deleted(full: Place) -> None:
    before = body_of(full, "ListingTemplate", "shoes")
    with writer(full) as opened:
        assert refused(lambda: opened.delete("ListingTemplate", "shoes", before)) == (
            "ALI917",
            "ListingTemplate/shoes is protected from deletion by now: <who>",
        )


def test_a_failed_change_leaves_the_store_as_it_was(full: Place) -> None:
    """The account is inserted, and then its pointers cannot be: nothing of it stays."""
    full.sql(
        "UPDATE aliconf_connector SET defaults_generated_at = NULL",
        "DELETE FROM policy_default",
    )
    no_inserts(full, "policy_default", "not today")
    before = stored(full)
    with writer(full) as opened:
        code, message = refused(
            lambda: opened.create("Account", "fr", Content({**ACCOUNT, "region": "FR"}))
        )
    assert (code, message) == (
        "ALI916",
        f"the connector store {store_at(full).display} refuses the change: not today",
    )
    assert stored(full) == before
    assert journal(full)[10:] == [("create", "Account/fr", "failed", f"{code} {message}")]


def test_an_internal_error_is_undone_and_in_the_journal(full: Place) -> None:
    with writer(full) as opened, pytest.raises(TypeError):
        opened.create("Campaign", "unheard", Content({"title": {1, 2}}))
    message = "a defect in aliconf (TypeError)"
    assert journal(full)[-1] == ("create", "Campaign/unheard", "failed", message)


# Regions


def test_a_region_change_is_refused_and_names_both_regions(full: Place) -> None:
    before = canonical(ACCOUNT)
    with writer(full) as opened:
        assert refused(
            lambda: opened.update("Account", "es", Content({**ACCOUNT, "region": "FR"}), before)
        ) == ("ALI919", "the region of Account/es is ES and cannot become FR")
    assert body_of(full, "Account", "es") == before


def test_an_administrator_may_set_the_same_region_and_everything_else(full: Place) -> None:
    full.sql("UPDATE account SET region = 'ES', title = 'By hand', name = 'spain'")
    assert stored(full)["Account", "spain"].title == "By hand"


def test_a_deleted_account_keeps_its_name_for_its_region(full: Place) -> None:
    with writer(full) as opened:
        opened.delete("Account", "es", canonical(ACCOUNT))
        assert ("Account", "es") not in stored(full)
        with reading(full) as reader:
            assert reader.reserved() == {"es": "ES"}
        assert refused(
            lambda: opened.create("Account", "es", Content({**ACCOUNT, "region": "FR"}))
        ) == (
            "ALI919",
            "the account name es is reserved with region ES: an account of that name was deleted, "
            "and FR cannot take its place",
        )
        opened.create("Account", "es", Content({**ACCOUNT, "title": "Spain again"}))
    assert stored(full)["Account", "es"].title == "Spain again"
    with reading(full) as reader:
        assert reader.reserved() == {}


def test_an_account_moves_to_a_reserved_name_of_its_region_only(full: Place) -> None:
    with writer(full) as opened:
        for name, region in (("es-2", "ES"), ("fr", "FR")):
            body = {**ACCOUNT, "region": region}
            opened.create("Account", name, Content(body))
            opened.delete("Account", name, canonical(body))
        code, message = refused(lambda: opened.move("Account", "es", "fr"))
        assert code == "ALI919"
        assert "reserved with region FR" in message
        opened.move("Account", "es", "es-2")
    with reading(full) as reader:
        assert reader.reserved() == {"fr": "FR"}
    assert stored(full)["Account", "es-2"].owner == "shop"
