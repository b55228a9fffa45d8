"""Cases of findings: files found by a glob, and a project around each.

``tests/files/invalid/<CODE>/<case>.yaml`` gives the code; what ``aliconf validate`` prints of it
stands beside it in ``<case>.txt``. ``tests/files/valid/<CODE>/<case>.yaml`` is its nearest valid
neighbour.

A case file becomes ``case.yaml`` beside a stock ``aliconf.yaml`` and a stock Registration. A file
with a Project is ``aliconf.yaml`` itself, and one with a Registration gets no other. A case that
needs several files, or other bytes than text, is a directory: it is a whole project, to which
nothing is added; its ``.arguments``, where there are any, are those of ``validate``.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.command import aliconf

FILES = Path(__file__).parent / "files"

PROJECT = """\
apiVersion: aliconf/v1
kind: Project
metadata: {name: shop}
spec:
  rules:
    ALI431: off  # a case about accounts needs no listing template
"""
REGISTRATION = """\
apiVersion: aliconf/v1
kind: Registration
metadata: {name: main}
spec: {email: shop@example.com, acceptTerms: true}
"""


@dataclass(frozen=True)
class Case:
    """One input: a file or a directory."""

    code: str
    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def expected(self) -> Path:
        return self.path.with_name(f"{self.name}.txt")

    def __str__(self) -> str:
        return f"{self.code}-{self.name}"


def cases(sort: str) -> Iterator[Case]:
    """All cases of a sort, ``invalid`` or ``valid``."""
    for path in sorted((FILES / sort).glob("*/*")):
        if path.suffix != ".txt":
            yield Case(path.parent.name, path)


def build(case: Case, root: Path) -> list[str]:
    """Make the project of a case in an empty directory; the arguments for ``validate``."""
    if not case.path.is_dir():
        build_text(case.path.read_bytes().decode(), root)
        return []
    shutil.copytree(case.path, root, symlinks=True, dirs_exist_ok=True)
    arguments = root / ".arguments"
    return arguments.read_text().split() if arguments.exists() else []


def build_text(text: str, root: Path) -> None:
    """Make a project of one text with documents; line ends stay as they are."""
    has_project = _has(text, "Project")
    file = root / ("aliconf.yaml" if has_project else "case.yaml")
    file.write_bytes(text.encode())
    if not has_project:
        (root / "aliconf.yaml").write_text(PROJECT)
    if not _has(text, "Registration"):
        (root / "registration.yaml").write_text(REGISTRATION)


def _has(text: str, kind: str) -> bool:
    return re.search(rf"^kind: *{kind}\b", text, re.MULTILINE) is not None


@dataclass(frozen=True)
class Validated:
    """What ``aliconf validate`` did."""

    exit_code: int
    output: str

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, each as often as it was found."""
        return re.findall(r"^(?:\S.*: )?(?:error|warning|note)\[(ALI\d+)\]", self.output, re.M)

    @property
    def has_errors(self) -> bool:
        return re.search(r"^(?:\S.*: )?error\[ALI\d+\]", self.output, re.MULTILINE) is not None


def validate(root: Path, *arguments: str) -> Validated:
    """Run ``aliconf validate`` in a project. Its own directory is shown as ``/project``."""
    ended = aliconf("validate", *arguments, cwd=root)
    return Validated(ended.code, (ended.out + ended.err).replace(str(root.resolve()), "/project"))
