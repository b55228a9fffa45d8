"""What git says of a project's files: the documents of an earlier commit."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from aliconf.config.configuration import Configuration
from aliconf.config.discover import LOCK_FILE, PROJECT_FILE
from aliconf.config.load import read_text
from aliconf.config.source import Source
from aliconf.findings import refusal


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the repository at ``top``."""

    top: Path
    id: str

    @property
    def short(self) -> str:
        return self.id[:7]


def merge_base(root: Path, ref: str) -> Commit | None:
    """The merge base of a ref and HEAD; None in a repository without a commit.

    Raises AliconfError: ALI930 without git or a repository, ALI931 for a ref that does not exist
    or has no history in common.
    """
    try:
        top = _git(root, "rev-parse", "--show-toplevel")
    except OSError as error:
        raise refusal(
            "ALI930", "git cannot be run, and --against needs it", "Install git, or leave it out."
        ) from error
    if top is None:
        raise refusal(
            "ALI930",
            f"{root} is in no git repository, and --against compares with one",
            "Run `git init` and commit, or leave --against out.",
        )
    directory = Path(top.strip())
    if _git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") is None:
        return None
    verify = ("rev-parse", "--verify", "--quiet", "--end-of-options")
    if _git(root, *verify, f"{ref}^{{commit}}") is None:
        raise refusal(
            "ALI931",
            f"git knows no commit {ref!r}",
            "Fetch it first: `git fetch origin BRANCH`, and compare with origin/BRANCH.",
        )
    base = _git(root, "merge-base", "--end-of-options", ref, "HEAD")
    if base is None:
        shallow = (_git(root, "rev-parse", "--is-shallow-repository") or "").strip() == "true"
        raise refusal(
            "ALI931",
            f"{ref} and HEAD have no commit in common"
            + (": this clone is shallow" if shallow else ""),
            "Fetch the whole history: `git fetch --unshallow`, or fetch-depth: 0 in CI."
            if shallow
            else "Compare with a branch of the same history.",
        )
    return Commit(directory, base.strip())


def documents_then(configuration: Configuration, commit: Commit) -> Configuration:
    """The documents that were in files which differ now, as the commit has them.

    Documents in other files are the same then and now. Findings of that time are left aside.
    """
    root = configuration.root
    prefix = PurePosixPath(os.path.relpath(root.resolve(), commit.top.resolve()))
    then = Configuration(root)
    names = _split(_git(commit.top, "diff", "--name-only", "--no-renames", "-z", commit.id))
    changed = [name for name in names if name.endswith((".yaml", ".yml"))]
    if not changed:
        return then
    all_names = set(_split(_git(commit.top, "ls-tree", "-r", "-z", "--name-only", commit.id)))
    project_name = _normal(prefix / PROJECT_FILE)
    if project_name not in all_names:
        return then
    _read(then, commit, [project_name])
    settings = then.settings
    overlays = [
        pattern
        for environment in settings.environments.values()
        for pattern in environment.overlays
    ]
    belongs = _membership(prefix, settings.include, overlays, all_names)
    _read(then, commit, [name for name in changed if name in all_names and belongs(name)])
    return then


def _membership(
    prefix: PurePosixPath,
    include: list[str] | None,
    overlays: list[str],
    names: Iterable[str],
) -> _Belongs:
    """The law of `discover`, over names in a commit."""
    nested = {
        str(PurePosixPath(name).parent)
        for name in names
        if PurePosixPath(name).name == PROJECT_FILE and PurePosixPath(name).parent != prefix
    }
    return _Belongs(
        str(prefix),
        None if include is None else [_pattern(prefix, pattern) for pattern in include],
        [_pattern(prefix, pattern) for pattern in overlays],
        nested,
    )


@dataclass(frozen=True, slots=True)
class _Belongs:
    prefix: str
    include: list[re.Pattern[str]] | None
    overlays: list[re.Pattern[str]]
    nested: set[str]

    def __call__(self, name: str) -> bool:
        path = PurePosixPath(name)
        if path == PurePosixPath(self.prefix) / PROJECT_FILE or LOCK_FILE.fullmatch(path.name):
            return False  # the project's own file has been read; a lock file holds facts
        if self.include is not None:
            return any(pattern.fullmatch(name) for pattern in self.include)
        if self.prefix != "." and not path.is_relative_to(self.prefix):
            return False
        below = path.relative_to(self.prefix) if self.prefix != "." else path
        return not (
            any(part.startswith(".") for part in below.parts)
            or any(pattern.fullmatch(name) for pattern in self.overlays)
            or any(str(parent) in self.nested for parent in path.parents)
        )


def _pattern(prefix: PurePosixPath, glob: str) -> re.Pattern[str]:
    """A glob below the project's root as a pattern of names below the repository's top."""
    words = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    text = _normal(prefix / glob)
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^]]+\])", text)
    return re.compile(
        "".join(
            words.get(part, part if part.startswith("[") else re.escape(part)) for part in parts
        )
    )


def _read(then: Configuration, commit: Commit, names: list[str]) -> None:
    for name, text in _contents(commit, names):
        shown = f"{name}@{commit.short}"
        read_text(then, Source(commit.top / name, shown, text), ours=False)


def _contents(commit: Commit, names: list[str]) -> Iterator[tuple[str, str]]:
    """The texts of files in a commit; those that are not UTF-8 were no configuration."""
    if not names:
        return
    result = subprocess.run(
        ["git", "cat-file", "--batch"],
        cwd=commit.top,
        input="".join(f"{commit.id}:{name}\n" for name in names).encode(),
        capture_output=True,
        check=True,
    )
    rest = result.stdout
    for name in names:
        header, _, rest = rest.partition(b"\n")
        if header.endswith(b" missing"):
            continue
        size = int(header.rsplit(b" ", 1)[1])
        content, rest = rest[:size], rest[size + 1 :]
        try:
            yield name, content.decode("utf-8-sig")
        except UnicodeDecodeError:
            continue


def _normal(path: PurePosixPath) -> str:
    return os.path.normpath(str(path))


def _split(output: str | None) -> list[str]:
    return [name for name in (output or "").split("\0") if name]


def _git(directory: Path, *arguments: str) -> str | None:
    """What a git command prints; None where it fails."""
    result = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, check=False)
    return None if result.returncode else os.fsdecode(result.stdout)
