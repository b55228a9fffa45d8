"""Fields of the models, found by the path of a value in a document."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, get_args, get_origin

from aliconf.config.positions import Path
from aliconf.model.base import Code, Model
from aliconf.model.ignores import CODE
from aliconf.model.secrets import SecretReference, connector_url

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


def field_at(model: type[Model], path: Path) -> FieldInfo | None:
    """The field of the last key of a path; for a key of a map, the map's field."""
    return _walk(model, path)[0]


def is_unknown(model: type[Model], path: Path) -> bool:
    """Whether the last key of a path is one that its mapping does not have."""
    if field_at(model, path) is not None:
        return False
    if takes_codes(model, path[:-1]):
        return re.search(CODE, str(path[-1])) is None
    return not path[1:] or _walk(model, path[:-1])[1] is not None


def takes_codes(model: type[Model], path: Path) -> bool:
    """Whether the mapping at a path is `rules`, whose keys are codes as well."""
    owner = _walk(model, path)[1]
    return owner is not None and owner.model_config.get("extra") == "allow"


def keys_at(model: type[Model], path: Path) -> list[str]:
    """The keys that the mapping at a path may have."""
    inner = _walk(model, path)[1]
    return [str(field.alias) for field in inner.model_fields.values()] if inner else []


def _walk(model: type[Model], path: Path) -> tuple[FieldInfo | None, type[Model] | None]:
    """The field at a path, and the model of its value or of the value's items."""
    field: FieldInfo | None = None
    owner: type[Model] | None = model
    is_map = False
    for step in path:
        if isinstance(step, int):
            continue
        if is_map or owner is None:
            is_map = False  # a key of the map, whose values are the owner's
            continue
        field = next((f for f in owner.model_fields.values() if f.alias == step), None)
        if field is None:
            return None, None
        owner = model_in(field.annotation)
        is_map = owner is not None and _has_map(field.annotation)
    return field, owner


def _has_map(annotation: Any) -> bool:
    return get_origin(annotation) is dict or any(map(_has_map, get_args(annotation)))


def model_in(annotation: Any) -> type[Model] | None:
    """The model inside an annotation such as ``list[Adjustment] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    for argument in get_args(annotation):
        found = model_in(argument)
        if found is not None:
            return found
    return None


def code_at(model: type[Model], path: Path) -> str:
    """The code that the field has of its own; empty where it has none."""
    field = field_at(model, path)
    codes = [item.code for item in field.metadata if isinstance(item, Code)] if field else []
    return codes[0] if codes else ""


def is_secret(model: type[Model], path: Path) -> bool:
    """Whether the value at a path is, or may hold, a secret: it is not to be repeated."""
    field = field_at(model, path)
    return field is not None and _mentions(
        (field.annotation, *field.metadata), (SecretReference, connector_url)
    )


def holds_secrets(model: type[Model], path: Path) -> bool:
    """Whether the mapping at a path has a field that is a secret."""
    inner = _walk(model, path)[1]
    return inner is not None and any(
        is_secret(inner, (str(field.alias),)) for field in inner.model_fields.values()
    )


def _mentions(parts: Iterable[Any], what: tuple[Any, ...]) -> bool:
    return any(
        part in what or getattr(part, "func", None) in what or _mentions(get_args(part), what)
        for part in parts
    )


def description_at(model: type[Model], path: Path) -> str:
    """The field's own description, as the hint of an error at it."""
    field = field_at(model, path)
    return (field.description or "") if field else ""
