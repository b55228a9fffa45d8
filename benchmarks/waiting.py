"""How soon a waiting apply notices that the lease's holder is dead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.generate import documents
from benchmarks.measure import Command, run
from benchmarks.run import ALICONF, HERE, project
from benchmarks.stands import Stands, connected, url
from tests.databases.programs import Kind

OBJECTS: Final = 22
"""A project's top and one account of it."""


class Waiting:
    """Applies that wait, on each database one for a holder elsewhere; they began when this did."""

    def __init__(self, stands: Stands, stack: ExitStack) -> None:
        self._roots: dict[Kind, tuple[Path, str]] = {}
        self._here: dict[Kind, float] = {}
        self._heartbeats: dict[Kind, float] = {}
        self._applies: dict[Kind, subprocess.Popen[bytes]] = {}
        for kind in stands.kinds:
            place = stands.place(kind, stack)
            root = place.root / "shop"
            project(root, connected(documents(OBJECTS), place))
            run(Command([ALICONF, "connector", "init"], root))
            self._roots[kind] = root, url(place)
            self._here[kind] = self._of_this_machine(kind)
        for kind in stands.kinds:
            holder, self._heartbeats[kind] = self._holder(kind, "elsewhere")
            _kill(holder)
            self._applies[kind] = self._apply(kind)

    def seconds(self) -> dict[Kind, dict[str, float]]:
        """Waits for the applies; by database, from a holder's end until the lease was taken.

        ``elsewhere`` counts from the last heartbeat, ``here`` from the holder's death.
        """
        return {
            kind: {
                "elsewhere": self._leased(kind, apply) - self._heartbeats[kind],
                "here": self._here[kind],
            }
            for kind, apply in self._applies.items()
        }

    def _of_this_machine(self, kind: Kind) -> float:
        holder, _ = self._holder(kind, "here")
        apply = self._apply(kind)
        assert apply.stderr is not None
        told = apply.stderr.readline()
        if not told.startswith(b"Waiting for "):
            raise RuntimeError(f"an apply did not wait: {told.decode()}")
        dead = time.time()
        _kill(holder)
        return self._leased(kind, apply) - dead

    def _holder(self, kind: Kind, where: str) -> tuple[subprocess.Popen[bytes], float]:
        """A process that holds the lease, and when it renewed it last."""
        root, place = self._roots[kind]
        holder = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.holder", place, str(root), "agency", where],
            cwd=HERE.parent,
            stdout=subprocess.PIPE,
        )
        assert holder.stdout is not None
        return holder, float(holder.stdout.readline())

    def _apply(self, kind: Kind) -> subprocess.Popen[bytes]:
        root, _ = self._roots[kind]
        command = [sys.executable, "-m", "benchmarks.phases", str(root / "phases.json")]
        return subprocess.Popen(
            [*command, "-C", str(root), "apply", "--yes", "--wait", "2m"],
            cwd=HERE.parent,
            env={name: value for name, value in os.environ.items() if name != "CI"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def _leased(self, kind: Kind, apply: subprocess.Popen[bytes]) -> float:
        root, _ = self._roots[kind]
        _, said = apply.communicate()
        if apply.returncode:
            raise RuntimeError(
                f"an apply that waited ended with {apply.returncode}: {said.decode()}"
            )
        return float(json.loads((root / "phases.json").read_text())["leased"])


def _kill(holder: subprocess.Popen[bytes]) -> None:
    holder.kill()
    holder.communicate()
