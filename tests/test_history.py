"""Who applied what and when, what was lifted, and the way back."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests import shops
from tests.command import Ended, aliconf, write
from tests.databases.places import Place
from tests.shops import policies, shop
from tests.teams import made, shop_at

DEAR = shops.PRICING.replace("12", "15")


def masked(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", text)
    text = re.sub(r"by \S+@\S+", "by <who>", text)
    text = re.sub(r"\br-[0-9a-f]{8}\b", "<run>", text)
    text = re.sub(r"sha256:[0-9a-f]{64}", "<digest>", text)
    return re.sub(r"\b[0-9a-f]{7}\b", "<commit>", text)


def git(root: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def committed(root: Path, subject: str) -> None:
    git(root, "add", ".")
    git(root, "commit", "-m", subject)


@pytest.fixture
def told(place: Place) -> Path:
    """A shop in git that was applied twice."""
    made(place)
    root = shop_at(place)
    (root / ".gitignore").write_text(".aliconf/\n")
    git(root, "init", "--quiet", "--initial-branch", "main")
    committed(root, "Begin")
    assert aliconf("apply", "--yes", cwd=root).code == 0
    write(root, {"pricing.yaml": DEAR})
    committed(root, "Raise prices")
    assert aliconf("apply", "--yes", cwd=root).code == 0
    return root


def test_history_lists_the_applies_the_last_one_first(told: Path) -> None:
    assert masked(aliconf("history", cwd=told).out) == (
        "   2  <time>  complete, 1 of 1\n"
        "      by <who>\n"
        "      commit <commit> of Tests <tests@shop.example>\n"
        "   1  <time>  complete, 9 of 9\n"
        "      by <who>\n"
        "      commit <commit> of Tests <tests@shop.example>\n"
    )
    assert aliconf("history", "--limit", "1", cwd=told).out.endswith(
        "1 earlier; --limit shows more.\n"
    )


def test_an_apply_is_shown_with_its_changes_and_the_way_back(told: Path) -> None:
    assert masked(aliconf("history", "show", "2", cwd=told).out) == (
        "   2  <time>  complete, 1 of 1\n"
        "      by <who>\n"
        "      commit <commit> of Tests <tests@shop.example>\n"
        "      run <run>\n"
        "      plan\n"
        "        <digest>\n"
        "\n"
        "update   PricingPolicy/markup\n"
        '         adjustments: [{"increaseByPercent": "12"}]\n'
        '           → [{"increaseByPercent": "15"}]\n'
        "\n"
        "The way back: revert what it brought, and apply that.\n"
        "  git revert <commit>\n"
        "  <commit> Raise prices\n"
    )


def test_the_way_back_leads_back(told: Path) -> None:
    shown = aliconf("history", "show", "2", cwd=told).out
    (commit,) = re.findall(r"git revert (\S+)", shown)
    git(told, "revert", "--no-edit", commit)
    assert aliconf("apply", "--yes", cwd=told).code == 0
    before, after = (
        json.loads(aliconf("history", "show", number, "--format", "json", cwd=told).out)
        for number in ("2", "3")
    )
    assert before["changes"][0]["before"] == after["changes"][0]["after"]
    assert before["changes"][0]["after"] == after["changes"][0]["before"]


def test_history_as_json_has_everything(told: Path) -> None:
    data = json.loads(aliconf("history", "--format", "json", cwd=told).out)
    assert (data["format"], data["version"]) == ("aliconf/history", 1)
    last, first = data["runs"]
    assert (first["number"], last["number"]) == (1, 2)
    assert last["commit"] != first["commit"]
    assert {key: last[key] for key in ("result", "intended", "done", "clean", "allowed")} == {
        "result": "complete",
        "intended": 1,
        "done": 1,
        "clean": True,
        "allowed": [],
    }


def test_files_that_differ_from_the_commit_are_told(told: Path) -> None:
    write(told, {"pricing.yaml": shops.PRICING.replace("12", "16")})
    aliconf("apply", "--yes", cwd=told)
    shown = " ".join(aliconf("history", cwd=told).out.split())
    assert ", with files that differed from it " in shown


def test_without_git_there_is_a_history_and_no_way_back(tmp_path: Path) -> None:
    assert aliconf("history", cwd=shop(tmp_path)).out == "Nothing was applied yet.\n"
    aliconf("apply", "--yes", cwd=tmp_path)
    assert aliconf("history", "show", "1", cwd=tmp_path).out.endswith(
        "The way back: this apply was not made from a git repository. To go back, remove\n"
        "the documents of what it created, and apply.\n"
    )


@pytest.mark.parametrize(
    ("depth", "fetch"),
    [
        (
            ["--depth", "1"],
            "Fetch the whole history of all branches: `git fetch --unshallow origin "
            "'+refs/heads/*:refs/remotes/origin/*'`; in CI `fetch-depth: 0` for GitHub's checkout, "
            "`GIT_DEPTH: 0` for GitLab.",
        ),
        ([], "Fetch all branches: `git fetch origin '+refs/heads/*:refs/remotes/origin/*'`."),
    ],
)
def test_a_commit_that_the_clone_does_not_have_is_said(
    depth: list[str], fetch: str, told: Path, tmp_path: Path
) -> None:
    commit = git(told, "rev-parse", "HEAD")
    clone = tmp_path / "clone"
    git(told, "checkout", "--quiet", "--orphan", "other")
    git(told, "commit", "--quiet", "-m", "Another beginning")
    git(told, "commit", "--quiet", "--allow-empty", "-m", "And on")
    git(told, "clone", "--quiet", "--single-branch", *depth, f"file://{told}", str(clone))
    store = told / ".aliconf"
    if store.exists():
        (clone / ".aliconf").symlink_to(store)
    shown = aliconf("history", "show", "2", cwd=clone).out
    way_back = " ".join(shown.partition("The way back")[2].split())
    assert way_back == (
        f": revert the commits up to {commit[:7]}, which this clone does not have. {fetch}"
    )


def test_a_number_that_there_is_not_is_wrong_usage(tmp_path: Path) -> None:
    aliconf("apply", "--yes", cwd=shop(tmp_path))
    ended = aliconf("history", "show", "2", cwd=tmp_path)
    assert (ended.code, ended.err.splitlines()[-1]) == (
        64,
        "Error: There is no apply 2: the project has one apply.",
    )


def many(root: Path) -> Path:
    """A shop of whose twelve policies eleven go: more than the guardrail lets through."""
    write(shop(root), policies(12))
    assert aliconf("apply", "--yes", cwd=root).code == 0
    for number in range(11):
        (root / f"p{number}.yaml").unlink()
    return root


def refused(ended: Ended) -> str:
    assert ended.code == 1
    return next(line for line in ended.err.splitlines() if "error[" in line)


def test_a_guardrail_is_lifted_one_by_one_with_a_reason_that_is_kept(tmp_path: Path) -> None:
    many(tmp_path)
    assert "ALI521" in refused(aliconf("apply", "--yes", cwd=tmp_path))
    one = ("apply", "--yes", "--allow", "ALI521=PricingPolicy", "--reason", "a clear-out")
    assert "ALI521" in refused(aliconf(*one, cwd=tmp_path))  # that of all objects still stands
    both = ("apply", "--yes", "--allow", "ALI521", "--reason", "a clear-out")
    assert aliconf(*both, cwd=tmp_path).code == 0
    assert "      allowed ALI521 PricingPolicy: a clear-out\n" in (
        aliconf("history", "show", "2", cwd=tmp_path).out
    )
    data = json.loads(aliconf("history", "--format", "json", cwd=tmp_path).out)
    assert data["runs"][0]["allowed"] == [
        {"code": "ALI521", "object": "all", "reason": "a clear-out"},
        {"code": "ALI521", "object": "PricingPolicy", "reason": "a clear-out"},
    ]


@pytest.mark.parametrize("allow", ["ALI520", "ALI521=Campaign"])
def test_what_lifts_nothing_is_refused(tmp_path: Path, allow: str) -> None:
    many(tmp_path)
    ended = aliconf("apply", "--yes", "--allow", allow, "--reason", "so", cwd=tmp_path)
    assert refused(ended) == (
        f"error[ALI538]: --allow {allow} lifts nothing: this plan has no such refusal"
    )
    assert "Plan: 11 to delete." in aliconf("plan", cwd=tmp_path).out


@pytest.mark.parametrize("code", ["ALI501", "ALI702", "ALI999"])
def test_what_can_never_be_lifted_is_wrong_usage_before_anything_is_read(
    tmp_path: Path, code: str
) -> None:
    ended = aliconf("apply", "--yes", "--allow", f"{code}=all", "--reason", "so", cwd=tmp_path)
    assert (ended.code, ended.out, ended.err.splitlines()[-1]) == (
        64,
        "",
        f"Error: Invalid value for '--allow': {code} cannot be lifted, only ALI520, ALI521, ALI537 "
        "can.",
    )


@pytest.mark.parametrize(
    "options", [("--allow", "ALI521"), ("--reason", "so"), ("--allow", "ALI521", "--reason", " ")]
)
def test_a_reason_and_an_allowance_need_each_other(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    ended = aliconf("apply", "--yes", *options, cwd=shop(tmp_path))
    assert (ended.code, ended.err.splitlines()[-1]) == (
        64,
        "Error: --allow needs a --reason, and --reason is for --allow.",
    )


def test_a_connector_of_another_environment_is_refused(tmp_path: Path) -> None:
    environments = """
      environments:
        staging:
          connector: sqlite:///staging.db
        production:
          connector: sqlite:///production.db
    """
    shop(tmp_path, aliconf=shops.PROJECT + environments)
    first = aliconf("apply", "-e", "production", "--yes", cwd=tmp_path)
    assert (first.code, "warning[ALI540]" in first.out) == (0, True)
    assert "ALI540" not in aliconf("plan", "-e", "production", cwd=tmp_path).out
    staging = "plan", "-e", "staging"
    new = "nothing was ever applied to this connector for the environment staging"
    assert new in aliconf(*staging, cwd=tmp_path).out
    assert aliconf("connector", "init", "-e", "staging", cwd=tmp_path).code == 0
    known = r"applied to the connector c-[0-9a-f]{8} for the environment staging: is it the one"
    assert re.search(known, aliconf(*staging, cwd=tmp_path).out)
    (tmp_path / "staging.db").unlink()
    (tmp_path / "production.db").rename(tmp_path / "staging.db")
    write(tmp_path, {"pricing.yaml": DEAR})
    assert "error[ALI537]: this connector was last applied for the environment production, and" in (
        refused(aliconf("apply", "-e", "staging", "--yes", cwd=tmp_path))
    )
    assert aliconf("plan", "-e", "staging", cwd=tmp_path).code == 1
    renamed = ("--allow", "ALI537", "--reason", "production was renamed")
    assert aliconf("apply", "-e", "staging", "--yes", *renamed, cwd=tmp_path).code == 0
    write(tmp_path, {"pricing.yaml": shops.PRICING})
    assert aliconf("apply", "-e", "staging", "--yes", cwd=tmp_path).code == 0
