"""Runs of aliconf in processes that cost a fork, not a start of Python: a fault needs a process.

``Nursery`` is used by the tests; ``python -m tests.faults.nursery SOCKET`` is its process, which has
imported everything and forks for each run.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import selectors
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

from aliconf.connector.holder import this_holder
from tests.command import Ended, aliconf, clean_environment
from tests.databases.server import dies_with_us
from tests.faults.points import Fault, install
from tests.shops import shop

ROOT = Path(__file__).resolve().parent.parent.parent


class Run:
    """A process that runs aliconf."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._answers = line.makefile("r", encoding="utf-8")
        self.pid: int = json.loads(self._answers.readline())["pid"]
        self.points: list[str] = []
        """The moments that it came by, where it was not killed; known when it has ended."""

    def fileno(self) -> int:
        """Readable when it has ended."""
        return self._line.fileno()

    def stop(self) -> None:
        """kill -9, where it is still there."""
        if not select.select([self], [], [], 0)[0]:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> Ended:
        """How it ended; a code below 0 is the signal that killed it."""
        answer = json.loads(self._answers.readline())
        self._answers.close()
        self._line.close()
        self.points = answer["points"].split("\n") if answer["points"] else []
        return Ended(answer["code"], answer["out"], answer["err"])


class Nursery:
    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="aliconf-faults-")
        self._socket = str(Path(self._directory.name) / "socket")
        self._process = subprocess.Popen(
            [*dies_with_us(), sys.executable, "-m", "tests.faults.nursery", self._socket],
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        while not Path(self._socket).exists():
            if self._process.poll() is not None:
                raise RuntimeError("the nursery did not start")
            time.sleep(0.02)

    def __enter__(self) -> Nursery:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)  # with the runs that still stand still
        self._process.communicate()
        self._directory.cleanup()

    def start(self, cwd: Path, arguments: Sequence[str], fault: Fault | None = None) -> Run:
        line = socket.socket(socket.AF_UNIX)
        line.connect(self._socket)
        request = {
            "cwd": str(cwd),
            "arguments": list(arguments),
            "environment": clean_environment(),
            "fault": fault or {},
        }
        line.sendall(json.dumps(request).encode() + b"\n")
        return Run(line)

    def aliconf(self, *arguments: str, cwd: Path, fault: Fault | None = None) -> Ended:
        return self.start(cwd, arguments, fault).wait()


class _Handler(socketserver.StreamRequestHandler):
    """In a process of its own for each run, whose parent it is."""

    def handle(self) -> None:
        request = json.loads(self.rfile.readline())
        pipes = {name: os.pipe() for name in ("out", "err", "points")}
        pid = os.fork()
        if pid == 0:
            _child(request, {name: into for name, (_, into) in pipes.items()})
        for _, into in pipes.values():
            os.close(into)
        self._answer({"pid": pid})
        said = _read({name: out for name, (out, _) in pipes.items()})
        _, status = os.waitpid(pid, 0)
        self._answer({"code": os.waitstatus_to_exitcode(status), **said})

    def _answer(self, answer: dict[str, Any]) -> None:
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def _read(pipes: dict[str, int]) -> dict[str, str]:
    """All that comes out of pipes."""
    said = dict.fromkeys(pipes, b"")
    with selectors.DefaultSelector() as selector:
        for name, pipe in pipes.items():
            selector.register(pipe, selectors.EVENT_READ, name)
        while selector.get_map():
            for key, _ in selector.select():
                part = os.read(key.fd, 65536)
                said[key.data] += part
                if not part:
                    selector.unregister(key.fd)
                    os.close(key.fd)
    return {name: text.decode(errors="replace") for name, text in said.items()}


class _Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    request_queue_size = 64
    max_children = 64


def _child(request: dict[str, Any], into: dict[str, int]) -> NoReturn:
    from aliconf.cli.main import main

    os.dup2(into["out"], 1)
    os.dup2(into["err"], 2)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    this_holder.cache_clear()  # the nursery was another process
    points = install(request["fault"])
    code: Any = 70
    try:
        main(request["arguments"])
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        if "at" not in request["fault"]:
            with os.fdopen(into["points"], "w", encoding="utf-8") as file:
                file.write("\n".join(points.seen))
        os._exit(int(code))


def _import_everything() -> None:
    """What an apply imports, on each database."""
    from sqlalchemy import create_engine

    for dialect, driver in (("postgresql", "psycopg"), ("mariadb", "pymysql")):
        create_engine(f"{dialect}+{driver}://")
        for part in ("driver", "errors"):
            importlib.import_module(f"aliconf.connector.{dialect}_{part}")
    with tempfile.TemporaryDirectory() as directory:
        aliconf("apply", "--yes", cwd=shop(Path(directory)))
        aliconf("status", cwd=Path(directory))


def main() -> None:
    _import_everything()
    path = Path(sys.argv[1])
    new = path.with_suffix(".new")
    with _Server(str(new), _Handler) as server:
        new.rename(path)
        server.serve_forever()


if __name__ == "__main__":
    main()
