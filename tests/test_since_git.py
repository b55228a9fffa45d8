"""``plan --since`` in the shapes that a repository takes, and without one to compare with."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path
from textwrap import dedent

import pytest

from tests import shops, vaults
from tests.command import aliconf, write
from tests.databases.places import Place
from tests.shops import shop
from tests.test_against import commit, git
from tests.test_drift import applied_shop
from tests.test_drift import by_hand as by_hand_there
from tests.test_since import (
    MORE,
    STOCK,
    branch,
    by_hand,
    causes,
    edit,
    first,
    head,
    inventory,
    merged,
    plan,
    renamed,
    root,
)

__all__ = ["first", "root"]
WHOLE = (
    "  → Fetch the whole history of all branches: `git fetch --unshallow origin\n"
    "    '+refs/heads/*:refs/remotes/origin/*'`; in CI `fetch-depth: 0` for GitHub's\n"
    "    checkout, `GIT_DEPTH: 0` for GitLab."
)


# The ref has moved on


def test_what_was_merged_since_and_applied_is_not_taken_back_unseen(root: Path) -> None:
    base = head(root)
    branch(root)
    edit(root, "pricing.yaml", "12", "15")
    commit(root)
    git(root, "checkout", "--quiet", "main")
    write(root, {"more.yaml": MORE})
    edit(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    (root / "images.yaml").unlink()
    commit(root)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    git(root, "checkout", "--quiet", "feature")
    assert causes(root) == {
        "create ImagePolicy/big": "behind",
        "delete InventoryPolicy/more": "behind",
        "update InventoryPolicy/stock": "behind",
        "update PricingPolicy/markup": "branch",
    }
    lines = plan(root).out.splitlines()
    assert lines[2] == '+ ImagePolicy/big "Big images"  ! not from this branch: it is behind'
    assert [line for line in lines if "ALI536" in line] == [
        f"warning[ALI536]: main has moved on since {base}, where this branch begins: applying "
        "this plan would take back ImagePolicy/big, InventoryPolicy/stock, InventoryPolicy/more"
    ]
    assert lines[-4:-1][-2:] == [
        f"Since main ({base}): 1 of 4 changes comes from this branch; 3 are what main has",
        "  and this branch lacks.",
    ]
    git(root, "merge", "--quiet", "main")
    assert causes(root) == {"update PricingPolicy/markup": "branch"}


def test_what_waited_before_the_branch_began_and_drift_are_no_lag(root: Path) -> None:
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    branch(root)
    git(root, "checkout", "--quiet", "main")
    merged(root, "pricing.yaml", "12", "15")
    assert causes(root, ref="feature") == {
        "update InventoryPolicy/stock": "unapplied",
        "update PricingPolicy/markup": "branch",
    }
    merged(root, "stock.yaml", "safetyStock: 5", "safetyStock: 9")
    git(root, "checkout", "--quiet", "feature")
    by_hand(root, "UPDATE policy SET body = json_set(body, '$.maxImages', 6) WHERE name = 'big'")
    assert causes(root) == {
        "update ImagePolicy/big": "drift",
        "update InventoryPolicy/stock": "unapplied",
    }


def test_every_part_of_an_object_can_lag_behind(root: Path) -> None:
    labelled = "name: stock\n  labels: {team: a}\nlifecycle: {protect: true}"
    merged(root, "stock.yaml", "name: stock", labelled)
    merged(root, "stock.yaml", "title: Stock", "title: Stock\n  default: true")
    branch(root)
    git(root, "checkout", "--quiet", "main")
    merged(root, "stock.yaml", "labels: {team: a}\nlifecycle: {protect: true}", "labels: {}")
    merged(root, "stock.yaml", "  default: true\n", "")
    git(root, "checkout", "--quiet", "feature")
    assert causes(root) == {"update InventoryPolicy/stock": "behind"}
    git(root, "checkout", "--quiet", "main")
    move = renamed(root)
    commit(root)
    git(root, "checkout", "--quiet", "-B", "feature")
    git(root, "checkout", "--quiet", "main")
    git(root, "revert", "--no-edit", "HEAD")
    git(root, "checkout", "--quiet", "feature")
    assert causes(root) == {move: "behind"}


# What is checked out


def test_the_merge_of_a_pull_request_is_compared_with_what_it_merges_into(root: Path) -> None:
    branch(root)
    edit(root, "pricing.yaml", "12", "15")
    commit(root)
    git(root, "checkout", "--quiet", "main")
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    git(root, "checkout", "--quiet", "--detach")
    git(root, "merge", "--quiet", "--no-ff", "feature")
    git(root, "update-ref", "refs/pull/1/merge", "HEAD")
    expected = {
        "update InventoryPolicy/stock": "unapplied",
        "update PricingPolicy/markup": "branch",
    }
    assert causes(root) == expected
    assert causes(root, ref="HEAD^1") == expected


def test_a_shallow_clone_with_the_merge_and_its_parents_is_enough(
    root: Path, tmp_path: Path
) -> None:
    branch(root)
    edit(root, "pricing.yaml", "12", "15")
    commit(root)
    git(root, "checkout", "--quiet", "main")
    git(root, "merge", "--quiet", "--no-ff", "feature")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=2", root.as_uri(), str(clone))
    shutil.copytree(root / ".aliconf", clone / ".aliconf")
    assert causes(clone, ref="HEAD^1") == {"update PricingPolicy/markup": "branch"}


def test_a_file_that_the_branch_renames_is_no_change(root: Path) -> None:
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    branch(root)
    (root / "inventory").mkdir()
    git(root, "mv", "stock.yaml", "inventory/shelf.yaml")
    commit(root)
    assert causes(root) == {"update InventoryPolicy/stock": "unapplied"}


def test_other_line_ends_and_comments_are_no_change(root: Path) -> None:
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    branch(root)
    text = (root / "stock.yaml").read_text(encoding="utf-8")
    (root / "stock.yaml").write_bytes(f"# Stock\n{text}".replace("\n", "\r\n").encode())
    commit(root)
    assert causes(root) == {"update InventoryPolicy/stock": "unapplied"}


def test_a_project_in_a_subdirectory_is_compared_with_itself(root: Path, tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "shops" / "spain"
    shutil.copytree(root, inner, ignore=shutil.ignore_patterns(".git"))
    top = tmp_path / "repository"
    git(top, "init", "--quiet")
    commit(top)
    edit(inner, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    commit(top)
    branch(top)
    edit(inner, "pricing.yaml", "12", "15")
    commit(top)
    assert causes(inner) == {
        "update InventoryPolicy/stock": "unapplied",
        "update PricingPolicy/markup": "branch",
    }
    (top / "shops").rename(top / "all")
    git(top, "add", "--all")
    assert causes(top / "all" / "spain") == {
        "update InventoryPolicy/stock": "unapplied",
        "update PricingPolicy/markup": "branch",
    }


def test_of_a_project_that_was_not_there_everything_is_the_branchs(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, {"README.md": "Shops.\n"})
    commit(tmp_path)
    branch(tmp_path)
    shop(tmp_path / "spain")
    commit(tmp_path)
    found = causes(tmp_path / "spain")
    assert len(found) == 9
    assert set(found.values()) == {"branch"}


def test_before_the_first_commit_everything_is_the_branchs(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    lines = plan(shop(tmp_path), ref="HEAD").out.splitlines()
    assert lines[-2] == "Since HEAD: all 9 changes come from this branch."


def test_documents_outside_of_the_repository_are_in_no_branch(tmp_path: Path) -> None:
    project = dedent(shops.PROJECT).strip() + "\n  include: ['*.yaml', '../shared/*.yaml']\n"
    write(tmp_path, {"shared/stock.yaml": STOCK})
    root = shop(tmp_path / "shop", account=None, template=None)
    write(root, {"aliconf.yaml": project})
    git(root, "init", "--quiet")
    commit(root)
    branch(root)
    edit(root, "pricing.yaml", "12", "15")
    assert causes(root) == {
        "create InventoryPolicy/stock": "unapplied",
        "create PricingPolicy/markup": "branch",
        "create PricingPolicy/markup title": "unapplied",
        "create PricingPolicy/markup default": "unapplied",
        "create Registration/main": "unapplied",
    }


def with_module(tmp_path: Path) -> tuple[Path, Path]:
    """A project whose inventory policy is in a submodule, and that submodule's own repository."""
    shared = write(tmp_path / "shared", {"stock.yaml": STOCK})
    git(shared, "init", "--quiet")
    commit(shared)
    root = shop(tmp_path / "shop", account=None, template=None)
    git(root, "init", "--quiet")
    allowed = ("-c", "protocol.file.allow=always")
    git(root, *allowed, "submodule", "--quiet", "add", shared.as_uri(), "shared")
    commit(root)
    branch(root)
    return root, root / "shared"


