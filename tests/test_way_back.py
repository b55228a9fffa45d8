"""The way back from an apply: the commits to revert, or why git does not lead back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.command import aliconf, write
from tests.shops import PRICING, policies, shop
from tests.stores import inserts_again, no_inserts, place_of, writer
from tests.test_history import committed, git, masked

BY_HAND = "To go back, write the values before the arrows into the files again, and apply."


def percent(root: Path, value: int) -> None:
    write(root, {"pricing.yaml": PRICING.replace("12", str(value))})


def apply(root: Path) -> None:
    ended = aliconf("apply", "--yes", cwd=root)
    assert ended.code == 0, ended.out + ended.err


def begun(root: Path) -> Path:
    """A shop of which nothing was applied, all of it in the first commit."""
    shop(root)
    (root / ".gitignore").write_text(".aliconf/\n")
    git(root, "init", "--quiet", "--initial-branch", "main")
    committed(root, "Begin")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A shop in git that was applied once."""
    apply(begun(tmp_path))
    return tmp_path


def brought(root: Path, value: int, subject: str) -> None:
    percent(root, value)
    committed(root, subject)
    apply(root)


def told(root: Path, number: int, environment: dict[str, str] | None = None) -> str:
    """The way back; its sentences on one line each."""
    shown = aliconf("history", "show", str(number), cwd=root, environment=environment).out
    assert max(map(len, shown.splitlines())) <= 80
    return masked(re.sub(r"\n(?=[^ ])", " ", shown.partition("The way back: ")[2]))


def as_json(root: Path, number: int) -> dict[str, Any]:
    shown = json.loads(aliconf("history", "show", str(number), "--format", "json", cwd=root).out)
    return {key: shown[key] for key in ("commits", "revert", "carriedOn", "outside")}


def test_uncommitted_values_cannot_be_reverted(root: Path) -> None:
    percent(root, 18)
    apply(root)
    assert told(root, 2) == (
        "git cannot undo this apply: values of it came from files that were not committed. "
        f"{BY_HAND}\n"
    )
    assert as_json(root, 2) == {"commits": [], "revert": False, "carriedOn": None, "outside": []}


def test_a_commit_below_uncommitted_values_is_only_named(root: Path) -> None:
    percent(root, 30)
    committed(root, "Raise to thirty")
    brief = git(root, "rev-parse", "--short", "HEAD")
    percent(root, 31)
    apply(root)
    assert told(root, 2) == (
        "git cannot undo this apply: values of it came from files that were not committed. "
        f"{BY_HAND} It also brought these commits. To revert them does not lead back:\n"
        "  <commit> Raise to thirty\n"
    )
    commits = [f"{brief} Raise to thirty"]
    assert as_json(root, 2) == {
        "commits": commits,
        "revert": False,
        "carriedOn": None,
        "outside": [],
    }


def test_what_was_not_committed_before_is_not_reached_by_a_revert(root: Path) -> None:
    percent(root, 18)
    apply(root)
    brought(root, 20, "Raise to twenty")
    assert told(root, 3) == (
        "git does not have what was before: values of apply 2 came from files that were not "
        f"committed. {BY_HAND} It also brought these commits. To revert them does not lead back:\n"
        "  <commit> Raise to twenty\n"
    )


def test_after_an_apply_outside_of_git_no_commit_is_to_be_reverted(tmp_path: Path) -> None:
    apply(shop(tmp_path))
    percent(tmp_path, 15)
    begun_with = (tmp_path / "pricing.yaml").read_text()
    begun(tmp_path)
    write(tmp_path, {"pricing.yaml": begun_with})
    git(tmp_path, "commit", "--quiet", "--amend", "--all", "-m", "Onboard Spain")
    apply(tmp_path)
    assert told(tmp_path, 2) == (
        "apply 1 was not made from a git repository, so that no commit tells what this one "
        f"brought. {BY_HAND}\n"
    )
    assert as_json(tmp_path, 2)["commits"] is None
    percent(tmp_path, 18)
    apply(tmp_path)
    assert told(tmp_path, 3) == (
        "git cannot undo this apply: values of it came from files that were not committed. "
        f"{BY_HAND}\n"
    )


