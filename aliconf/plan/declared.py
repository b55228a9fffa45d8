"""What an object was to be by the documents of a commit, and what applies have left of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from aliconf.config.configuration import Configuration, Effective
from aliconf.config.documents import MISSING, LoadedDocument, lookup
from aliconf.config.positions import Path
from aliconf.findings import Finding, Severity
from aliconf.model.base import Body, PolicySpec, body, canonical
from aliconf.plan.changes import Desired
from aliconf.plan.fields import DEFAULT, PROTECT
from aliconf.plan.moves import later_names
from aliconf.plan.observed import parse_body


class CannotTellError(Exception):
    """The documents of the commit that would say are broken."""


class State:
    """An object: its body, and what belongs to it beside the body."""

    __slots__ = ("_body", "default", "labels", "protect", "text")

    def __init__(
        self, text: str, labels: dict[str, Any], *, protect: bool = False, default: bool = False
    ) -> None:
        self.text = text
        self.labels = labels
        self.protect = protect
        self.default = default
        self._body: Body | None = None

    @classmethod
    def of(cls, desired: Desired) -> State:
        return cls(desired.text, desired.labels, protect=desired.protect, default=desired.default)

    @property
    def body(self) -> Body:
        if self._body is None:
            self._body = parse_body(self.text)
        return self._body

    def at(self, steps: Path) -> Any:
        """The value at the steps of a `FieldChange`, or MISSING."""
        if steps[0] == "metadata":
            return self.labels.get(str(steps[-1]), MISSING)
        if steps == PROTECT:
            return self.protect
        if steps == DEFAULT:
            return self.default
        return lookup(self.body, steps)

    def equals(self, other: State) -> bool:
        return (self.text, self.labels, self.protect, self.default) == (
            other.text,
            other.labels,
            other.protect,
            other.default,
        )


class Declared:
    """The objects that a commit declares. Asked what it cannot say, it raises CannotTellError."""

    def __init__(self, name: str, found: Configuration | None) -> None:
        """``name`` is what people call the commit; ``found`` is None where it has no project, or
        not this environment."""
        self.name = name
        self._found = found
        self._broken = found is not None and _cannot_be_merged(found)
        self._twins = {first for _, first in found.twins} if found is not None else set()

    def state(self, kind: str, name: str) -> State | None:
        """What an object was to be; None where it was not declared."""
        document = self._document(kind, name)
        if document is None:
            return None
        assert document.model is not None
        spec = document.spec
        return State(
            canonical(body(self._effective(document).spec)),
            document.model.metadata.labels,
            protect=document.model.lifecycle.protect,
            default=isinstance(spec, PolicySpec) and spec.default,
        )

    def has(self, kind: str, name: str = "") -> bool:
        """Whether an object was declared, or any of a kind, whatever it was to be."""
        found = self._configuration()
        if found is None:
            return False
        declared = found.get(kind, name) is not None if name else bool(found.of(kind))
        if not declared and found.incomplete:
            raise CannotTellError
        return declared

    def same(self, document: LoadedDocument, now: Configuration) -> bool:
        """Whether an object was declared by the very files that declare it now."""
        found = self._found
        if found is None or self._broken or found.get(document.kind, document.name) is not document:
            return False
        return found.effective(document).chain == now.effective(document).chain

    def moves(self, kind: str, old: str) -> Iterator[str]:
        """The names that an object was to get by ``moved``, one after the other."""
        found = self._configuration()
        return itertools.islice(later_names(found, kind, old), 1, None) if found else iter(())

    @property
    def encryption_key(self) -> str:
        """The reference of the project's key; empty where it named none."""
        found = self._configuration()
        return str(found.settings.encryption_key or "") if found is not None else ""

    def errors(self) -> list[Finding]:
        """What is wrong with the documents, which is why something cannot be told."""
        if self._found is None:
            return []
        return [item for item in self._found.findings if item.severity is Severity.ERROR]

    def _configuration(self) -> Configuration | None:
        if self._broken:
            raise CannotTellError
        return self._found

    def _document(self, kind: str, name: str) -> LoadedDocument | None:
        """The sound document of an object; None where there was none."""
        if not self.has(kind, name):
            return None
        assert self._found is not None
        document = self._found.get(kind, name)
        if document is None or document in self._twins or not document.sound:
            raise CannotTellError
        return document

    def _effective(self, document: LoadedDocument) -> Effective:
        assert self._found is not None
        found = self._found.effective(document)
        last = found.chain[-1].spec
        ends = not isinstance(last, PolicySpec) or last.based_on is None
        if found.findings or not ends or not all(link.sound for link in found.chain):
            raise CannotTellError
        return found


def _cannot_be_merged(found: Configuration) -> bool:
    """Whether no document can be trusted: the project's says which there are, and a document of
    an overlay that cannot be read may change any."""
    if found.project is None or not found.project.sound:
        return True
    environment = found.environment
    return environment is not None and found.incomplete and bool(environment.settings.overlays)
