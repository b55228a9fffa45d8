"""Keys that exclude each other: one statement that both pydantic and the JSON Schema obey."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic.alias_generators import to_snake
from pydantic_core import CoreSchema, PydanticCustomError

from aliconf.model.base import Model


class Choice(Model):
    """A mapping of which exactly one (or, with ``OPTIONAL``, at most one) of ``ONE_OF`` is given."""

    ONE_OF: ClassVar[tuple[str, ...]] = ()
    OPTIONAL: ClassVar[bool] = False

    @model_validator(mode="after")
    def _one_of(self) -> Choice:
        given = [key for key in self.ONE_OF if getattr(self, to_snake(key)) is not None]
        if len(given) > 1:
            raise PydanticCustomError(
                "too_many_keys", "{given} exclude each other", {"given": " and ".join(given)}
            )
        if not given and not self.OPTIONAL:
            raise PydanticCustomError(
                "no_key", "one of {keys} is missing", {"keys": ", ".join(self.ONE_OF)}
            )
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = handler(core_schema)
        target = handler.resolve_ref_schema(schema)
        required = [{"required": [key]} for key in cls.ONE_OF]
        if cls.OPTIONAL:
            target["allOf"] = [{"not": {"required": list(cls.ONE_OF)}}]
        else:
            target["oneOf"] = required
        return schema
