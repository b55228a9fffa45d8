"""Campaign: policies that replace a listing template's for a while."""

from typing import Literal

from pydantic import Field

from aliconf.model.base import Document, Model, Name
from aliconf.model.listing_template import Listed, Priority
from aliconf.model.queries import Query
from aliconf.model.times import Timestamp


class Window(Model):
    """When the campaign runs."""

    from_: Timestamp = Field(
        alias="from",
        description="First moment, with offset.",
        examples=["2026-11-27T00:00:00+01:00"],
    )
    until: Timestamp = Field(
        description="First moment that it no longer runs, with offset.",
        examples=["2026-12-01T00:00:00+01:00"],
    )


class CampaignSpec(Listed):
    """Policies that replace a listing template's for a while."""

    query: Query | None = Field(
        default=None,
        description="Which products it is about; absent means all that are listed.",
        examples=[{"inCategory": [12]}],
    )
    active: Window = Field(
        description="When it runs.",
        examples=[{"from": "2026-11-27T00:00:00+01:00", "until": "2026-12-01T00:00:00+01:00"}],
    )
    priority: Priority = Field(
        default=100,
        description="Where campaigns overlap, the lowest number wins.",
        examples=[50],
    )
    image_policy: Name | None = Field(
        default=None, description="Name of the ImagePolicy while it runs."
    )
    pricing_policy: Name | None = Field(
        default=None,
        description="Name of the PricingPolicy while it runs.",
        examples=["black-friday"],
    )
    inventory_policy: Name | None = Field(
        default=None, description="Name of the InventoryPolicy while it runs."
    )


class Campaign(Document):
    """Policies that replace a listing template's for a while."""

    kind: Literal["Campaign"]
    spec: CampaignSpec
