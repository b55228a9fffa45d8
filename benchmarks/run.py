"""``make bench``: measure, print the table, and write it into benchmarks/README.md.

``python -m benchmarks.run reports drift`` measures parts of it, and only prints them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks import peers
from benchmarks.generate import Generated, documents, policy, retitled, write
from benchmarks.measure import Command, Series, alternate, run
from benchmarks.report import Row, publish, table

HERE: Final = Path(__file__).resolve().parent
WORK: Final = HERE / ".work"
SCHEMA: Final = HERE.parent / "schemas" / "aliconf.schema.json"
SCRIPTS: Final = Path(sys.executable).parent
ALICONF: Final = str(SCRIPTS / "aliconf")
CHECK_JSONSCHEMA: Final = SCRIPTS / "check-jsonschema"

VERSION: Final = "check-jsonschema --version"

SMALL, MANY = 1_000, 10_000
CHANGED: Final = MANY // 100
REPETITIONS: Final = {0: 20, 1: 20, SMALL: 5, MANY: 3}


def main(chosen: Sequence[str]) -> None:
    """All rows, which are published; or those of some parts, which are only printed."""
    parts = {
        "start-up": _start_up,
        "validate": _validation,
        "plan": _plan,
        "reports": _reports,
        "drift": _drift,
    }
    unknown = [name for name in chosen if name not in parts]
    if unknown:
        raise SystemExit(f"{unknown[0]}: the parts are {', '.join(parts)}")
    shutil.rmtree(WORK, ignore_errors=True)
    lines = table([row for name in chosen or parts for row in parts[name]()])
    print("\n".join(lines))
    if not chosen:
        publish(HERE / "README.md", "make bench", lines)


def _start_up() -> Iterable[Row]:
    peer = [Command([str(CHECK_JSONSCHEMA), "--version"], HERE)]
    for option in ("--version", "--help"):
        _say(f"aliconf {option}")
        ours = [Command([ALICONF, option], HERE, "aliconf")]
        yield _row(f"`aliconf {option}`", ours, VERSION, peer, REPETITIONS[0], 0.3)


def _validation() -> Iterable[Row]:
    ours: dict[int, Series] = {}
    goals = {1: 0.6, SMALL: 0.2, MANY: 0.15}
    for count, goal in goals.items():
        _say(f"validate, {count} file(s)")
        root = WORK / f"validate-{count}"
        files = project(root, policy() if count == 1 else documents(count))
        if count == 1:
            files = files[1:]  # aliconf reads its aliconf.yaml besides
        command = Command([ALICONF, "validate"], root, f"in {max(count, 2):,} documents")
        peer = peers.check_jsonschema(CHECK_JSONSCHEMA, SCHEMA, root, files)
        what = f"`aliconf validate`, {count:,} file{'s' if count > 1 else ''}"
        row = _row(what, [command], "check-jsonschema", peer, REPETITIONS[count], goal)
        ours[count] = row.ours
        yield row
    yield Row(
        "growth of `validate`, 1,000 to 10,000 files", ours[MANY], "1,000 files", ours[SMALL], 11
    )


def _plan() -> Iterable[Row]:
    _say(f"plan, {MANY} objects")
    root = WORK / "plan"
    project(root, documents(MANY))
    run(Command([ALICONF, "apply", "--yes"], root))
    write(root, documents(MANY, revision=1))
    ours = Command([ALICONF, "plan"], root, f"{CHANGED} to update")
    what = f"`aliconf plan`, {MANY:,} objects, {CHANGED} changed"
    contestants = (("octoDNS", 1, True, 0.5), ("octoDNS, tuned", peers.ZONES, False, None))
    for name, zones, ordered, goal in contestants:
        place = WORK / f"octodns-{zones}"
        script = SCRIPTS / "octodns-sync"
        peer = peers.octodns(script, place, MANY, CHANGED, zones, ordered=ordered)
        yield _row(what, [ours], name, [peer], REPETITIONS[SMALL], goal, goal and 200_000_000)


def _reports() -> Iterable[Row]:
    _say(f"reports of {MANY} changes")
    new, changed = WORK / "reports-of-new", WORK / "reports"
    project(new, documents(MANY))
    yield from _reports_of(new, f"{MANY - 1:,} to create", f"{MANY:,} new objects")
    project(changed, documents(MANY))
    run(Command([ALICONF, "apply", "--yes"], changed))
    write(changed, retitled(documents(MANY)))
    yield from _reports_of(changed, f"{MANY - 2:,} to update", f"{MANY:,} changed objects")


def _reports_of(root: Path, expect: str, what: str) -> Iterable[Row]:
    """Each report beside the plan as text, all of them in turn."""
    plan = [ALICONF, "plan"]
    both = ["--also", "markdown=../plan.md", "--also", "json=../plan.json"]
    reports = {
        "--format markdown": ([*plan, "--format", "markdown"], "### aliconf plan"),
        "--format json": ([*plan, "--format", "json"], '"format": "aliconf/plan"'),
        "--also markdown=… --also json=…": ([*plan, *both], expect),
    }
    contestants = {"text": [Command(plan, root, expect)]} | {
        options: [Command(arguments, root, found)]
        for options, (arguments, found) in reports.items()
    }
    series = alternate(contestants, REPETITIONS[SMALL])
    for options in reports:
        name = f"`aliconf plan {options}`, {what}"
        yield Row(name, series[options], "`aliconf plan`", series["text"], 1.5)


def _drift() -> Iterable[Row]:
    _say(f"drift, {MANY} objects")
    root, empty = WORK / "drift", WORK / "drift-of-nothing"
    project(root, documents(MANY))
    run(Command([ALICONF, "apply", "--yes"], root))
    project(empty, documents(1))
    ours = Command([ALICONF, "drift"], root, "Drift: none.")
    start_up = Command([ALICONF, "drift"], empty, "Drift: none.")
    what = f"`aliconf drift`, {MANY:,} unchanged objects"
    row = _row(what, [ours], "no store: its start-up", [start_up], REPETITIONS[SMALL], None)
    yield replace(row, more=1)


def _row(
    what: str,
    ours: Iterable[Command],
    peer: str,
    theirs: Iterable[Command],
    repetitions: int,
    goal: float | None,
    memory: float | None = None,
) -> Row:
    series = alternate({"ours": ours, "theirs": theirs}, repetitions)
    return Row(what, series["ours"], peer, series["theirs"], goal, memory)


def project(root: Path, generated: Iterable[Generated]) -> list[str]:
    """A project as users have it: in a git repository of its own, one document a file."""
    root.mkdir(parents=True)
    files = write(root, generated)
    for arguments in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return files


def _say(what: str) -> None:
    print(f"measuring {what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
