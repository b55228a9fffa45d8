"""Bring files into the canonical layout: which ones, and what becomes of each."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aliconf.config.configuration import Configuration
from aliconf.config.discover import LOCK_FILE, PROJECT_FILE, default_files, included_files
from aliconf.config.layout import MeaningChangedError, layout
from aliconf.config.load import claims_to_be_ours, finding_of, is_ours, read_text
from aliconf.config.source import Source, read
from aliconf.config.write import replace_file
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import Problem, RawDocument
from aliconf.findings import Finding, Location, Severity, refusal


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file with documents of aliconf's."""

    path: Path
    shown: str
    before: str
    """The text as it is, with a byte order mark if there is one."""
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def write(self) -> Finding | None:
        """Replace the file; a finding where that is not possible."""
        try:
            replace_file(self.path, self.after.encode())
        except OSError as error:
            return Finding(
                "ALI131",
                Severity.ERROR,
                f"cannot write the file: {(error.strerror or str(error)).lower()}",
                Location(self.shown),
                "Check the permissions of the file and of its directory.",
            )
        return None


def format_file(path: Path, shown: str, *, ours: bool) -> Formatted | list[Finding] | None:
    """The canonical text of a file; findings where it cannot be read.

    None for a file of somebody else's: without any document of aliconf's and, unless the project
    says that it is ``ours``, without a sign of one where its YAML is broken.
    """
    source = read(path, shown)
    if isinstance(source, Finding):
        return [source]
    documents: list[RawDocument] = []
    problems: list[Problem] = []
    for part in parse(source.text):
        if isinstance(part, RawDocument):
            documents.append(part)
        else:
            problems.append(part)
    if not ours and not is_ours(documents, problems, source.text):
        return None
    problems += [problem for document in documents for problem in document.problems]
    if problems:
        return [finding_of(source, problem) for problem in problems]
    if not any(claims_to_be_ours(document.value) for document in documents):
        return None
    try:
        after = layout(source.text, documents)
    except MeaningChangedError as error:
        return [_changed_meaning(source, error)]
    with path.open("rb") as file:
        mark = "\ufeff" if file.read(3) == codecs.BOM_UTF8 else ""
    return Formatted(path, shown, mark + source.text, after)


def _changed_meaning(source: Source, error: MeaningChangedError) -> Finding:
    return Finding(
        "ALI130",
        Severity.ERROR,
        f"formatting would {error}; the file is left as it is",
        Location(source.shown),
        "This is a defect of aliconf: report it with the file.",
    )


def project_files(root: Path) -> Iterator[tuple[Path, bool]]:
    """Every file of a project, overlays included, and whether the project names it as its own."""
    configuration = Configuration(root)
    project = root / PROJECT_FILE
    source = read(project, PROJECT_FILE)
    if isinstance(source, Source):
        read_text(configuration, source, ours=True)
    settings = configuration.settings
    found = {project: True}
    if settings.include is None:
        for path in default_files(root):
            found.setdefault(path, False)
    patterns = list(settings.include or ())
    for environment in settings.environments.values():
        patterns += environment.overlays
    for _, paths in included_files(root, patterns):
        for path in paths:
            found.setdefault(path, True)
    yield from found.items()


def given_files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """The files of a command line, and those in its directories, also in projects below them.

    Raises AliconfError (ALI107) for a path to nothing.
    """
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise refusal("ALI107", f"{path}: no such file or directory", "Check the path.")
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(default_files(path.resolve(), nested=True))
        elif not LOCK_FILE.fullmatch(path.name):
            found[path.absolute()] = None
    for path in found:
        yield path, path.name == PROJECT_FILE