def test_the_first_apply_has_no_commit_to_revert(root: Path) -> None:
    assert told(root, 1) == (
        "nothing was applied before, so that there is no commit to go back to. To go back, remove "
        "the documents of what it created, and apply.\n"
    )
    assert as_json(root, 1) == {"commits": None, "revert": False, "carriedOn": None, "outside": []}


def test_what_was_deleted_without_git_is_written_again(tmp_path: Path) -> None:
    write(shop(tmp_path), policies(1))
    apply(tmp_path)
    (tmp_path / "p0.yaml").unlink()
    percent(tmp_path, 15)
    apply(tmp_path)
    assert told(tmp_path, 2) == (
        "this apply was not made from a git repository. To go back, write the values before the "
        "arrows into the files again and write the documents of what it deleted again, with the "
        "values that --format json has, and apply.\n"
    )


def test_an_older_commit_is_undone_by_the_newer_one(root: Path) -> None:
    brought(root, 15, "Raise prices")
    newer = git(root, "rev-parse", "HEAD")
    git(root, "checkout", "--quiet", "HEAD~1")
    apply(root)
    assert told(root, 3) == (
        "apply the commit of apply 2 again. That of this one does not contain it, so that there is "
        "nothing to revert.\n"
        "  git checkout <commit>\n"
    )
    assert f"  git checkout {newer[:7]}\n" in aliconf("history", "show", "3", cwd=root).out


def unfinished(root: Path) -> None:
    """Two policies come with a commit, and the apply of the second one fails."""
    place = place_of(root)
    write(root, policies(2))
    committed(root, "Add two policies")
    no_inserts(place, "policy", "not today", "NEW.name = 'p1'")
    assert aliconf("apply", "--yes", cwd=root).code == 1
    inserts_again(place, "policy")


def test_the_way_back_of_a_continued_apply_is_that_of_all_of_it(root: Path) -> None:
    unfinished(root)
    apply(root)
    assert told(root, 2) == (
        "revert what it brought, and apply that.\n"
        "  git revert <commit>\n"
        "  <commit> Add two policies\n"
    )
    assert told(root, 3) == (
        "this apply carried on apply 2. Revert what they brought, and apply that.\n"
        "  git revert <commit>\n"
        "  <commit> Add two policies\n"
    )
    first, second = as_json(root, 2), as_json(root, 3)
    assert (first["carriedOn"], second["carriedOn"]) == (None, 2)
    assert (first["commits"], first["revert"]) == (second["commits"], second["revert"])


def test_an_unfinished_apply_of_another_commit_is_named(root: Path) -> None:
    unfinished(root)
    brought(root, 15, "Raise prices")
    assert told(root, 3) == (
        "revert what it brought, and apply that.\n"
        "  git revert <commit>\n"
        "  <commit> Raise prices Apply 2 was not finished, so that this one may have made the rest "
        "of it too: `aliconf history show 2` has the way back from that.\n"
    )


def test_what_carries_on_an_apply_of_uncommitted_files_says_so(root: Path) -> None:
    place = place_of(root)
    write(root, policies(2))
    no_inserts(place, "policy", "not today", "NEW.name = 'p1'")
    assert aliconf("apply", "--yes", cwd=root).code == 1
    inserts_again(place, "policy")
    (root / "p0.yaml").unlink()
    (root / "p1.yaml").unlink()
    apply(root)
    assert told(root, 3) == (
        "git cannot undo apply 2, which this one carried on: values of it came from files that "
        "were not committed. To go back, write the documents of what it deleted again, with the "
        "values that --format json has, and apply. Go back from apply 2 too, which it carried on.\n"
    )