def test_the_documents_of_a_submodule_are_the_same_as_long_as_it_is(tmp_path: Path) -> None:
    root, shared = with_module(tmp_path)
    edit(root, "pricing.yaml", "12", "15")
    expected = {
        "create InventoryPolicy/stock": "unapplied",
        "create PricingPolicy/markup": "branch",
        "create PricingPolicy/markup title": "unapplied",
        "create PricingPolicy/markup default": "unapplied",
        "create Registration/main": "unapplied",
    }
    assert causes(root) == expected
    edit(shared, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    commit(shared)
    assert causes(root) == expected | {"create InventoryPolicy/stock": None}
    (line,) = (line for line in plan(root).out.splitlines() if "ALI539" in line)
    assert line.endswith(
        "have errors (ALI931: the submodule shared was at another commit, which is not read)"
    )


# Secrets


def test_a_secret_with_another_value_is_in_no_commit(tmp_path: Path) -> None:
    root = tmp_path
    git(root, "init", "--quiet")
    write(root, {".gitignore": ".aliconf/\n"})
    shop(root, account=vaults.ACCOUNT)
    commit(root)
    assert aliconf("apply", "--yes", cwd=root, environment=vaults.VALUES).code == 0
    edit(root, "aliconf.yaml", "spec:", "spec:\n  encryptionKey: ${env:ALICONF_KEY}")

    def told(**values: str) -> set[tuple[str, str]]:
        options = ("plan", "--since", "main", "--format", "json")
        environment = {**vaults.VALUES, **values}
        changes = json.loads(aliconf(*options, cwd=root, environment=environment).out)["changes"]
        fields = [field for change in changes for field in change["fields"]]
        return {(field["old"], field["cause"]) for field in fields}

    git(root, "branch", "--move", "main")
    assert told() == {("(not stored)", "branch")}
    commit(root)
    assert told() == {("(not stored)", "unapplied")}
    assert aliconf("apply", "--yes", cwd=root, environment=vaults.VALUES).code == 0
    assert told(APP_KEY="another") == {("(stored value)", "unapplied")}
    by_hand(root, "UPDATE aliconf_secret SET ciphertext = 'v1:AAAA'")
    assert told() == {("(damaged value)", "drift")}
    edit(root, "account.yaml", "${env:APP_KEY}", "${env:APP_SECRET}")
    assert told() == {("${env:APP_KEY}", "branch"), ("(damaged value)", "drift")}


# Servers


def test_every_database_tells_the_same(place: Place) -> None:
    root = applied_shop(place)
    git(root, "init", "--quiet")
    write(root, {".gitignore": ".aliconf/\n"})
    merged(root, "account.yaml", "title: Shop ES", "title: Shop Spain")
    branch(root)
    edit(root, "template.yaml", "title: Everything", "title: All")
    by_hand_there(place)
    assert causes(root, ref="HEAD") == {
        "adopt Account/es": "drift",
        "adopt Account/es title": "unapplied",
        "create ListingTemplate/everything": "branch",
        "create ListingTemplate/everything accounts": "drift",
        "create ListingTemplate/everything categoryId": "drift",
        "create ListingTemplate/everything query.all": "drift",
        "release ImagePolicy/default": "drift",
        "update PricingPolicy/markup": "drift",
    }


# Environments

ENVIRONMENTS = """\
  environments:
    staging:
      connector: sqlite:///staging.db
    production:
      overlays: [production/*.yaml]
"""
OVERLAY = """\
kind: InventoryPolicy
metadata:
  name: stock
spec:
  safetyStock: {}
"""


@pytest.fixture
def environments(tmp_path: Path) -> Path:
    """A shop with environments, committed, and applied for production."""
    git(tmp_path, "init", "--quiet")
    shop(tmp_path, stock=STOCK)
    write(tmp_path, {".gitignore": ".aliconf/\n", "production/stock.yaml": OVERLAY.format(4)})
    write(tmp_path, {"aliconf.yaml": dedent(shops.PROJECT).strip() + f"\n{ENVIRONMENTS}"})
    commit(tmp_path)
    assert aliconf("apply", "-e", "production", "--yes", cwd=tmp_path).code == 0
    return tmp_path


def test_an_environment_is_compared_with_itself(environments: Path) -> None:
    root = environments
    edit(root, "production/stock.yaml", "4", "5")
    changed = "update InventoryPolicy/stock"
    assert causes(root, "-e", "production") == {changed: "branch"}
    commit(root)
    branch(root)
    assert causes(root, "-e", "production") == {changed: "unapplied"}
    edit(root, "stock.yaml", "safetyStock: 1", "safetyStock: 7")  # what production overrides
    assert causes(root, "-e", "production") == {changed: "unapplied"}
    edit(root, "stock.yaml", "title: Stock", "title: Shelf")
    assert causes(root, "-e", "production") == {
        changed: "branch",
        f"{changed} safetyStock": "unapplied",
    }


def test_of_a_new_environment_everything_is_the_branchs(environments: Path) -> None:
    root = environments
    branch(root)
    live = "    live: {connector: 'sqlite:///live.db'}\n    production:\n"
    edit(root, "aliconf.yaml", "    production:\n", live)
    found = causes(root, "-e", "live")
    assert len(found) == 10
    assert set(found.values()) == {"branch"}


# Broken documents of then


def broken(root: Path, file: str, old: str, new: str) -> str:
    """Break a file on main, branch off, and repair it there. Returns the merge base."""
    merged(root, file, old, new)
    base = head(root)
    branch(root)
    edit(root, file, new, old)
    return base


def test_what_a_broken_document_wanted_cannot_be_told(root: Path) -> None:
    base = broken(root, "stock.yaml", "safetyStock: 1", "safetyStock: many")
    edit(root, "stock.yaml", "title: Stock", "title: Shelf")
    edit(root, "pricing.yaml", "12", "15")
    assert causes(root) == {
        "update InventoryPolicy/stock": None,
        "update PricingPolicy/markup": "branch",
    }
    assert plan(root).out == dedent(f"""\
        shop → .aliconf/connector.db (c-7f31a2b4)

        ~ InventoryPolicy/stock "Shelf"  ! perhaps not from this branch
              title: Stock → Shelf                                       stock.yaml:6:10
        ~ PricingPolicy/markup "Markup"
              adjustments[0].increaseByPercent: 12 → 15                pricing.yaml:9:26
              used by 1: ListingTemplate/everything (default)

        stock.yaml@{base}:7:16: warning[ALI539]: whether InventoryPolicy/stock comes from this branch cannot be told: the documents of {base} have errors (ALI114: safetyStock: expected a whole number, found a text)
         7 |   safetyStock: many
           |                ^^^^
          → Correct them in main, merge it into this branch, and plan again.

        Not touched: 4 unchanged (--full lists them); 5 unmanaged (--unmanaged lists
          them); the region of every account (1).
        Takes effect: when applied; with the next synchronization of prices (the
          connector's own rhythm, SynchronizationPolicy/default).
        Undo: `git revert` the commits, then plan and apply.
        Since main ({base}): 1 of 2 changes comes from this branch; of 1 it cannot be
          told.
        Plan: 2 to update. 1 warning.
    """)


def test_a_file_that_cannot_be_read_may_have_declared_anything_that_is_missing(
    root: Path,
) -> None:
    broken(root, "stock.yaml", "spec:", "spec: [")
    write(root, {"more.yaml": MORE})
    edit(root, "pricing.yaml", "12", "15")
    assert causes(root) == {
        "create InventoryPolicy/more": None,
        "update PricingPolicy/markup": "branch",
    }


def test_what_is_based_on_a_broken_document_cannot_be_told_either(root: Path) -> None:
    write(root, {"based.yaml": inventory("based", "Based", "basedOn: stock")})
    commit(root)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    broken(root, "stock.yaml", "safetyStock: 1", "safetyStock: many")
    edit(root, "based.yaml", "title: Based", "title: Base")
    assert causes(root) == {"update InventoryPolicy/based": None}


def test_a_broken_project_or_overlay_leaves_everything_open(environments: Path) -> None:
    root = environments
    broken(root, "production/stock.yaml", "spec:", "spec: [")
    edit(root, "pricing.yaml", "12", "15")
    assert causes(root, "-e", "production") == {"update PricingPolicy/markup": None}
    git(root, "commit", "--quiet", "--all", "--message", "Repaired")
    git(root, "checkout", "--quiet", "-B", "main")
    git(root, "branch", "--quiet", "-D", "feature")
    broken(root, "aliconf.yaml", "kind: Project", "kind: Projekt")
    assert causes(root, "-e", "production") == {"update PricingPolicy/markup": None}


def test_a_ref_that_is_broken_by_now_says_so(root: Path) -> None:
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 5")
    branch(root)
    git(root, "checkout", "--quiet", "main")
    merged(root, "stock.yaml", "safetyStock: 5", "safetyStock: many")
    tip = head(root)
    git(root, "checkout", "--quiet", "feature")
    assert causes(root) == {"update InventoryPolicy/stock": None}
    assert f"the documents of {tip} have errors" in plan(root).out


# Nothing to compare with


def refused(root: Path, ref: str = "main") -> str:
    ended = plan(root, ref=ref)
    assert (ended.code, ended.out) == (1, "")
    return ended.err


def test_no_repository_is_refused(tmp_path: Path) -> None:
    assert refused(shop(tmp_path)) == (
        f"error[ALI930]: {tmp_path} is in no git repository, and --since compares with one\n"
        "  → Run `git init` and commit, or leave --since out.\n"
    )


def test_a_worktree_without_its_repository_says_where_that_should_be(root: Path) -> None:
    git(root, "worktree", "add", "--quiet", "--detach", "../tree")
    root.rename(root.parent / "moved")
    tree = root.parent / "tree"
    assert refused(tree).replace("\n    ", " ").replace("\n", " ") == (
        f"error[ALI930]: the git repository of {tree} is {root}/.git/worktrees/tree, which is "
        "not here   → In a container, mount that directory too, at the same path, or mount a "
        "clone. "
    )


def test_a_machine_without_git_is_refused(root: Path) -> None:
    ended = aliconf("plan", "--since", "main", cwd=root, environment={"PATH": ""})
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "error[ALI930]: git cannot be run, and --since needs it\n"
        "  → Install git, or leave it out.\n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a directory to somebody else")
