"""The configuration: all documents of a project, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from aliconf.config import clock
from aliconf.config.documents import LoadedDocument
from aliconf.config.merge import merge, without_nulls
from aliconf.findings import Finding, Location
from aliconf.model.base import PolicySpec, Spec
from aliconf.model.kinds import NULL_IS_A_VALUE

if TYPE_CHECKING:
    from aliconf.config.environments import InForce
    from aliconf.model.project import ProjectSpec

Result = TypeVar("Result")

_NOT_INHERITED = ("default", "basedOn", "title")


class Effective(NamedTuple):
    """A spec with everything that it takes over from other policies."""

    spec: Spec
    chain: tuple[LoadedDocument, ...]
    """The document itself, then what it is based on, nearest first."""
    findings: tuple[Finding, ...] = ()

    def origin(self, *path: str | int) -> tuple[LoadedDocument, Location] | None:
        """The document that gives a value and the place there; None where it is a default."""
        for document in self.chain:
            if document.has("spec", *path):
                return document, document.locate("spec", *path)
        return None


@dataclass(slots=True, eq=False)
class Configuration:
    """What `aliconf.config.load` read."""

    root: Path
    project: LoadedDocument | None = None
    documents: list[LoadedDocument] = field(default_factory=list)
    """In the order of their files; the project's document is among them."""
    findings: list[Finding] = field(default_factory=list)
    """What was wrong with YAML and structure."""
    files: int = 0
    skipped: int = 0
    """Files under the root without a document of aliconf's."""
    incomplete: bool = False
    """Some file could not be read, so that a reference to nothing may be a reference into it."""
    twins: list[tuple[LoadedDocument, LoadedDocument]] = field(default_factory=list)
    """Documents whose kind and name are taken, each with the first one of that name."""
    now: datetime = field(default_factory=lambda: clock.now())
    """When it was read: rules that know a calendar compare with this."""
    environment: InForce | None = None
    """The environment that the documents are merged for; None for the base itself."""
    _by_id: dict[tuple[str, str], LoadedDocument] = field(default_factory=dict)
    _by_kind: dict[str, list[LoadedDocument]] = field(default_factory=dict)
    _effective: dict[LoadedDocument, Effective] = field(default_factory=dict)
    _once: dict[Callable[[Configuration], Any], Any] = field(default_factory=dict)

    def once(self, work: Callable[[Configuration], Result]) -> Result:
        """What ``work`` finds in the documents; it is not done again until there are more."""
        if work not in self._once:
            self._once[work] = work(self)
        found: Result = self._once[work]
        return found

    def add(self, document: LoadedDocument) -> None:
        first = self._by_id.setdefault((document.kind, document.name), document)
        if first is not document:
            self.twins.append((document, first))
            return
        self._once.clear()
        self.documents.append(document)
        self._by_kind.setdefault(document.kind, []).append(document)
        if document.kind == "Project" and self.project is None:
            self.project = document

    def get(self, kind: str, name: str) -> LoadedDocument | None:
        return self._by_id.get((kind, name))

    def of(self, kind: str) -> list[LoadedDocument]:
        return self._by_kind.get(kind, [])

    @property
    def kinds(self) -> list[str]:
        """The kinds of which there is a document."""
        return list(self._by_kind)

    def names(self, kind: str) -> list[str]:
        return [document.name for document in self.of(kind)]

    @property
    def settings(self) -> ProjectSpec:
        """The project's spec; its defaults where the project cannot be read."""
        from aliconf.model.project import ProjectSpec

        if self.project is not None and self.project.model is not None:
            spec = self.project.spec
            assert isinstance(spec, ProjectSpec)
            return spec
        return ProjectSpec()

    def effective(self, document: LoadedDocument) -> Effective:
        """The document's spec with ``basedOn`` resolved. Needs a document with a model."""
        found = self._effective.get(document)
        if found is not None:
            return found
        spec = document.spec
        if not isinstance(spec, PolicySpec) or spec.based_on is None:
            return Effective(spec, (document,))
        chain = tuple(self._chain(document))
        effective = self._resolve(document, spec, chain)
        self._effective[document] = effective
        return effective

    def values(self, document: LoadedDocument) -> dict[str, Any]:
        """The values of the document's spec as they are written, with those that it takes over.

        Needs a sound document; without ``basedOn``, and without the keys that are null.
        """
        values = _merged(self.effective(document).chain)
        values.pop("basedOn", None)
        return values

    def _chain(self, document: LoadedDocument) -> Iterator[LoadedDocument]:
        """The document and what it is based on; it ends at a cycle or at a reference to nothing."""
        seen: set[LoadedDocument] = set()
        following: LoadedDocument | None = document
        while following is not None and following not in seen and following.model is not None:
            yield following
            seen.add(following)
            spec = following.spec
            base = spec.based_on if isinstance(spec, PolicySpec) else None
            following = self.get(document.kind, base) if base else None

    def _resolve(
        self, document: LoadedDocument, spec: Spec, chain: tuple[LoadedDocument, ...]
    ) -> Effective:
        from pydantic import ValidationError

        if not all(link.sound for link in chain):
            return Effective(spec, chain)  # what is wrong is reported where it is written
        merged = _merged(chain)
        try:
            # `basedOn` stays in, so that a key that no link gives is missing as a rule says, not
            # here.
            return Effective(type(spec).model_validate(merged), chain)
        except ValidationError as error:
            from aliconf.config.structure import spec_findings

            return Effective(spec, chain, tuple(spec_findings(chain, merged, type(spec), error)))


def _merged(chain: tuple[LoadedDocument, ...]) -> dict[str, Any]:
    """The spec of the first document of a chain, laid on what it is based on."""
    merged: dict[str, Any] = {}
    for link in reversed(chain):
        own = link.raw().get("spec") or {}
        if link is not chain[0]:
            own = {key: value for key, value in own.items() if key not in _NOT_INHERITED}
        merged = merge(merged, own, NULL_IS_A_VALUE)
    found: dict[str, Any] = without_nulls(merged, NULL_IS_A_VALUE)
    return found
