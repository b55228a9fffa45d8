"""Keys that exclude or need each other: one statement for pydantic and for the JSON Schema."""

from functools import cache
from typing import Any, ClassVar, NamedTuple, Self

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from aliconf.model.base import Model


class Choice(Model):
    """A mapping that says which of its keys go together. Keys are named as in YAML."""

    ONE_OF: ClassVar[tuple[str, ...]] = ()
    """Exactly one of these is given."""

    AT_MOST_ONE: ClassVar[tuple[str, ...]] = ()

    AT_LEAST_ONE: ClassVar[tuple[str, ...]] = ()

    def given(self, keys: tuple[str, ...]) -> list[str]:
        """Which of the keys are there."""
        values = self.__dict__
        return [key for key, name in _attributes(type(self), keys) if values[name] is not None]

    @model_validator(mode="after")
    def _together(self) -> Self:
        for keys, several, none in _laws(type(self)):
            given = self.given(keys)
            if len(given) > 1 and not several:
                raise PydanticCustomError(
                    "too_many_keys", "{given} exclude each other", {"given": _list(given, "and")}
                )
            if not given and not none:
                raise PydanticCustomError(
                    "no_key", "{keys} is missing", {"keys": _list(list(keys), "or")}
                )
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = handler(core_schema)
        target = handler.resolve_ref_schema(schema)
        laws: list[dict[str, Any]] = []
        if cls.ONE_OF:
            laws.append({"oneOf": [has(key) for key in cls.ONE_OF]})
        if cls.AT_LEAST_ONE:
            laws.append({"anyOf": [has(key) for key in cls.AT_LEAST_ONE]})
        if cls.AT_MOST_ONE:
            none = {"not": {"anyOf": [has(key) for key in cls.AT_MOST_ONE]}}
            laws.append({"oneOf": [*(has(key) for key in cls.AT_MOST_ONE), none]})
        target.setdefault("allOf", []).extend(laws)
        return schema


class _Law(NamedTuple):
    keys: tuple[str, ...]
    several: bool
    """More than one may be given."""
    none: bool


@cache
def _laws(choice: type[Choice]) -> list[_Law]:
    laws = (
        (choice.ONE_OF, False, False),
        (choice.AT_MOST_ONE, False, True),
        (choice.AT_LEAST_ONE, True, False),
    )
    return [_Law(*law) for law in laws if law[0]]


@cache
def _attributes(choice: type[Choice], keys: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each key with the name of its attribute."""
    names = {str(field.alias): name for name, field in choice.model_fields.items()}
    return [(key, names[key]) for key in keys]


def has(key: str) -> dict[str, Any]:
    """The JSON Schema of a mapping in which the key is given: there, and not null."""
    return {"required": [key], "properties": {key: {"not": {"type": "null"}}}}


def _list(words: list[str], conjunction: str) -> str:
    return f" {conjunction} ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
