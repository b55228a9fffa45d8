"""What a kind or one of its fields means, for `explain`. Read from the JSON Schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from aliconf.model.kinds import KINDS
from aliconf.model.schema import NULL, Schema, of_kind

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "mapping",
}

_UNBOUNDED = (2**53 - 1, 10**10, 10**15 - 1, 10**18, -(10**10), -(10**18))
"""Limits of what can be read, not of what makes sense."""


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """A kind, or a field of it."""

    path: str
    """As it may be asked for: ``PricingPolicy.adjustments.increaseByPercent``."""
    type: str
    """In words: ``list of mappings``."""
    description: str
    required: bool = False
    default: str = ""
    """As it would be written; empty where there is none, or where it is that of the children."""
    allowed: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    """In words: ``at least 1``."""
    examples: tuple[str, ...] = ()
    children: tuple[FieldDescription, ...] = ()
    """The fields inside; these have no children of their own."""


class UnknownFieldError(LookupError):
    """There is no such kind or field."""

    def __init__(self, path: str, known: list[str]) -> None:
        super().__init__(f"there is no {path}")
        self.path = path
        self.known = tuple(known)
        """What could have been asked for in its place."""
        word = path.rpartition(".")[2]
        folded = {_folded(name): name for name in known}
        near = get_close_matches(_folded(word), folded, n=3, cutoff=0.6)
        self.candidates = tuple(folded[match] for match in near)
        """What was probably meant, the likeliest first."""


def describe(path: str) -> FieldDescription:
    """The description of a path such as ``pricing-policy`` or ``Account.spec.region``.

    ``spec`` may be left out, and so may the keys of maps. Indexes of lists (``adjustments[0]``, as
    findings write them) say nothing. Raises `UnknownFieldError`.
    """
    first, *steps = re.sub(r"\[\d*\]", "", path).split(".")
    kinds = {_folded(kind): kind for kind in KINDS}
    if _folded(first) not in kinds:
        raise UnknownFieldError(first, list(KINDS))
    kind = kinds[_folded(first)]
    schema = _schema(kind)
    walk = _Walk(schema["definitions"])
    if steps[:1] == ["spec"]:
        steps = steps[1:]
    elif steps[:1] and steps[0] in schema["properties"]:
        return walk.field(kind, schema, steps)
    spec = {**walk.resolved(schema["properties"]["spec"]), "description": schema["description"]}
    return walk.field(kind, spec, steps)


@cache
def _schema(kind: str) -> Schema:
    return of_kind(kind)


@dataclass(frozen=True, slots=True)
class _Walk:
    definitions: dict[str, Schema]

    def field(self, path: str, schema: Schema, steps: list[str]) -> FieldDescription:
        required = False
        for step in steps:
            holder = self.mapping(schema)
            properties = holder.get("properties", {})
            entry = self.entry(self.resolved(schema), step)
            if step in properties:
                required = step in holder.get("required", [])
                schema = properties[step]
            elif entry:
                required = False
                schema = entry
            else:
                raise UnknownFieldError(f"{path}.{step}", list(properties))
            path = f"{path}.{step}"
        return self.described(path, schema, required, children=True)

    def described(
        self, path: str, schema: Schema, required: bool, *, children: bool
    ) -> FieldDescription:
        holder = self.mapping(schema)
        fields = holder.get("properties", {}) if children else {}
        target = self.resolved(schema)
        return FieldDescription(
            path,
            self.words(schema),
            schema.get("description") or target.get("description", ""),
            required,
            _written(target["default"]) if "default" in target else "",
            tuple(_written(value) for value in self.allowed(target)),
            tuple(_bounds(target)),
            tuple(_written(value) for value in schema.get("examples", [])),
            tuple(
                self.described(
                    f"{path}.{key}", one, key in holder.get("required", []), children=False
                )
                for key, one in fields.items()
            ),
        )

    def resolved(self, schema: Schema) -> Schema:
        """The schema that is meant: behind references, and without the null of optional keys."""
        if "$ref" in schema:
            return self.resolved(self.definitions[schema["$ref"].rpartition("/")[2]])
        parts = [part for part in schema.get("anyOf", []) if part != NULL]
        return self.resolved(parts[0]) if len(parts) == 1 else schema

    def mapping(self, schema: Schema) -> Schema:
        """The mapping that a path goes on in: of a list its items, of alternatives the mapping."""
        schema = self.resolved(schema)
        if "items" in schema:
            return self.mapping(schema["items"])
        for part in schema.get("oneOf", []):
            if "$ref" in part:
                return self.resolved(part)
        values = self.values(schema)
        if values and "properties" in (inner := self.mapping(values)):
            return inner
        return schema

    def entry(self, schema: Schema, key: str) -> Schema:
        """The value that a map has under a key; empty for anything else."""
        patterns = {**schema.get("patternProperties", {}), "": schema.get("additionalProperties")}
        return next(
            (one for pattern, one in patterns.items() if one and re.search(pattern, key)), {}
        )

    def values(self, schema: Schema) -> Schema:
        """The values of a map, whatever their keys; empty for anything else."""
        values = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
        return next((one for one in values if one), {})

    def allowed(self, schema: Schema) -> list[Any]:
        schema = self.resolved(schema.get("items", schema))
        if "const" in schema:
            return [schema["const"]]
        return [value for value in schema.get("enum", []) if value is not None]

    def words(self, schema: Schema) -> str:
        """The type in words."""
        schema = self.resolved(schema)
        if "$comment" in schema:
            return str(schema["$comment"])
        if "items" in schema:
            return f"list of {_plural(self.words(schema['items']))}"
        if "properties" not in schema and self.values(schema):
            return f"map of {_plural(self.words(self.values(schema)))}"
        types = schema.get("type", "object")
        names = [types] if isinstance(types, str) else types
        return " or ".join(_TYPES[name] for name in names if name != "null")


def _bounds(schema: Schema) -> Iterator[str]:
    forms = {
        "minimum": "at least {}",
        "exclusiveMinimum": "more than {}",
        "maximum": "at most {}",
        "exclusiveMaximum": "less than {}",
        "minLength": "not empty",
        "maxLength": "at most {} characters",
        "minItems": "not empty",
    }
    for keyword, form in forms.items():
        limit = schema.get(keyword)
        if limit is not None and limit not in _UNBOUNDED:
            yield form.format(limit)
    if schema.get("uniqueItems"):
        yield "no entry twice"


def _plural(words: str) -> str:
    if words in {"true or false", "text"} or words.startswith(("list", "map of")):
        return words
    noun, space, rest = words.partition(" (")
    return (
        f"{noun[:-1]}ies{space}{rest}" if noun.endswith(("ry", "cy")) else f"{noun}s{space}{rest}"
    )


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _folded(name: str) -> str:
    return name.replace("-", "").casefold()