def test_a_first_apply_in_several_goes_says_from_which_ones_to_go_back(tmp_path: Path) -> None:
    place = place_of(begun(tmp_path))
    with writer(tmp_path, "another"):
        no_inserts(place, "account", "not today")
    for _ in range(2):
        assert aliconf("apply", "--yes", cwd=tmp_path).code == 1
    inserts_again(place, "account")
    apply(tmp_path)
    assert told(tmp_path, 3) == (
        "nothing was applied before, so that there is no commit to go back to. To go back, remove "
        "the documents of what it created, and apply. Go back from applies 2 to 1 too, which it "
        "carried on.\n"
    )


def test_files_of_other_projects_that_a_revert_changes_are_named(tmp_path: Path) -> None:
    root = tmp_path / "spain"
    root.mkdir()
    shop(root)
    (tmp_path / ".gitignore").write_text(".aliconf/\n")
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    committed(tmp_path, "Begin")
    apply(root)
    percent(root, 15)
    write(tmp_path, {f"italy/{name}.yaml": "a: 1\n" for name in "abcd"})
    write(tmp_path, {"spain.yaml": "a: 1\n"})
    committed(tmp_path, "Raise prices everywhere")
    apply(root)
    outside = [*(f"italy/{name}.yaml" for name in "abcd"), "spain.yaml"]
    assert told(root, 2) == (
        "revert what it brought, and apply that.\n"
        "  git revert <commit>\n"
        "  <commit> Raise prices everywhere These commits also change files outside of this "
        "project, and to revert them changes those back too: italy/a.yaml, italy/b.yaml, "
        "italy/c.yaml and 2 more.\n"
    )
    assert as_json(root, 2)["outside"] == outside


def test_a_commit_for_a_shared_directory_is_the_projects_too(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    shop(project, pricing=None)
    document = (project / "aliconf.yaml").read_text()
    include = "spec:\n  include: ['*.yaml', ../shared/*.yaml]\n"
    (project / "aliconf.yaml").write_text(document.replace("spec:\n", include, 1))
    write(tmp_path, {".gitignore": ".aliconf/\n", "shared/pricing.yaml": PRICING})
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    committed(tmp_path, "Begin")
    apply(project)
    write(tmp_path, {"shared/pricing.yaml": PRICING.replace("12", "15")})
    committed(tmp_path, "Raise prices")
    apply(project)
    assert told(project, 2) == (
        "revert what it brought, and apply that.\n  git revert <commit>\n  <commit> Raise prices\n"
    )


def test_a_long_command_is_pasted_as_one(root: Path) -> None:
    for value in range(20, 32):
        percent(root, value)
        committed(root, f"Raise to {value}, {'and explain that in very many words ' * 3}")
    apply(root)
    shown = aliconf("history", "show", "2", cwd=root).out
    (command,) = re.findall(r"  git revert (?:.* \\\n)+.*\n", shown)
    assert max(map(len, shown.splitlines())) <= 80
    assert len(command.replace("\\\n", "").split()) == 2 + 12


def test_without_a_repository_that_is_said(root: Path) -> None:
    brought(root, 15, "Raise prices")
    elsewhere = "revert the commits up to <commit> in a clone of their repository. Here, "
    assert told(root, 2, {"PATH": "/nowhere"}) == (
        f"{elsewhere}git cannot be run, and the way back needs it.\n"
    )
    (root / ".git").rename(root / "git")
    assert told(root, 2) == (
        f"{elsewhere}{root} is in no git repository, and the way back compares with one.\n"
    )


def test_a_line_of_the_history_fits_the_screen(root: Path) -> None:
    percent(root, 15)
    name, mail = "Somebody With a Rather Long Name", "somebody@department.shop.example"
    git(root, "commit", "--quiet", "--all", "-m", "Raise", "--author", f"{name} <{mail}>")
    percent(root, 16)
    url = {"CI": "true", "CI_JOB_URL": f"https://ci.shop.example/{'jobs/' * 8}1"}
    assert aliconf("apply", "--yes", cwd=root, environment=url).code == 0
    shown = masked(aliconf("history", "--limit", "1", cwd=root).out)
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.partition("      commit ")[2] == (
        f"<commit> of {name}\n"
        f"        <{mail}>, with files that differed from it\n"
        "1 earlier; --limit shows more.\n"
    )
