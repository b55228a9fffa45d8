"""What is said of a structural error: code, message and hint, from pydantic's details."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from aliconf.config.fields import (
    code_at,
    description_at,
    field_at,
    holds_secrets,
    is_secret,
    keys_at,
    model_in,
    takes_codes,
)
from aliconf.config.positions import Path
from aliconf.config.yaml_values import plain_scalar
from aliconf.model.base import Model
from aliconf.model.kinds import ACCOUNT_POLICIES, LISTING_POLICIES

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
    "too_short": ("at least", "min_length", "entry", "entries"),
    "too_long": ("at most", "max_length", "entry", "entries"),
    "string_too_short": ("at least", "min_length", "character", "characters"),
    "string_too_long": ("at most", "max_length", "character", "characters"),
}
_DECIMALS: Final = {
    "decimal_max_digits": "at most {max_digits} digits are kept",
    "decimal_max_places": "at most {decimal_places} decimal places are kept",
    "decimal_whole_digits": "at most {whole_digits} digits before the point are kept",
    "finite_number": "only finite numbers can be kept",
}
_TOGETHER: Final = {
    "too_many_keys": "Keep one of them.",
    "no_key": "Add one of them.",
    "comparison": "Keep one comparison; for several, use a list under `all` or `any`.",
    "attribute_missing": "Add `attribute:` with the code of a Magento attribute.",
}
_NOT_PLAIN: Final = re.compile(r"^[-?:,\[\]{}#&*!|>'\"%@`\s]|:\s|:$|\s#|\s$")
_NOT_BOOLEANS: Final = {"yes": "true", "y": "true", "on": "true", "no": "false", "n": "false"} | {
    "off": "false"
}


def words(model: type[Model], path: Path, detail: ErrorDetails) -> tuple[str, str, str]:
    """Code, message and hint of one pydantic error."""
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(model, path, detail)
    if kind == "missing":
        return "ALI113", f"{show_path(path)} is missing", _add(model, path)
    if kind in _TOGETHER:
        message = f"{show_path(path)}: {detail['msg']}" if path else detail["msg"]
        return "ALI118", message, _TOGETHER[kind]
    if kind in _EXPECTED:
        return _wrong_type(model, path, detail)
    if kind == "literal_error" and type(detail["input"]) is not str:
        allowed = _allowed(detail)
        if allowed != ["true"]:
            return _wrong_type(model, path, detail, "a text", f"One of {', '.join(allowed)}.")
    code, message, hint = _wrong_value(model, path, detail)
    return code_at(model, path) or code, message, hint


def _unknown_key(model: type[Model], path: Path, detail: ErrorDetails) -> tuple[str, str, str]:
    if path[-1] in {**ACCOUNT_POLICIES, **LISTING_POLICIES} and path[:1] == ("spec",):
        return _no_slot(model, str(path[-1]))
    known = keys_at(model, path[:-1])
    name = str(path[-1])
    if holds_secrets(model, path[:-1]):
        from aliconf.config import redact

        name = redact.key(name, detail["input"])
    hint = did_you_mean(name, known)
    if "\u00a0" in name:
        hint = "Replace the no-break space (U+00A0): to the eye it is a blank."
    elif not hint and takes_codes(model, path[:-1]):
        hint = _code(name, known)
    return "ALI112", f"unknown key {name!r}", hint or f"Known here: {', '.join(known)}."


def _code(name: str, known: Iterable[str]) -> str:
    """What a key of `rules` was probably meant as."""
    digits = re.fullmatch(r"[A-Za-z]{0,5}[ _-]?([0-9]{3})", name)
    if digits:
        return f"Did you mean ALI{digits[1]}?"
    return (
        f"Known here: {', '.join(known)}, and codes, which are ALI and three digits, such as "
        "ALI302. `aliconf explain --all` lists them."
    )


def _no_slot(model: type[Model], slot: str) -> tuple[str, str, str]:
    """A policy where its kind has no place (connector-domain §1, R1)."""
    hint = (
        "Order and synchronization policies belong to accounts."
        if slot in ACCOUNT_POLICIES
        else "Image, pricing and inventory policies belong to listing templates and campaigns."
    )
    return "ALI209", f"{a_kind(model.__name__)} takes no {slot}", hint


def a_kind(kind: str) -> str:
    """A kind with its article."""
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"


def _wrong_type(
    model: type[Model], path: Path, detail: ErrorDetails, expected: str = "", hint: str = ""
) -> tuple[str, str, str]:
    kind, found = detail["type"], detail["input"]
    expected = expected or _EXPECTED[kind]
    what = "a fraction" if type(found) is Decimal and "whole" in expected else type_name(found)
    if kind == "string_type" and type(found) in (int, Decimal) and not is_secret(model, path):
        hint = f'Put quotes around it: "{found}".'
    elif kind == "bool_type" and isinstance(found, str) and found.lower() in _NOT_BOOLEANS:
        meant = _NOT_BOOLEANS[found.lower()]
        hint = f"Write {meant}: in YAML 1.2, {found} is a text."
    return (
        "ALI114",
        f"{show_path(path)}: expected {expected}, found {what}",
        hint or _such_as(model, path),
    )


def _wrong_value(model: type[Model], path: Path, detail: ErrorDetails) -> tuple[str, str, str]:
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    label = show_path(path)
    if kind in {"literal_error", "enum"}:
        allowed = _allowed(detail)
        if len(allowed) == 1:
            message = f"{label} must be {allowed[0].lower()}, not {shown(found)}"
            return "ALI115", message, description_at(model, path)
        hint = did_you_mean(str(found), allowed) or f"One of {', '.join(allowed)}."
        return "ALI115", f"{label}: {shown(found)} is not a value for this key", hint
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        message = f"{label} is {shown(found)}; it must be {word} {context[key]}"
        return "ALI116", message, description_at(model, path)
    if kind in _LENGTHS:
        word, key, one, many = _LENGTHS[kind]
        message = f"{label} must have {word} {context[key]} {one if context[key] == 1 else many}"
        if context.get("actual_length"):
            message += f", and has {context['actual_length']}"
        return "ALI116", message, description_at(model, path)
    if kind in _DECIMALS:
        message = f"{label} is {shown(found)}; {_DECIMALS[kind].format(**context)}"
        return "ALI116", message, description_at(model, path)
    if kind == "string_pattern_mismatch":
        return "ALI117", f"{label}: {shown(found)} is malformed", _such_as(model, path)
    # A type of our own (region, duration, …): its message is written for people.
    hint = context.get("hint", "" if "such as" in detail["msg"] else _such_as(model, path))
    return "ALI117", f"{label}: {detail['msg']}", str(hint)


def _allowed(detail: ErrorDetails) -> list[str]:
    """The values of a Literal, from pydantic's sentence."""
    expected = str(detail.get("ctx", {}).get("expected", ""))
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",") if part]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean x?``, or nothing where no known word is near."""
    import difflib

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


def _such_as(model: type[Model], path: Path) -> str:
    """An example of the field, and its description."""
    field = field_at(model, path)
    if field is None or not field.examples or isinstance(path[-1], int):
        return description_at(model, path)
    example = inline(field.examples[0])
    return f"Such as `{path[-1]}: {example}`. {field.description or ''}".rstrip()


def _add(model: type[Model], path: Path) -> str:
    """What to write for a key that is missing."""
    field = field_at(model, path)
    inner = model_in(field.annotation) if field is not None else None
    if field is None or inner is None:
        return _such_as(model, path)
    needed = [str(one.alias) for one in inner.model_fields.values() if one.is_required()]
    return f"It needs {', '.join(needed)}." if needed else description_at(model, path)


def inline(value: Any, *, within: bool = False) -> str:
    """A value as YAML on one line; ``within`` brackets, some more texts need quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {inline(v, within=True)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item, within=True) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    plain = plain_scalar(value) == value and not _NOT_PLAIN.search(value)
    return value if plain and not (within and set(",[]{}") & set(value)) else f'"{value}"'
