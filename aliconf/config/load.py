"""Read a project: find its files, parse them, and build the configuration.

Nothing here stops at the first error: what is wrong with one file is a finding, and the rest is
read.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from aliconf.config.configuration import Configuration
from aliconf.config.discover import PROJECT_FILE, default_files, included_files
from aliconf.config.documents import LoadedDocument
from aliconf.config.source import Source, read
from aliconf.config.structure import read_document
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import Problem, RawDocument
from aliconf.findings import Finding, Location, Related, Severity
from aliconf.model.base import API_VERSION
from aliconf.model.kinds import KINDS
from aliconf.progress import SILENT, Progress

Reads = Callable[[Source, RawDocument], tuple[LoadedDocument | None, list[Finding]]]


def load(
    root: Path,
    reader: Callable[[Configuration], Loader] | None = None,
    progress: Progress = SILENT,
) -> Configuration:
    """The configuration of the project at ``root``, with all structure findings in it.

    Another ``reader`` shows paths and reads files in its own way.
    """
    configuration = Configuration(root)
    loader = (reader or Loader)(configuration)
    loader.add(root / PROJECT_FILE, ours=True)
    settings = configuration.settings
    if configuration.project is None and not configuration.findings:
        configuration.findings.append(
            Finding(
                "ALI122",
                Severity.ERROR,
                f"{PROJECT_FILE} holds no Project",
                Location(loader.shown(root / PROJECT_FILE)),
                "Add a document of `kind: Project` with the project's name.",
            )
        )
    overlays = [
        pattern
        for environment in settings.environments.values()
        for pattern in environment.overlays
    ]
    if settings.include is None:
        found = default_files(root, overlays)
        progress.begin("reading files", len(found))
        for path in found:
            if path.name != PROJECT_FILE:
                loader.add(path, ours=False)
            progress.advance()
        return configuration
    seen = {root / PROJECT_FILE}
    left_out = {path for _, paths in included_files(root, overlays) for path in paths}
    included = list(included_files(root, settings.include))
    to_read = {path for _, paths in included for path in paths}.difference(left_out, seen)
    progress.begin("reading files", len(to_read))
    for index, paths in included:
        if not paths and configuration.project is not None:
            configuration.findings.append(_nothing_matches(configuration.project, index))
        for path in paths:
            if path not in seen and path not in left_out:
                seen.add(path)
                loader.add(path, ours=True)
                progress.advance()
    return configuration


def read_text(
    configuration: Configuration, source: Source, *, ours: bool, read: Reads = read_document
) -> None:
    """Add the documents of one text. Unless it is ``ours``, a text without any is skipped.

    ``read`` makes the document of a raw value.
    """
    parts = list(parse(source.text))
    documents = [part for part in parts if isinstance(part, RawDocument)]
    problems = [part for part in parts if isinstance(part, Problem)]
    if not ours and not is_ours(documents, problems, source.text):
        configuration.skipped += 1
        return
    configuration.files += 1
    if not parts or (all(document.value is None for document in documents) and not problems):
        configuration.findings.append(
            Finding(
                "ALI106",
                Severity.ERROR,
                "the file holds no document",
                Location(source.shown),
                "Write a document into it, or remove the file.",
            )
        )
    for problem in problems:
        configuration.findings.append(finding_of(source, problem))
        configuration.incomplete = True
    for raw in documents:
        configuration.findings.extend(finding_of(source, problem) for problem in raw.problems)
        document, findings = read(source, raw)
        configuration.findings.extend(findings)
        if document is None:
            configuration.incomplete = configuration.incomplete or bool(findings)
        else:
            configuration.add(document)


def is_ours(documents: list[RawDocument], problems: list[Problem], text: str) -> bool:
    """Whether a text holds a document of aliconf's, as far as can be told."""
    if problems and API_VERSION.partition("/")[0] + "/" in text:
        return True
    return any(claims_to_be_ours(document.value) for document in documents)


def claims_to_be_ours(value: object) -> bool:
    """An apiVersion of aliconf's, or a kind of ours without an apiVersion of somebody else's.

    Such a document is ours with a mistake: passing over it would delete its object. The names of
    others are groups with a domain, such as ``image.toolkit.fluxcd.io/v1``.
    """
    if not isinstance(value, dict):
        return False
    version = value.get("apiVersion")
    if isinstance(version, str) and version.startswith("aliconf/"):
        return True
    if value.get("kind") not in list(KINDS):
        return False
    if not isinstance(version, str) or "." not in version:
        return True
    import difflib

    return difflib.SequenceMatcher(None, version, API_VERSION).ratio() > 0.7


class Loader:
    """Reads files and shows their paths as the user would type them."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.here = str(Path.cwd())

    def shown(self, path: Path) -> str:
        text = str(path)
        if text.startswith(self.here + os.sep):
            return text[len(self.here) + 1 :]
        return os.path.relpath(text, self.here)

    def source(self, path: Path) -> Source | Finding:
        """The text of a file; a finding where it cannot be read."""
        return read(path, self.shown(path))

    def add(self, path: Path, *, ours: bool) -> None:
        source = self.source(path)
        if isinstance(source, Finding):
            self.configuration.findings.append(source)
            self.configuration.incomplete = True
            return
        read_text(self.configuration, source, ours=ours)


def finding_of(source: Source, problem: Problem) -> Finding:
    """The finding of a problem in a file's YAML."""
    from aliconf.config import redact

    related = (
        (Related("first here", source.location(*problem.first)),)
        if problem.first is not None
        else ()
    )
    place = source.location(problem.line, problem.column, problem.end_column)
    hidden = place.text != source.line(problem.line) and problem.code != "ALI102"
    message = redact.words(problem.message) if hidden else problem.message
    return Finding(problem.code, Severity.ERROR, message, place, problem.hint, related=related)


def _nothing_matches(project: LoadedDocument, index: int) -> Finding:
    pattern = project.raw()["spec"]["include"][index]
    return Finding(
        "ALI120",
        Severity.ERROR,
        f"include: {pattern!r} matches no file",
        project.locate("spec", "include", index),
        "Correct the pattern or remove it; patterns are relative to the project's root.",
        project.id,
    )
