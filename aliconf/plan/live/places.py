"""In which document of which file a value of an object is to be written."""

from __future__ import annotations

from typing import Any, NamedTuple

from aliconf.config.configuration import Configuration
from aliconf.config.discover import included_files
from aliconf.config.documents import LoadedDocument
from aliconf.config.layers import LayeredDocument, Setting
from aliconf.config.positions import Path
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import Finding, Severity


class Target(NamedTuple):
    """A document of a file, without what is laid over it."""

    document: LoadedDocument
    number: int
    """Which document of its file, from 0."""


def target_of(
    configuration: Configuration, document: LoadedDocument, path: Path
) -> Target | Finding:
    """Where a value belongs; a finding where writing it there would change something else."""
    giver: Any = document
    if isinstance(document, LayeredDocument):
        giver = document.giver(*path)
        own = [
            layer
            for layer in document.layers
            if isinstance(layer, LoadedDocument) and not _is_shared(configuration, layer)
        ]
        if isinstance(giver, LoadedDocument) and _is_shared(configuration, giver) and own:
            giver = own[0]
    if isinstance(giver, Setting) or not isinstance(giver, LoadedDocument):
        return _refused(document, path, "is set by the environment's settings", "Change them.")
    root = configuration.root.resolve()
    if not giver.source.path.resolve().is_relative_to(root):
        return _refused(
            giver,
            path,
            "stands in a file outside of the project, which others may share",
            "Write it there by hand, or give the object a document of its own here.",
        )
    if _is_shared(configuration, giver):
        chosen = configuration.environment
        name = chosen.name if chosen else ""
        return _refused(
            giver,
            path,
            "stands in a file that other environments share",
            f"Write it in an overlay of {name}, or by hand where it is for all of them.",
        )
    parts = [part for part in parse(giver.source.text) if isinstance(part, RawDocument)]
    offsets = [part.offset for part in parts]
    return Target(giver, offsets.index(giver.offset))


def _is_shared(configuration: Configuration, document: LoadedDocument) -> bool:
    """Whether another environment reads the document, too."""
    chosen = configuration.environment
    if chosen is None:
        return False
    environments = chosen.base.settings.environments
    others = [settings for name, settings in environments.items() if name != chosen.name]
    file = document.source.path.resolve()
    if chosen.base.get(document.kind, document.name) is document:
        return bool(others)
    return any(
        file == path.resolve()
        for settings in others
        for _, paths in included_files(configuration.root, list(settings.overlays))
        for path in paths
    )


def _refused(document: LoadedDocument, path: Path, reason: str, hint: str) -> Finding:
    from aliconf.config.words import show_path

    return Finding(
        "",
        Severity.ERROR,
        f"{show_path(path)} of {document.id} {reason}",
        document.locate(*path),
        hint,
        document.id,
    )
