"""The overlays of an environment: documents that change those of the base, by kind and name.

The patterns of ``overlays`` count in their order, and the files of a pattern by their paths: where
several change one document, the later is laid on the earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from aliconf.config.configuration import Configuration
from aliconf.config.discover import included_files
from aliconf.config.documents import LoadedDocument
from aliconf.config.load import read_text
from aliconf.config.structure import wrong_envelope
from aliconf.config.words import did_you_mean, type_name
from aliconf.findings import Finding, Location, Related, Severity

if TYPE_CHECKING:
    from pathlib import Path

    from aliconf.config.load import Loader
    from aliconf.config.source import Source
    from aliconf.config.yaml_values import RawDocument
    from aliconf.model.project import Environment

ABSENT: Final = "absent"
_SAYS_NOTHING: Final = frozenset({"apiVersion", "kind", "metadata", ABSENT})


class Overlay(LoadedDocument):
    """A document of an overlay: a kind, a name, and what it changes. It has no model."""

    __slots__ = ("absent",)

    absent: bool
    """Whether it takes the document of that kind and name away."""

    def raw(self) -> dict[str, Any]:
        values = super().raw()
        values.pop(ABSENT, None)
        return values


def overlays_of(
    base: Configuration, name: str, settings: Environment, loader: Loader, into: Configuration
) -> Iterator[Overlay]:
    """The overlays of an environment in the order in which they are laid on the base.

    What is wrong with them by themselves becomes a finding of ``into``.
    """
    project = base.project
    assert project is not None
    seen: set[Path] = set()
    for index, paths in included_files(base.root, settings.overlays):
        if not paths:
            into.findings.append(_nothing_matches(project, name, settings.overlays[index], index))
        for path in paths:
            if path not in seen:
                seen.add(path)
                yield from _of_file(path, loader, into)


def _of_file(path: Path, loader: Loader, into: Configuration) -> Iterator[Overlay]:
    source = loader.source(path)
    if isinstance(source, Finding):
        into.findings.append(source)
        into.incomplete = True
        return
    found = Configuration(into.root, now=into.now)
    read_text(found, source, ours=True, read=_read)
    into.findings += found.findings
    into.incomplete = into.incomplete or found.incomplete
    into.twins += found.twins
    for document in found.documents:
        assert isinstance(document, Overlay)
        if document.kind == "Project":
            into.findings.append(
                _error(
                    "ALI223",
                    "an overlay cannot change the Project",
                    document.locate("kind"),
                    "What an environment changes of it stands in `environments` of aliconf.yaml.",
                    document,
                )
            )
        else:
            yield document


def _read(source: Source, raw: RawDocument) -> tuple[Overlay | None, list[Finding]]:
    """The overlay of a raw value. What it changes is checked where it is merged."""
    value = raw.value
    document = Overlay(source, raw, "", "", None)
    document.absent = False
    if value is None:
        return None, []  # an empty document, as between two `---`
    if not isinstance(value, dict):
        message = f"expected a document, found {type_name(value)}"
        hint = "A document of an overlay has kind, metadata.name, and the keys that differ."
        return None, [_error("ALI106", message, document.locate(), hint)]
    findings = wrong_envelope(document, value, partial=True)
    if findings:
        return None, findings
    document.kind = value["kind"]
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name:
        return None, [_nameless(document, metadata, name)]
    document.name = name
    findings = list(_wrong_absence(document, value))
    document.absent = value.get(ABSENT) is True
    return document, findings


def _nameless(document: Overlay, metadata: object, name: object) -> Finding:
    code, message = "ALI113", "metadata.name is missing"
    place = document.locate("metadata", "name", key=True)
    if name is not None or not isinstance(metadata, dict | None):
        code = "ALI114"
        what, found = ("metadata.name", name) if name is not None else ("metadata", metadata)
        expected = "a text" if name is not None else "a mapping"
        message = f"{what}: expected {expected}, found {type_name(found)}"
        place = document.locate(*what.split("."))
    hint = f"Write the name of the {document.kind} that this overlay changes."
    return _error(code, message, place, hint, document)


def _wrong_absence(document: Overlay, value: dict[str, Any]) -> Iterator[Finding]:
    absent = value.get(ABSENT)
    if absent is not None and not isinstance(absent, bool):
        yield _error(
            "ALI114",
            f"{ABSENT}: expected true or false, found {type_name(absent)}",
            document.locate(ABSENT),
            "`absent: true` takes the document away in this environment.",
            document,
        )
    elif absent:
        for key in value:
            if key not in _SAYS_NOTHING:
                yield _error(
                    "ALI224",
                    f"{document.id} is taken away here, and {key} has no effect",
                    document.locate(key, key=True),
                    f"Remove `{key}`, or `absent: true`.",
                    document,
                )


def nothing_to_take_away(
    overlay: Overlay, names: Iterable[str], removed: LoadedDocument | None
) -> Finding:
    """The finding of ``absent: true`` for a document that is not there.

    ``names`` are those of its kind; ``removed`` is the earlier overlay that took it away.
    """
    listed = sorted(names)
    more = ", …" if len(listed) > 8 else ""
    hint = did_you_mean(overlay.name, listed) or (
        f"There are {', '.join(listed[:8])}{more}." if listed else "Remove this document."
    )
    related: tuple[Related, ...] = ()
    if removed is not None:
        hint = "Remove one of the two."
        related = (Related("taken away here", removed.locate("metadata", "name")),)
    return _error(
        "ALI222",
        f"there is no {overlay.id} to take away",
        overlay.locate("metadata", "name"),
        hint,
        overlay,
    )._replace(related=related)


def _nothing_matches(project: LoadedDocument, name: str, pattern: str, index: int) -> Finding:
    return _error(
        "ALI221",
        f"overlays: {pattern!r} matches no file",
        project.locate("spec", "environments", name, "overlays", index),
        "Correct the pattern or remove it; patterns are relative to the project's root.",
        project,
    )


def _error(
    code: str, message: str, place: Location, hint: str = "", document: LoadedDocument | None = None
) -> Finding:
    owner = ""
    if document is not None:
        owner = document.id if document.name else document.kind
    return Finding(code, Severity.ERROR, message, place, hint, owner)
