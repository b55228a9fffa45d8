"""What all documents share: the model's settings, metadata and the normalized body.

Values arrive from YAML as ``str``, ``int``, ``Decimal``, ``bool``, ``list`` and ``dict``, so the models
are strict: a number is not a string. Only money and rates may be written either way.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic.alias_generators import to_camel

API_VERSION: Final = "aliconf/v1"

DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

Name = Annotated[
    str,
    StringConstraints(pattern=rf"^{DNS_LABEL.pattern}$"),
    Field(title="Name", examples=["black-friday"]),
]
"""A DNS label (RFC 1123): the identity of a document within its kind."""

Title = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"\S")]

AttributeCode = Annotated[
    str, StringConstraints(pattern=r"^[a-zA-Z][a-zA-Z0-9_]{0,59}$"), Field(examples=["price"])
]
"""A Magento attribute code: letters, digits and underscores, at most 60 characters."""


def plain(number: Decimal) -> str:
    """A decimal as people write it: no exponent, no trailing zeros (``12``, ``19.9``)."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


Number = Annotated[
    Decimal,
    Field(strict=False, allow_inf_nan=False, max_digits=18, decimal_places=8),
    PlainSerializer(plain, return_type=str, when_used="json"),
]
"""An exact decimal, written in YAML as a number or as a string (``"19.99"``)."""


class Model(BaseModel):
    """Frozen, strict, closed: an unknown key is an error. Keys in YAML are camelCase."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        defer_build=True,
        use_attribute_docstrings=False,
        # Models are read from YAML with camelCase keys only.
        validate_by_alias=True,
        validate_by_name=False,
        serialize_by_alias=True,
    )


class Metadata(Model):
    """Who the document is."""

    name: Name = Field(description="Identity within the kind; a DNS label.")
    labels: dict[str, str] = Field(
        default_factory=dict,
        description="Free key-value pairs, for selectors such as a template's `accounts`.",
        examples=[{"team": "shoes"}],
    )


class Lifecycle(Model):
    """How aliconf may treat the object once it is in the connector."""

    protect: bool = Field(
        default=False,
        description="Never delete this object. Kept in the connector, so that removing the "
        "document does not remove the protection.",
    )


class Spec(Model):
    """The body of a document."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset()
    """Attributes that configure aliconf and are not part of the object in the connector."""


class Document(Model):
    """One YAML document: identity is kind + name."""

    api_version: Literal["aliconf/v1"] = Field(description="Version of the document format.")
    kind: str
    metadata: Metadata
    lifecycle: Lifecycle = Field(default_factory=Lifecycle, description="Protection from deletion.")
    spec: Spec


class PolicySpec(Spec):
    """What all five policy kinds share."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset({"default", "based_on"})

    title: Title = Field(
        description="Internal name, shown in the policy table; unique per kind.",
        examples=["Markup 12 %"],
    )
    default: bool = Field(
        default=False,
        description="Make this policy the default of its kind. At most one document per kind says "
        "so; where none does, the connector's pointer stays as it is.",
    )
    based_on: Name | None = Field(
        default=None,
        description="Start from another policy of the same kind: keys given here replace its keys.",
        examples=["markup"],
    )


Body = dict[str, Any]
"""A normalized body: camelCase keys, defaults filled in, decimals as plain strings."""


def body(spec: Spec) -> Body:
    """What the connector keeps of a spec: every value in force, defaults included.

    Keys whose value is ``None`` are left out: null means absent.
    """
    return spec.model_dump(mode="json", exclude=set(spec.WITHOUT), exclude_none=True)


def canonical(body: Body) -> str:
    """The one text of a body: equal text means equal objects."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
