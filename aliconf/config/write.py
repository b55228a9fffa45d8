"""Replace a file: wholly or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put new content into an existing file, whose mode and owner stay.

    The content is written beside it and takes its place once it is on the disk, so that a crash
    leaves the old file or the new one. Of a symbolic link the target is replaced. Raises OSError,
    also for a read-only file, which its directory alone would let us replace.
    """
    target = path.resolve(strict=True)
    before = target.stat()
    if not before.st_mode & 0o222:  # root may write it, too, and should not
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    with target.open("r+b"):
        """The same for everybody else: may it be written?"""
    descriptor, name = tempfile.mkstemp(prefix=".aliconf-", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
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
