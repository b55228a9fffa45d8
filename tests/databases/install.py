"""Install the database servers that the tests need and this machine lacks: ``make test`` does.

Only as root on a Debian-like machine; elsewhere it says what is missing, and the tests go on without.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases.programs import PACKAGE, SERVERS, ServerKind, UnavailableError, find

NO_SERVICES = Path("/usr/sbin/policy-rc.d")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/aliconf-tests.conf")


def main() -> None:
    missing = [kind for kind in SERVERS if reason_against(kind)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        install([PACKAGE[kind] for kind in missing])
    for kind in missing:
        if reason := reason_against(kind):
            print(f"No {kind} for the tests: {reason}.", file=sys.stderr)


def reason_against(kind: ServerKind) -> str | None:
    try:
        find(kind)
    except UnavailableError as reason:
        return str(reason)
    return None


def install(packages: list[str]) -> None:
    print(f"Installing {' and '.join(packages)} for the tests, once …", file=sys.stderr)
    with packages_start_nothing():
        # A fresh machine has no package lists, an old one has lists of what is gone.
        known = apt("apt-cache", "show", *packages) is None
        reason = apt_install(packages) if known else "no package lists"
        if reason is not None:
            reason = apt("apt-get", "update", "-qq") or apt_install(packages)
    if reason is not None:
        print(f"apt-get failed: {reason}", file=sys.stderr)


def apt_install(packages: list[str]) -> str | None:
    wait = ("-o", "DPkg::Lock::Timeout=120")
    return apt("apt-get", "install", "-qq", "--yes", "--no-install-recommends", *wait, *packages)


def apt(*command: str) -> str | None:
    """The last line of what it says if it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    said = (done.stderr or done.stdout).strip().splitlines()
    return None if done.returncode == 0 else said[-1] if said else f"exit {done.returncode}"


@contextmanager
def packages_start_nothing() -> Iterator[None]:
    """The tests start servers of their own; a machine's services and data are not theirs."""
    written = []
    for file, mode, text in (
        (NO_SERVICES, 0o755, "#!/bin/sh\nexit 101\n"),
        (NO_CLUSTER, 0o644, "create_main_cluster = false\n"),
    ):
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            file.chmod(mode)
            written.append(file)
    try:
        yield
    finally:
        for file in written:
            file.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
