"""The three databases of a run: servers of its own, durable and with their data on disk."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.generate import Generated
from tests.databases.mariadb import start_mariadb
from tests.databases.places import Place, new_database, password_variable
from tests.databases.postgresql import start_postgresql
from tests.databases.programs import KINDS, Kind
from tests.databases.server import Server

NAMES: Final[dict[Kind, str]] = {
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "mariadb": "MariaDB",
}
MEMORY: Final = {
    "postgresql": ["-c", "shared_buffers=128MB"],
    "mariadb": ["--innodb-buffer-pool-size=128M"],
}
"""What both have as they come; the tests' servers are smaller."""


@dataclass
class Stands:
    """Places for stores, new ones at any time."""

    work: Path
    servers: dict[Kind, Server]
    kinds: tuple[Kind, ...] = KINDS
    _number: int = field(default=0, repr=False)

    def place(self, kind: Kind, stack: ExitStack) -> Place:
        """A new place, in a directory of its own; its database goes with the stack."""
        self._number += 1
        root = self.work / f"place-{self._number}"
        root.mkdir()
        if kind == "sqlite":
            return Place(kind, root)
        return stack.enter_context(new_database(self.servers[kind].address, root))

    @property
    def versions(self) -> str:
        import sqlite3

        found = [f"SQLite {sqlite3.sqlite_version}"]
        found += [
            f"{NAMES[kind]} {server.address.version}" for kind, server in self.servers.items()
        ]
        return ", ".join(found)


@contextmanager
def started(work: Path) -> Iterator[Stands]:
    """Start the servers. Raises UnavailableError where one of them cannot be had."""
    password = secrets.token_urlsafe(12)
    starts: dict[Kind, Callable[..., Server]] = {
        "postgresql": start_postgresql,
        "mariadb": start_mariadb,
    }
    servers: dict[Kind, Server] = {}
    with ExitStack() as stack:
        for kind, start in starts.items():
            directory = work / kind
            servers[kind] = start(directory, password, durable=True, options=MEMORY[kind])
            stack.callback(servers[kind].remove)
            os.environ[password_variable(servers[kind].kind)] = password
        yield Stands(work, servers)


def connected(documents: Iterator[Generated], place: Place) -> Iterator[Generated]:
    """The documents of a project whose connector is at the place."""
    for document in documents:
        yield with_connector(document, place) if document.kind == "Project" else document


def with_connector(project: Generated, place: Place) -> Generated:
    line = f"spec:\n  connector: {url(place)}\n"
    return Generated(
        project.path, project.kind, project.name, project.text.replace("spec:\n", line, 1)
    )


def url(place: Place) -> str:
    """The place's connector URL, from any directory."""
    return place.url if place.address else f"sqlite:///{place.file}"


def emptied(work: Path) -> Path:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    return work
