"""Write the files of a new project. What exists is never overwritten."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aliconf.config.scaffold.files import NAMES, ScaffoldFile
from aliconf.findings import AliconfError, refusal

STORE: Final = ".aliconf/"
"""Where an embedded connector store is kept, unless the project says otherwise."""


def refuse_existing(root: Path, shown: str) -> None:
    """Raise AliconfError (ALI940) where one of the files exists."""
    existing = [name for name in NAMES if os.path.lexists(root / name)]
    if existing:
        where = "this directory" if shown == "." else shown
        raise refusal(
            "ALI940",
            f"{where} has {_and(existing)} already, and init overwrites nothing",
            "Name another directory, or work on what is there: `aliconf validate` checks it.",
        )


def write(root: Path, shown: str, files: Sequence[ScaffoldFile]) -> bool:
    """Write all files, or none; whether the entry in ``.gitignore`` is new.

    Raises AliconfError (ALI941) where the system refuses.
    """
    written: list[Path] = []
    try:
        root.mkdir(parents=True, exist_ok=True)
        for file in files:
            with (root / file.name).open("x", encoding="utf-8") as stream:
                written.append(root / file.name)
                stream.write(file.text)
        return _ignore_store(root / ".gitignore")
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise _refused(error, shown) from error


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
        f"nothing was written: {error.filename or shown}: {reason}",
        "Check the directory and its permissions, or name another one.",
    )


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
