"""The examples: without findings, with the plan that stands beside them, and applied.

``UPDATE_CASES=1 pytest tests/test_examples.py`` writes the expected plans; read what it wrote.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from aliconf.config.load import load
from tests.command import Ended, aliconf

EXAMPLES = Path(__file__).parent.parent / "examples"
PROJECTS = sorted(str(path.parent.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("aliconf.yaml"))


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True, ignore=lambda *_: [".aliconf"])
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
        (EXAMPLES / name / "expected-plan.txt").write_text(planned.out, "utf-8")
    expected = (EXAMPLES / name / "expected-plan.txt").read_text("utf-8")
    assert planned == Ended(0, expected, "")


@pytest.mark.parametrize("name", PROJECTS)
def test_after_an_example_is_applied_its_plan_is_empty(name: str, examples: Path) -> None:
    project = examples / name
    applied = aliconf("apply", "--yes", cwd=project)
    assert (applied.code, applied.err) == (0, ""), applied.out
    managed = len(names(project)) - 1
    accounts = sum(name.startswith("Account/") for name in names(project))
    again = aliconf("plan", "--detailed-exitcode", cwd=project)
    assert again.code == 0, again.out
    assert " ".join(again.out.split("\n\n")[1].split()) == (
        f"Not touched: {managed} unchanged (--full lists them); "
        f"5 unmanaged (--unmanaged lists them); the region of every account ({accounts}). "
        "Plan: no changes."
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
