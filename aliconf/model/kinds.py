"""All kinds, in dependency order, and which of them refer to which.

The models of a kind are imported when the kind is first asked for: a hook that checks two policies
builds no campaign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Final

from aliconf.model.base import Body, Document, Spec

_MODULES: Final = {
    "Project": "project",
    "Registration": "registration",
    "ImagePolicy": "image",
    "InventoryPolicy": "inventory",
    "PricingPolicy": "pricing",
    "OrderPolicy": "order",
    "SynchronizationPolicy": "synchronization",
    "Account": "account",
    "ListingTemplate": "listing_template",
    "Campaign": "campaign",
}


class _Kinds(Mapping[str, type[Document]]):
    def __getitem__(self, kind: str) -> type[Document]:
        return _model(kind)

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)

    def __contains__(self, kind: object) -> bool:
        return kind in _MODULES


@cache
def _model(kind: str) -> type[Document]:
    module = import_module(f"aliconf.model.{_MODULES[kind]}")
    model: type[Document] = getattr(module, kind)
    return model


KINDS: Final[Mapping[str, type[Document]]] = _Kinds()
"""The model of each kind. An object stands after those that it needs."""

POLICY_KINDS: Final = (
    "ImagePolicy",
    "InventoryPolicy",
    "PricingPolicy",
    "OrderPolicy",
    "SynchronizationPolicy",
)

LISTING_POLICIES: Final = {
    "imagePolicy": "ImagePolicy",
    "pricingPolicy": "PricingPolicy",
    "inventoryPolicy": "InventoryPolicy",
}
"""The slots of a listing template and of a campaign."""

ACCOUNT_POLICIES: Final = {
    "orderPolicy": "OrderPolicy",
    "synchronizationPolicy": "SynchronizationPolicy",
}
"""The slots of an account."""

SLOTS: Final[Mapping[tuple[str, str], str]] = {
    **{("Account", slot): kind for slot, kind in ACCOUNT_POLICIES.items()},
    ("ListingTemplate", "accounts"): "Account",
    ("ListingTemplate", "perAccount"): "Account",
    **{("ListingTemplate", slot): kind for slot, kind in LISTING_POLICIES.items()},
    ("Campaign", "accounts"): "Account",
    **{("Campaign", slot): kind for slot, kind in LISTING_POLICIES.items()},
}
"""Which key of which kind's spec holds names of which kind.

``accounts`` is a list of names or a selector, ``perAccount`` a map by name whose values have the
policy slots of their template again.
"""

SECRETS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "Account": (("authorization", "appKey"), ("authorization", "appSecret")),
}
"""The keys of which kind's spec hold secret references whose values the connector may keep."""

NULL_IS_A_VALUE: Final = ("statusMapping",)
"""Keys below which null says something; anywhere else a key that is null counts as absent."""


def spec_from_body(kind: str, body: Body) -> Spec:
    """The spec of a body that was stored.

    Raises pydantic's ``ValidationError`` for a body that somebody changed beyond the format, and
    ``KeyError`` for a kind that does not exist.
    """
    return KINDS[kind].spec_type().model_validate(body)
