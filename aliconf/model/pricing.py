"""PricingPolicy: from a Magento attribute to the price and the sale price of a listing."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from aliconf.model.base import AttributeCode, Code, Document, Model, PolicySpec, empty_list
from aliconf.model.money import Amount, Price
from aliconf.model.numbers import Exact, Number, PositiveNumber
from aliconf.model.shape import Choice


class Adjustment(Choice):
    """One step of the price; exactly one of the keys."""

    ONE_OF = (
        "increaseByPercent",
        "decreaseByPercent",
        "increaseByAmount",
        "decreaseByAmount",
        "multiplyBy",
    )

    increase_by_percent: PositiveNumber | None = Field(
        default=None, description="Percent added to the price.", examples=[12]
    )
    decrease_by_percent: Annotated[
        Annotated[Decimal, Exact(gt="0", lt="100")] | None, Code("ALI301")
    ] = Field(
        default=None,
        description="Percent taken off the price; less than 100, or nothing would be left.",
        examples=[20],
    )
    increase_by_amount: Amount | None = Field(
        default=None,
        description="Amount added, in the account's listing currency or by currency.",
        examples=[1.5, {"EUR": 1.5, "PLN": 6}],
    )
    decrease_by_amount: Amount | None = Field(
        default=None,
        description="Amount taken off, in the account's listing currency or by currency.",
        examples=[1.5],
    )
    multiply_by: PositiveNumber | None = Field(
        default=None, description="Factor on the price.", examples=[1.21]
    )


class Conversion(Model):
    """Conversion from the store view's currency to the account's."""

    rate: PositiveNumber = Field(
        description="Overrides the project's exchange rate: one unit of the store view's currency "
        "in the account's.",
        examples=[4.31],
    )


class Margin(Model):
    """The price is at least cost x (1 + percent / 100); the cost is converted like the price."""

    cost_attribute: AttributeCode = Field(
        default="cost", description="Magento attribute that holds the cost."
    )
    minimum_markup_percent: Number = Field(
        description="Least markup on the cost, in percent.", examples=[15]
    )
    missing_cost: Literal["warn", "reject"] = Field(
        default="warn",
        description="A product without a cost: listed with a warning, or not listed.",
    )


class Rounding(Choice):
    """Rounding of the final price."""

    AT_MOST_ONE = ("step", "ending")

    mode: Literal["none", "nearest", "up", "down"] = Field(
        default="none", description="Direction of rounding; `none` keeps two decimals."
    )
    step: PositiveNumber | None = Field(
        default=None, description="Round to a multiple of this.", examples=[0.05]
    )
    ending: Annotated[Decimal, Exact(ge="0", lt="1")] | None = Field(
        default=None, description="Round to a price that ends like this.", examples=[0.99]
    )


class SalePrice(Choice):
    """The offer beside the crossed-out price. It must end below the price."""

    AT_MOST_ONE = ("attribute", "adjustments")

    attribute: AttributeCode | None = Field(
        default=None,
        description="Magento attribute that holds the sale price; `special_price` where neither "
        "this nor `adjustments` is given.",
        examples=["special_price"],
    )
    adjustments: Annotated[list[Adjustment], Field(min_length=1)] | None = Field(
        default=None,
        description="Steps from the final price, applied in order.",
        examples=[[{"decreaseByPercent": 20}]],
    )
    minimum: Annotated[Price | None, Code("ALI404")] = Field(
        default=None, description="The sale price is never less.", examples=[{"EUR": 9.99}]
    )

    @model_validator(mode="before")
    @classmethod
    def _special_price(cls, data: object) -> object:
        if isinstance(data, dict) and not data.keys() & set(cls.AT_MOST_ONE):
            return {**data, "attribute": "special_price"}
        return data


class PricingPolicySpec(PolicySpec):
    """How a price is computed: attribute, adjustments, currency, margin, bounds, rounding."""

    price_attribute: AttributeCode = Field(
        default="price", description="Magento attribute that the price starts from."
    )
    adjustments: list[Adjustment] = Field(
        default_factory=empty_list,
        description="Steps applied in order; each is exactly one of the five.",
        examples=[[{"increaseByPercent": 12}]],
    )
    currency: Conversion | None = Field(
        default=None,
        description="Conversion, where store view and account differ in currency.",
    )
    margin: Margin | None = Field(
        default=None,
        description="Keeps the price above the cost.",
        examples=[{"minimumMarkupPercent": 15}],
    )
    minimum: Annotated[Price | None, Code("ALI404")] = Field(
        default=None,
        description="The price is never less; AliExpress takes 0.01 to 100000.",
        examples=[4.99, {"EUR": 4.99, "PLN": 19.99}],
    )
    maximum: Annotated[Price | None, Code("ALI404")] = Field(
        default=None,
        description="The price is never more; AliExpress takes 0.01 to 100000.",
        examples=[999],
    )
    rounding: Rounding = Field(
        default_factory=Rounding.model_construct,
        description="Rounding of the final price; upwards where it would break margin or minimum.",
        examples=[{"mode": "up", "ending": 0.99}],
    )
    sale_price: SalePrice | None = Field(
        default=None,
        description="The offer beside the crossed-out price; without it there is none.",
        examples=[{"adjustments": [{"decreaseByPercent": 20}]}],
    )


class PricingPolicy(Document):
    """From a Magento attribute to the price and the sale price of a listing."""

    kind: Literal["PricingPolicy"]
    spec: PricingPolicySpec
