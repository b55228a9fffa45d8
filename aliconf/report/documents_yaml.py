"""The documents in force as YAML: what they say and take over, and where each value is written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from aliconf.config.configuration import Configuration, Effective
from aliconf.config.documents import MISSING, LoadedDocument, lookup
from aliconf.config.layout import layout
from aliconf.config.merge import without_nulls
from aliconf.config.positions import Path
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import Location
from aliconf.model.kinds import KINDS, NULL_IS_A_VALUE

_PLAIN: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./@+ -]*[A-Za-z0-9_])?")
_NOT_TEXT: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Also what other readers of YAML take for a boolean."""
_NOT_PRINTED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_LONGEST_KEY: Final = 500
"""Longer keys need a question mark; YAML takes 1,024 characters without."""

Origin = Callable[[Path], Location | None]


def render(configuration: Configuration, *, origins: bool = False) -> str:
    """All documents by kind and name, in canonical layout. Needs a configuration without errors.

    ``basedOn`` is resolved and keys that are null are left out, so that each document stands alone;
    so is ``include``, since nothing else belongs to this text. That of an environment, read as a
    project, has the same objects. With ``origins`` a comment behind each value says where it is
    written.
    """
    order = {kind: position for position, kind in enumerate(KINDS)}
    documents = sorted(
        configuration.documents, key=lambda document: (order[document.kind], document.name)
    )
    return "---\n".join(
        _in_canonical_layout(_document(configuration, document, origins=origins))
        for document in documents
    )


def _in_canonical_layout(lines: Iterator[str]) -> str:
    """The text of one document. All of them at once would take the square of their number."""
    text = "".join(f"{line}\n" for line in lines)
    return layout(text, [raw for raw in parse(text) if isinstance(raw, RawDocument)])


def _document(
    configuration: Configuration, document: LoadedDocument, *, origins: bool
) -> Iterator[str]:
    effective = configuration.effective(document)
    values = {**document.raw(), "spec": configuration.values(document)}
    values = without_nulls(values, NULL_IS_A_VALUE)
    if document.kind == "Project":
        values["spec"].pop("include", None)
    place: Origin = _origins(effective) if origins else lambda _: None
    yield from _mapping(values, (), place)


def _origins(effective: Effective) -> Origin:
    chain = [(link, link.raw()) for link in effective.chain]

    def origin(path: Path) -> Location | None:
        links = chain if path[0] == "spec" else chain[:1]
        for link, raw in links:
            if lookup(raw, path) is not MISSING:
                return link.locate(*path)
        return None

    return origin


def _mapping(values: dict[str, Any], path: Path, origin: Origin) -> Iterator[str]:
    for name, value in values.items():
        key = scalar(name)
        if len(key) > _LONGEST_KEY:
            yield f"? {key}"
            key = ""
        yield from _value(f"{key}:", value, (*path, name), origin)


def _sequence(items: list[Any], path: Path, origin: Origin) -> Iterator[str]:
    for index, item in enumerate(items):
        here = (*path, index)
        if isinstance(item, dict) and item:
            lines = _mapping(item, here, origin)
        elif isinstance(item, list) and item:
            lines = _sequence(item, here, origin)
        else:
            yield from _value("-", item, here, origin)
            continue
        for number, line in enumerate(lines):
            yield f"  {line}" if number else f"- {line}"


def _value(before: str, value: Any, path: Path, origin: Origin) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield before
        yield from (f"  {line}" for line in _mapping(value, path, origin))
    elif isinstance(value, list) and value:
        yield before
        yield from (f"  {line}" for line in _sequence(value, path, origin))
    else:
        place = origin(path)
        comment = f"  # {place.file}:{place.line}" if place else ""
        yield f"{before} {scalar(value)}{_NOT_PRINTED.sub('�', comment)}"


def scalar(value: Any) -> str:
    """A value without values inside it, on one line of YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return str(value)
    if not isinstance(value, str):
        return "{}" if isinstance(value, dict) else "[]"
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    text = json.dumps(value, ensure_ascii=False)
    return _NOT_PRINTED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
