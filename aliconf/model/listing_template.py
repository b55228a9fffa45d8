"""ListingTemplate: which products are listed where, under which category and policies."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, StringConstraints, Tag

from aliconf.model.base import (
    DISTINCT,
    AttributeCode,
    Code,
    Document,
    Model,
    Name,
    Spec,
    Title,
    Words,
    empty_dict,
    empty_list,
)
from aliconf.model.numbers import Exact, Id, Whole
from aliconf.model.queries import Query
from aliconf.model.shape import Choice

Language = Literal[
    "en", "ru", "es", "fr", "it", "tr", "pt", "de", "nl", "in", "ar", "ja", "ko", "th", "vi", "iw"
]
"""The locales of AliExpress (connector-domain §6); `in` is Indonesian, `iw` Hebrew."""

Centimetres = Annotated[int, Whole(ge=1, le=700)]

Priority = Annotated[int, Whole(ge=0, le=1_000_000)]


class LabelSelector(Model):
    """Every account that has all of these labels."""

    match_labels: Annotated[dict[str, str], Field(min_length=1)] = Field(
        description="Labels and their values.", examples=[{"market": "eu"}]
    )


def _shape(value: Any) -> str:
    return "LabelSelector" if isinstance(value, dict | LabelSelector) else "Names"


Accounts = Annotated[
    Annotated[list[Name], Field(min_length=1), DISTINCT, Tag("Names")]
    | Annotated[LabelSelector, Tag("LabelSelector")],
    Discriminator(_shape),
    Words("list of account names, or a label selector"),
]
"""Names of accounts, or a label selector."""


class Attribute(Choice):
    """An AliExpress attribute and where its value comes from."""

    ONE_OF = ("value", "fromAttribute")

    name: Title = Field(description="Name of the AliExpress attribute.", examples=["Brand Name"])
    value: Title | None = Field(
        default=None, description="The same value for every product.", examples=["Acme"]
    )
    from_attribute: AttributeCode | None = Field(
        default=None, description="Magento attribute that holds the value.", examples=["brand"]
    )


class Package(Model):
    """Weight and size of the parcel."""

    weight_kg: Annotated[Annotated[Decimal, Exact(ge="0.001", le="500")], Code("ALI409")] = Field(
        description="Kilograms, 0.001 to 500.", examples=[0.8]
    )
    length_cm: Annotated[Centimetres, Code("ALI409")] = Field(
        description="Centimetres, 1 to 700.", examples=[35]
    )
    width_cm: Annotated[Centimetres, Code("ALI409")] = Field(
        description="Centimetres, 1 to 700.", examples=[25]
    )
    height_cm: Annotated[Centimetres, Code("ALI409")] = Field(
        description="Centimetres, 1 to 700.", examples=[15]
    )


class ListingSettings(Model):
    """What a template says of its listings, for all accounts or for one."""

    priority: Priority | None = Field(
        default=None,
        description="Where several templates match a product, the lowest number wins.",
        examples=[50],
    )
    image_policy: Name | None = Field(
        default=None, description="Name of an ImagePolicy; absent means the default."
    )
    pricing_policy: Name | None = Field(
        default=None,
        description="Name of a PricingPolicy; absent means the default.",
        examples=["markup"],
    )
    inventory_policy: Name | None = Field(
        default=None, description="Name of an InventoryPolicy; absent means the default."
    )
    language: Language | None = Field(
        default=None,
        description="Language of the listing, fixed after the upload; absent means the store "
        "view's.",
        examples=["es"],
    )
    title_template: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=1000)] | None, Code("ALI411")
    ] = Field(
        default=None,
        description="Jinja template of the listing's title over `product`; at most 128 characters "
        "when rendered. Absent means the product's name.",
        examples=["{{ product.brand }} {{ product.name }}"],
    )
    attributes: list[Attribute] | None = Field(
        default=None,
        description="AliExpress attributes of the listing.",
        examples=[[{"name": "Brand Name", "fromAttribute": "brand"}]],
    )
    freight_template_id: Id | None = Field(
        default=None, description="Id of the AliExpress freight template.", examples=[700123456]
    )
    shipping_lead_time_days: Annotated[
        Annotated[int, Whole(ge=1, le=30)] | None, Code("ALI408")
    ] = Field(
        default=None,
        description="Days until dispatch, 1 to 30; many categories take no more than 7.",
        examples=[3],
    )
    package: Package | None = Field(default=None, description="Weight and size of the parcel.")
    inventory_deduction: Literal["onOrder", "onPayment"] | None = Field(
        default=None, description="When AliExpress takes a sold item off the stock."
    )


class Listed(Spec):
    """What templates and campaigns begin with."""

    title: Title = Field(description="Internal name; unique.", examples=["Shoes"])
    accounts: Accounts = Field(
        description="Names of accounts, or a label selector.",
        examples=[["es"], {"matchLabels": {"market": "eu"}}],
    )


class _Assigned(Listed):
    """What every template says."""

    category_id: Id = Field(description="Id of an AliExpress leaf category.", examples=[200000343])
    query: Query = Field(
        description="Which products are listed; `{all: []}` matches every product.",
        examples=[{"inCategory": [12]}, {"all": []}],
    )


class AccountSettings(ListingSettings):
    """What differs in one account."""

    category_id: Id | None = Field(
        default=None, description="Id of an AliExpress leaf category.", examples=[200000343]
    )
    query: Query | None = Field(default=None, description="Which products are listed.")


class ListingTemplateSpec(ListingSettings, _Assigned):
    """Which products are listed where, under which category and policies."""

    priority: Priority = Field(
        default=100,
        description="Where several templates match a product, the lowest number wins.",
        examples=[50],
    )
    attributes: list[Attribute] = Field(
        default_factory=empty_list,
        description="AliExpress attributes of the listing.",
        examples=[[{"name": "Brand Name", "fromAttribute": "brand"}]],
    )
    inventory_deduction: Literal["onOrder", "onPayment"] = Field(
        default="onOrder", description="When AliExpress takes a sold item off the stock."
    )
    per_account: dict[Name, AccountSettings] = Field(
        default_factory=empty_dict,
        description="What differs in one account, by the account's name.",
        examples=[{"pl": {"pricingPolicy": "markup-pln"}}],
    )

    def in_account(self, account: str) -> Self:
        """The template as it is in force in one account."""
        own = self.per_account.get(account)
        if own is None:
            return self
        return self.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


class ListingTemplate(Document):
    """Which products are listed where, under which category and policies."""

    kind: Literal["ListingTemplate"]
    spec: ListingTemplateSpec
