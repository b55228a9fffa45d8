"""The files of ``aliconf init --ci`` are what GitHub and GitLab take, and give away no more than they
have to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import check_jsonschema
import pytest
import yaml
from click.testing import CliRunner

from aliconf import __version__
from tests.command import aliconf, write
from tests.runners import INSTALL, jobs_of, read
from tests.shops import PROJECT

BIN = Path(sys.executable).parent
ENVIRONMENTS = """
      environments:
        production:
          connector: mariadb://shops_apply:${env:SHOPS_PASSWORD}@db.example.com/shops
"""
CASES = {
    "plain": ([], PROJECT),
    "environment": (["-e", "production"], PROJECT.rstrip() + ENVIRONMENTS),
}
PLACES = {"github": ".github/workflows/aliconf{}.yml", "gitlab": ".gitlab/ci/aliconf{}.yml"}
cases = pytest.mark.parametrize("case", CASES)


def made(forge: str, case: str, root: Path) -> Path:
    """The project's own file that ``init --ci`` writes beside a project of the case."""
    arguments, project = CASES[case]
    write(root, {"aliconf.yaml": project})
    ended = aliconf("init", "--ci", forge, *arguments, cwd=root)
    assert ended.code == 0, ended.err
    return root / PLACES[forge].format("-production" if case == "environment" else "")


def checked(*arguments: str) -> str:
    return CliRunner().invoke(check_jsonschema.main, arguments).output


@cases
def test_github_takes_its_workflow(case: str, tmp_path: Path) -> None:
    file = made("github", case, tmp_path)
    schema = ("--builtin-schema", "vendor.github-workflows")
    assert checked(*schema, str(file)) == "ok -- validation done\n"
    # Each job has a group of its own: an apply is never cancelled by the next.
    linted = subprocess.run(
        [BIN / "jactionlint", "--ignore", "concurrency-limits", str(file)],
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")


@cases
def test_gitlab_takes_its_pipeline(case: str, tmp_path: Path) -> None:
    file = made("gitlab", case, tmp_path)
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    for one in (file, tmp_path / ".gitlab-ci.yml"):
        assert checked(*schema, str(one)) == "ok -- validation done\n"


def scripts(forge: str, file: Path) -> dict[str, str]:
    """What bash is given, step by step or job by job."""
    if forge == "gitlab":
        return {
            f"{name} {part}": "\n".join(job[part])
            for name, job in jobs_of(read(file.read_text())).items()
            for part in ("before_script", "script", "after_script")
            if part in job
        }
    workflow = yaml.safe_load(file.read_text())
    return {
        f"{name} {step['name']}": step["run"]
        for name, job in workflow["jobs"].items()
        for step in job["steps"]
        if "run" in step
    }


@pytest.mark.parametrize("forge", ["github", "gitlab"])
@cases
def test_shellcheck_finds_nothing_in_the_steps(forge: str, case: str, tmp_path: Path) -> None:
    for name, script in scripts(forge, made(forge, case, tmp_path)).items():
        linted = subprocess.run(
            [BIN / "shellcheck", "--shell", "bash", "--severity", "warning", "-"],
            input=script,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (linted.returncode, linted.stdout) == (0, ""), name


def test_nothing_of_an_event_is_put_into_a_script(tmp_path: Path) -> None:
    """A branch or a title may be any text: it comes as a variable, or as YAML that bash never reads."""
    steps = scripts("github", made("github", "plain", tmp_path))
    assert [name for name, script in steps.items() if "${{" in script] == []


def test_jobs_have_the_least_rights_and_pinned_actions(tmp_path: Path) -> None:
    workflow = yaml.safe_load(made("github", "plain", tmp_path).read_text())
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "validate": {"contents": "read"},
        "plan": {"contents": "read", "pull-requests": "write"},
        "apply": {"contents": "read", "pull-requests": "read"},
        "drift": {"contents": "read"},
    }
    used = re.findall(r"uses: (.*)", (tmp_path / ".github/workflows/aliconf.yml").read_text())
    pinned = re.compile(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [one for one in used if not pinned.match(one)] == []


def test_one_apply_runs_at_a_time_and_none_is_cancelled(tmp_path: Path) -> None:
    workflow = yaml.safe_load(made("github", "plain", tmp_path).read_text())
    assert workflow["jobs"]["apply"]["concurrency"] == {
        "group": "${{ github.workflow }}-apply",
        "cancel-in-progress": False,
    }
    pipeline = read(made("gitlab", "plain", tmp_path).read_text())
    job: dict[str, Any] = jobs_of(pipeline)["aliconf:apply"]
    assert job["resource_group"] == "aliconf-apply"
    assert "interruptible" not in job


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_what_a_project_says_stands_at_the_top(forge: str, tmp_path: Path) -> None:
    text = made(forge, "environment", tmp_path).read_text()
    if forge == "github":
        values = yaml.safe_load(text)["env"]
    else:
        values = read(text)[".aliconf-production:base"]["variables"]
    assert {name: values[name] for name in list(values)[:4]} == {
        "ALICONF_PROJECT": ".",
        "ALICONF_ENVIRONMENT": "production",
        "ALICONF_PLAN_USER": "shops_plan",
        "ALICONF_PACKAGE": f"aliconf[mariadb]=={__version__}",
    }
    assert '"aliconf[mariadb] @ git+https://HOST/PATH@COMMIT".\n' in text
    assert set(re.findall(r"\w*PASSWORD", text)) == {
        "ALICONF_PLAN_PASSWORD",
        "ALICONF_APPLY_PASSWORD",
        "SHOPS_PASSWORD",
    }
    assert re.findall(r"@[A-Z_]+@", text) == []


def test_the_install_step_is_the_one_that_the_runner_knows(tmp_path: Path) -> None:
    """The runner of the tests leaves out this line and no other."""
    github = scripts("github", made("github", "plain", tmp_path))
    assert {run.strip() for name, run in github.items() if "Install" in name} == {INSTALL}
