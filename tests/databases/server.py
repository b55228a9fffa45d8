"""One database server of a test's own: start, stop, kill, restart, pause and resume it."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from tests.databases import certificates
from tests.databases.address import Address
from tests.databases.programs import Programs, ServerKind, UnavailableError, find

PATIENCE = 60.0
"""Seconds for a start or a stop: a loaded machine is slow, a broken server says so at once."""


class Server(ABC):
    """A server on a free port of 127.0.0.1, its data below ``directory``, which must be reachable
    for other users when the tests run as root: both servers refuse to, so they run as ``account``.

    ``durable=False`` is quicker and may lose the last transactions when it is killed.
    ``options`` are further arguments of the server's program.
    Every start raises UnavailableError with what the server's log says when it fails.
    """

    kind: ClassVar[ServerKind]
    account: ClassVar[str]
    stops_by: ClassVar[signal.Signals]
    ends_by: ClassVar[signal.Signals]

    def __init__(
        self, directory: Path, password: str, *, durable: bool = True, options: Sequence[str] = ()
    ) -> None:
        self.programs: Programs = find(self.kind)
        self.directory = directory
        self.data = directory / "data"
        self.log = directory / "log"
        self.durable = durable
        self.options = list(options)
        self.process: subprocess.Popen[bytes] | None = None
        self.paused: list[int] = []
        keys = directory / "tls"
        keys.mkdir(parents=True)
        certificates.write(keys)
        self.as_user = other_user(self.account)
        if self.as_user:
            os.chown(keys / "server.key", self.as_user["user"], self.as_user["group"])
        self.address = Address(self.kind, self.programs.version, free_port(), password, str(keys))
        temporary = directory / "tmp"
        for own in (self.data, temporary):
            own.mkdir(mode=0o700)
            if self.as_user:
                os.chown(own, self.as_user["user"], self.as_user["group"])
        # That of the tests may be closed to other users.
        self.environment = {**os.environ, "TMPDIR": str(temporary)}
        self.initialize()
        self.start()
        self.create_users()

    @abstractmethod
    def initialize(self) -> None:
        """Fill the data directory."""

    @abstractmethod
    def command(self) -> list[str]:
        """The server's command line."""

    @abstractmethod
    def create_users(self) -> None:
        """The ordinary users, after the first start."""

    def start(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.started(deadline):
            # The last processes of a killed server may still hold its memory; a port may be taken.
            time.sleep(0.1)

    def started(self, deadline: float) -> bool:
        self.log.write_bytes(b"")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*dies_with_us(), *self.command()],
                cwd=self.data,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.as_user,
            )
        while self.process.poll() is None:
            if self.answers():
                return True
            if time.monotonic() > deadline:
                self.kill()
                raise UnavailableError(f"{self.kind} does not answer: {self.complaint()}")
            time.sleep(0.02)
        said = self.complaint()
        if "still in use" not in said or time.monotonic() > deadline:
            raise UnavailableError(f"{self.kind} ends when it starts: {said}")
        return False

    def answers(self) -> bool:
        try:
            self.address.connect().close()
        except self.driver_error():
            return False
        return True

    @abstractmethod
    def driver_error(self) -> type[Exception]:
        """What a connection raises while the server is not ready."""

    def stop(self) -> None:
        """In order, as a service manager does: open connections are cut."""
        self.end(self.stops_by)

    def kill(self) -> None:
        """kill -9 of all of it, at once."""
        self.pause()
        for pid in self.paused:
            send(pid, signal.SIGKILL)
        self.paused = []
        self.running().wait(PATIENCE)

    def restart(self) -> None:
        if self.running().poll() is None:
            self.stop()
        self.start()

    def pause(self) -> None:
        """Every process of it stands still; connections stay open and nothing answers."""
        main = self.running().pid
        send(main, signal.SIGSTOP)
        self.paused = [main, *children(main)]
        for pid in self.paused:
            send(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self.paused:
            send(pid, signal.SIGCONT)
        self.paused = []

    def remove(self) -> None:
        """Quickly: nobody needs the data any more."""
        if self.running().poll() is None:
            self.end(self.ends_by)
        shutil.rmtree(self.directory)

    def end(self, by: signal.Signals) -> None:
        self.resume()
        process = self.running()
        send(process.pid, by)
        process.wait(PATIENCE)

    def running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None, "start() comes first"
        return self.process

    def complaint(self) -> str:
        return essence(self.log.read_text(encoding="utf-8", errors="replace"))

    def prepare(self, *command: str | Path) -> None:
        """Run a program as the server's user. Raises UnavailableError with what it said."""
        done = subprocess.run(
            command,
            cwd=self.data,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            **self.as_user,
        )
        if done.returncode:
            said = essence(done.stdout + done.stderr)
            raise UnavailableError(f"{Path(command[0]).name} fails: {said}")


def essence(log: str) -> str:
    """The first errors, or else the last lines."""
    lines = log.strip().splitlines()
    errors = [line for line in lines if re.search(r"error|fatal", line, re.IGNORECASE)]
    return " / ".join(errors[:3] or lines[-3:]) or "its log is empty"


def other_user(account: str) -> dict[str, Any]:
    """The arguments of Popen that leave root; none for everybody else."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get(account) or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def dies_with_us() -> list[str]:
    """So that a test process that is killed leaves no server behind."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
