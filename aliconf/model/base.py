"""What all documents share: the models' settings, metadata and the envelope of a document.

Values arrive from YAML as ``str``, ``int``, ``Decimal``, ``bool``, ``list`` and ``dict``, so the
models are strict: a number is not a string. Only money and rates may be written either way.
``null`` means absent: whoever reads YAML leaves such keys out before it validates.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, PydanticKnownError, core_schema

API_VERSION: Final = "aliconf/v1"

DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class Code(NamedTuple):
    """The finding of a value that this field refuses. Stands in the field's metadata.

    It is also the finding of a value further inside (an item of the list, a value of the map).
    """

    code: str


class Published(NamedTuple):
    """What the JSON Schema says of a type that a function validates, made when it is asked for."""

    words: str
    schema: Callable[[], dict[str, Any]]

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {"$comment": self.words, **self.schema()}


class Words(NamedTuple):
    """What people call a type; the JSON Schema's comment, and `explain`'s type."""

    words: str

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), "$comment": self.words}


class Written(NamedTuple):
    """Annotates a type that is text in YAML and in a body: how it is read, and how written.

    pydantic has two annotations for that, of which the second is in a module of its own.
    """

    read: Callable[[object], Any]
    write: Callable[[Any], str]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                self.write, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )


def empty_list() -> list[Any]:
    """A default. pydantic copies one that is given as a value each time, and slowly; for ``list``
    itself it would read the signature, slowly as well."""
    return []


def empty_dict() -> dict[Any, Any]:
    """See `empty_list`."""
    return {}


def text_of(value: object) -> str:
    """The value if it is text; the error of a wrong type otherwise."""
    if isinstance(value, str):
        return value
    raise PydanticKnownError("string_type")


Name = Annotated[str, StringConstraints(pattern=rf"^{DNS_LABEL.pattern}$"), Words("name")]
"""A DNS label (RFC 1123): the identity of a document within its kind."""

Title = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"\S")]

AttributeCode = Annotated[
    str,
    StringConstraints(pattern=r"^[a-zA-Z][a-zA-Z0-9_]{0,59}$"),
    Words("Magento attribute code"),
]
"""A Magento attribute code: letters, digits and underscores, at most 60 characters."""


def _distinct(items: list[Any]) -> list[Any]:
    if len(set(items)) < len(items):
        twice = next(item for item in items if items.count(item) > 1)
        raise PydanticCustomError("duplicate_items", "{item} is listed twice", {"item": twice})
    return sorted(items)


class _Distinct:
    """Items without an order and without repetition; kept sorted, so that order is no change."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return core_schema.no_info_after_validator_function(_distinct, handler(source))

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), "uniqueItems": True}


DISTINCT: Final = _Distinct()


class Model(BaseModel):
    """Frozen, strict, closed: an unknown key is an error. Keys in YAML are camelCase.

    Building validators is what a start costs, so nothing is built that is not used: a model is
    built when it first validates, and a default that is a model comes from ``model_construct``,
    which needs no validator of its own. For the same reason annotations here are named tuples (a
    data class takes six times as long to make), and they are written without
    ``from __future__ import annotations``: pydantic would compile each of them once more.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        # Only the kinds that a project uses are built.
        defer_build=True,
        # A literal secret in the wrong field must not be repeated by an error.
        hide_input_in_errors=True,
        validate_by_alias=True,
        validate_by_name=False,
        serialize_by_alias=True,
    )


class Metadata(Model):
    """Who the document is."""

    name: Name = Field(
        description="Identity within the kind: a DNS label (small letters, digits, hyphens).",
        examples=["black-friday"],
    )
    labels: dict[str, str] = Field(
        default_factory=empty_dict,
        description="Free key-value pairs, for selectors such as a template's `accounts`.",
        examples=[{"market": "eu"}],
    )


class Lifecycle(Model):
    """How aliconf may treat the object once it is in the connector."""

    protect: bool = Field(
        default=False,
        description="Never delete this object. Kept in the connector, so that removing the "
        "document does not remove the protection.",
    )


@cache
def _lifecycle() -> Lifecycle:
    """That of every document that does not say; one for all, as it is frozen."""
    return Lifecycle.model_construct()


class Spec(Model):
    """The body of a document."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset()
    """Attributes that configure aliconf and are not part of the object in the connector."""


class Document(Model):
    """One YAML document: identity is kind + name."""

    api_version: Literal["aliconf/v1"] = Field(description="Version of the document format.")
    kind: str = Field(description="What the document describes.")
    metadata: Metadata = Field(description="Who the document is.")
    lifecycle: Lifecycle = Field(
        default_factory=_lifecycle, description="How aliconf may treat the object."
    )
    spec: Spec = Field(description="What is wanted.")

    @classmethod
    def spec_type(cls) -> type[Spec]:
        """The model of this kind's spec."""
        spec = cls.model_fields["spec"].annotation
        if not isinstance(spec, type) or not issubclass(spec, Spec):
            raise TypeError(f"{cls.__name__}.spec is not a Spec")
        return spec


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
"""A normalized body: camelCase keys, defaults filled in, decimals as plain text, times in UTC."""


def body(spec: Spec) -> Body:
    """What the connector keeps of a spec: every value in force, defaults included.

    Keys whose value is ``None`` are left out: null means absent. Below the keys of
    `kinds.NULL_IS_A_VALUE` it stays.
    """
    return spec.model_dump(mode="json", exclude=set(spec.WITHOUT), exclude_none=True)


def canonical(body: Body) -> str:
    """The one text of a body: equal text means equal objects."""
    return _write()(body)


@cache
def _write() -> Callable[[Body], str]:
    """``json.dumps`` would make an encoder for each of many thousand texts."""
    import json

    return json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
