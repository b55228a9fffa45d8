"""What must never change, checked against git on real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from tests import shops
from tests.command import Ended, aliconf, write
from tests.shops import shop


def git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Test", "-c", "user.email=test@shop.example")
    command = ["git", *who, "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def commit(root: Path, message: str = "State") -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)
    return git(root, "rev-parse", "--short=7", "HEAD").strip()


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    shop(tmp_path)
    commit(tmp_path)
    return tmp_path


def against(root: Path, ref: str = "HEAD") -> Ended:
    return aliconf("validate", "--against", ref, cwd=root)


FRENCH = shops.ACCOUNT.replace("region: ES", "region: FR")


def test_nothing_changed_is_nothing_found(committed: Path) -> None:
    assert against(committed) == Ended(0, "no findings in 5 documents\n", "")


def test_a_changed_region_is_refused_with_both_places(committed: Path) -> None:
    base = git(committed, "rev-parse", "--short=7", "HEAD").strip()
    write(committed, {"account.yaml": FRENCH})
    assert against(committed) == Ended(
        1,
        dedent(f"""\
            account.yaml:7:11: error[ALI501]: the region of an account never changes: ES before, FR now
             7 |   region: FR
               |           ^^
                before: account.yaml@{base}:7:11
              → Set it back to ES. To sell in FR, add a new account under a new name.

            1 error in 5 documents
            """),
        "",
    )


def test_the_file_may_have_been_renamed(committed: Path) -> None:
    (committed / "account.yaml").unlink()
    write(committed, {"accounts/spain.yaml": FRENCH})
    assert "accounts/spain.yaml:7:11: error[ALI501]" in against(committed).out


def test_the_document_may_have_moved_to_another_file(committed: Path) -> None:
    (committed / "account.yaml").unlink()
    with (committed / "registration.yaml").open("a") as file:
        file.write("---\n" + dedent(FRENCH).lstrip())
    assert "registration.yaml:15:11: error[ALI501]" in against(committed).out


def test_another_spelling_of_the_same_region_is_no_change(committed: Path) -> None:
    write(committed, {"account.yaml": shops.ACCOUNT.replace("region: ES", "region: Spain")})
    assert against(committed).code == 0


def test_staged_and_committed_changes_count_as_well(committed: Path) -> None:
    write(committed, {"account.yaml": FRENCH})
    git(committed, "add", "--all")
    assert "ALI501" in against(committed).out
    git(committed, "branch", "base")
    commit(committed)
    assert against(committed).code == 0
    assert "ALI501" in against(committed, "base").out


def test_the_comparison_is_with_the_merge_base(committed: Path) -> None:
    """What main did since the branch began is not this branch's change."""
    git(committed, "checkout", "--quiet", "-b", "feature")
    git(committed, "checkout", "--quiet", "main")
    write(committed, {"account.yaml": FRENCH})
    commit(committed)
    git(committed, "checkout", "--quiet", "feature")
    assert against(committed, "main").code == 0


def test_a_policy_name_that_left_one_kind_for_another_is_refused(committed: Path) -> None:
    write(
        committed,
        {
            "pricing.yaml": """
                apiVersion: aliconf/v1
                kind: InventoryPolicy
                metadata:
                  name: markup
                spec:
                  title: Markup
                  default: true
            """
        },
    )
    ended = against(committed)
    assert ended.code == 1
    assert (
        "pricing.yaml:2:7: error[ALI510]: the kind of a policy never changes: "
        "markup was of kind PricingPolicy" in ended.out
    )


def test_a_renamed_account_gets_the_suggestion_of_a_moved_entry(committed: Path) -> None:
    write(committed, {"account.yaml": shops.ACCOUNT.replace("name: es", "name: spain")})
    write(committed, {"template.yaml": shops.TEMPLATE.replace("[es]", "[spain]")})
    ended = against(committed)
    assert ended.code == 0
    assert "warning[ALI512]: Account/es went and Account/spain has its title" in ended.out
    assert "moved: [{kind: Account, from: es, to: spain}]" in ended.out
    moved = "        moved: [{kind: Account, from: es, to: spain}]\n"
    write(committed, {"aliconf.yaml": shops.PROJECT.rstrip() + "\n" + moved[2:]})
    assert against(committed) == Ended(0, "no findings in 5 documents\n", "")


def test_an_ignore_with_an_end_lifts_the_refusal(committed: Path) -> None:
    write(committed, {"account.yaml": FRENCH})
    ignore = "          - {code: ALI501, object: Account/es, reason: never applied%s}\n"
    project = shops.PROJECT.rstrip() + "\n        ignore:\n"
    write(committed, {"aliconf.yaml": project + ignore % ""})
    assert "error[ALI501]" in against(committed).out
    write(committed, {"aliconf.yaml": project + ignore % ", until: 2999-01-01"})
    assert against(committed).code == 0


def test_only_the_files_of_the_project_count(tmp_path: Path) -> None:
    """Two projects in one repository: an account of the other one is none of ours."""
    git(tmp_path, "init", "--quiet")
    shop(tmp_path / "one")
    shop(tmp_path / "two")
    commit(tmp_path)
    write(tmp_path, {"two/account.yaml": FRENCH})
    assert against(tmp_path / "one").code == 0
    assert against(tmp_path / "two").code == 1


def test_included_files_above_the_root_count(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    include = '        include: ["*.yaml", "../shared/*.yaml"]\n'
    shop(tmp_path / "shop", account=None)
    write(
        tmp_path,
        {
            "shop/aliconf.yaml": shops.PROJECT.rstrip() + "\n" + include[2:],
            "shared/account.yaml": shops.ACCOUNT,
        },
    )
    commit(tmp_path)
    write(tmp_path, {"shared/account.yaml": FRENCH})
    ended = against(tmp_path / "shop")
    assert "../shared/account.yaml:7:11: error[ALI501]" in ended.out


def test_a_repository_without_a_commit_has_nothing_to_compare_with(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert against(shop(tmp_path)).code == 0


def test_a_project_that_was_not_there_has_nothing_to_compare_with(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, {"README.md": "A shop.\n"})
    commit(tmp_path)
    assert against(shop(tmp_path)).code == 0


def test_no_repository_is_refused(tmp_path: Path) -> None:
    ended = against(shop(tmp_path))
    assert (ended.code, ended.out) == (1, "")
    assert "error[ALI930]" in ended.err


def test_an_unknown_ref_is_refused(committed: Path) -> None:
    for ref in ("nowhere", "--output=x", ""):
        ended = against(committed, ref)
        assert (ended.code, ended.out) == (1, "")
        assert "error[ALI931]" in ended.err


def test_a_shallow_clone_says_which_fetch_is_needed(committed: Path, tmp_path: Path) -> None:
    write(committed, {"x.txt": "x\n"})
    git(committed, "checkout", "--quiet", "-b", "feature")
    commit(committed)
    clone = tmp_path / "clone"
    url = committed.as_uri()
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", url, str(clone))
    ended = against(clone, "origin/main")
    assert ended.code == 1
    assert "this clone is shallow" in ended.err
    assert "git fetch --unshallow" in ended.err
