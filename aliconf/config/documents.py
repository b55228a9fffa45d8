"""A document of the configuration together with the place it was read from."""

from __future__ import annotations

from typing import Any

from aliconf.config.positions import Path, Places, places
from aliconf.config.source import Source
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import Location
from aliconf.model.base import Document, Spec


class LoadedDocument:
    """A document with its place.

    The raw values are read again from the text when they are needed (for ``basedOn`` and in
    comparisons with git), so that ten thousand documents fit into little memory.
    """

    __slots__ = ("end", "kind", "line", "model", "name", "offset", "sound", "source")

    layers: tuple[Any, ...] = ()
    """What is laid over one another; nothing where the document is one of a file."""

    def __init__(
        self, source: Source, raw: RawDocument, kind: str, name: str, model: Document | None
    ) -> None:
        self.source = source
        self.offset = raw.offset
        self.end = raw.end
        self.line = raw.line
        self.kind = kind
        self.name = name
        self.model = model
        """None where the structure is so wrong that rules cannot look at it."""
        self.sound = model is not None
        """False where structure findings were reported; the model then lacks the wrong values."""

    def __repr__(self) -> str:
        return f"<{self.id} {self.source.shown}:{self.line + 1}>"

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def spec(self) -> Spec:
        if self.model is None:
            raise ValueError(f"{self.id} has no model")
        return self.model.spec

    def raw(self) -> dict[str, Any]:
        """The document's values as written, nulls included."""
        first = next(parse(self.source.text[self.offset : self.end or None]))
        value = first.value if isinstance(first, RawDocument) else None
        return value if isinstance(value, dict) else {}

    def locate(self, *path: str | int, key: bool = False) -> Location:
        """The place of a value by its full path, such as ``("spec", "title")``."""
        return self.places.locate(path, key=key)

    @property
    def places(self) -> Places:
        return places(self.source, (self.offset, self.end), self.line)

    def has(self, *path: str | int) -> bool:
        return lookup(self.raw(), path) is not MISSING


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


def lookup(value: Any, path: Path) -> Any:
    """The value at a path of keys and indexes, or MISSING."""
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return MISSING
    return value
