"""SynchronizationPolicy: what is synchronized between Magento and AliExpress, and when."""

from typing import Annotated, Literal

from pydantic import Field

from aliconf.model.base import DISTINCT, AttributeCode, Document, Model, PolicySpec
from aliconf.model.cron import Schedule


class Products(Model):
    """What is done with products."""

    upload: bool = Field(
        default=True,
        description="Upload new Magento products that a listing template matches.",
    )
    update: bool = Field(default=True, description="Send changed product details.")
    assign: bool = Field(
        default=True, description="Assign products to the listing template that matches them."
    )


class Schedules(Model):
    """When each runs. Stock follows the inventory policy's `updateEvery`."""

    products: Schedule | None = Field(
        default=None,
        description="Five-field cron or duration; absent leaves the connector's own rhythm.",
        examples=["0 3 * * *"],
    )
    prices: Schedule | None = Field(
        default=None,
        description="Five-field cron or duration; absent leaves the connector's own rhythm.",
        examples=["0 3 * * *"],
    )
    orders: Schedule | None = Field(
        default=None,
        description="Five-field cron or duration; absent leaves the connector's own rhythm.",
        examples=["15m"],
    )


class SynchronizationPolicySpec(PolicySpec):
    """What is synchronized between Magento and AliExpress, and when."""

    products: Products = Field(
        default_factory=Products.model_construct, description="What is done with products."
    )
    prices_and_inventory: bool = Field(
        default=True,
        description="Send changed prices and stock; needs `products.update`.",
    )
    orders: bool = Field(default=True, description="Fetch orders from AliExpress.")
    schedule: Schedules = Field(
        default_factory=Schedules.model_construct,
        description="When each runs.",
        examples=[{"prices": "0 3 * * *", "orders": "15m"}],
    )
    include_not_visible_individually: bool = Field(
        default=False,
        description='Synchronize products whose visibility is "Not Visible Individually".',
    )
    include_out_of_stock: bool = Field(
        default=False, description="Synchronize products that are out of stock."
    )
    observed_attributes: Annotated[list[AttributeCode], Field(min_length=1), DISTINCT] | None = (
        Field(
            default=None,
            description="When given, only a change in one of these attributes triggers a "
            "synchronization, of all attributes.",
            examples=[["name", "price", "quantity_and_stock_status"]],
        )
    )


class SynchronizationPolicy(Document):
    """What is synchronized between Magento and AliExpress, and when."""

    kind: Literal["SynchronizationPolicy"]
    spec: SynchronizationPolicySpec
