"""OrderPolicy: how AliExpress orders become orders in Magento, and how fulfilment goes back."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_serializer

from aliconf.model.base import AttributeCode, Code, Document, Model, PolicySpec, empty_dict
from aliconf.model.shape import Choice
from aliconf.model.text import Email, OrderStatusCode

OrderStatus = Literal[
    "PLACE_ORDER_SUCCESS",
    "RISK_CONTROL",
    "WAIT_SELLER_SEND_GOODS",
    "SELLER_PART_SEND_GOODS",
    "WAIT_BUYER_ACCEPT_GOODS",
    "WAIT_SELLER_EXAMINE_MONEY",
    "FUND_PROCESSING",
    "FINISH",
    "IN_CANCEL",
    "IN_ISSUE",
    "IN_FROZEN",
]
"""The statuses of an AliExpress order (connector-domain §13)."""


class Notification(Model):
    """An e-mail for each order created."""

    enabled: bool = Field(default=False, description="Send an e-mail when an order is created.")
    email: Email | None = Field(
        default=None,
        description="Who gets it; required when enabled.",
        examples=["orders@shop.example"],
    )


class Customer(Model):
    """Whose order it is in Magento."""

    mode: Literal["guest", "perBuyer", "fixed"] = Field(
        default="guest",
        description="A guest order, one customer per buyer, or always the customer of `email`.",
    )
    email: Email | None = Field(
        default=None,
        description="The customer of the mode `fixed`.",
        examples=["aliexpress@shop.example"],
    )


class OrderNumber(Model):
    """Number of the order in Magento."""

    source: Literal["magento", "aliexpress"] = Field(
        default="magento", description="Magento's next number, or the AliExpress order id."
    )
    prefix: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=20)] | None, Code("ALI410")
    ] = Field(
        default=None,
        description="Put before the number; at most 20 characters.",
        examples=["AE-"],
    )


class Finish(Model):
    """An order that ended: delivered, or cancelled. Null leaves the Magento status alone."""

    completed: OrderStatusCode | None = Field(
        default="complete", description="Magento status of an order that was delivered."
    )
    cancelled: OrderStatusCode | None = Field(
        default="canceled", description="Magento status of an order that was cancelled."
    )

    @model_serializer
    def _with_nulls(self) -> dict[str, object]:
        return {"completed": self.completed, "cancelled": self.cancelled}


def _mapped(default: str, meaning: str) -> str | None:
    """A status with its default. Source: connector-domain §13."""
    status: str | None = Field(default=default, description=f"Magento status of: {meaning}.")
    return status


class StatusMapping(Model):
    """Magento status by AliExpress status. Null leaves the Magento status alone."""

    model_config = ConfigDict(alias_generator=str.upper)

    place_order_success: OrderStatusCode | None = _mapped(
        "pending_payment", "placed, awaiting payment"
    )
    risk_control: OrderStatusCode | None = _mapped(
        "payment_review", "paid, in the 24 h risk review"
    )
    wait_seller_send_goods: OrderStatusCode | None = _mapped(
        "processing", "paid, awaiting dispatch"
    )
    seller_part_send_goods: OrderStatusCode | None = _mapped("processing", "partly shipped")
    wait_buyer_accept_goods: OrderStatusCode | None = _mapped(
        "complete", "shipped, awaiting receipt"
    )
    wait_seller_examine_money: OrderStatusCode | None = _mapped(
        "payment_review", "awaiting the seller's confirmation of the amount"
    )
    fund_processing: OrderStatusCode | None = _mapped("complete", "received, funds being settled")
    finish: Finish | None = Field(
        default_factory=Finish.model_construct,
        description="Magento statuses of an order that ended.",
    )
    in_cancel: OrderStatusCode | None = _mapped("holded", "the buyer asked to cancel")
    in_issue: OrderStatusCode | None = _mapped("holded", "in dispute")
    in_frozen: OrderStatusCode | None = _mapped("holded", "frozen")

    @model_serializer
    def _with_nulls(self) -> dict[str, object]:
        return {name.upper(): value for name, value in self}


class Fulfillment(Model):
    """What is told to AliExpress about shipments."""

    send_tracking: bool = Field(
        default=True, description="Send shipments and their tracking numbers to AliExpress."
    )
    tracking_required: bool = Field(
        default=False, description="Ignore shipments without a tracking number."
    )
    carriers: dict[str, Annotated[str, StringConstraints(min_length=1)]] = Field(
        default_factory=empty_dict,
        description="AliExpress logistics service by Magento carrier code.",
        examples=[{"correos": "CORREOS_ES"}],
    )


class Invoice(Model):
    """Invoices of imported orders."""

    automatic: bool = Field(default=False, description="Invoice an imported order at once.")


class OrderPolicySpec(PolicySpec, Choice):
    """How AliExpress orders become orders in Magento, and how fulfilment goes back."""

    AT_LEAST_ONE = ("createOrders", "basedOn")

    create_orders: bool | None = Field(
        default=None,
        description="Create orders in Magento; required (a policy that is `basedOn` another may "
        "inherit it). When false, every other key is dead.",
        examples=[True],
    )
    create_when: OrderStatus = Field(
        default="WAIT_SELLER_SEND_GOODS",
        description="An order is created when it has this AliExpress status or a later paid one.",
    )
    sku_attribute: AttributeCode = Field(
        default="sku",
        description="Magento attribute that holds the SKU used on AliExpress.",
        examples=["aliexpress_sku"],
    )
    product_missing: Literal["createProductAndOrder", "doNotCreateOrder"] = Field(
        default="doNotCreateOrder",
        description="An order for a product that Magento does not have.",
    )
    allow_out_of_stock: bool = Field(
        default=False, description="Create orders for products out of stock or disabled, too."
    )
    use_magento_taxes: bool = Field(
        default=False,
        description="Add Magento's taxes to the AliExpress total, which may already hold them.",
    )
    notification: Notification = Field(
        default_factory=Notification.model_construct,
        description="An e-mail for each order created.",
        examples=[{"enabled": True, "email": "orders@shop.example"}],
    )
    customer: Customer = Field(
        default_factory=Customer.model_construct, description="Whose order it is in Magento."
    )
    order_number: OrderNumber = Field(
        default_factory=OrderNumber.model_construct,
        description="Number of the order in Magento.",
        examples=[{"source": "aliexpress", "prefix": "AE-"}],
    )
    status_mapping: StatusMapping = Field(
        default_factory=StatusMapping.model_construct,
        description="Magento status by AliExpress status, merged over the defaults. Null leaves "
        "the Magento status alone.",
        examples=[{"RISK_CONTROL": None, "FINISH": {"completed": "complete"}}],
    )
    fulfillment: Fulfillment = Field(
        default_factory=Fulfillment.model_construct,
        description="What is told to AliExpress about shipments.",
    )
    invoice: Invoice = Field(
        default_factory=Invoice.model_construct, description="Invoices of imported orders."
    )


class OrderPolicy(Document):
    """How AliExpress orders become orders in Magento, and how fulfilment goes back."""

    kind: Literal["OrderPolicy"]
    spec: OrderPolicySpec
