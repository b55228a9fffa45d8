"""The statements of the Dockerfile, and what they would run as far as no container is needed for it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATEMENT = re.compile(r"^([A-Z]+) ((?:.*\\\n)*.*)$", re.MULTILINE)


def statements() -> list[tuple[str, str]]:
    """Each statement's word and the rest of it, on one line."""
    found = STATEMENT.findall((ROOT / "Dockerfile").read_text("utf-8"))
    return [(word, re.sub(r"\s*\\\n\s*", " ", rest)) for word, rest in found]


def of(word: str) -> list[str]:
    return [rest for name, rest in statements() if name == word]


def test_both_stages_are_of_one_python_that_aliconf_supports() -> None:
    (image,) = {rest.split()[0] for rest in of("FROM")}
    found = re.fullmatch(r"python:(3\.\d+)-slim-[a-z]+", image)
    assert found
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"Programming Language :: Python :: {found[1]}" in project["classifiers"]


def test_it_runs_as_a_number_that_is_not_root() -> None:
    last = [word for word, _ in statements()][-6:]
    assert last == ["USER", "ENV", "STOPSIGNAL", "WORKDIR", "ENTRYPOINT", "CMD"]
    assert of("USER") == ["65532:65532"]
    assert of("WORKDIR")[-1] == "/work"
    assert of("ENTRYPOINT") == ['["aliconf"]']


def test_it_is_stopped_with_a_signal_that_also_a_first_process_gets() -> None:
    assert of("STOPSIGNAL") == ["SIGINT"]


def test_git_is_there_and_works_in_directories_of_others() -> None:
    (system,) = (rest for rest in of("RUN") if "apt-get" in rest)
    assert system.endswith("&& git config --system --add safe.directory '*'")
    assert " install --yes --no-install-recommends git " in system


def test_every_driver_is_installed_in_the_versions_of_the_tests() -> None:
    (install,) = (rest for rest in of("RUN") if "--constraint" in rest)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = sorted({*extras["optional-dependencies"]} - {"test", "bench"})
    assert install == (
        "pip install --no-cache-dir --constraint /wheels/constraints.txt "
        f'"$(echo /wheels/*.whl)[{",".join(wanted)}]"'
    )


def test_what_is_copied_is_what_the_context_holds_and_makes_the_wheel(tmp_path: Path) -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    held = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    copied = [rest.split()[:-1] for rest in of("COPY") if not rest.startswith("--from")]
    assert {name for names in copied for name in names} == held
    source = tmp_path / "source"
    source.mkdir()
    for name in held - {"constraints.txt"}:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source)
    build = ["-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run([sys.executable, *build], cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(wheel)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "aliconf/config/scaffold/templates/github.yml" in listed.stdout
