"""InventoryPolicy: from Magento's stock to the quantity of a listing."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from aliconf.model.base import DISTINCT, AttributeCode, Code, Document, Model, PolicySpec
from aliconf.model.durations import Lasting
from aliconf.model.numbers import Whole
from aliconf.model.text import SourceCode

Quantity = Annotated[int, Whole(ge=0, le=999_999)]
"""AliExpress takes 0 to 999999 of one SKU (connector-domain §10)."""


class StockSource(Model):
    """Where the quantity comes from."""

    type: Literal["stock", "msi", "attribute"] = Field(
        default="stock",
        description="`stock`: the salable quantity of the website's stock. `msi`: the inventory "
        "sources in `sources`. `attribute`: the product attribute in `attribute`.",
    )
    sources: Annotated[list[SourceCode], Field(min_length=1), DISTINCT] | None = Field(
        default=None,
        description="Codes of Magento inventory sources, for the type `msi`.",
        examples=[["madrid", "valencia"]],
    )
    attribute: AttributeCode | None = Field(
        default=None,
        description="Magento attribute that holds the quantity, for the type `attribute`.",
        examples=["marketplace_qty"],
    )


class Threshold(Model):
    """A fixed quantity above and below a stock level; at the level the other settings decide."""

    value: Annotated[Quantity, Code("ALI405")] = Field(
        description="Compared with the source's stock.", examples=[10]
    )
    send_above: Annotated[Quantity, Code("ALI405")] = Field(
        description="Sent while the stock is above the value.", examples=[10]
    )
    send_below: Annotated[Quantity, Code("ALI405")] = Field(
        description="Sent while the stock is below the value.", examples=[0]
    )


class InventoryPolicySpec(PolicySpec):
    """How a quantity is computed: source, threshold, safety stock, percentage, maximum."""

    source: StockSource = Field(
        default_factory=StockSource.model_construct,
        description="Where the quantity comes from.",
        examples=[{"type": "msi", "sources": ["madrid"]}],
    )
    update_every: Annotated[
        timedelta,
        Lasting("5m", "24h"),
        Code("ALI406"),
    ] = Field(
        default=timedelta(hours=2),
        description="How often the stock is sent; 5m to 24h.",
        examples=["30m", "2h"],
    )
    safety_stock: Annotated[Quantity, Code("ALI405")] = Field(
        default=0,
        description="Kept back for Magento: with 18 in stock and 5 kept, 13 are sent.",
        examples=[5],
    )
    percentage: Annotated[int, Whole(ge=1, le=100), Code("ALI407")] = Field(
        default=100,
        description="Percent sent of what is left after the safety stock, rounded down.",
        examples=[50],
    )
    threshold: Threshold | None = Field(
        default=None,
        description="A fixed quantity above and below a stock level.",
        examples=[{"value": 10, "sendAbove": 10, "sendBelow": 0}],
    )
    default_quantity: Annotated[Quantity | None, Code("ALI405")] = Field(
        default=None,
        description="Sent for a product that does not manage stock.",
        examples=[100],
    )
    maximum: Annotated[Quantity | None, Code("ALI405")] = Field(
        default=None, description="Never more than this is sent.", examples=[50]
    )
    out_of_stock: Literal["sendZero", "unlist"] = Field(
        default="sendZero",
        description="A product without stock: its listing stays with quantity 0, or is taken down.",
    )


class InventoryPolicy(Document):
    """From Magento's stock to the quantity of a listing."""

    kind: Literal["InventoryPolicy"]
    spec: InventoryPolicySpec
