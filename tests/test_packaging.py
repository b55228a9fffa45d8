"""What is packed, and what is installed for it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def run(*command: str, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked."""
    directory = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory), cwd=ROOT)
    (file,) = directory.glob("*.whl")
    zipfile.ZipFile(file).extractall(directory / "unpacked")
    return directory / "unpacked"


def test_wheel_holds_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    names = run(
        "git", "ls-files", "--cached", "--others", "--exclude-standard", "aliconf", cwd=ROOT
    )

    packed = {path.relative_to(wheel).as_posix() for path in (wheel / "aliconf").rglob("*.*")}

    assert packed == {name for name in names.splitlines() if (ROOT / name).exists()}


def test_wheel_says_the_version_that_the_command_says(wheel: Path) -> None:
    metadata = next(wheel.glob("*.dist-info/METADATA")).read_text()
    packed = re.search(r"^Version: (.+)$", metadata, re.MULTILINE)

    said = run(sys.executable, "-m", "aliconf", "--version", cwd=wheel)

    assert packed is not None
    assert said == f"aliconf {packed[1]}\n"


def test_wheel_holds_the_license(wheel: Path) -> None:
    (license_file,) = wheel.glob("*.dist-info/licenses/LICENSE")

    assert license_file.read_text() == (ROOT / "LICENSE").read_text()


def test_every_dependency_has_a_lower_bound_and_no_upper_one() -> None:
    requirements = [
        *PROJECT["dependencies"],
        *(item for extra in EXTRAS.values() for item in extra),
    ]

    loose = [
        item
        for item in requirements
        if not re.fullmatch(r"[A-Za-z0-9.-]+(\[[a-z0-9,]+\])?>=[0-9.]+", item)
    ]

    assert loose == []


def test_constraints_are_names_and_versions() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9.]+", line)] == []


def test_constraints_pin_everything_that_the_extras_install() -> None:
    installed = installed_by([*PROJECT["dependencies"], *EXTRAS["test"]])
    pinned = {
        canonicalize_name(name): pin
        for name, _, pin in (
            line.partition("==") for line in (ROOT / "constraints.txt").read_text().splitlines()
        )
    }
    if any(version(name) != pinned.get(name, version(name)) for name in installed):
        pytest.skip("other versions than those of constraints.txt are installed")

    assert installed - pinned.keys() == set()


def installed_by(requirements: list[str]) -> set[str]:
    """The names of the requirements and of all that they require on this machine."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(item) for item in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        try:
            required = [Requirement(item) for item in requires(name) or []]
        except PackageNotFoundError:
            continue
        found.add(name)
        for extra in {"", *requirement.extras} - {extra for of, extra in seen if of == name}:
            seen.add((name, extra))
            waiting += [
                item
                for item in required
                if item.marker is None or item.marker.evaluate({"extra": extra})
            ]
    return found
