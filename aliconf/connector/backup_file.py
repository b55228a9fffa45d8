"""Where a backup is written: a file that is replaced wholly or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from aliconf.connector.backup import MAGIC
from aliconf.connector.urls import Target
from aliconf.findings import refusal


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write to a file beside this one, which takes its place at the end, once it is on the disk.

    Nobody else may read it: it holds all that the store does. Of a symbolic link the target is
    replaced; a pipe or a device is written to. Raises OSError with the name of ``path``.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
            return
        descriptor, name = tempfile.mkstemp(
            prefix=f".{target.name}-", suffix=".tmp", dir=target.parent
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(descriptor)
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        _keep_name(target.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _keep_name(directory: Path) -> None:
    """Let the new name outlive a crash of the machine."""
    with suppress(OSError):  # some file systems cannot, and the content is safe
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def refuse_other_file(store: Target, path: Path) -> None:
    """Raise ALI901 for the file that an embedded store is, and for what is no older backup."""
    own = store.path
    if own is not None and own.exists() and path.exists() and path.samefile(own):
        raise refusal(
            "ALI901",
            f"{path}: this is the connector store itself",
            "Name another file for its backup.",
        )
    if path.is_file() and not _may_be_backup(path):
        raise refusal(
            "ALI901",
            f"{path}: this file is no backup, which a new one could take the place of",
            "Name another file, or remove this one.",
        )


def _may_be_backup(path: Path) -> bool:
    """Whether a file is empty or begins as a backup does."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) in {b"", MAGIC}
    except OSError:
        return True  # what cannot be read is told when it is to be replaced
