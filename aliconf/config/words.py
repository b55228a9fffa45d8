"""What is said of a structural error: code, message and hint, from pydantic's details."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, get_args

from aliconf.config.positions import Path
from aliconf.model.base import Code, Model

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_TYPE_NAMES: Final[dict[type, str]] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    Decimal: "a number",
    list: "a list",
    dict: "a mapping",
    type(None): "nothing",
}
_EXPECTED: Final = {
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "is_instance_of": "a text",
}
_BOUNDS: Final = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
_LENGTHS: Final = {
    "too_short": ("at least", "min_length", "entries"),
    "too_long": ("at most", "max_length", "entries"),
    "string_too_short": ("at least", "min_length", "characters"),
    "string_too_long": ("at most", "max_length", "characters"),
}


def words(model: type[Model], path: Path, detail: ErrorDetails) -> tuple[str, str, str]:
    """Code, message and hint of one pydantic error."""
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = _keys_at(model, path[:-1])
        hint = did_you_mean(str(path[-1]), known)
        return "ALI112", f"unknown key {path[-1]!r}", hint or f"Known here: {', '.join(known)}."
    if kind == "missing":
        return "ALI113", f"{show_path(path)} is missing", _describe(model, path)
    if kind in {"too_many_keys", "no_key"}:
        message = f"{show_path(path)}: {detail['msg']}" if path else detail["msg"]
        return "ALI118", message, "Give exactly one."
    if kind in _EXPECTED:
        return _wrong_type(model, path, detail)
    code, message, hint = _wrong_value(model, path, detail)
    return _code_of(model, path) or code, message, hint


def _wrong_type(model: type[Model], path: Path, detail: ErrorDetails) -> tuple[str, str, str]:
    kind, found = detail["type"], detail["input"]
    hint = f'Put quotes around it: "{found}".' if _needs_quotes(kind, found) else ""
    return (
        "ALI114",
        f"{show_path(path)}: expected {_EXPECTED[kind]}, found {type_name(found)}",
        hint or _describe(model, path),
    )


def _wrong_value(model: type[Model], path: Path, detail: ErrorDetails) -> tuple[str, str, str]:
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    label = show_path(path)
    if kind in {"literal_error", "enum"}:
        return "ALI115", *_one_of(label, found, str(context.get("expected", "")))
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        return "ALI116", f"{label} is {shown(found)}; it must be {word} {context[key]}", ""
    if kind in _LENGTHS:
        word, key, unit = _LENGTHS[kind]
        message = f"{label} must have {word} {context[key]} {unit}"
        if context.get("actual_length") is not None:
            message += f", and has {context['actual_length']}"
        return "ALI116", message, ""
    if kind.startswith("decimal_") or kind == "finite_number":
        return "ALI116", f"{label} is {shown(found)}; {detail['msg']}", ""
    if kind == "string_pattern_mismatch":
        return "ALI117", f"{label}: {shown(found)} is malformed", _describe(model, path)
    # A type of our own (region, duration, …): its message is written for people.
    return "ALI117", f"{label}: {detail['msg']}", str(context.get("hint", ""))


def _one_of(label: str, found: Any, expected: str) -> tuple[str, str]:
    allowed = [
        part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",") if part
    ]
    if isinstance(found, bool):
        found = str(found).lower()
    hint = did_you_mean(str(found), allowed) or f"One of {', '.join(allowed)}."
    if len(allowed) == 1:
        return f"{label} must be {allowed[0]}, not {shown(found)}", ""
    return f"{label}: {shown(found)} is not a value for this key", hint


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean x?``, or nothing where no known word is near."""
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return f"Did you mean {names[near[0]]}?" if near else ""


def show_path(path: Path) -> str:
    """A path as plans and findings write it: ``adjustments[0].increaseByPercent``."""
    steps = path[1:] if len(path) > 1 and path[0] == "spec" else path
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".") or "the document"


def shown(value: Any) -> str:
    """A value for a message: short, and a text in quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "…")
    if isinstance(value, (int, Decimal)):
        text = str(value)
        return text if len(text) <= 40 else text[:37] + "…"
    return type_name(value)


def type_name(value: Any) -> str:
    return _TYPE_NAMES.get(type(value), type(value).__name__)


def _needs_quotes(kind: str, found: Any) -> bool:
    return (
        kind == "string_type" and isinstance(found, (int, Decimal)) and not isinstance(found, bool)
    )


def _walk(model: type[Model], path: Path) -> tuple[type[Model] | None, Any]:
    """The model that holds the last key of a path, and the key's field."""
    owner: type[Model] | None = model
    field = None
    for step in path:
        if isinstance(step, int):
            continue
        if owner is None:
            return None, None
        field = next((f for f in owner.model_fields.values() if f.alias == step), None)
        if field is None:
            return owner, None
        holder, owner = owner, _model_in(field.annotation)
    return (holder if path else model), field


def _model_in(annotation: Any) -> type[Model] | None:
    """The model inside an annotation such as ``list[Adjustment] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


def _keys_at(model: type[Model], path: Path) -> list[str]:
    owner: type[Model] | None = model
    for step in path:
        if isinstance(step, int) or owner is None:
            continue
        field = next((f for f in owner.model_fields.values() if f.alias == step), None)
        owner = _model_in(field.annotation) if field else owner
    return [str(field.alias) for field in owner.model_fields.values()] if owner else []


def _code_of(model: type[Model], path: Path) -> str:
    _, field = _walk(model, path)
    codes = [item.code for item in field.metadata if isinstance(item, Code)] if field else []
    return codes[0] if codes else ""


def _describe(model: type[Model], path: Path) -> str:
    """The field's own description, as the hint of an error at it."""
    _, field = _walk(model, path)
    return (field.description or "") if field else ""
