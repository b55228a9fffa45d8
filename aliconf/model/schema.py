"""JSON Schemas of all documents, made from the models.

Draft 7, since that is what editors fully support (the YAML language server, IntelliJ); no later
keyword is needed. The schemas accept what the models accept, apart from what no schema can see:
more than eight decimal places in an unquoted number, and a range in a cron expression that runs
backwards.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from aliconf.model.base import empty_dict, empty_list
from aliconf.model.kinds import KINDS
from aliconf.model.numbers import json_number

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"

ANY = "aliconf.schema.json"

NULL: Schema = {"type": "null"}

_REFERENCE = "#/definitions/{model}"

_ORDER = (
    "$schema",
    "title",
    "description",
    "type",
    "default",
    "examples",
    "required",
    "properties",
)
"""Keywords that a reader looks for first."""


class _Generator(GenerateJsonSchema):
    """Writes defaults as YAML does: ``3MB``, not the number of bytes."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        made = super().default_schema(schema)
        inner: Any = schema["schema"]
        serialization = inner.get("serialization", {})
        default = schema.get("default")
        factory = schema.get("default_factory")
        if factory in (empty_dict, empty_list):
            made["default"] = factory()
        elif isinstance(default, Decimal):
            made["default"] = json_number(default)
        elif default is not None and serialization.get("type") == "function-plain":
            made["default"] = serialization["function"](default)
        return made


def schemas() -> dict[str, Schema]:
    """The schema of each kind, and `ANY` for a document of any kind, by file name."""
    made = {f"{dashed(kind)}.schema.json": of_kind(kind) for kind in KINDS}
    return made | {ANY: _of_any()}


def text(schema: Schema) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def dashed(kind: str) -> str:
    """``pricing-policy`` for ``PricingPolicy``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).lower()


def of_kind(kind: str) -> Schema:
    """The schema of one kind."""
    schema = KINDS[kind].model_json_schema(ref_template=_REFERENCE, schema_generator=_Generator)
    definitions = _defined(schema.pop("$defs"))
    return {"$schema": DRAFT, **_described(_refined(schema), definitions)} | {
        "definitions": definitions
    }


def _of_any() -> Schema:
    references, together = models_json_schema(
        [(model, "validation") for model in KINDS.values()],
        ref_template=_REFERENCE,
        schema_generator=_Generator,
    )
    kinds = {"enum": list(KINDS), "description": "What the document describes."}
    return {
        "$schema": DRAFT,
        "title": "aliconf",
        "description": "A document of any kind.",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata"],
        "properties": {"kind": kinds},
        # Not oneOf: of ten kinds, an error must speak of the one that the document says it is.
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": references[KINDS[kind], "validation"],
            }
            for kind in KINDS
        ],
        "definitions": _defined(together["$defs"]),
    }


def _defined(definitions: dict[str, Schema]) -> dict[str, Schema]:
    made = {name: _refined(one) for name, one in sorted(definitions.items())}
    return {name: _described(one, made) for name, one in made.items()}


def _described(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """Gives a property the description of what it refers to, where it has none of its own."""
    for key, value in schema.get("properties", {}).items():
        parts = [value, *value.get("anyOf", [])]
        name = next((part["$ref"].rpartition("/")[2] for part in parts if "$ref" in part), "")
        if name and "description" not in value:
            described = {**value, "description": definitions[name]["description"]}
            schema["properties"][key] = _ordered(described)
    return schema


def _refined(schema: Schema) -> Schema:
    """The schema as an editor wants it: readable titles, null where a key may be absent."""
    schema = _merged({key: _inner(key, value) for key, value in schema.items()})
    required = schema.get("required", [])
    for key, value in schema.get("properties", {}).items():
        optional = value if key in required else _or_null(value)
        schema["properties"][key] = _ordered({"title": _words(key), **optional})
    if "patternProperties" in schema:
        schema.setdefault("additionalProperties", False)
        for key, value in schema["patternProperties"].items():
            schema["patternProperties"][key] = _or_null(value)
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = _or_null(schema["additionalProperties"])
    if schema.pop("minProperties", 0):
        # Null is absent: of the keys, one at least has a value.
        schema["not"] = {"type": "object", "additionalProperties": NULL}
    return _ordered(schema)


def _ordered(schema: Schema) -> Schema:
    first = {key: schema[key] for key in _ORDER if key in schema}
    return first | {key: value for key, value in schema.items() if key not in first}


def _inner(keyword: str, value: Any) -> Any:
    match keyword:
        case "properties" | "patternProperties":
            return {key: _refined(_untitled(one)) for key, one in value.items()}
        case "items" | "additionalProperties" if isinstance(value, dict):
            return _refined(value)
        case "anyOf" | "oneOf":
            return [_refined(one) for one in value]
        case _:
            return value


def _untitled(schema: Schema) -> Schema:
    """Without pydantic's title (``Increasebypercent``) and without a null for a default."""
    return {
        key: value
        for key, value in schema.items()
        if key != "title" and not (key == "default" and value is None)
    }


def _merged(schema: Schema) -> Schema:
    """Alternatives of different types are one schema: a validator's errors are about it then."""
    for keyword in ("anyOf", "oneOf"):
        parts = schema.get(keyword, [])
        types = [kind for part in parts for kind in _types(part)]
        if parts and all(map(_types, parts)) and len(set(types)) == len(types):
            rest = {key: value for key, value in schema.items() if key != keyword}
            merged: Schema = {}
            for part in parts:
                merged |= part
            merged["type"] = types
            if "enum" in merged and "null" in types:
                merged["enum"] = [*merged["enum"], None]
            return merged | rest
    return schema


def _types(schema: Schema) -> list[str]:
    """The types of a schema whose other keywords are each about one type; empty otherwise."""
    found = schema.get("type", [])
    if "allOf" in schema or "const" in schema:
        return []
    return [found] if isinstance(found, str) else list(found)


def _or_null(schema: Schema) -> Schema:
    types = _types(schema)
    if "null" in types or NULL in schema.get("anyOf", []):
        return schema
    notes = {
        key: schema[key] for key in ("title", "description", "default", "examples") if key in schema
    }
    bare = {key: value for key, value in schema.items() if key not in notes}
    alternatives = bare["anyOf"] if set(bare) == {"anyOf"} else [bare]
    return notes | _merged({"anyOf": [*alternatives, NULL]})


def _words(key: str) -> str:
    """``Decrease by percent`` for ``decreaseByPercent``; statuses stay as they are."""
    if key.isupper():
        return key
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)
    return words[0].upper() + words[1:].lower()
