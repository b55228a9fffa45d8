"""The kinds: what their bodies hold, what defaults are in force, what is refused and where."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from aliconf.model.base import Code, body, canonical
from aliconf.model.defaults import generated
from aliconf.model.kinds import KINDS, POLICY_KINDS, spec_from_body
from aliconf.model.listing_template import ListingTemplateSpec
from aliconf.model.money import amounts
from aliconf.model.project import ProjectSpec
from aliconf.model.queries import Query
from tests.model_cases import FULL, SMALL, as_read, document, read

STATUSES = {
    "PLACE_ORDER_SUCCESS": "pending_payment",
    "RISK_CONTROL": "payment_review",
    "WAIT_SELLER_SEND_GOODS": "processing",
    "SELLER_PART_SEND_GOODS": "processing",
    "WAIT_BUYER_ACCEPT_GOODS": "complete",
    "WAIT_SELLER_EXAMINE_MONEY": "payment_review",
    "FUND_PROCESSING": "complete",
    "FINISH": {"completed": "complete", "cancelled": "canceled"},
    "IN_CANCEL": "holded",
    "IN_ISSUE": "holded",
    "IN_FROZEN": "holded",
}

BODIES: dict[str, dict[str, Any]] = {
    "Registration": {"email": "shop@example.com", "acceptTerms": True},
    "ImagePolicy": {
        "title": "Images",
        "maxImages": 6,
        "mainImageAttribute": "image",
        "gallery": "all",
        "minimumResolution": {"width": 800, "height": 800},
        "belowMinimum": "skip",
        "formats": ["jpeg", "jpg", "png"],
        "maxFileSize": "3MB",
        "shape": "keep",
        "background": "white",
    },
    "InventoryPolicy": {
        "title": "Stock",
        "source": {"type": "stock"},
        "updateEvery": "2h",
        "safetyStock": 0,
        "percentage": 100,
        "outOfStock": "sendZero",
    },
    "PricingPolicy": {
        "title": "Prices",
        "priceAttribute": "price",
        "adjustments": [],
        "rounding": {"mode": "none"},
    },
    "OrderPolicy": {
        "title": "Orders",
        "createOrders": True,
        "createWhen": "WAIT_SELLER_SEND_GOODS",
        "skuAttribute": "sku",
        "productMissing": "doNotCreateOrder",
        "allowOutOfStock": False,
        "useMagentoTaxes": False,
        "notification": {"enabled": False},
        "customer": {"mode": "guest"},
        "orderNumber": {"source": "magento"},
        "statusMapping": STATUSES,
        "fulfillment": {"sendTracking": True, "trackingRequired": False, "carriers": {}},
        "invoice": {"automatic": False},
    },
    "SynchronizationPolicy": {
        "title": "Live",
        "products": {"upload": True, "update": True, "assign": True},
        "pricesAndInventory": True,
        "orders": True,
        "schedule": {},
        "includeNotVisibleIndividually": False,
        "includeOutOfStock": False,
    },
    "Account": {"title": "Spain", "region": "ES", "storeView": "es_es"},
    "ListingTemplate": {
        "title": "Shoes",
        "accounts": ["es"],
        "categoryId": 200000343,
        "query": {"all": []},
        "priority": 100,
        "attributes": [],
        "inventoryDeduction": "onOrder",
        "perAccount": {},
    },
    "Campaign": {
        "title": "Black Friday",
        "accounts": {"matchLabels": {"market": "eu"}},
        "active": {"from": "2026-11-26T23:00:00Z", "until": "2026-11-30T23:00:00Z"},
        "priority": 100,
    },
    "Project": {
        "connector": "sqlite:///.aliconf/connector.db",
        "drift": {"ignore": []},
        "exchangeRates": [],
        "environments": {},
        "moved": [],
        "guardrails": {"maximumUpdates": "30", "maximumDeletes": "30", "minimumObjects": 10},
        "rules": {"ignore": []},
    },
}


def spec(kind: str, **keys: Any) -> Any:
    return KINDS[kind].spec_type().model_validate(as_read(SMALL[kind] | keys))


def refusals(kind: str, **keys: Any) -> list[tuple[str, str]]:
    """Place and type of every error."""
    with pytest.raises(ValidationError) as caught:
        spec(kind, **keys)
    return [
        (".".join(map(str, error["loc"])), error["type"])
        for error in caught.value.errors(include_url=False)
    ]


def test_kinds_stand_after_what_they_need() -> None:
    assert list(KINDS) == [
        "Project",
        "Registration",
        "ImagePolicy",
        "InventoryPolicy",
        "PricingPolicy",
        "OrderPolicy",
        "SynchronizationPolicy",
        "Account",
        "ListingTemplate",
        "Campaign",
    ]
    assert [kind for kind in KINDS if kind.endswith("Policy")] == list(POLICY_KINDS)
    assert len(KINDS) == 10
    assert "Product" not in KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_holds_every_default_in_force(kind: str) -> None:
    assert body(read(kind, SMALL[kind]).spec) == BODIES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_read_back_is_the_same_body(kind: str) -> None:
    once = body(read(kind, FULL[kind]).spec)
    assert body(spec_from_body(kind, once)) == once


@pytest.mark.parametrize("kind", POLICY_KINDS)
def test_what_configures_aliconf_is_no_part_of_a_body(kind: str) -> None:
    policy = read(kind, SMALL[kind] | {"default": True, "basedOn": "markup"})
    assert body(policy.spec) == BODIES[kind]


def test_numbers_in_a_body_are_plain_text() -> None:
    body_ = body(read("PricingPolicy", FULL["PricingPolicy"]).spec)
    assert body_ == {
        "title": "Prices",
        "priceAttribute": "msrp",
        "adjustments": [
            {"increaseByPercent": "12"},
            {"decreaseByPercent": "99.99"},
            {"increaseByAmount": {"EUR": "1.5", "PLN": "6"}},
            {"decreaseByAmount": "0.5"},
            {"multiplyBy": "1.21"},
        ],
        "currency": {"rate": "4.31"},
        "margin": {
            "costAttribute": "cost",
            "minimumMarkupPercent": "15",
            "missingCost": "reject",
        },
        "minimum": {"EUR": "0.01", "PLN": "0.05"},
        "maximum": "100000",
        "rounding": {"mode": "up", "ending": "0.99"},
        "salePrice": {"adjustments": [{"decreaseByPercent": "20"}], "minimum": {"EUR": "9.9"}},
    }


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("PricingPolicy", {"minimum": "12.50"}, {"minimum": Decimal("1.25E1")}),
        ("PricingPolicy", {"maximum": 100}, {"maximum": "100.00"}),
        ("InventoryPolicy", {"updateEvery": "120m"}, {"updateEvery": "2h"}),
        ("InventoryPolicy", {"updateEvery": "24h"}, {"updateEvery": "1d"}),
        ("InventoryPolicy", {"percentage": 50.0}, {"percentage": 50}),
        ("ImagePolicy", {"maxFileSize": "2048KB"}, {"maxFileSize": "2MB"}),
        ("ImagePolicy", {"formats": ["png", "jpg"]}, {"formats": ["jpg", "png"]}),
        ("Account", {"region": "United Kingdom"}, {"region": "UK"}),
        ("Account", {"region": "South Korea"}, {"region": "KR"}),
        ("ListingTemplate", {"accounts": ["b", "a"]}, {"accounts": ["a", "b"]}),
        (
            "ListingTemplate",
            {"query": {"attribute": "a", "in": [12, "b", 12.0]}},
            {"query": {"attribute": "a", "in": ["b", "12"]}},
        ),
        ("SynchronizationPolicy", {"schedule": {"orders": "60m"}}, {"schedule": {"orders": "1h"}}),
    ],
)
def test_what_is_written_in_another_way_is_no_change(
    kind: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert canonical(body(spec(kind, **one))) == canonical(body(spec(kind, **other)))


def test_canonical_text_has_sorted_keys_and_no_spaces() -> None:
    assert canonical({"b": [1, None], "a": {"é": True}}) == '{"a":{"é":true},"b":[1,null]}'


def test_a_status_mapping_is_merged_over_the_defaults_and_null_stays() -> None:
    changed = spec(
        "OrderPolicy",
        statusMapping={"RISK_CONTROL": None, "IN_ISSUE": "fraud", "FINISH": {"completed": None}},
    )
    assert body(changed)["statusMapping"] == STATUSES | {
        "RISK_CONTROL": None,
        "IN_ISSUE": "fraud",
        "FINISH": {"completed": None, "cancelled": "canceled"},
    }
    assert body(spec("OrderPolicy", statusMapping={"FINISH": None}))["statusMapping"] == (
        STATUSES | {"FINISH": None}
    )


@pytest.mark.parametrize(
    ("given", "attribute"),
    [
        ({}, {"attribute": "special_price"}),
        ({"minimum": 5}, {"attribute": "special_price", "minimum": "5"}),
        ({"attribute": "deal"}, {"attribute": "deal"}),
        (
            {"adjustments": [{"decreaseByPercent": 20}]},
            {"adjustments": [{"decreaseByPercent": "20"}]},
        ),
    ],
)
def test_a_sale_price_is_the_special_price_unless_something_else_is_said(
    given: dict[str, Any], attribute: dict[str, Any]
) -> None:
    assert body(spec("PricingPolicy", salePrice=given))["salePrice"] == attribute


def test_a_policy_based_on_another_may_inherit_whether_it_creates_orders() -> None:
    assert spec("OrderPolicy", createOrders=None, basedOn="default").create_orders is None
    assert refusals("OrderPolicy", createOrders=None) == [("", "no_key")]


def test_terms_are_accepted_with_true_and_nothing_else() -> None:
    assert refusals("Registration", acceptTerms=False) == [("acceptTerms", "literal_error")]
    assert refusals("Registration", acceptTerms=1) == [("acceptTerms", "bool_type")]


def test_every_wrong_value_is_reported_at_its_place() -> None:
    assert refusals(
        "PricingPolicy",
        minimum=0,
        maximum={"EUR": 100_001},
        adjustments=[{"decreaseByPercent": 100}, {}, {"multiplyBy": 1, "increaseByPercent": 1}],
        colour="red",
    ) == [
        ("adjustments.0.decreaseByPercent", "less_than"),
        ("adjustments.1", "no_key"),
        ("adjustments.2", "too_many_keys"),
        ("minimum.Amount", "greater_than_equal"),
        ("maximum.ByCurrency.EUR", "less_than_equal"),
        ("colour", "extra_forbidden"),
    ]


CODES = {
    ("InventoryPolicy", "update_every"): "ALI406",
    ("InventoryPolicy", "safety_stock"): "ALI405",
    ("InventoryPolicy", "percentage"): "ALI407",
    ("InventoryPolicy", "default_quantity"): "ALI405",
    ("InventoryPolicy", "maximum"): "ALI405",
    ("ImagePolicy", "max_images"): "ALI401",
    ("ImagePolicy", "formats"): "ALI402",
    ("ImagePolicy", "max_file_size"): "ALI403",
    ("ImagePolicy", "default_image"): "ALI412",
    ("PricingPolicy", "minimum"): "ALI404",
    ("PricingPolicy", "maximum"): "ALI404",
    ("Registration", "accept_terms"): "ALI207",
    ("Account", "region"): "ALI206",
    ("Account", "store_view"): "ALI205",
    ("ListingTemplate", "title_template"): "ALI411",
    ("ListingTemplate", "shipping_lead_time_days"): "ALI408",
}


def test_limits_carry_the_code_of_their_finding() -> None:
    found = {
        (kind, name): item.code
        for kind in KINDS
        for name, field in KINDS[kind].spec_type().model_fields.items()
        for item in field.metadata
        if isinstance(item, Code)
    }
    assert found == CODES


def test_an_error_does_not_repeat_a_literal_secret() -> None:
    keys = {"appKey": "s3cr3t-key", "appSecret": "s3cr3t"}
    with pytest.raises(ValidationError) as caught:
        spec("Account", authorization=keys)
    assert "s3cr3t" not in str(caught.value)
    assert [error["type"] for error in caught.value.errors()] == ["secret_literal"] * 2


def test_severities_are_what_the_rules_say_of_single_codes() -> None:
    project = read("Project", FULL["Project"]).spec
    assert isinstance(project, ProjectSpec)
    assert project.rules.severities == {"ALI414": "off", "ALI415": "error"}
    assert project.rules.ignore[0].object == "PricingPolicy/markup"
    assert ProjectSpec.model_validate({}).rules.severities == {}


def test_a_document_says_who_it_is() -> None:
    account = read("Account", SMALL["Account"])
    assert account.metadata.name == "x"
    assert account.metadata.labels == {"market": "eu"}
    assert account.lifecycle.protect
    small = {key: document("Account", SMALL["Account"])[key] for key in ("apiVersion", "kind")}
    with pytest.raises(ValidationError) as caught:
        KINDS["Account"].model_validate(small)
    assert [error["loc"] for error in caught.value.errors()] == [("metadata",), ("spec",)]


def test_a_template_in_one_account_has_what_is_said_for_it() -> None:
    template = read("ListingTemplate", FULL["ListingTemplate"]).spec
    assert isinstance(template, ListingTemplateSpec)
    french = template.in_account("fr")
    assert (french.language, french.pricing_policy, french.query) == (
        "fr",
        "prices-fr",
        Query.model_validate({"all": []}),
    )
    assert (french.title, french.priority, french.package) == ("Shoes", 50, template.package)
    assert template.in_account("es") is template


def test_a_query_names_its_comparison() -> None:
    assert Query.model_validate({"attribute": "a", "in": ["x"]}).operator == "in"
    assert Query.model_validate({"all": []}).operator == ""


def test_amounts_come_with_their_currency() -> None:
    assert amounts(Decimal(5)) == [("", Decimal(5))]
    assert amounts({"EUR": Decimal(5), "PLN": Decimal(20)}) == [
        ("EUR", Decimal(5)),
        ("PLN", Decimal(20)),
    ]


def test_the_generated_policies_say_nothing_but_the_defaults() -> None:
    policies = generated()
    assert [policy.kind for policy in policies] == list(POLICY_KINDS)
    assert {policy.metadata.name for policy in policies} == {"default"}
    assert [body(policy.spec) for policy in policies] == [
        BODIES[kind] | {"title": f"Default {kind.removesuffix('Policy')} Policy"}
        for kind in POLICY_KINDS
    ]
    assert all(policy.spec.model_dump()["default"] for policy in policies)
