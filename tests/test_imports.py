"""What a command does not import: start-up is most of the time of a hook that checks two files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.generate import documents, write

RUN = """
import sys
from aliconf.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print("imported:", *sys.modules, sep="\\n")
"""

HEAVY = {
    *("alembic", "deepdiff", "httpx", "jinja2", "mako", "requests", "rich", "ruamel", "sqlalchemy"),
    "pydantic.deprecated",
    *("asyncio", "email", "http", "importlib.metadata", "multiprocessing", "unittest", "xml"),
    *("aliconf.apply", "aliconf.connector", "aliconf.plan", "aliconf.status"),
}
NOT_IMPORTED = {"pydantic.plugin._loader"}
"""What stands for a module, so that it is not imported."""
WITHOUT_TEMPLATES = 14
"""So many generated documents hold every kind but a listing template."""
MODELS = {"pydantic", "pydantic_core", "yaml", "aliconf.model", "aliconf.config", "aliconf.rules"}


def imported(directory: Path, *arguments: str) -> set[str]:
    """The modules that a fresh process has imported when the command ends, which must be well."""
    command = [sys.executable, "-c", RUN, *arguments]
    process = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    return set(process.stdout.partition("imported:\n")[2].split()) - NOT_IMPORTED


def among(modules: set[str], unwanted: set[str]) -> list[str]:
    """The modules that are unwanted or inside an unwanted package."""
    return sorted(
        module
        for module in modules
        if any(module == name or module.startswith(f"{name}.") for name in unwanted)
    )


def test_validate_imports_no_heavy_library(tmp_path: Path) -> None:
    write(tmp_path, documents(WITHOUT_TEMPLATES))

    modules = imported(tmp_path, "validate")

    assert "aliconf.model.pricing" in modules
    assert among(modules, HEAVY) == []


def test_validate_imports_jinja_for_a_title_template(tmp_path: Path) -> None:
    write(tmp_path, documents(WITHOUT_TEMPLATES + 1))

    modules = imported(tmp_path, "validate")

    assert "jinja2" in modules
    assert among(modules, HEAVY - {"jinja2"}) == []


@pytest.mark.parametrize(
    ("shape", "with_jinja"), [("text", False), ("json", False), ("markdown", False), ("html", True)]
)
def test_plan_imports_jinja_for_html_alone(shape: str, with_jinja: bool, tmp_path: Path) -> None:
    write(tmp_path, documents(WITHOUT_TEMPLATES))

    modules = imported(tmp_path, "plan", "--format", shape)

    assert ("jinja2" in modules) is with_jinja


def test_validate_builds_only_the_models_of_the_kinds_that_are_there(tmp_path: Path) -> None:
    write(tmp_path, documents(2))

    modules = imported(tmp_path, "validate")

    assert among(modules, {"aliconf.model.campaign", "aliconf.model.listing_template"}) == []


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_import_neither_models_nor_yaml(tmp_path: Path, option: str) -> None:
    modules = imported(tmp_path, option)

    assert "click" in modules
    assert among(modules, HEAVY | MODELS) == []


def test_pydantic_looks_for_no_plugins_and_keeps_what_else_it_may_want() -> None:
    script = (
        "import sys\n"
        "from aliconf.cli.plugins import without_plugins\n"
        "without_plugins()\n"
        "import pydantic\n"
        "assert pydantic.create_model('Made', a=(int, 1))().a == 1\n"
        "assert 'importlib.metadata' not in sys.modules\n"
        "from pydantic.plugin._loader import PYDANTIC_ENTRY_POINT_GROUP\n"
        "assert PYDANTIC_ENTRY_POINT_GROUP == 'pydantic'\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
