"""What is known and accepted: findings, their severities, and drift."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema

from aliconf.model.base import Model, empty_list
from aliconf.model.shape import Choice
from aliconf.model.text import Glob, LongText
from aliconf.model.times import Date

CODE = r"^ALI[0-9]{3}$"

RuleCode = Annotated[str, StringConstraints(pattern=CODE)]

RuleSeverity = Literal["off", "warning", "error"]

ObjectKind = Literal[
    "Registration",
    "ImagePolicy",
    "InventoryPolicy",
    "PricingPolicy",
    "OrderPolicy",
    "SynchronizationPolicy",
    "Account",
    "ListingTemplate",
    "Campaign",
]

ObjectName = Annotated[
    str, StringConstraints(pattern=r"^[A-Z][A-Za-z]+/[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$")
]
"""Kind and name of an object: ``PricingPolicy/markup``."""


class Ignore(Choice):
    """Findings that are known and accepted."""

    ONE_OF = ("path", "object")

    code: RuleCode = Field(description="Code of the finding.", examples=["ALI414"])
    path: Glob | None = Field(
        default=None, description="Files it is ignored in.", examples=["legacy/*.yaml"]
    )
    object: ObjectName | None = Field(
        default=None,
        description="The object it is ignored for: kind/name.",
        examples=["PricingPolicy/markup"],
    )
    reason: LongText = Field(description="Why it is accepted.", examples=["agreed with the client"])
    until: Date | None = Field(
        default=None,
        description="Last day of the ignore; absent means for good.",
        examples=["2027-01-31"],
    )


class Rules(Model):
    """Severity by code, and the findings that are ignored."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[RuleCode, RuleSeverity]

    ignore: list[Ignore] = Field(
        default_factory=empty_list,
        description="Findings that are known and accepted.",
        examples=[[{"code": "ALI414", "path": "legacy/*.yaml", "reason": "goes in March"}]],
    )

    @property
    def severities(self) -> dict[str, RuleSeverity]:
        """What is given for single codes."""
        return dict(self.__pydantic_extra__)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = handler(core_schema)
        target = handler.resolve_ref_schema(schema)
        target["additionalProperties"] = False
        target["patternProperties"] = {
            CODE: {
                "description": "Severity of this code's findings.",
                "type": "string",
                "enum": ["off", "warning", "error"],
            }
        }
        return schema


class DriftIgnore(Choice):
    """A field that others may change in the connector."""

    ONE_OF = ("object", "kind")

    object: ObjectName | None = Field(
        default=None,
        description="The object whose field it is: kind/name.",
        examples=["PricingPolicy/markup"],
    )
    kind: ObjectKind | None = Field(
        default=None,
        description="The kind whose objects' field it is.",
        examples=["InventoryPolicy"],
    )
    field: Annotated[
        str, StringConstraints(pattern=r"^[^.\s\[\]]+(?:\.[^.\s\[\]]+|\[[0-9]+\])*$")
    ] = Field(
        description="Path of the field as `aliconf drift` shows it; what lies below it is ignored, "
        "too.",
        examples=["adjustments", "threshold.value", "metadata.labels"],
    )
    reason: LongText = Field(
        description="Why it is left to others.", examples=["operations tune it on busy days"]
    )
    until: Date | None = Field(
        default=None,
        description="Last day of the ignore; absent means for good.",
        examples=["2027-01-31"],
    )


class Drift(Model):
    """What others may change in the connector."""

    ignore: list[DriftIgnore] = Field(
        default_factory=empty_list,
        description="Fields whose drift is known and accepted: `aliconf drift` does not tell of "
        "it. The next apply still brings the value back to the configuration.",
        examples=[
            [{"kind": "InventoryPolicy", "field": "safetyStock", "reason": "set by operations"}]
        ],
    )
