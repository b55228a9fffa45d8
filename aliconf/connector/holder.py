"""Who applies: the person or the build, for the journal and the lease; and the process itself."""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_PROC: Final = Path("/proc")
_LONGEST: Final = 255


@dataclass(frozen=True, slots=True)
class Holder:
    name: str
    """``user@host``; the number of a user without a name."""
    url: str
    """Of the CI run; empty outside."""
    process: str
    """Which process on which machine it is; empty where the system cannot say."""


@cache
def this_holder() -> Holder:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return Holder(f"{user}@{socket.gethostname()}"[:_LONGEST], _run_url(), process(os.getpid()))


def is_gone(known: str) -> bool:
    """Whether a process has ended for certain.

    Only one of this machine and this namespace of processes can be judged. Of all others it is
    False: they are believed to live until their lease expires.
    """
    place, _, rest = known.rpartition(" ")
    number, _, _ = rest.partition(":")
    return bool(place) and place == _place() and known != process(int(number))


def process(number: int) -> str:
    """What identifies a process of this machine; empty where the system cannot say.

    ``<boot> <namespace> <number>:<start>``: a number that is used again starts later."""
    place = _place()
    if not place:
        return ""
    try:
        status = (_PROC / str(number) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return f"{place} {number}:"
    # The name of the program, in brackets, may hold blanks. State and start are fields 3 and 22.
    fields = status.rpartition(")")[2].split()
    dead = fields[0] in {"Z", "X"}
    return f"{place} {number}:{'' if dead else fields[19]}"


@cache
def _place() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _run_url() -> str:
    """Where the CI run can be looked at, as the services' variables say.

    Only what is a URL without user and password.
    """
    server, repository, run = (
        os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")
    )
    github = f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
    found = (
        github,
        *(os.environ.get(name, "") for name in ("CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL")),
    )
    return next((url for url in found if _may_be_kept(url)), "")


def _may_be_kept(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "@" not in parts.netloc and url.isprintable()
