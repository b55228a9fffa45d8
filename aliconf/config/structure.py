"""From plain values to a document model, with every structural error at its key.

Where only some values are wrong, the document is read again without them, so that the rules
still see the rest and one run reports everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aliconf.config.documents import MISSING, LoadedDocument, lookup
from aliconf.config.fields import is_unknown, takes_codes
from aliconf.config.merge import null_paths, without_nulls
from aliconf.config.positions import Path
from aliconf.config.source import Source
from aliconf.config.words import did_you_mean, show_path, shown, type_name, words
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import Finding, Location, Related, Severity
from aliconf.model.base import API_VERSION, DNS_LABEL, Model
from aliconf.model.kinds import KINDS, NULL_IS_A_VALUE

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_KEYS: Final = {
    f"^{DNS_LABEL.pattern}$": "A name has small letters, digits and hyphens, at most 63.",
    "^[A-Z]{3}$": "A currency is three capitals, such as EUR.",
}
"""What the keys of a map look like, by their pattern."""


def read_document(source: Source, raw: RawDocument) -> tuple[LoadedDocument | None, list[Finding]]:
    """The document of a raw value, and what is wrong with its structure.

    There is no document where kind or name cannot be told.
    """
    value = raw.value
    if not isinstance(value, dict):
        if value is None:
            return None, []  # an empty document, as between two `---`
        place = LoadedDocument(source, raw, "", "", None).locate()
        hint = "A document is a mapping with apiVersion, kind, metadata and spec."
        return None, [
            _error("ALI106", f"expected a document, found {type_name(value)}", place, hint)
        ]
    envelope = LoadedDocument(source, raw, "", "", None)
    findings = wrong_envelope(envelope, value)
    kind = value.get("kind")
    if findings or not isinstance(kind, str):
        return None, findings
    envelope.kind = kind
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    envelope.name = name if isinstance(name, str) else ""
    findings = fill(envelope, value, nulls=raw.nulls)
    if not envelope.name:
        return None, findings
    return envelope, findings


def wrong_envelope(
    document: LoadedDocument, value: dict[str, Any], *, partial: bool = False
) -> list[Finding]:
    """What is wrong with apiVersion and kind. A ``partial`` document may have no apiVersion."""
    version, kind = value.get("apiVersion"), value.get("kind")
    if version is None and not partial:
        near = next((key for key in value if did_you_mean(key, ["apiVersion"])), None)
        where = document.locate(near, key=True) if near else document.locate()
        hint = f"Add `apiVersion: {API_VERSION}`."
        if near not in {None, "apiVersion"}:
            hint = f"Did you mean apiVersion in place of {near}?"
        return [_error("ALI110", "apiVersion is missing", where, hint)]
    if version is not None and version != API_VERSION:
        return [
            _error(
                "ALI110",
                f"unknown apiVersion {_named(version)}",
                document.locate("apiVersion"),
                f"This version of aliconf reads `{API_VERSION}`.",
            )
        ]
    if kind is None:
        return [
            _error("ALI111", "kind is missing", document.locate(), f"One of {', '.join(KINDS)}.")
        ]
    if not isinstance(kind, str) or kind not in KINDS:
        return [
            _error(
                "ALI111",
                f"unknown kind {_named(kind)}",
                document.locate("kind"),
                did_you_mean(str(kind), KINDS) or f"The kinds are {', '.join(KINDS)}.",
            )
        ]
    return []


def _named(value: Any) -> str:
    return value if isinstance(value, str) and value else shown(value)


def fill(document: LoadedDocument, value: dict[str, Any], *, nulls: bool) -> list[Finding]:
    """Give the document its model, and say what is wrong with its structure.

    ``nulls`` says whether a null may stand anywhere in the value.
    """
    from pydantic import ValidationError

    model = KINDS[document.kind]
    clean = without_nulls(value, NULL_IS_A_VALUE) if nulls else value
    try:
        document.model = model.model_validate(clean)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=True)
        findings = list(
            dict.fromkeys(
                _among_layers(_finding(document, model, clean, detail), document, clean, detail)
                for detail in details
            )
        )
        findings += _unknown_nulls(document, model, value) if nulls else []
        for detail in details:
            _remove(clean, _path(clean, detail)[0])
        try:
            document.model = model.model_validate(clean)
        except ValidationError:
            document.model = None
        return findings
    findings = _unknown_nulls(document, model, value) if nulls else []
    document.sound = not findings
    return findings


def _unknown_nulls(
    document: LoadedDocument, model: type[Model], value: dict[str, Any]
) -> list[Finding]:
    """Unknown keys that are null: no model saw them, and they are mistakes all the same."""
    return [
        _finding(
            document,
            model,
            value,
            {"type": "extra_forbidden", "loc": path, "input": None, "msg": ""},
        )
        for path in null_paths(value, NULL_IS_A_VALUE)
        if is_unknown(model, path)
    ]


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
    chain: tuple[LoadedDocument, ...], spec: dict[str, Any], model: type[Model], error: Any
) -> list[Finding]:
    """The findings of the spec that was merged from a document and those that it is based on."""
    return [
        _with_origins(_finding(chain[0], model, spec, detail, ("spec",)), chain, spec, detail)
        for detail in error.errors(include_url=False, include_input=True)
    ]


def _with_origins(
    finding: Finding,
    chain: tuple[LoadedDocument, ...],
    spec: dict[str, Any],
    detail: ErrorDetails,
) -> Finding:
    """Of keys that exclude each other, those that come from another document."""
    if detail["type"] != "too_many_keys":
        return finding
    path = ("spec", *_path(spec, detail)[0])
    taken: list[str] = []
    related: list[Related] = []
    for key in _given(detail):
        giver = next((link for link in chain if link.has(*path, key)), chain[0])
        if giver is not chain[0]:
            taken.append(f"`{key}` comes from {giver.id}; `{key}: null` here takes it away.")
            related.append(Related(f"{key} is here", giver.locate(*path, key)))
    if not taken:
        return finding
    return finding._replace(hint=" ".join(taken), related=tuple(related))


def first_words(model: type[Model], value: dict[str, Any], error: Any) -> str:
    """The first thing that is wrong with a value, in words that name its key."""
    detail = error.errors(include_url=False, include_input=True)[0]
    path, _ = _path(value, detail)
    message = words(model, path, detail)[1]
    return message if not path or str(path[-1]) in message else f"{show_path(path)}: {message}"


def _given(detail: ErrorDetails) -> list[str]:
    """The keys that exclude each other."""
    return str(detail["ctx"]["given"]).replace(" and ", ", ").split(", ")


def _among_layers(
    finding: Finding, document: LoadedDocument, value: dict[str, Any], detail: ErrorDetails
) -> Finding:
    """Of keys that exclude each other, those that the document has from below an overlay."""
    if not document.layers or detail["type"] != "too_many_keys":
        return finding
    path = _path(value, detail)[0]
    places = {key: document.locate(*path, key, key=True) for key in _given(detail)}
    below = {
        key: place
        for key, place in places.items()
        if finding.location is not None and place.file != finding.location.file
    }
    if not below:
        return finding
    taken = (
        f"`{key}` comes from {place.file}; `{key}: null` here takes it away."
        for key, place in below.items()
    )
    related = tuple(Related(f"{key} is here", place) for key, place in below.items())
    return finding._replace(hint=" ".join(taken), related=related)


def _path(value: Any, detail: ErrorDetails) -> tuple[Path, bool]:
    """The error's path in the document, without pydantic's own steps; and whether it is about a
    key."""
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
    if path and takes_codes(model, path[:-1]) and is_unknown(model, path):
        detail, on_key = {**detail, "type": "extra_forbidden"}, True  # key and value, as one
    code, message, hint = words(model, path, detail)
    if on_key and detail["type"] != "extra_forbidden":
        code, message = "ALI117", f"the key {path[-1]!r} is malformed" if path else message
        hint = _KEYS.get(str(detail.get("ctx", {}).get("pattern")), hint)
    place = document.locate(*prefix, *path, key=on_key or detail["type"] == "missing")
    return Finding(
        code,
        Severity.ERROR,
        message,
        place,
        hint,
        document.id if document.name else document.kind,
    )


def _error(code: str, message: str, location: Location, hint: str = "") -> Finding:
    return Finding(code, Severity.ERROR, message, location, hint)
