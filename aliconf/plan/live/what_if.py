"""What an edit of one document would make of the configuration."""

from __future__ import annotations

import copy
from typing import Any

from aliconf.config.configuration import Configuration
from aliconf.config.documents import MISSING, LoadedDocument, lookup
from aliconf.config.layers import Layer, LayeredDocument
from aliconf.config.positions import Path
from aliconf.config.source import Source
from aliconf.config.structure import fill
from aliconf.config.words import show_path
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import Finding, Severity
from aliconf.model.base import body, canonical
from aliconf.plan.live.places import Target
from aliconf.plan.live.values import written


class Edits:
    """The documents of a configuration as edits of its files leave them."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._edited: dict[LoadedDocument, LoadedDocument] = {}
        """By documents of files, what has become of them."""
        self._now: dict[str, Configuration] = {}
        """By kind, its documents as they are now."""

    def of_kind(self, kind: str) -> Configuration:
        """The documents of a kind, as they are now."""
        if kind not in self._now:
            self._now[kind] = Configuration(self._configuration.root)
            for document in self._configuration.of(kind):
                self._now[kind].add(document)
        return self._now[kind]

    def values(self, kind: str, name: str) -> dict[str, Any]:
        """All values of an object, as its documents say now."""
        now = self.of_kind(kind)
        document = now.get(kind, name)
        assert document is not None
        return written(now.effective(document).spec, defaults=True)

    def edit(
        self,
        document: LoadedDocument,
        target: Target,
        text: str,
        path: Path,
        wanted: Any,
    ) -> bool | Finding:
        """Take an edit, if the object then has what is wanted at the path and no other changes.

        ``wanted`` is a value as `values` has it, MISSING for none. The finding names another policy
        that would change.
        """
        parts = [part for part in parse(text) if isinstance(part, RawDocument)]
        edited = copy.copy(target.document)
        edited.source = Source(target.document.source.path, target.document.source.shown, text)
        part = parts[target.number]
        edited.offset, edited.end, edited.line = part.offset, part.end, part.line
        layers: dict[Layer, Layer] = {}
        layers.update(self._edited.items())
        layers[target.document] = edited
        changed = edited
        if isinstance(document, LayeredDocument):
            changed = LayeredDocument(
                document, [layers.get(layer, layer) for layer in document.layers], document.without
            )
        if fill(changed, changed.raw(), nulls=True) or changed.model is None:
            return False
        before, after = self.of_kind(document.kind), Configuration(self._configuration.root)
        for other in before.documents:
            after.add(changed if other.name == document.name else other)
        if not _has(after, changed, path, wanted):
            return False
        former = before.get(document.kind, document.name)
        for other in before.documents:
            if other is former or former not in before.effective(other).chain:
                continue
            if _body(before, other) != _body(after, other):
                return Finding(
                    "",
                    Severity.ERROR,
                    f"{show_path(path)} of {document.id} would change {other.id} as well, which "
                    "is based on it",
                    target.document.locate(*path),
                    f"Give {other.id} a value of its own first, or write this one by hand.",
                    document.id,
                )
        self._edited[target.document] = edited
        self._now[document.kind] = after
        return True


def _has(after: Configuration, changed: LoadedDocument, path: Path, wanted: Any) -> bool:
    """Whether a document means a value."""
    assert changed.model is not None
    if path[0] == "lifecycle":
        return changed.model.lifecycle.protect == (wanted is True)
    if path[0] == "metadata":
        return bool(changed.model.metadata.labels.get(str(path[-1]), MISSING) == wanted)
    if path == ("spec", "default"):
        return bool(getattr(changed.model.spec, "default", False)) == (wanted is True)
    now = written(after.effective(changed).spec, defaults=True)
    return repr(lookup(now, path[1:])) == repr(wanted)


def _body(configuration: Configuration, document: LoadedDocument) -> str:
    return canonical(body(configuration.effective(document).spec))
