"""The examples: without findings, with the plan that stands beside them, and applied.

``UPDATE_CASES=1 pytest tests/test_examples.py`` writes the expected plans; read what it wrote.
"""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aliconf.config.load import load
from tests.command import Ended, aliconf

EXAMPLES = Path(__file__).parent.parent / "examples"
PROJECTS = sorted(str(path.parent.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("aliconf.yaml"))
OVER = datetime(2026, 11, 30, tzinfo=UTC)
"""From this day on, the campaigns of the examples are over, or nearly so."""
DAY = re.compile(r"\b(20\d\d)(?=-\d\d-\d\d)")


def years_on() -> int:
    """By how many years the examples must move for their campaigns to lie ahead."""
    now = datetime.now(UTC)
    return max(0, now.year - OVER.year + ((now.month, now.day) >= (OVER.month, OVER.day)))


def moved(text: str, years: int) -> str:
    return DAY.sub(lambda year: str(int(year[1]) + years), text)


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A copy of the examples, moved on by whole years until no campaign in them is over."""
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True, ignore=lambda *_: [".aliconf"])
    for path in tmp_path.rglob("*.yaml"):
        path.write_text(moved(path.read_text("utf-8"), years_on()), "utf-8")
    return tmp_path


def names(project: Path) -> set[str]:
    """The documents of a project."""
    return {document.id for document in load(project).documents}


def test_there_is_an_example_of_one_account_and_one_of_an_agency() -> None:
    assert PROJECTS == ["agency/shops/casa-norte", "agency/shops/moda-sur", "spain"]


@pytest.mark.parametrize("name", PROJECTS)
def test_an_example_has_no_findings_and_is_formatted(name: str, examples: Path) -> None:
    project = examples / name
    documents = len(names(project))
    assert aliconf("validate", "--strict", cwd=project) == Ended(
        0, f"no findings in {documents} documents\n", ""
    )
    formatted = aliconf("fmt", "--check", cwd=project)
    assert (formatted.code, formatted.out) == (0, "")
    assert formatted.err.startswith("0 files would be formatted")


@pytest.mark.parametrize("name", PROJECTS)
def test_the_plan_of_an_example_is_the_one_beside_it(name: str, examples: Path) -> None:
    project = examples / name
    planned = aliconf("plan", cwd=project)
    if os.environ.get("UPDATE_CASES"):
        written = moved(planned.out, -years_on())
        (EXAMPLES / name / "expected-plan.txt").write_text(written, "utf-8")
    expected = (EXAMPLES / name / "expected-plan.txt").read_text("utf-8")
    assert planned == Ended(0, moved(expected, years_on()), "")


@pytest.mark.parametrize("name", PROJECTS)
def test_after_an_example_is_applied_its_plan_is_empty(name: str, examples: Path) -> None:
    project = examples / name
    applied = aliconf("apply", "--yes", cwd=project)
    assert (applied.code, applied.err) == (0, ""), applied.out
    managed = len(names(project)) - 1
    again = aliconf("plan", "--detailed-exitcode", cwd=project)
    assert again.code == 0, again.out
    assert " ".join(again.out.split("\n\n")[1].split()) == (
        f"Not touched: {managed} unchanged (--full lists them); "
        "5 unmanaged (--unmanaged lists them). Plan: no changes."
    )


def test_no_example_needs_a_file_outside_its_directory(examples: Path) -> None:
    for name in PROJECTS:
        top = examples / Path(name).parts[0]
        documents = load(examples / name).documents
        assert {document.source.path.is_relative_to(top) for document in documents} == {True}


def test_every_example_says_what_it_shows() -> None:
    for name in {Path(project).parts[0] for project in PROJECTS}:
        readme = (EXAMPLES / name / "README.md").read_text("utf-8")
        assert f"aliconf -C examples/{name}" in readme
        assert "expected-plan.txt" in readme
