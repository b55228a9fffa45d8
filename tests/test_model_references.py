"""Which objects a body names, and what a rename does to it."""

from __future__ import annotations

import pytest

from aliconf.model.base import body
from aliconf.model.kinds import KINDS, SLOTS
from aliconf.model.references import references, rename_references
from tests.model_cases import FULL, SMALL, read

TEMPLATE = body(read("ListingTemplate", FULL["ListingTemplate"]).spec)


def test_slots_are_keys_of_their_kind_and_name_kinds() -> None:
    for (kind, slot), of_kind in SLOTS.items():
        keys = {field.alias for field in KINDS[kind].spec_type().model_fields.values()}
        assert slot in keys
        assert of_kind in KINDS


def test_a_template_refers_to_accounts_and_policies_also_per_account() -> None:
    assert list(references("ListingTemplate", TEMPLATE)) == [
        (("accounts", 0), "Account", "es"),
        (("accounts", 1), "Account", "fr"),
        (("perAccount", "fr"), "Account", "fr"),
        (("perAccount", "fr", "pricingPolicy"), "PricingPolicy", "prices-fr"),
        (("imagePolicy",), "ImagePolicy", "images"),
        (("pricingPolicy",), "PricingPolicy", "prices"),
        (("inventoryPolicy",), "InventoryPolicy", "stock"),
    ]


def test_a_selector_and_a_default_are_no_references() -> None:
    campaign = body(read("Campaign", FULL["Campaign"]).spec)
    assert [name for _, _, name in references("Campaign", campaign)] == [
        "images",
        "black-friday",
        "stock",
    ]
    assert list(references("Account", body(read("Account", SMALL["Account"]).spec))) == []
    assert (
        list(references("PricingPolicy", body(read("PricingPolicy", SMALL["PricingPolicy"]).spec)))
        == []
    )


@pytest.mark.parametrize(
    ("of_kind", "old", "new", "changed"),
    [
        ("ImagePolicy", "images", "square", {"imagePolicy": "square"}),
        ("PricingPolicy", "images", "square", {}),
        (
            "PricingPolicy",
            "prices-fr",
            "markup-fr",
            {"perAccount": {"fr": TEMPLATE["perAccount"]["fr"] | {"pricingPolicy": "markup-fr"}}},
        ),
        (
            "Account",
            "fr",
            "be",
            {"accounts": ["be", "es"], "perAccount": {"be": TEMPLATE["perAccount"]["fr"]}},
        ),
        ("Account", "it", "es", {}),
    ],
)
def test_a_rename_changes_only_what_names_the_object(
    of_kind: str, old: str, new: str, changed: dict[str, object]
) -> None:
    before = body(read("ListingTemplate", FULL["ListingTemplate"]).spec)
    after = rename_references(TEMPLATE, "ListingTemplate", of_kind, old, new)
    assert after == before | changed
    assert before == TEMPLATE  # the body given is left alone


def test_an_account_follows_its_policies() -> None:
    account = body(read("Account", FULL["Account"]).spec)
    assert rename_references(account, "Account", "OrderPolicy", "orders", "paid") == account | {
        "orderPolicy": "paid"
    }
