"""A document of one environment: what several places say of it, laid over one another.

Only documents that an environment changes are such; all others are the base's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from aliconf.config.documents import MISSING, LoadedDocument, lookup
from aliconf.config.merge import ALL, merge
from aliconf.config.positions import Path
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import Location
from aliconf.model.base import API_VERSION

_IDENTITY: Path = ("metadata", "name")


class Layer(Protocol):
    """What one place says of a document: a document of the base or of an overlay, or a setting."""

    def raw(self) -> dict[str, Any]: ...

    def locate(self, *path: str | int, key: bool = False) -> Location: ...


class Setting:
    """Values that a key of the project gives to documents: ``synchronize: false``."""

    def __init__(self, project: LoadedDocument, path: Path, values: dict[str, Any]) -> None:
        self._project = project
        self._path = path
        self._values = values

    def raw(self) -> dict[str, Any]:
        return self._values

    def locate(self, *path: str | int, key: bool = False) -> Location:
        return self._project.locate(*self._path)


class LayeredDocument(LoadedDocument):
    """A document of the layers, the topmost first. Null stays in its values, as it is written.

    So null in an overlay takes away what the document says, and what it would inherit as well.
    Accounts that are not in force are ``without``: nothing in the document is about them.
    """

    __slots__ = ("layers", "without")

    def __init__(
        self,
        below: LoadedDocument,
        layers: Sequence[Layer],
        without: Iterable[str] = (),
    ) -> None:
        """``below`` is the document that the others are laid on: it says who this one is."""
        place = RawDocument(None, below.offset, below.line, below.end)
        super().__init__(below.source, place, below.kind, below.name, below.model)
        self.sound = below.sound
        self.layers: tuple[Layer, ...] = tuple(layers)
        self.without = frozenset(without)

    def raw(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for layer in reversed(self.layers):
            merged = merge(merged, layer.raw(), ALL)
        merged.setdefault("apiVersion", API_VERSION)
        return _pruned(merged, self.without) if self.without else merged

    def locate(self, *path: str | int, key: bool = False) -> Location:
        path = self._as_written(path)
        return self.giver(*path).locate(*path, key=key)

    def giver(self, *path: str | int) -> Layer:
        """The layer that gives the value at a path; of one that is absent, what stands above it."""
        path = self._as_written(path)
        lowest = self.layers[-1]
        if path == _IDENTITY[: len(path)] or path in {("kind",), ("apiVersion",)}:
            return lowest
        nearest, deepest = lowest, _depth(lowest.raw(), path)[0]
        for layer in self.layers:
            depth, decides = _depth(layer.raw(), path)
            if decides:
                return layer
            if depth > deepest:
                nearest, deepest = layer, depth
        return nearest

    def _as_written(self, path: Path) -> Path:
        """The path in its layer of an item of a list that was shortened."""
        if not self.without or path[:2] != ("spec", "accounts") or not path[2:]:
            return path
        name = lookup(self.raw(), path[:3])
        for layer in self.layers:
            written = lookup(layer.raw(), path[:2])
            if written is not MISSING:
                listed = isinstance(written, list) and name in written
                return (*path[:2], written.index(name), *path[3:]) if listed else path
        return path


def _depth(value: Any, path: Path) -> tuple[int, bool]:
    """How many steps of a path a value has, and whether it leaves no say to what lies below it."""
    for depth, step in enumerate(path):
        if not isinstance(value, dict):
            return depth, True
        if step not in value:
            return depth, False
        value = value[step]
    return len(path), True


def _pruned(raw: dict[str, Any], without: frozenset[str]) -> dict[str, Any]:
    """The values of a template or a campaign without what is about some accounts."""
    spec = raw.get("spec")
    if not isinstance(spec, dict):
        return raw
    spec = dict(spec)
    if isinstance(spec.get("accounts"), list):
        spec["accounts"] = [name for name in spec["accounts"] if name not in without]
    if isinstance(spec.get("perAccount"), dict):
        own = {name: value for name, value in spec["perAccount"].items() if name not in without}
        if own:
            spec["perAccount"] = own
        else:
            del spec["perAccount"]
    return {**raw, "spec": spec}
