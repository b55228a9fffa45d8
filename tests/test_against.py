"""What must never change, checked against git on real repositories."""

from __future__ import annotations

import os
import subprocess
import sys
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


def regions(ended: Ended) -> list[str]:
    return [line for line in ended.out.splitlines() if "ALI501" in line]


def refused(place: str, was: str = "ES", now: str = "FR") -> list[str]:
    message = f"the region of an account never changes: {was} before, {now} now"
    return [f"{place}: error[ALI501]: {message}"]


def included(*patterns: str) -> str:
    return shops.PROJECT.rstrip() + f"\n      include: [{', '.join(map(repr, patterns))}]\n"


def with_moved(*moves: tuple[str, str]) -> str:
    entries = ", ".join(f"{{kind: Account, from: {old}, to: {new}}}" for old, new in moves)
    return shops.PROJECT.rstrip() + f"\n      moved: [{entries}]\n"


def test_a_hook_of_a_linked_worktree_asks_about_the_projects_directory(tmp_path: Path) -> None:
    main, linked = tmp_path / "main", tmp_path / "linked"
    shop(main / "shop")
    git(main, "init", "--quiet")
    commit(main)
    git(main, "worktree", "add", "--quiet", str(linked))
    write(linked, {"shop/account.yaml": FRENCH})
    hook = main / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nexec {sys.executable} -m aliconf -C shop validate --against HEAD\n",
    )
    hook.chmod(0o755)
    who = ("-c", "user.name=Test", "-c", "user.email=test@shop.example")
    ended = subprocess.run(
        ["git", *who, "commit", "--all", "--message", "France"],
        cwd=linked,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "shop/account.yaml:7:11: error[ALI501]" in ended.stdout + ended.stderr


def test_what_git_ignores_is_asked_of_the_projects_own_repository(
    committed: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    git(elsewhere, "init", "--quiet")
    write(committed, {".gitignore": "/local.yaml\n", "local.yaml": FRENCH})
    hooked = {"GIT_DIR": str(elsewhere / ".git"), "GIT_WORK_TREE": str(elsewhere)}
    ended = aliconf("validate", "--against", "HEAD", cwd=committed, environment=hooked)
    assert ended == Ended(0, "no findings in 5 documents\n", "")


def test_a_negated_set_in_an_include_finds_the_same_files_then(committed: Path) -> None:
    write(committed, {"aliconf.yaml": included("[!z]*.yaml")})
    commit(committed)
    write(committed, {"account.yaml": FRENCH})
    assert regions(against(committed)) == refused("account.yaml:7:11")


def test_an_included_file_may_have_any_extension(committed: Path) -> None:
    git(committed, "mv", "account.yaml", "account.conf")
    write(committed, {"aliconf.yaml": included("*.yaml", "*.conf")})
    commit(committed)
    write(committed, {"account.conf": FRENCH})
    assert regions(against(committed)) == refused("account.conf:7:11")


def test_a_file_may_be_a_link_into_the_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    shop(tmp_path / "shop", account=None)
    write(tmp_path, {"shared/account.txt": shops.ACCOUNT})
    (tmp_path / "shop" / "account.yaml").symlink_to("../shared/account.txt")
    commit(tmp_path)
    write(tmp_path, {"shared/account.txt": FRENCH})
    assert regions(against(tmp_path / "shop")) == refused("account.yaml:7:11")


def test_a_link_out_of_the_repository_is_not_followed_into_earlier_times(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"account.yaml": shops.ACCOUNT})
    root = shop(tmp_path / "shop", account=None)
    git(root, "init", "--quiet")
    (root / "account.yaml").symlink_to(outside / "account.yaml")
    commit(root)
    (root / "account.yaml").unlink()
    write(root, {"account.yaml": FRENCH})
    assert against(root) == Ended(0, "no findings in 5 documents\n", "")


def test_what_a_git_archive_leaves_out_counts(committed: Path) -> None:
    write(committed, {".gitattributes": "account.yaml export-ignore\n"})
    commit(committed)
    write(committed, {"account.yaml": FRENCH})
    assert regions(against(committed)) == refused("account.yaml:7:11")


def test_the_projects_directory_may_have_moved(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    shop(tmp_path / "shop")
    write(tmp_path, {"other/aliconf.yaml": shops.PROJECT.replace("name: shop", "name: other")})
    base = commit(tmp_path)
    git(tmp_path, "mv", "shop", "spain")
    write(tmp_path, {"spain/account.yaml": FRENCH})
    ended = against(tmp_path / "spain")
    assert regions(ended) == refused("account.yaml:7:11")
    assert f"before: ../shop/account.yaml@{base}:7:11" in ended.out


def test_a_copy_of_a_project_that_still_stands_is_a_new_one(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    shop(tmp_path / "shop")
    commit(tmp_path)
    shop(tmp_path / "copy", account=FRENCH)
    write(tmp_path, {"shop/notes.yaml": "a: b\n"})
    git(tmp_path, "add", "--all")
    assert regions(against(tmp_path / "copy")) == []


def test_a_moved_account_keeps_its_region(committed: Path) -> None:
    base = git(committed, "rev-parse", "--short=7", "HEAD").strip()
    french = FRENCH.replace("name: es", "name: spain")
    template = shops.TEMPLATE.replace("[es]", "[spain]")
    write(committed, {"account.yaml": french, "template.yaml": template})
    write(committed, {"aliconf.yaml": with_moved(("es", "spain"))})
    ended = against(committed)
    assert regions(ended) == refused("account.yaml:7:11")
    assert f"before: account.yaml@{base}:7:11" in ended.out


def test_moves_are_followed_from_name_to_name(committed: Path) -> None:
    french = FRENCH.replace("name: es", "name: iberia")
    template = shops.TEMPLATE.replace("[es]", "[iberia]")
    write(committed, {"account.yaml": french, "template.yaml": template})
    write(committed, {"aliconf.yaml": with_moved(("spain", "iberia"), ("es", "spain"))})
    assert regions(against(committed)) == refused("account.yaml:7:11")


def test_moves_in_a_circle_end(committed: Path) -> None:
    (committed / "account.yaml").unlink()
    write(committed, {"aliconf.yaml": with_moved(("es", "spain"), ("spain", "es"))})
    ended = against(committed)
    assert ended.code == 1
    assert "ALI219" in ended.out
    assert regions(ended) == []


INVENTORY = """
    apiVersion: aliconf/v1
    kind: InventoryPolicy
    metadata:
      name: markup
    spec:
      title: Stock
      default: true
"""


def test_a_deleted_policy_may_share_its_name_with_one_of_another_kind(committed: Path) -> None:
    write(committed, {"inventory.yaml": INVENTORY})
    commit(committed)
    (committed / "pricing.yaml").unlink()
    assert "ALI510" not in against(committed).out


def test_the_region_counts_of_a_document_that_was_wrong_elsewhere(committed: Path) -> None:
    untitled = shops.ACCOUNT.replace("      title: Shop ES\n", "")
    write(committed, {"account.yaml": untitled.replace("region: ES", "region: Spain")})
    base = commit(committed)
    write(committed, {"account.yaml": FRENCH})
    ended = against(committed)
    assert regions(ended) == refused("account.yaml:7:11")
    assert f"before: account.yaml@{base}:6:11" in ended.out
    write(committed, {"account.yaml": shops.ACCOUNT})
    assert against(committed).code == 0


def test_an_overlay_cannot_change_a_region_either_and_an_environment_that_is_new_may(
    committed: Path,
) -> None:
    overlay = """
        kind: Account
        metadata: {name: es}
        spec: {region: IT}
    """
    staging = """
      environments:
        staging:
          overlays: [overlays/*.yaml]
          connector: sqlite:///staging.db
    """.rstrip(" ")
    live = "        live: {overlays: [live/*.yaml]}\n"
    write(
        committed,
        {
            "aliconf.yaml": shops.PROJECT + staging.removeprefix("\n"),
            "overlays/es.yaml": overlay,
        },
    )
    before = commit(committed)
    write(
        committed,
        {
            "aliconf.yaml": shops.PROJECT + staging.removeprefix("\n") + live,
            "overlays/es.yaml": overlay.replace("IT", "FR"),
            "live/es.yaml": overlay.replace("IT", "BR"),
        },
    )
    ended = against(committed)
    refused = [line for line in ended.out.splitlines() if "ALI501" in line or "before" in line]
    assert refused == [
        "overlays/es.yaml:3:16: error[ALI501]: the region of an account never changes: IT before, "
        "FR now (environment staging)",
        f"    before: overlays/es.yaml@{before}:3:16",
    ]
    assert ended.out.endswith("\n1 error, 2 warnings in 5 documents\n")
