"""The hooks of ``.pre-commit-hooks.yaml``, as pre-commit runs them on a real repository.

pre-commit installs aliconf and what it depends on from the machine's package index.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = "[INFO] This may take a few minutes...\n"
REFUSED = """\
aliconf fmt..............................................................Failed
- hook id: aliconf-fmt
- files were modified by this hook

formatted account.yaml
1 file formatted, 0 left unchanged

aliconf validate.........................................................Failed
- hook id: aliconf-validate
- exit code: 1

account.yaml:11:11: error[ALI501]: the region of an account never changes: ES before, FR now
 11 |   region: FR
    |           ^^
    before: account.yaml@COMMIT:11:11
  → Set it back to ES. To sell in FR, add a new account under a new name.

1 error in 5 documents

"""


def git(directory: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """aliconf as it stands in the working tree, committed: what users name under ``repo:``."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "hatchling"]
    nowhere = tmp_path_factory.mktemp("index")
    if subprocess.run(command, cwd=nowhere, capture_output=True, check=False).returncode:
        pytest.skip("there is no package index to install aliconf's dependencies from")
    repository = tmp_path_factory.mktemp("aliconf")
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, repository / name)
    commit(repository)
    return repository


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with the example of one shop."""
    for path in (ROOT / "examples" / "spain").glob("*.yaml"):
        shutil.copy(path, tmp_path)
    commit(tmp_path)
    return tmp_path


def commit(directory: Path) -> None:
    git(directory, "init", "--quiet")
    git(directory, "add", ".")
    git(directory, "commit", "--quiet", "--message", "Begin")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    git(path.parent, "add", path.name)


def try_repo(hooks: Path, shop: Path) -> tuple[int, str]:
    """Exit code, and what the hooks say, without the names of commits."""
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(hooks)]
    ended = subprocess.run(command, cwd=shop, check=False, capture_output=True, text=True)
    assert INSTALLED in ended.stdout, ended.stdout + ended.stderr
    said = ended.stdout.partition(INSTALLED)[2]
    return ended.returncode, re.sub(r"(?<=@)[0-9a-f]{7,}", "COMMIT", said)


def test_a_good_change_passes_the_hooks(hooks: Path, shop: Path) -> None:
    edit(shop / "pricing.yaml", "increaseByPercent: 12", "increaseByPercent: 15")

    assert try_repo(hooks, shop) == (
        0,
        "aliconf fmt..............................................................Passed\n"
        "aliconf validate.........................................................Passed\n",
    )


def test_a_changed_region_and_a_careless_layout_fail_them(hooks: Path, shop: Path) -> None:
    edit(shop / "account.yaml", "region: ES", "region:   FR")

    assert try_repo(hooks, shop) == (1, REFUSED)
    assert "  region: FR\n" in (shop / "account.yaml").read_text()
