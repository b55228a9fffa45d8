"""Queries: which Magento products a listing template or a campaign is about."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from aliconf.model.base import DISTINCT, AttributeCode, Title
from aliconf.model.numbers import Id, Scalar, SignedNumber
from aliconf.model.shape import Choice, has

OPERATORS = ("equals", "notEquals", "in", "notIn", "contains", "greaterThan", "lessThan")
"""The comparisons of an attribute; exactly one stands beside it."""


def _sorted(values: list[str | bool]) -> list[str | bool]:
    return sorted(set(values), key=str)


Scalars = Annotated[list[Scalar], Field(min_length=1), AfterValidator(_sorted)]


class Query(Choice):
    """A combination of queries, a comparison of one attribute, or categories."""

    ONE_OF = ("all", "any", "not", "attribute", "inCategory")

    all_: list[Query] | None = Field(
        alias="all",
        default=None,
        description="Every one of these matches; an empty list matches every product.",
        examples=[[]],
    )
    any_: list[Query] | None = Field(
        alias="any", default=None, description="At least one of these matches."
    )
    not_: Query | None = Field(alias="not", default=None, description="This does not match.")
    in_category: Annotated[list[Id], Field(min_length=1), DISTINCT] | None = Field(
        default=None,
        description="Ids of Magento categories: the product is in one of them or below.",
        examples=[[12, 15]],
    )
    attribute: AttributeCode | None = Field(
        default=None,
        description="Magento attribute that is compared; exactly one comparison stands beside it.",
        examples=["brand"],
    )
    equals: Scalar | None = Field(
        default=None, description="The attribute has this value.", examples=["Acme"]
    )
    not_equals: Scalar | None = Field(default=None, description="The attribute has another value.")
    in_: Scalars | None = Field(
        alias="in",
        default=None,
        description="The attribute has one of these values.",
        examples=[["Acme", "Bonita"]],
    )
    not_in: Scalars | None = Field(
        default=None, description="The attribute has none of these values."
    )
    contains: Title | None = Field(
        default=None, description="The attribute's text contains this.", examples=["shoe"]
    )
    greater_than: SignedNumber | None = Field(
        default=None, description="The attribute's number is greater.", examples=[10]
    )
    less_than: SignedNumber | None = Field(
        default=None, description="The attribute's number is less.", examples=[100]
    )

    @property
    def operator(self) -> str:
        """The key of the comparison; empty for a query that is no comparison."""
        return next(iter(self.given(OPERATORS)), "")

    @model_validator(mode="after")
    def _compares(self) -> Query:
        given = self.given(OPERATORS)
        if self.attribute is None and given:
            raise PydanticCustomError(
                "attribute_missing", "{key} needs an attribute beside it", {"key": given[0]}
            )
        if self.attribute is not None and len(given) != 1:
            raise PydanticCustomError(
                "comparison",
                "an attribute needs exactly one of {keys} beside it",
                {"keys": ", ".join(OPERATORS)},
            )
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        handler.resolve_ref_schema(schema)["allOf"].append(
            {
                "if": has("attribute"),
                "then": {"oneOf": [has(key) for key in OPERATORS]},
                "else": {"not": {"anyOf": [has(key) for key in OPERATORS]}},
            }
        )
        return schema
