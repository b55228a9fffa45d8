"""The programs of the database servers: where they are, which version, and how to get them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Kind = Literal["sqlite", "postgresql", "mariadb"]
ServerKind = Literal["postgresql", "mariadb"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SERVERS: tuple[ServerKind, ...] = get_args(ServerKind)

DIRECTORY = {"postgresql": "ALICONF_TEST_POSTGRESQL", "mariadb": "ALICONF_TEST_MARIADB"}
"""The variables that name the directory of the programs where it is not one of the usual ones."""
PACKAGE = {"postgresql": "postgresql", "mariadb": "mariadb-server"}
NEEDED = {
    "postgresql": ("postgres", "initdb"),
    "mariadb": ("mariadbd", "mariadb-install-db"),
}


class UnavailableError(Exception):
    """There is no such server here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    server: Path
    initialize: Path
    version: str


def find(kind: ServerKind) -> Programs:
    """The server's programs, of the newest version that is installed.

    Raises UnavailableError where one is missing.
    """
    for_server, for_data = NEEDED[kind]
    server, initialize = program(kind, for_server), program(kind, for_data)
    said = subprocess.run([server, "--version"], capture_output=True, text=True, check=True)
    version = re.search(r"\d+(\.\d+)+", said.stdout)
    if version is None:
        raise UnavailableError(f"{server} --version says no version: {said.stdout.strip()}")
    return Programs(server, initialize, version[0])


def program(kind: ServerKind, name: str) -> Path:
    found = shutil.which(name, path=os.pathsep.join(directories(kind)))
    if found is None:
        chosen = os.environ.get(DIRECTORY[kind])
        where = f"in {chosen} ({DIRECTORY[kind]})" if chosen else "here"
        raise UnavailableError(
            f"there is no {name} {where}; get it with apt-get install {PACKAGE[kind]}, "
            f"or name its directory in {DIRECTORY[kind]}"
        )
    return Path(found)


def directories(kind: ServerKind) -> Iterator[str]:
    if chosen := os.environ.get(DIRECTORY[kind]):
        yield chosen
        return
    yield from os.environ.get("PATH", os.defpath).split(os.pathsep)
    if kind == "postgresql":
        debian = Path("/usr/lib/postgresql").glob("*/bin")
        yield from (str(path) for path in sorted(debian, key=major_version, reverse=True))
    yield from ("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")


def major_version(directory: Path) -> float:
    name = directory.parent.name
    return float(name) if re.fullmatch(r"\d+(\.\d+)?", name) else 0
