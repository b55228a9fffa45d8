"""Write what `init` makes. What exists is never overwritten."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aliconf.config.scaffold.files import ScaffoldFile
from aliconf.findings import AliconfError, refusal

STORE: Final = ".aliconf/"
"""Where an embedded connector store is kept, unless the project says otherwise."""
ABOVE: Final = "../"


def refuse_existing(root: Path, shown: str, names: Sequence[str], hint: str) -> None:
    """Raise AliconfError (ALI940) where one of the files exists. They are named from ``root``,
    which may be still to be made."""
    paths = {name: os.path.normpath(root.resolve() / name) for name in names}
    existing = [name for name, path in paths.items() if os.path.lexists(path)]
    if existing:
        where = "this directory" if shown == "." else shown
        if existing[0].startswith(ABOVE):
            where, existing = "the repository", [name.replace(ABOVE, "") for name in existing]
        raise refusal(
            "ALI940", f"{where} has {_and(existing)} already, and init overwrites nothing", hint
        )


def write(root: Path, shown: str, files: Sequence[ScaffoldFile], *, ignore_store: bool) -> bool:
    """Write all files, or none; whether the entry in ``.gitignore`` is new.

    Raises AliconfError (ALI941) where the system refuses.
    """
    made: list[Path] = []
    try:
        for file in files:
            path = root.resolve() / file.name
            made += _make(path.parent)
            with path.open("x", encoding="utf-8") as stream:
                made.append(path)
                stream.write(file.text)
        return ignore_store and _ignore_store(root / ".gitignore")
    except OSError as error:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        raise _refused(error, shown) from error


def _make(directory: Path) -> list[Path]:
    """Make a directory with those above it, and say which are new."""
    above = (directory, *directory.parents)
    missing = [path for path in above if not path.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _ignore_store(path: Path) -> bool:
    """Let git ignore the store. An existing file gets one more line."""
    before = path.read_bytes() if path.exists() else b""
    lines = {line.strip().strip(b"/") for line in before.splitlines()}
    if STORE.strip("/").encode() in lines:
        return False
    end = b"\n" if before and not before.endswith(b"\n") else b""
    with path.open("ab") as stream:
        stream.write(end + STORE.encode() + b"\n")
    return True


def _refused(error: OSError, shown: str) -> AliconfError:
    reason = (error.strerror or str(error)).lower()
    return refusal(
        "ALI941",
        f"nothing was written: {_from_here(error.filename) or shown}: {reason}",
        "Check the directory and its permissions, or name another one.",
    )


def _from_here(name: object) -> str:
    """A path as short as it can be said in the current directory."""
    return min(str(name), os.path.relpath(str(name)), key=len) if name else ""


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
