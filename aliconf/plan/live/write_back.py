"""Drifted values, written to where the files of the configuration have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from aliconf.config.configuration import Configuration
from aliconf.config.documents import MISSING, LoadedDocument, lookup
from aliconf.config.edit import CannotEditError, edited
from aliconf.config.edit.splice import Order
from aliconf.config.fields import keys_at
from aliconf.config.load import Loader
from aliconf.config.positions import Path as Steps
from aliconf.config.words import show_path
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import Finding, Location, Severity
from aliconf.model.kinds import KINDS, spec_from_body
from aliconf.plan.drift import Drift, Drifted, DriftedObject, MovedDefault
from aliconf.plan.live.changes import FileChange, Import, opened
from aliconf.plan.live.conflicts import label_of, of_body, of_default, of_label
from aliconf.plan.live.documents import NO_DOCUMENT
from aliconf.plan.live.places import Target, target_of
from aliconf.plan.live.values import written
from aliconf.plan.live.what_if import Edits
from aliconf.plan.moves import later_names
from aliconf.plan.observed import parse_body

LEFT: Final = "ALI544"
CANNOT: Final = "ALI545"
_PROTECT: Final = ("lifecycle", "protect")


def write_back(configuration: Configuration, drift: Drift) -> Import:
    """The files with the values of the connector, as far as they drifted.

    The configuration has no error findings. What cannot be written is a finding, and the rest is.
    """
    writer = _Writer(configuration)
    for drifted in drift.objects:
        writer.take(drifted)
    for moved in drift.defaults:
        writer.point(moved)
    files = [file for file in writer.files.values() if file.before != file.after]
    return Import(files, writer.findings, writer.count)


class _Writer:
    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.files: dict[Path, FileChange] = {}
        self.findings: list[Finding] = []
        self.count = 0
        self.edits = Edits(configuration)
        self._shown = Loader(configuration).shown

    def take(self, drifted: DriftedObject) -> None:
        document = self._document(drifted.kind, drifted.name)
        if drifted.what != "changed" or document is None:
            self._leave(drifted, document)
            return
        assert drifted.stored is not None
        # What comes before what goes: a mapping that is left empty goes, with its comments.
        for field in sorted(drifted.fields, key=lambda field: field.now is None):
            if field.steps == ("managedBy",):
                self._note(
                    drifted.id,
                    f"{drifted.id} is managed by {field.now or 'nobody'} now, which no file says",
                    "The next plan adopts it again, or says who has it.",
                    document.locate("metadata", "name"),
                )
            elif field.steps == _PROTECT:
                # Of two values no third can be configured: where both sides moved, they agree.
                if _protected(document) != field.now:
                    self._set(document, _PROTECT, field.now or MISSING)
            elif field.steps[0] == "metadata":
                self._take_label(document, field)
        body = [field.steps for field in drifted.fields if not _of_metadata(field.steps)]
        if body:
            self._take_body(drifted, document, body)

    def _take_label(self, document: LoadedDocument, field: Drifted) -> None:
        conflict = of_label(document, field.steps, field.before, field.now)
        if conflict:
            self.findings.append(conflict)
        elif label_of(document, field.steps) != field.now:
            value = MISSING if field.now is None else field.now
            self._set(document, tuple(map(str, field.steps)), value)

    def _take_body(self, drifted: DriftedObject, document: LoadedDocument, paths: Any) -> None:
        from pydantic import ValidationError

        from aliconf.config.structure import first_words

        assert drifted.stored is not None
        found = parse_body(drifted.stored.body_text)
        try:
            spec = spec_from_body(drifted.kind, found)
        except ValidationError as error:
            reason = first_words(KINDS[drifted.kind].spec_type(), found, error)
            self.findings.append(
                Finding(
                    NO_DOCUMENT,
                    Severity.ERROR,
                    f"{drifted.id} cannot be written as a document: {reason}",
                    document.locate("metadata", "name"),
                    "Correct it in the connector, or apply: that writes it as its document says.",
                    drifted.id,
                )
            )
            return
        live = written(spec, defaults=True)
        for path in dict.fromkeys(map(_to_list, paths)):
            conflict = of_body(self.configuration, document, drifted, path)
            if conflict:
                self.findings.append(conflict)
                continue
            now = lookup(self.edits.values(document.kind, document.name), path)
            if repr(now) != repr(lookup(live, path)):
                self._set(document, ("spec", *path), lookup(live, path))

    def point(self, moved: MovedDefault) -> None:
        """Write which policy is the default."""
        holder = self._document(moved.kind, moved.now) if moved.now else None
        policies = self.configuration.of(moved.kind)
        wanted = [policy for policy in policies if getattr(policy.spec, "default", False)]
        for document in wanted:
            conflict = of_default(self.configuration, document, holder, moved)
            if conflict:
                self.findings.append(conflict)
                return
        for document in wanted:
            if document is not holder:
                self._set(document, ("spec", "default"), MISSING)
        if holder and holder not in wanted:
            self._set(holder, ("spec", "default"), True)

    def _document(self, kind: str, name: str) -> LoadedDocument | None:
        """The document of an object of the connector, which may be about to get another name."""
        names = later_names(self.configuration, kind, name)
        return next(filter(None, (self.configuration.get(kind, name) for name in names)), None)

    def _set(self, document: LoadedDocument, path: Steps, value: Any) -> None:
        """Write a value; it is tried out, and refused where it would change anything else."""
        target = target_of(self.configuration, document, path)
        if isinstance(target, Finding):
            self.findings.append(target._replace(code=CANNOT, object=document.id))
            return
        file = self._file(target)
        for candidate in _candidates(file.after, target.number, path, value):
            try:
                after = edited(file.after, target.number, path, candidate, _order(document.kind))
            except CannotEditError:
                continue
            result = self.edits.edit(document, target, after, path, value)
            if isinstance(result, Finding):
                self.findings.append(result._replace(code=CANNOT))
                return
            if result:
                file.after = after
                self.count += 1
                return
        self.findings.append(
            Finding(
                CANNOT,
                Severity.ERROR,
                f"{show_path(path)} of {document.id} cannot be written without changing more",
                document.locate(*path),
                "Write it by hand: an anchor, a merge key or an unusual layout is in the way.",
                document.id,
            )
        )

    def _file(self, target: Target) -> FileChange:
        path = target.document.source.path.resolve()
        if path not in self.files:
            self.files[path] = opened(path, self._shown(target.document.source.path))
        return self.files[path]

    def _leave(self, drifted: DriftedObject, document: LoadedDocument | None) -> None:
        """Objects that came or went, which is no edit of a value."""
        if drifted.what == "gone":
            if document is not None:
                self._note(
                    drifted.id,
                    f"{drifted.id} is gone from the connector, and its document stays",
                    "Remove the document if that was meant; else the next apply creates it again.",
                    document.locate("metadata", "name"),
                )
        elif document is None:
            self._note(
                drifted.id,
                f"{drifted.id} is in the connector and has no document",
                "`aliconf import --all` writes one; else the next apply deletes it.",
            )

    def _note(self, object_: str, message: str, hint: str, place: Location | None = None) -> None:
        self.findings.append(
            Finding(LEFT, Severity.WARNING, message, place, hint, object_ if place else "")
        )


def _of_metadata(steps: tuple[str | int, ...]) -> bool:
    return steps[0] in {"metadata", "lifecycle", "managedBy"}


def _protected(document: LoadedDocument) -> bool:
    return document.model is not None and document.model.lifecycle.protect


def _to_list(steps: tuple[str | int, ...]) -> Steps:
    """A path up to the first list on it: what is in a list is written with the list."""
    first = next((number for number, step in enumerate(steps) if isinstance(step, int)), None)
    return steps[:first]


def _candidates(text: str, number: int, path: Steps, value: Any) -> Iterator[Any]:
    """How a value may be written: what goes may have to be taken away from what it is based on."""
    documents = [part.value for part in parse(text) if isinstance(part, RawDocument)]
    old = lookup(documents[number], path)
    lists = [old, value] if isinstance(value, list) and isinstance(old, list) else []
    if lists and all(isinstance(item, str) for items in lists for item in items):
        # Of names whose order says nothing, those that stay keep their places.
        kept = [item for item in old if item in value]
        yield [*kept, *(item for item in value if item not in old)]
    yield value
    if value is MISSING:
        yield None


def _order(kind: str) -> Order:
    model = KINDS[kind]

    def keys(path: Steps) -> list[str]:
        if path:
            return keys_at(model, path)
        return [str(field.alias) for field in model.model_fields.values()]

    return keys
