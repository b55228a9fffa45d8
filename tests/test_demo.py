"""``make demo``: it shows what it says, and leaves the checkout as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def demo(path: Path) -> subprocess.CompletedProcess[str]:
    """Run the demo with the ``aliconf`` that lies in a directory."""
    return subprocess.run(
        [EXAMPLES / "demo.sh"],
        env={**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}", "CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )


def contents(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_demo_ends_well_and_leaves_the_examples_as_they_were() -> None:
    before = contents(EXAMPLES)

    ended = demo(Path(sys.executable).parent)

    assert (ended.returncode, ended.stderr) == (0, "")
    commands = [line for line in ended.stdout.splitlines() if line.startswith("$ aliconf")]
    assert commands == [
        "$ aliconf validate",
        "$ aliconf plan",
        "$ aliconf apply --yes",
        "$ aliconf plan --detailed-exitcode",
        "$ aliconf status",
        "$ aliconf plan",
        "$ aliconf validate --against HEAD",
    ]
    assert ended.stdout.count("the region of an account never changes: ES") == 2
    assert contents(EXAMPLES) == before


def test_the_demo_fails_where_a_changed_region_is_not_refused(tmp_path: Path) -> None:
    (tmp_path / "aliconf").write_text("#!/bin/sh\n")
    (tmp_path / "aliconf").chmod(0o755)

    ended = demo(tmp_path)

    assert ended.returncode == 1
    assert ended.stderr == 'demo: this had to be refused with "ALI501", and ended with 0\n'
