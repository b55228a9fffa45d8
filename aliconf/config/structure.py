"""From plain values to a document model, with every structural error at its key.

Where only some values are wrong, the document is read again without them, so that the rules still see
the rest and one run reports everything.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, get_args

from aliconf.config.documents import MISSING, LoadedDocument, lookup
from aliconf.config.merge import without_nulls
from aliconf.config.positions import Path
from aliconf.config.source import Source
from aliconf.config.yaml import RawDocument
from aliconf.findings import Finding, Location, Severity
from aliconf.model.base import API_VERSION, Code, Model
from aliconf.model.kinds import KINDS

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


def read_document(source: Source, raw: RawDocument) -> tuple[LoadedDocument | None, list[Finding]]:
    """The document of a raw value, and what is wrong with its structure.

    There is no document where kind or name cannot be told.
    """
    value = raw.value
    if not isinstance(value, dict):
        place = source.location(raw.line, 0)
        if value is None:
            return None, []  # an empty document, as between two `---`
        return None, [_error("ALI106", f"expected a document, found {_type_name(value)}", place)]
    envelope = LoadedDocument(source, raw, "", "", None)
    findings = _wrong_envelope(envelope, value)
    kind = value.get("kind")
    if findings or not isinstance(kind, str):
        return None, findings
    envelope.kind = kind
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    envelope.name = name if isinstance(name, str) else ""
    findings = _fill(envelope, value)
    if not envelope.name:
        return None, findings
    return envelope, findings


def _wrong_envelope(document: LoadedDocument, value: dict[str, Any]) -> list[Finding]:
    version, kind = value.get("apiVersion"), value.get("kind")
    if version is None:
        where = document.locate()
        return [
            _error("ALI110", "apiVersion is missing", where, f"Add `apiVersion: {API_VERSION}`.")
        ]
    if version != API_VERSION:
        return [
            _error(
                "ALI110",
                f"unknown apiVersion {version!s}",
                document.locate("apiVersion"),
                f"This version of aliconf reads `{API_VERSION}`.",
            )
        ]
    if kind is None:
        return [
            _error("ALI111", "kind is missing", document.locate(), f"One of {', '.join(KINDS)}.")
        ]
    if kind not in KINDS:
        return [
            _error(
                "ALI111",
                f"unknown kind {kind!s}",
                document.locate("kind"),
                did_you_mean(str(kind), KINDS) or f"The kinds are {', '.join(KINDS)}.",
            )
        ]
    return []


def _fill(document: LoadedDocument, value: dict[str, Any]) -> list[Finding]:
    from pydantic import ValidationError

    model = KINDS[document.kind]
    clean = without_nulls(value, model.spec_type().NULL_IS_A_VALUE)
    try:
        document.model = model.model_validate(clean)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=True)
        findings = [_finding(document, model, clean, detail) for detail in details]
        for detail in details:
            _remove(clean, _path(clean, detail)[0])
        try:
            document.model = model.model_validate(clean)
        except ValidationError:
            document.model = None
        return findings
    document.sound = True
    return []


def _remove(clean: dict[str, Any], path: Path) -> None:
    """Take the wrong value out: the last key on its path that is not inside a list."""
    for index, step in enumerate(path):
        if isinstance(step, int):
            path = path[:index]
            break
    if not path:
        return
    parent = lookup(clean, path[:-1])
    if isinstance(parent, dict):
        parent.pop(path[-1], None)


def spec_findings(
    document: LoadedDocument, spec: dict[str, Any], model: type[Model], error: Any
) -> list[Finding]:
    """The findings of a spec that was merged from several documents."""
    return [
        _finding(document, model, spec, detail, ("spec",))
        for detail in error.errors(include_url=False, include_input=True)
    ]


def _path(value: Any, detail: ErrorDetails) -> tuple[Path, bool]:
    """The error's path in the document, without pydantic's own steps; and whether it is about a key."""
    path: list[str | int] = []
    steps = detail["loc"]
    for position, step in enumerate(steps):
        if step == "[key]":
            return tuple(path), True
        last = position == len(steps) - 1
        if lookup(value, (step,)) is not MISSING:
            value = lookup(value, (step,))
            path.append(step)
        elif last and detail["type"] == "missing":
            path.append(step)
    return tuple(path), detail["type"] == "extra_forbidden"


def _finding(
    document: LoadedDocument,
    model: type[Model],
    value: dict[str, Any],
    detail: ErrorDetails,
    prefix: Path = (),
) -> Finding:
    path, on_key = _path(value, detail)
    code, message, hint = _words(model, path, detail)
    if on_key and detail["type"] != "extra_forbidden":
        code, message = "ALI117", f"the key {path[-1]!r} is malformed" if path else message
    return Finding(
        code,
        Severity.ERROR,
        message,
        document.locate(*prefix, *path, key=on_key or detail["type"] == "missing"),
        hint,
        document.id if document.name else document.kind,
    )


def _words(model: type[Model], path: Path, detail: ErrorDetails) -> tuple[str, str, str]:
    """Code, message and hint of one pydantic error."""
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    label = show_path(path)
    own = _code_of(model, path)
    if kind == "extra_forbidden":
        known = _keys_at(model, path[:-1])
        hint = did_you_mean(str(path[-1]), known)
        return "ALI112", f"unknown key {path[-1]!r}", hint or f"Known here: {', '.join(known)}."
    if kind == "missing":
        return "ALI113", f"{label} is missing", _describe(model, path)
    if kind in _EXPECTED:
        hint = 'Put quotes around it: "%s".' % found if _needs_quotes(kind, found) else ""
        return (
            "ALI114",
            f"{label}: expected {_EXPECTED[kind]}, found {_type_name(found)}",
            hint or _describe(model, path),
        )
    if kind in {"literal_error", "enum"}:
        return own or "ALI115", *_one_of(label, found, str(context.get("expected", "")))
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        return own or "ALI116", f"{label} is {shown(found)}; it must be {word} {context[key]}", ""
    if kind in _LENGTHS:
        word, key, unit = _LENGTHS[kind]
        message = f"{label} must have {word} {context[key]} {unit}"
        if "actual_length" in context and context["actual_length"] is not None:
            message += f", and has {context['actual_length']}"
        return own or "ALI116", message, ""
    if kind.startswith("decimal_") or kind == "finite_number":
        return own or "ALI116", f"{label} is {shown(found)}; {detail['msg']}", ""
    if kind == "string_pattern_mismatch":
        return own or "ALI117", f"{label}: {shown(found)} is malformed", _describe(model, path)
    if kind in {"too_many_keys", "no_key"}:
        return "ALI118", f"{label}: {detail['msg']}" if path else detail["msg"], "Give exactly one."
    # A type of our own (region, duration, …): its message is written for people.
    return own or "ALI117", f"{label}: {detail['msg']}", str(context.get("hint", ""))


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
    return _type_name(value)


def _type_name(value: Any) -> str:
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


def _error(code: str, message: str, location: Location, hint: str = "") -> Finding:
    return Finding(code, Severity.ERROR, message, location, hint)
