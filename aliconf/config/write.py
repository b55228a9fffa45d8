"""Replace a file: wholly or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put content into a file; the mode and the owner of one that exists stay.

    The content is written beside it and takes its place once it is on the disk, so that a crash
    leaves the old file or the new one, or none. Of a symbolic link the target is replaced. Raises
    OSError, also for a read-only file, which its directory alone would let us replace.
    """
    target = path.resolve()
    before = _existing(target, path)
    descriptor, name = _beside(target, path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if before is None:
                os.fchmod(descriptor, 0o666 & ~_umask())  # as open() makes a file
            else:
                now = os.fstat(descriptor)
                if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
                    os.fchown(descriptor, before.st_uid, before.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
            os.fsync(descriptor)
        Path(name).replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def replace_files(contents: Mapping[Path, bytes]) -> None:
    """Put contents into several files, or into none: what was there comes back if one fails.

    Directories that are not there are made. Raises OSError.
    """
    before: list[tuple[Path, bytes | None]] = []
    made: list[Path] = []
    try:
        for path in contents:
            made += _make_directories(path.parent)
            try_to_replace(path)
        for path, content in contents.items():
            before.append((path, path.read_bytes() if path.exists() else None))
            replace_file(path, content)
    except BaseException:
        for path, former in before:
            if former is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != former:
                replace_file(path, former)
        for directory in reversed(made):
            with suppress(OSError):
                directory.rmdir()
        raise


def _make_directories(directory: Path) -> list[Path]:
    """The directories that had to be made, the outermost first."""
    missing: list[Path] = []
    while not directory.exists():
        missing.insert(0, directory)
        directory = directory.parent
    for one in missing:
        one.mkdir()
    return missing


def try_to_replace(path: Path) -> None:
    """Raise the OSError that ``replace_file`` would; what is there stays as it is."""
    target = path.resolve()
    _existing(target, path)
    descriptor, name = _beside(target, path)
    os.close(descriptor)
    Path(name).unlink()


def _existing(target: Path, path: Path) -> os.stat_result | None:
    """The file as it is, if it may be written; None where there is none."""
    try:
        before = target.stat()
    except FileNotFoundError:
        return None
    if not before.st_mode & 0o222:  # root may write it, too, and should not
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    # What the mode does not say (another owner, a read-only file system) opening it does.
    target.open("r+b").close()
    return before


def _beside(target: Path, path: Path) -> tuple[int, str]:
    """A new file in the directory of the target. Its OSError names the file that is asked for."""
    import tempfile

    try:
        return tempfile.mkstemp(prefix=".aliconf-", suffix=".tmp", dir=target.parent)
    except OSError as error:
        error.filename = str(path)
        raise


def _umask() -> int:
    """It can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
