"""The documentation is what aliconf does: generated pages are fresh, and the README's commands run.

In a ``console`` block, ``$`` begins a command, ``>`` continues it, and the rest is what it prints.
``UPDATE_CASES=1 pytest tests/test_docs.py`` writes what it prints now; read what it wrote. The
section for teams needs a server: ``test_readme_teams.py`` runs it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from aliconf.cli.main import COMMANDS, ExitCode
from aliconf.model.base import Model
from aliconf.model.kinds import KINDS
from docs import generate
from tests.command import clean_environment

ROOT = Path(__file__).parent.parent
HOOKS = ROOT / ".pre-commit-hooks.yaml"
README = ROOT / "README.md"
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
CHANGES = {
    re.compile(r"\b\d{4}-\d\d-\d\d\b"): "the day",
    re.compile(r"\bc-[0-9a-f]{8}\b"): "the connector's id",
    re.compile(r"[@(][0-9a-f]{7}\b"): "the commit",
}
"""What is another at each run."""


@dataclass
class Step:
    """A command and what it prints, as they are written."""

    command: str
    lines: str
    printed: str = ""

    @property
    def text(self) -> str:
        return f"$ {self.lines}{self.printed}"


def steps(block: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        end = 1
        while end < len(lines) and lines[end].startswith("> "):
            end += 1
        command = "".join([lines[0], *(line[2:] for line in lines[1:end])])
        yield Step(command, "".join(lines[:end]), "".join(lines[end:]))


class Shell:
    """Runs one command after the other, each where the one before it went."""

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.note = directory / ".where"
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = clean_environment({**(environment or {}), "PATH": path})

    def __call__(self, command: str) -> str:
        script = f"{command.rstrip()}\npwd > '{self.note}'\n"
        ended = subprocess.run(
            ["sh", "-c", script],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=True,
        )
        self.directory = Path(self.note.read_text().strip())
        return ended.stdout


def comparable(text: str) -> str:
    for changing, words in CHANGES.items():
        text = changing.sub(words, text)
    return text


def run(text: str, shell: Callable[[str], str]) -> str:
    """The text with what its commands print now."""

    def block(found: re.Match[str]) -> str:
        printed = "".join(
            Step(step.command, step.lines, shell(step.command)).text for step in steps(found[1])
        )
        return f"```console\n{printed}```"

    return CONSOLE.sub(block, text)


TEAMS = "For a team"


def around_section(text: str, heading: str) -> tuple[str, str, str]:
    """What is before a section, the section, and what comes after it."""
    before, begin, rest = text.partition(f"\n## {heading}\n")
    section, end, after = rest.partition("\n## ")
    return before, begin + section, end + after


def test_the_commands_of_the_readme_print_what_it_says(tmp_path: Path) -> None:
    written = README.read_text("utf-8")
    before, teams, after = around_section(written, TEAMS)
    shell = Shell(tmp_path)
    now = run(before, shell) + teams + run(after, shell)
    if os.environ.get("UPDATE_CASES") and comparable(now) != comparable(written):
        README.write_text(now, "utf-8")
    assert comparable(README.read_text("utf-8")) == comparable(now)


def first_cells(text: str, heading: str) -> list[str]:
    """What stands in code in the first column of the tables of a section."""
    section = around_section(text, heading)[1]
    return re.findall(r"^\| `?([^`|]+?)`? \|", section, re.MULTILINE)


def test_the_readme_has_every_kind_command_and_exit_code() -> None:
    text = README.read_text("utf-8")
    assert sorted(first_cells(text, "Documents")) == sorted(["Kind", *KINDS])
    commands = [f"aliconf {name}" for name in COMMANDS]
    codes = [str(int(code)) for code in ExitCode]
    assert first_cells(text, "Commands") == ["Command", *commands, "Exit code", *codes]


def test_the_hooks_of_the_readme_are_those_of_the_repository() -> None:
    ours = {hook["id"]: hook for hook in yaml.safe_load(HOOKS.read_text("utf-8"))}
    (block,) = re.findall(r"^```yaml\n(repos:.*?)^```$", README.read_text("utf-8"), re.M | re.S)
    (local,) = yaml.safe_load(block)["repos"]
    same = ("entry", "pass_filenames", "always_run", "types")
    assert {
        hook["id"]: {key: hook[key] for key in same if key in hook} for hook in local["hooks"]
    } == {name: {key: hook[key] for key in same if key in hook} for name, hook in ours.items()}


PAGES = [
    README,
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(page: Path) -> None:
    links = LINK.findall(page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", generate.pages())
def test_generated_pages_are_fresh(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == generate.pages()[name], "run `make docs`"


def keys_of(annotation: Any, seen: set[Any]) -> Iterator[str]:
    """The keys of a model, and of all models inside it."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        if annotation not in seen:
            seen.add(annotation)
            for field in annotation.model_fields.values():
                yield str(field.alias)
                yield from keys_of(field.annotation, seen)
        return
    for argument in getattr(annotation, "__args__", ()):
        yield from keys_of(argument, seen)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_kind_has_a_row(kind: str) -> None:
    text = (ROOT / "docs" / "documents.md").read_text("utf-8")
    rows = {row.rpartition(".")[2] for row in first_cells(text, kind)}
    assert set(keys_of(KINDS[kind].spec_type(), set())) - rows == set()
