"""Files as an import leaves them: what was there, and what is to be there."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aliconf.config.configuration import Configuration
from aliconf.config.discover import default_files, included_files
from aliconf.config.load import Loader
from aliconf.config.source import Source, read
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import AliconfError, Finding, Location, Severity
from aliconf.plan.live.documents import FILES, LiveDocument

OUTSIDE: Final = "ALI546"


@dataclass(slots=True)
class FileChange:
    """One file; its texts have no byte order mark."""

    path: Path
    shown: str
    before: str
    """Empty for a file that is not there."""
    after: str
    mark: bool = False
    """Whether it begins with a byte order mark."""

    @property
    def content(self) -> bytes:
        return (codecs.BOM_UTF8 if self.mark else b"") + self.after.encode()


@dataclass(slots=True)
class Import:
    """What an import would write, and what is to be known of it."""

    files: list[FileChange] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    count: int = 0
    """Documents, or values, that are written."""


def opened(path: Path, shown: str) -> FileChange:
    """A file to be changed, or to be made. Raises AliconfError where it cannot be read."""
    if not path.exists():
        return FileChange(path, shown, "", "")
    source = read(path, shown)
    if isinstance(source, Finding):
        raise AliconfError(source)
    with path.open("rb") as file:
        mark = file.read(3) == codecs.BOM_UTF8
    return FileChange(path, shown, source.text, source.text, mark)


def adoption(
    configuration: Configuration, documents: Iterable[LiveDocument | Finding], into: Path
) -> Import:
    """The files with documents for objects that have none, one file for each kind.

    Behind what such a file holds already. Raises AliconfError (ALI546) where files in the directory
    are not the project's.
    """
    found = Import()
    by_kind: dict[str, list[str]] = {}
    for document in documents:
        if isinstance(document, Finding):
            found.findings.append(document)
        else:
            by_kind.setdefault(document.kind, []).append(document.text)
            found.count += 1
    shown = Loader(configuration).shown
    for kind, texts in by_kind.items():
        path = into / FILES[kind]
        if not _belongs(configuration, path):
            raise AliconfError(_outside(configuration, shown(path)))
        file = opened(path, shown(path))
        file.after = _appended(file.before, texts)
        found.files.append(file)
    return found


def _appended(before: str, texts: list[str]) -> str:
    newline = "\r\n" if "\r\n" in before else "\n"
    added = "---\n".join(texts).replace("\n", newline)
    if not before:
        return added
    if not before.endswith("\n"):
        before += newline
    parts = [part for part in parse(before) if isinstance(part, RawDocument)]
    return before + (f"---{newline}" if parts else "") + added


def _belongs(configuration: Configuration, path: Path) -> bool:
    """Whether the project would read a file there; tried in a directory of the same layout."""
    root = configuration.root.resolve()
    path = path.resolve()
    if not path.is_relative_to(root):
        return False
    if path.exists():
        return path in set(_files(configuration, root))
    with TemporaryDirectory() as directory:
        mirror = Path(directory).resolve() / "root"
        there = mirror / path.relative_to(root)
        there.parent.mkdir(parents=True)
        there.touch()
        nested = any((parent / "aliconf.yaml").exists() for parent in path.parents if parent != root
                     and parent.is_relative_to(root))  # fmt: skip
        return there in set(_files(configuration, mirror)) and not nested


def _files(configuration: Configuration, root: Path) -> Iterable[Path]:
    environment = configuration.environment
    settings = (environment.base if environment else configuration).settings
    overlays = [pattern for other in settings.environments.values() for pattern in other.overlays]
    if settings.include is None:
        return default_files(root, overlays)
    left_out = {path for _, paths in included_files(root, overlays) for path in paths}
    found = {path for _, paths in included_files(root, settings.include) for path in paths}
    return found - left_out


def _outside(configuration: Configuration, shown: str) -> Finding:
    settings = configuration.settings
    project = configuration.project
    place: Location | None = None
    if project is not None and project.has("spec", "include"):
        place = project.locate("spec", "include", key=True)
    hint = "Name a directory of the project with --into."
    if settings.include is not None:
        hint = "Add the file to `include`, or name another directory with --into."
    return Finding(
        OUTSIDE, Severity.ERROR, f"{shown} would not be a file of this project", place, hint
    )


class EditedLoader(Loader):
    """Reads files as an import would leave them."""

    files: dict[Path, FileChange]

    def source(self, path: Path) -> Source | Finding:
        file = self.files.get(path.resolve())
        return Source(path, file.shown, file.after) if file else super().source(path)
