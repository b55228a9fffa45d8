"""Which files belong to a project."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from aliconf.config import git
from aliconf.findings import AliconfError, Finding, Location, Severity, refusal

PROJECT_FILE: Final = "aliconf.yaml"
LOCK_FILE = re.compile(r"aliconf(\.[^.]+)?\.lock\.yaml")
_WILDCARD = re.compile(r"[*?\[]")


def find_root(start: Path) -> Path:
    """The directory of the nearest ``aliconf.yaml``, in ``start`` or above it.

    Raises AliconfError (ALI121) where there is none.
    """
    if not start.exists():
        raise refusal("ALI107", f"{start}: no such file or directory", "Check the path.")
    directory = start.resolve() if start.is_dir() else start.resolve().parent
    for candidate in (directory, *directory.parents):
        if (candidate / PROJECT_FILE).exists():
            return candidate
    raise refusal(
        "ALI121",
        f"no {PROJECT_FILE} in {directory} or above it",
        "Change to the directory of your project, name it with -C, or start one with "
        "`aliconf init`.",
    )


def default_files(root: Path, overlays: Iterable[str] = (), *, nested: bool = False) -> list[Path]:
    """Every ``*.yaml`` and ``*.yml`` below the root, except hidden and git-ignored paths, lock
    files, overlays and, unless asked for, nested projects. Links to directories are not followed.
    """
    ignored = _git_ignored(root)
    left_out = {path for pattern in overlays for path in _glob(root, pattern)}
    found: list[Path] = []

    def fail(error: OSError) -> None:
        raise AliconfError(
            Finding(
                "ALI107",
                Severity.ERROR,
                f"cannot read the directory: {(error.strerror or str(error)).lower()}",
                Location(str(error.filename)),
                "Check its permissions, or leave it out with `include` in aliconf.yaml.",
            )
        )

    top = str(root)
    for directory, names, files in os.walk(top, onerror=fail):
        if directory != top and PROJECT_FILE in files and not nested:
            names.clear()
            continue
        names[:] = sorted(
            name for name in names if name[0] != "." and f"{directory}{os.sep}{name}" not in ignored
        )
        for name in sorted(files):
            if (
                name.endswith((".yaml", ".yml"))
                and name[0] != "."
                and f"{directory}{os.sep}{name}" not in ignored
                and not LOCK_FILE.fullmatch(name)
            ):
                found.append(Path(directory, name))
    return [path for path in found if path not in left_out] if left_out else found


def included_files(root: Path, patterns: list[str]) -> Iterator[tuple[int, list[Path]]]:
    """The files of each ``include`` pattern, by its index. Patterns may point above the root."""
    for index, pattern in enumerate(patterns):
        yield index, sorted(path for path in _glob(root, pattern) if not path.is_dir())


def _glob(root: Path, pattern: str) -> list[Path]:
    """Glob below the part of the pattern that has no wildcard, so that ``../shared/*.yaml``
    works."""
    parts = Path(pattern).parts
    fixed = 0
    while fixed < len(parts) - 1 and not _WILDCARD.search(parts[fixed]):
        fixed += 1
    base = Path(os.path.normpath(root.joinpath(*parts[:fixed])))
    rest = str(Path(*parts[fixed:])) if parts else ""
    if not rest or not base.is_dir():
        return []
    return [path for path in base.glob(rest) if not LOCK_FILE.fullmatch(path.name)]


def _git_ignored(root: Path) -> frozenset[str]:
    """Absolute paths that git ignores; whole directories are named once."""
    if not any((directory / ".git").exists() for directory in (root, *root.parents)):
        return frozenset()
    others = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    try:
        result = git.run(root, *others)
    except OSError:
        return frozenset()  # no git on this machine, so nothing is ignored by it
    if result.returncode:
        return frozenset()  # not a repository
    names = os.fsdecode(result.stdout).split("\0")
    return frozenset(f"{root}{os.sep}{name.rstrip('/')}" for name in names if name)
