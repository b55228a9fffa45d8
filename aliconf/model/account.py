"""Account: a seller account on AliExpress, bound to one Magento store view."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from aliconf.model.base import Code, Document, Model, Name, Published, Spec, Title
from aliconf.model.money import Currency
from aliconf.model.regions import Region
from aliconf.model.secrets import SecretReference


def _not_admin(code: str) -> str:
    if code == "admin":
        raise PydanticCustomError(
            "store_view_admin", "admin is Magento's back end, not a store view"
        )
    return code


_STORE_CODE = r"[a-zA-Z][a-zA-Z0-9_]{0,31}"

StoreView = Annotated[
    str,
    StringConstraints(pattern=f"^{_STORE_CODE}$"),
    AfterValidator(_not_admin),
    Published(
        "Magento store view code",
        lambda: {"type": "string", "pattern": f"^{_STORE_CODE}$", "not": {"const": "admin"}},
    ),
]
"""The code of a Magento store view: letters, digits and underscores, at most 32 characters."""


class Authorization(Model):
    """The AliExpress application that acts for the account."""

    app_key: SecretReference = Field(
        description="Reference to the application's key.", examples=["${env:ALIEXPRESS_APP_KEY}"]
    )
    app_secret: SecretReference = Field(
        description="Reference to the application's secret.",
        examples=["${file:/run/secrets/aliexpress}"],
    )


class AccountSpec(Spec):
    """A seller account on AliExpress, bound to one Magento store view."""

    title: Title = Field(
        description="Internal name of the account; unique.", examples=["AliExpressNewAccount"]
    )
    region: Annotated[Region, Code("ALI206")] = Field(
        description="Country of the seller account: ISO 3166-1 alpha-2 code or English name. "
        "It can never be changed once the account is saved.",
        examples=["ES", "Spain"],
    )
    store_view: Annotated[StoreView, Code("ALI205")] = Field(
        description="Code of the Magento store view that product data and descriptions come from "
        "and orders go to.",
        examples=["es_es"],
    )
    currency: Currency | None = Field(
        default=None,
        description="The account's listing currency (ISO 4217).",
        examples=["EUR"],
    )
    order_policy: Name | None = Field(
        default=None,
        description="Name of an OrderPolicy; absent means the default, whichever that is.",
        examples=["orders"],
    )
    synchronization_policy: Name | None = Field(
        default=None,
        description="Name of a SynchronizationPolicy; absent means the default, whichever that is.",
        examples=["live"],
    )
    authorization: Authorization | None = Field(
        default=None, description="The AliExpress application that acts for the account."
    )


class Account(Document):
    """A seller account on AliExpress, bound to one Magento store view."""

    kind: Literal["Account"]
    spec: AccountSpec
