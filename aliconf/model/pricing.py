"""PricingPolicy: from a Magento attribute to the price and the sale price of a listing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aliconf.model.base import AttributeCode, Model, Number
from aliconf.model.money import Amount, PositiveNumber
from aliconf.model.shape import Choice

ADJUSTMENTS = (
    "increaseByPercent",
    "decreaseByPercent",
    "increaseByAmount",
    "decreaseByAmount",
    "multiplyBy",
)


class Adjustment(Choice):
    """One step of the price; exactly one of the keys."""

    ONE_OF = ADJUSTMENTS

    increase_by_percent: PositiveNumber | None = Field(
        default=None, description="Percent added to the price.", examples=[12]
    )
    decrease_by_percent: Annotated[Number, Field(gt=0, lt=100)] | None = Field(
        default=None, description="Percent taken off the price; less than 100.", examples=[20]
    )
    increase_by_amount: Amount | None = Field(
        default=None, description="Amount added, in the account's currency.", examples=[1.5]
    )
    decrease_by_amount: Amount | None = Field(
        default=None, description="Amount taken off, in the account's currency.", examples=[1.5]
    )
    multiply_by: PositiveNumber | None = Field(
        default=None, description="Factor on the price.", examples=[1.21]
    )


class Conversion(Model):
    """Conversion between the store view's currency and the account's."""

    rate: PositiveNumber | None = Field(
        default=None,
        description="Overrides the project's exchange rate.",
        examples=[4.31],
    )


class Margin(Model):
    """The price is at least cost x (1 + percent / 100); the cost is converted like the price."""

    cost_attribute: AttributeCode = Field(
        default="cost", description="Magento attribute that holds the cost."
    )
    minimum_markup_percent: Annotated[Number, Field(ge=0)] = Field(
        description="Least markup on the cost, in percent.", examples=[15]
    )
    missing_cost: Literal["warn", "reject"] = Field(
        default="warn", description="What becomes of a product without a cost."
    )


class Rounding(Choice):
    """Rounding of the final price."""

    ONE_OF = ("step", "ending")
    OPTIONAL = True

    mode: Literal["none", "nearest", "up", "down"] = Field(
        default="none", description="`none` keeps two decimals."
    )
    step: PositiveNumber | None = Field(
        default=None, description="Round to a multiple of this.", examples=[0.05]
    )
    ending: Annotated[Number, Field(ge=0, lt=1)] | None = Field(
        default=None, description="Round to a price that ends like this.", examples=[0.99]
    )
