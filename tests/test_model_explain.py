"""What a kind and a field mean."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aliconf.model.explain import FieldDescription, UnknownFieldError, describe
from aliconf.model.kinds import KINDS


def test_a_field_is_described_whole() -> None:
    assert describe("PricingPolicy.adjustments.decreaseByPercent") == FieldDescription(
        path="PricingPolicy.adjustments.decreaseByPercent",
        type="number",
        description="Percent taken off the price; less than 100, or nothing would be left.",
        bounds=("more than 0", "less than 100"),
        examples=("20",),
    )
    assert describe("ImagePolicy.maxFileSize") == FieldDescription(
        path="ImagePolicy.maxFileSize",
        type="file size",
        description="Larger files are not sent; AliExpress takes up to 5MB.",
        default="3MB",
        examples=("3MB", "500KB"),
    )
    assert describe("Registration.acceptTerms") == FieldDescription(
        path="Registration.acceptTerms",
        type="true",
        description="The terms and conditions are accepted. Nothing can be applied without.",
        required=True,
        allowed=("true",),
    )


def test_a_kind_is_described_by_its_fields() -> None:
    kind = describe("Registration")
    assert (kind.path, kind.description) == (
        "Registration",
        "The merchant, and the accepted terms.",
    )
    assert [(child.path, child.required, child.children) for child in kind.children] == [
        ("Registration.email", True, ()),
        ("Registration.acceptTerms", True, ()),
    ]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("pricing-policy", "PricingPolicy"),
        ("PRICINGPOLICY.spec", "PricingPolicy"),
        ("account.spec.region", "Account.region"),
        ("Account.metadata.name", "Account.metadata.name"),
        ("Account.lifecycle.protect", "Account.lifecycle.protect"),
        ("Project.environments.magento.url", "Project.environments.magento.url"),
        ("Project.environments.staging.magento", "Project.environments.staging.magento"),
        ("Project.rules.ALI414", "Project.rules.ALI414"),
        ("ListingTemplate.query.all.not.in", "ListingTemplate.query.all.not.in"),
        ("ListingTemplate.accounts.matchLabels", "ListingTemplate.accounts.matchLabels"),
        (
            "ListingTemplate.perAccount.package.weightKg",
            "ListingTemplate.perAccount.package.weightKg",
        ),
        (
            "OrderPolicy.statusMapping.FINISH.completed",
            "OrderPolicy.statusMapping.FINISH.completed",
        ),
    ],
)
def test_paths_may_leave_out_the_spec_and_the_keys_of_maps(asked: str, path: str) -> None:
    assert describe(asked).path == path


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("PricingPolicy.adjustments", "list of mappings"),
        ("PricingPolicy.minimum", "amount, or a map of amounts by currency"),
        ("InventoryPolicy.updateEvery", "duration"),
        ("InventoryPolicy.source.sources", "list of inventory source codes"),
        ("SynchronizationPolicy.schedule.prices", "cron expression or duration"),
        ("SynchronizationPolicy.orders", "true or false"),
        ("Account.authorization.appKey", "secret reference"),
        ("Account.region", "country"),
        ("Account.metadata.labels", "map of text"),
        ("Project.environments", "map of mappings"),
        ("Project.systemCheck.memoryLimit", "PHP memory limit"),
        ("ListingTemplate.accounts", "list of account names, or a label selector"),
        ("ListingTemplate.query.in", "list of values"),
        ("ListingTemplate.freightTemplateId", "whole number"),
    ],
)
def test_types_are_in_words(path: str, words: str) -> None:
    assert describe(path).type == words


def test_a_policy_says_its_choices_and_its_default() -> None:
    gallery = describe("ImagePolicy.gallery")
    assert (gallery.default, gallery.allowed) == ("all", ("all", "visible", "none"))
    assert describe("ImagePolicy.formats").allowed == ("jpg", "jpeg", "png")


@pytest.mark.parametrize(
    ("asked", "message", "candidates"),
    [
        ("Acount", "there is no Acount", ("Account",)),
        ("Account.storeview", "there is no Account.storeview", ("storeView",)),
        ("Account.region.code", "there is no Account.region.code", ()),
        ("Project.guardrail", "there is no Project.guardrail", ("guardrails",)),
    ],
)
def test_an_unknown_path_gets_what_was_probably_meant(
    asked: str, message: str, candidates: tuple[str, ...]
) -> None:
    with pytest.raises(UnknownFieldError) as caught:
        describe(asked)
    assert str(caught.value) == message
    assert caught.value.candidates == candidates
    assert isinstance(caught.value, LookupError)


def fields(path: str, depth: int) -> Iterator[FieldDescription]:
    found = describe(path)
    yield found
    for child in found.children if depth else ():
        yield from fields(child.path, depth - 1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_type_and_a_description(kind: str) -> None:
    for field in fields(kind, 3):
        assert field.type, field.path
        assert field.description, field.path