def test_a_repository_of_somebody_else_says_what_git_wants(root: Path) -> None:
    for path in (root, root / ".git"):
        os.chown(path, 12345, 12345)
    assert refused(root) == (
        f"error[ALI930]: git does not trust the repository around {root}: it belongs to another "
        "user\n"
        "  → If you do: `git config --global --add safe.directory DIRECTORY`, with the\n"
        "    repository's directory.\n"
    )


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", "", "HEAD:stock.yaml"])
def test_an_unknown_ref_is_refused(root: Path, ref: str) -> None:
    assert refused(root, ref) == (
        f"error[ALI931]: git knows no commit {ref!r}\n"
        "  → Fetch all branches: `git fetch origin\n"
        "    '+refs/heads/*:refs/remotes/origin/*'`. Then compare with origin/BRANCH.\n"
    )


def clone(root: Path, *options: str) -> Path:
    """A shallow clone of a branch that left main two commits ago."""
    branch(root)
    for value in (2, 3):
        merged(root, "stock.yaml", f"safetyStock: {value - 1}", f"safetyStock: {value}")
    made = root.parent / "clone"
    git(root, "clone", "--quiet", "--depth=1", *options, root.as_uri(), str(made))
    return made


def test_a_shallow_clone_without_the_ref_says_which_depth_is_needed(root: Path) -> None:
    assert refused(clone(root), "origin/main") == (
        "error[ALI931]: git knows no commit 'origin/main': this clone is shallow\n"
        + WHOLE
        + " Then compare with origin/BRANCH.\n"
    )


