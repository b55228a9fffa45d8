"""Run aliconf as its users do: a command line in a directory, what it prints, and how it ends."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def aliconf(*arguments: str, cwd: Path, environment: Mapping[str, str] | None = None) -> Ended:
    """In this process, because a start of Python costs more than most commands."""
    from aliconf.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    before, former, thresholds = Path.cwd(), dict(os.environ), gc.get_threshold()
    os.chdir(cwd)
    os.environ.pop("CI", None)
    os.environ.update(environment or {})
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main(list(arguments))
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 1
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(former)
        # A command keeps all its objects, since its process ends with it; this one does not.
        gc.unfreeze()
        gc.set_threshold(*thresholds)
    return Ended(int(code), out.getvalue(), err.getvalue())


def aliconf_process(
    *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> Ended:
    """In a process of its own, for what only a process has: signals, imports, a broken pipe."""
    result = subprocess.run(
        [sys.executable, "-m", "aliconf", *arguments],
        cwd=cwd,
        env=clean_environment(environment),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Ended(result.returncode, result.stdout, result.stderr)


def clean_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    left_out = {"CI", "FORCE_COLOR", "GITHUB_STEP_SUMMARY", "NO_COLOR"}
    return {
        **{key: value for key, value in os.environ.items() if key not in left_out},
        **(more or {}),
    }


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Files with their texts, indented as they stand in the test."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return root


def sql(store: Path, *statements: str) -> None:
    """Change a store as its administrator would: with plain SQL, from another process."""
    script = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1])\n"
        "for statement in sys.argv[2:]: connection.execute(statement)\n"
        "connection.commit()\n"
    )
    subprocess.run([sys.executable, "-c", script, str(store), *statements], check=True)
