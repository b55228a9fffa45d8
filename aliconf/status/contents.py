"""What a connector store holds, as a configuration that the rules can look at.

An object becomes a document again, text and all, so that a rule meets in the store what it would
meet in a file: also a value that an administrator wrote there and no document may have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.config.load import read_text
from aliconf.config.source import Source
from aliconf.config.yaml_values import RawDocument
from aliconf.connector.reader import Reader, Stored
from aliconf.findings import Finding, Severity
from aliconf.model.base import API_VERSION
from aliconf.model.kinds import POLICY_KINDS
from aliconf.rules.chosen import Chosen
from aliconf.rules.engine import check

Id = tuple[str, str]
"""Kind and name."""

_NOT_PLAIN: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON may hold as it is, and YAML not, or not without taking it for the end of a line."""
_CONFIGURES: Final = ("default", "basedOn")
"""Keys of a document that are no part of an object; in a store they mean nothing."""


@dataclass(slots=True)
class Contents:
    """The objects of a store, with what is wrong with them."""

    configuration: Configuration
    """Their documents. The project's settings are those of the project that looks."""
    objects: dict[Id, Stored] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    """The pointer of each policy kind, where the policy that it names is there."""
    errors: dict[Id, list[Finding]] = field(default_factory=dict)
    views: dict[str, Configuration] = field(default_factory=dict)
    """By project, where there are several: its objects, those that nobody manages, and what they
    name. One project's registration is no second one for another, nor do its labels select the
    accounts of another."""

    def view(self, stored: Stored) -> Configuration:
        """What an object and its neighbours are judged by."""
        asking = self.configuration.project
        project = stored.owner or (asking.name if asking else "")
        return self.views.get(project, self.configuration)

    def of(self, *kinds: str) -> list[Stored]:
        return [stored for stored in self.objects.values() if stored.kind in kinds]

    def document(self, stored: Stored) -> LoadedDocument | None:
        """The object's document; None where what is stored cannot be one."""
        document = self.configuration.get(stored.kind, stored.name)
        return document if document is not None and document.model is not None else None


def read_contents(reader: Reader, project: Configuration) -> Contents:
    """Read a store and check every object in it, as a project would have it checked."""
    held = Configuration(project.root, now=project.now, project=project.project)
    stored_objects = {(stored.kind, stored.name): stored for stored in reader.objects()}
    defaults = dict(pointer for pointer in reader.defaults().items() if pointer in stored_objects)
    contents = Contents(held, stored_objects, defaults)
    sources: dict[str, Id] = {}
    for stored in stored_objects.values():
        source = Source(Path(), f"connector:{stored.kind}/{stored.name}", "")
        sources[source.shown] = stored.kind, stored.name
        _add(contents, stored, source)
    _divide(contents, project)
    chosen = Chosen(project)
    for finding, found in _findings(contents, sources):
        if not chosen.ignores(_where_it_is_written(finding, found, project)):
            contents.errors.setdefault(found, []).append(finding)
    return contents


def _divide(contents: Contents, project: Configuration) -> None:
    """Make the views of several projects; one that is alone needs none."""
    assert project.project is not None
    owners = {stored.owner for stored in contents.objects.values() if stored.owner}
    owners.add(project.project.name)
    if len(owners) == 1:
        return
    for owner in sorted(owners):
        view = Configuration(project.root, now=project.now, project=project.project)
        view.incomplete = contents.configuration.incomplete
        contents.views[owner] = view
        named: set[Id] = set(contents.defaults.items())
        for document in contents.configuration.documents:
            stored = contents.objects.get((document.kind, document.name))
            if stored is not None and stored.owner in (None, owner):
                view.add(document)
                named |= _named(document)
        for kind, name in sorted(named):
            other = contents.configuration.get(kind, name)
            if other is not None and kind in POLICY_KINDS and view.get(kind, name) is None:
                view.add(other)


def _named(document: LoadedDocument) -> set[Id]:
    from aliconf.rules.slots import references

    return {(reference.kind, reference.name) for reference in references(document)}


def _findings(contents: Contents, sources: dict[str, Id]) -> Iterator[tuple[Finding, Id]]:
    """The errors of each object, in the view that it belongs to."""
    views = list(contents.views.values()) or [contents.configuration]
    found = [(finding, None) for finding in contents.configuration.findings if contents.views]
    checked = ((each, judging) for judging in views for each in check(judging))
    for finding, view in [*found, *checked]:
        if finding.severity is not Severity.ERROR or finding.location is None:
            continue
        place = sources.get(finding.location.file)
        if place and (view is None or contents.view(contents.objects[place]) is view):
            yield finding, place


def _add(contents: Contents, stored: Stored, source: Source) -> None:
    spec, labels = _json_object(stored.body_text), _json_object(stored.labels_text)
    for part, value in (("its body is", spec), ("its labels are", labels)):
        if value is None:
            contents.configuration.findings.append(_no_json_object(part, stored, source))
    if spec is None:
        raw = RawDocument(None, 0, 0)
        contents.configuration.add(LoadedDocument(source, raw, stored.kind, stored.name, None))
        return
    for key in _CONFIGURES:
        spec.pop(key, None)
    if contents.defaults.get(stored.kind) == stored.name:
        spec["default"] = True
    document = {
        "apiVersion": API_VERSION,
        "kind": stored.kind,
        "metadata": {"name": stored.name, "labels": labels or {}},
        "lifecycle": {"protect": stored.protect},
        "spec": spec,
    }
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    source.text = _NOT_PLAIN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    read_text(contents.configuration, source, ours=True)


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _no_json_object(part: str, stored: Stored, source: Source) -> Finding:
    return Finding(
        "ALI114",
        Severity.ERROR,
        f"{part} not a JSON object",
        source.location(0, 0),
        object=f"{stored.kind}/{stored.name}",
    )


def _where_it_is_written(finding: Finding, found: Id, project: Configuration) -> Finding:
    """The finding at the project's own document, which is where an ignore by path looks."""
    document = project.get(*found)
    return finding._replace(location=document.locate("spec") if document else None)


def users(contents: Contents, wanted: Iterable[Id]) -> dict[Id, list[str]]:
    """Who uses these policies: by name, or as the default of their kind."""
    from aliconf.rules.slots import POLICY_SLOTS, references

    found: dict[Id, list[str]] = {policy: [] for policy in wanted}
    if not found:
        return found
    for document in contents.configuration.documents:
        for reference in references(document):
            names = found.get((reference.kind, reference.name))
            if names is not None and document.id not in names[-1:]:
                names.append(document.id)
        if document.model is None or document.kind == "Campaign":
            continue
        for _, attribute, kind in POLICY_SLOTS.get(document.kind, ()):
            names = found.get((kind, contents.defaults.get(kind, "")))
            if names is not None and getattr(document.spec, attribute) is None:
                names.append(f"{document.id} (default)")
    return found
