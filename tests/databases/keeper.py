"""The process that starts a run's shared server of one kind and ends it with the run."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

from tests.databases import shared
from tests.databases.mariadb import start_mariadb
from tests.databases.postgresql import start_postgresql
from tests.databases.programs import ServerKind, UnavailableError


def main(kind: ServerKind, run: Path) -> None:
    # Ctrl-C is for the run; when that has ended, so does this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.open(run / "keepers", os.O_WRONLY)
    alive = os.open(run / "run", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(alive, True)
    start = start_postgresql if kind == "postgresql" else start_mariadb
    try:
        server = start(run / kind, shared.Shared(run).password, durable=False)
    except UnavailableError as reason:
        shared.write(run, kind, {"unavailable": str(reason)})
        return
    except Exception:
        shared.write(run, kind, {"unavailable": traceback.format_exc()})
        raise
    shared.write(run, kind, asdict(server.address))
    os.read(alive, 1)
    server.remove()
    remove_if_nobody_else_does(run)


def remove_if_nobody_else_does(run: Path) -> None:
    """The run removes its directory, unless it was killed; then the last of its keepers does."""
    if not any((run / kind).exists() for kind in ("postgresql", "mariadb")):
        shutil.rmtree(run, ignore_errors=True)


if __name__ == "__main__":
    with contextlib.suppress(FileNotFoundError):  # The run has ended before this could begin.
        main(sys.argv[1], Path(sys.argv[2]))  # type: ignore[arg-type]
