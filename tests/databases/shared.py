"""One server of each kind for all processes of a test run, started when a test needs it.

The run's directory is how they find each other: ``<kind>.starting`` is claimed by whoever is first
and starts that kind's keeper, which writes ``<kind>.json`` when the server answers or cannot be had.
A keeper holds ``keepers`` open for writing as long as it lives and reads ``run``, which ends when
the process that owns the run closes it or dies, be it by kill -9.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.databases.address import Address
from tests.databases.programs import ServerKind, UnavailableError, find
from tests.databases.server import PATIENCE

ROOT = Path(__file__).resolve().parent.parent.parent
TRICKY = "@:/%?#&+ '\""
"""A password is any text, and a URL or a statement must not take a part of it for its own."""

PREFIX = "aliconf-databases-"
ENOUGH = 2 * 2**30
"""Bytes: two new servers take 80 MB, a database of PostgreSQL 7 MB; Docker's 64 MB are too few."""


def new_run() -> tuple[Path, Callable[[], None]]:
    """The directory of a run, and what ends its servers and removes it."""
    place = Path(in_memory() or tempfile.gettempdir())
    remove_what_killed_runs_left(place)
    run = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    # The servers run as other users when the tests run as root.
    run.chmod(0o711)
    (run / "password").touch(mode=0o600)
    (run / "password").write_text(secrets.token_urlsafe(9) + TRICKY, encoding="utf-8")
    os.mkfifo(run / "run")
    os.mkfifo(run / "keepers")
    keepers = os.open(run / "keepers", os.O_RDONLY | os.O_NONBLOCK)
    alive = os.open(run / "run", os.O_RDWR)

    def end() -> None:
        os.close(alive)
        if all_ended(keepers):
            shutil.rmtree(run, ignore_errors=True)
        os.close(keepers)

    return run, end


def remove_what_killed_runs_left(place: Path) -> None:
    """Keepers clear up after a run that was killed; one that had none leaves its directory."""
    for run in place.glob(f"{PREFIX}*"):
        try:
            if time.time() - run.stat().st_mtime > PATIENCE:
                os.close(os.open(run / "run", os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            # Nobody reads the pipe. Other errors: it is another user's, or gone by now.
            if error.errno == errno.ENXIO:
                shutil.rmtree(run, ignore_errors=True)


def in_memory() -> str | None:
    """Where a new database costs 10 ms, not 50; nothing where there is no such place or TMPDIR
    names another.
    """
    shm = "/dev/shm"  # noqa: S108 - a directory with a random name is made in it
    if os.environ.get("TMPDIR") or not os.access(shm, os.W_OK | os.X_OK):
        return None
    return shm if shutil.disk_usage(shm).free >= ENOUGH else None


def all_ended(keepers: int) -> bool:
    """Whether no keeper is left, or ends within a minute."""
    try:
        # Not select alone: to it, a pipe that never had a writer has not ended.
        return os.read(keepers, 1) == b""
    except BlockingIOError:
        return bool(select.select([keepers], [], [], PATIENCE)[0])


class Shared:
    """The servers of a run, as one of its processes sees them."""

    def __init__(self, run: Path) -> None:
        self.run = run

    @property
    def password(self) -> str:
        return (self.run / "password").read_text(encoding="utf-8")

    def want(self, kind: ServerKind) -> None:
        """Have the server started; does not wait for it."""
        try:
            (self.run / f"{kind}.starting").touch(exist_ok=False)
        except FileExistsError:
            return
        try:
            find(kind)
        except UnavailableError as reason:
            write(self.run, kind, {"unavailable": str(reason)})
            return
        subprocess.Popen(
            [sys.executable, "-m", "tests.databases.keeper", kind, str(self.run)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ).returncode = 0  # The run's end waits for it, not this process.

    def address(self, kind: ServerKind) -> Address:
        """Raises UnavailableError if there is no such server here."""
        self.want(kind)
        deadline = time.monotonic() + 2 * PATIENCE
        while (known := self.known(kind)) is None:
            if time.monotonic() > deadline:
                raise UnavailableError(f"{kind} has not started in {2 * PATIENCE:.0f} s")
            time.sleep(0.02)
        if isinstance(known, str):
            raise UnavailableError(known)
        return known

    def known(self, kind: ServerKind) -> Address | str | None:
        """The server, or why there is none; nothing while nobody asked or it starts."""
        try:
            text = (self.run / f"{kind}.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        found = json.loads(text)
        return str(found["unavailable"]) if "unavailable" in found else Address(**found)


def write(run: Path, kind: ServerKind, content: dict[str, object]) -> None:
    """Whole or not at all: others look for the file."""
    unfinished = run / f"{kind}.json.part"
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    unfinished.rename(run / f"{kind}.json")