@pytest.mark.parametrize("options", [["--depth=1"], ["--single-branch"]], ids=" ".join)
def test_the_fetch_that_is_advised_is_enough(root: Path, options: list[str]) -> None:
    branch(root)
    merged(root, "stock.yaml", "safetyStock: 1", "safetyStock: 2")
    one = root.parent / "one"
    git(root, "clone", "--quiet", *options, root.as_uri(), str(one))
    advice = " ".join(refused(one, "origin/main").split())
    (command,) = re.findall(r"`git (fetch .*?)`", advice)
    git(one, *shlex.split(command))
    ended = aliconf("validate", "--against", "origin/main", cwd=one)
    assert (ended.code, ended.err) == (0, "")


def test_a_shallow_clone_without_the_merge_base_says_which_depth_is_needed(root: Path) -> None:
    git(root, "commit", "--quiet", "--allow-empty", "--message", "Main goes on")
    branch_of = clone(root, "--no-single-branch")
    assert refused(branch_of, "origin/main") == (
        "error[ALI931]: origin/main and HEAD have no commit in common: this clone is shallow\n"
        + WHOLE
        + "\n"
    )


def test_histories_without_a_common_commit_are_refused(root: Path) -> None:
    git(root, "checkout", "--quiet", "--orphan", "other")
    commit(root)
    assert refused(root) == (
        "error[ALI931]: main and HEAD have no commit in common\n"
        "  → Compare with a branch of the same history.\n"
    )


def test_the_refusal_goes_to_every_report(tmp_path: Path) -> None:
    ended = plan(shop(tmp_path), "--format", "json", "--also", "markdown=plan.md")
    assert '"code": "ALI930"' in ended.out
    assert "ALI930" in (tmp_path / "plan.md").read_text(encoding="utf-8")
