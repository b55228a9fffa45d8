"""Runners for tests: each job of a generated workflow in a fresh clone, its own shell steps by bash.

What only a real runner can do is done here in its place, and listed: see ``USED`` and ``INSTALL``.
Expressions of the workflows are looked up by their text, so that one nobody knows fails the test.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.forges import PROJECT_ID, REPOSITORY, Forge, Request, git, merged

INSTALL: Final = 'python -m pip install --quiet "$ALICONF_PACKAGE"'
"""The one shell step that is not run: jobs find this environment's aliconf, and no index is asked."""
USED: Final = {
    "actions/checkout": "a clone of the depth that is asked for, at what the event is about",
    "actions/setup-python": "nothing: the Python of the tests comes first in PATH",
    "actions/upload-artifact": "a copy of the file beside the runs, if the file is there",
}
"""The steps of others' actions, and what is done in their place."""
SCOPES: Final = {
    "github": {"ALICONF_APPLY_PASSWORD": "{}-apply"},
    "gitlab": {"ALICONF_APPLY_PASSWORD": "{}-apply", "ALICONF_PLAN_PASSWORD": "{}-plan"},
}
"""The environments whose jobs alone are given a secret, by the workflow's name, as ``init`` says."""


@dataclass(frozen=True)
class Event:
    """What a pipeline runs for."""

    name: str
    """``pull_request``, ``push``, ``schedule`` or ``workflow_dispatch``, for both forges;
    ``merge_group`` of one request on GitHub."""
    request: Request | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    """``digest``, ``allow`` and ``reason``, of a run by hand."""
    fork: bool = False
    chosen: str = ""
    """The workflow that is run by hand, where there are several."""


@dataclass(frozen=True)
class Ran:
    code: int
    log: str
    report: str
    """GitHub's summary, and the text artifact of GitLab."""


@dataclass
class Runner:
    """Runs the pipelines of one repository, as main has them."""

    forge: Forge
    root: Path
    secrets: dict[str, str]
    """Each is given to the jobs of its environment alone: see ``SCOPES``."""
    runs: int = 0

    def run(self, event: Event) -> dict[str, Ran]:
        """Every job that the event has, by its name; those with other ways of starting have none.

        Where there are several workflows, theirs stands before it: ``aliconf-production:plan``.
        """
        self.runs += 1
        run = _github if self.forge.kind == "github" else _gitlab
        return dict(run(self, event))

    @property
    def kept(self) -> Path:
        """The plan that the last job which plans for a review has kept, if there was one."""
        return self.root / "aliconf-plan.json"

    def fresh(self, job: str) -> Path:
        directory = self.root / f"run-{self.runs}-{job.replace(':', '-')}"
        directory.mkdir()
        return directory

    def environment(self, directory: Path) -> dict[str, str]:
        """What a machine has before the forge says anything."""
        kept = {name: value for name, value in os.environ.items() if name.startswith("GIT_CONFIG")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**kept, "PATH": path, "HOME": str(directory), "CI": "true", "LANG": "C.UTF-8"}

    def token(self, **rights: str) -> str:
        token = secrets.token_hex(8)
        self.forge.tokens[token] = {name.replace("_", "-"): what for name, what in rights.items()}
        return token

    def files(self, pattern: str) -> dict[str, str]:
        """The files of main whose names fit, with their texts."""
        names = git(self.forge.bare, "ls-tree", "-r", "-z", "--name-only", "main").split("\0")
        fitting = [name for name in names if re.fullmatch(pattern, name)]
        return {name: git(self.forge.bare, "show", f"main:{name}") for name in fitting}

    def given(self, own: str, environment: str) -> dict[str, str]:
        """The secrets for a job of a workflow."""
        scopes = SCOPES[self.forge.kind]
        return {
            name: secret
            for name, secret in self.secrets.items()
            if name not in scopes or scopes[name].format(own) == environment
        }


def bash(command: list[str], directory: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        command,
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


# GitHub

Known = Mapping[str, Callable[[Any], Any]]
JOBS_IF: Final[Known] = {
    "github.event_name == 'pull_request' || github.event_name == 'merge_group'": (
        lambda event: event.name in ("pull_request", "merge_group")
    ),
    "github.event_name == 'pull_request' && "
    "github.event.pull_request.head.repo.full_name == github.repository": (
        lambda event: event.name == "pull_request" and not event.fork
    ),
    "github.event_name == 'push' || (github.event_name == 'workflow_dispatch' && "
    "inputs.digest != '' && github.ref_name == github.event.repository.default_branch)": (
        lambda event: event.name == "push" or bool(event.inputs.get("digest"))
    ),
    "github.event_name == 'schedule' || "
    "(github.event_name == 'workflow_dispatch' && inputs.digest == '')": (
        lambda event: (
            event.name == "schedule"
            or (event.name == "workflow_dispatch" and not event.inputs.get("digest"))
        )
    ),
}
STEPS_IF: Final[Known] = {
    "": lambda done: "failure" not in done.values(),
    "${{ !cancelled() && steps.plan.outcome != 'skipped' }}": lambda done: (
        done["plan"] != "skipped"
    ),
    "${{ failure() && (steps.reviewed.outcome == 'failure' || steps.apply.outcome == 'failure') }}": (
        lambda done: "failure" in (done["reviewed"], done["apply"])
    ),
}


def _github(runner: Runner, event: Event) -> Iterator[tuple[str, Ran]]:
    found = runner.files(r"\.github/workflows/[^/]*\.ya?ml")
    workflows = {workflow["name"]: workflow for workflow in map(yaml.safe_load, found.values())}
    assert len(workflows) == len(found), "two workflows of one name"
    for own, workflow in workflows.items():
        events = workflow[True]  # `on`, as YAML 1.1 reads it
        assert event.name in events, f"the workflow knows no {event.name}"
        if event.name == "workflow_dispatch" and len(workflows) > 1 and event.chosen != own:
            continue
        for name, job in workflow["jobs"].items():
            if JOBS_IF[job["if"]](event):
                shown = name if len(workflows) == 1 else f"{own}:{name}"
                yield shown, _github_job(runner, event, workflow, f"{own}:{name}", job)


def _github_job(runner: Runner, event: Event, workflow: Any, name: str, job: Any) -> Ran:
    directory = runner.fresh(name)
    checkout, temporary, summary = (directory / part for part in ("work", "temp", "summary.md"))
    temporary.mkdir()
    summary.touch()
    request = event.request
    given = runner.given(workflow["name"], job.get("environment", ""))
    known = {
        **{f"secrets.{name}": given.get(name, "") for name in runner.secrets},
        "runner.temp": str(temporary),
        "github.token": runner.token(**job["permissions"]),
        "github.event.merge_group.base_sha || format('origin/{0}', github.base_ref)": (
            git(runner.forge.bare, "rev-parse", "main")
            if event.name == "merge_group"
            else "origin/main"
        ),
        "github.event.number": str(request.number) if request else "",
        "github.event.pull_request.head.sha": _head(runner, request),
        **{f"inputs.{key}": event.inputs.get(key, "") for key in ("digest", "allow", "reason")},
    }

    def values(mapping: Mapping[str, Any] | None) -> dict[str, str]:
        def text(value: Any) -> str:
            return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], str(value))

        return {key: text(value) for key, value in (mapping or {}).items()}

    environment = {
        **runner.environment(directory),
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": runner.forge.url,
        "GITHUB_BASE_REF": "main" if event.name == "pull_request" else "",
        "GITHUB_EVENT_NAME": event.name,
        "GITHUB_REF_NAME": f"{request.number}/merge" if request else "main",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": str(runner.runs),
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_WORKFLOW": workflow["name"],
        "RUNNER_TEMP": str(temporary),
        **values(workflow["env"]),
        **values(job.get("env")),
    }
    done = {step["id"]: "skipped" for step in job["steps"] if "id" in step}
    log, code = "", 0
    for number, step in enumerate(job["steps"]):
        key = step.get("id", str(number))
        if not STEPS_IF[step.get("if", "")](done):
            continue
        done[key] = "success"
        if "uses" in step:
            action = step["uses"].partition("@")[0]
            assert action in USED
            if action == "actions/checkout":
                environment["GITHUB_SHA"] = _checkout(runner, event, checkout, step["with"])
            if action == "actions/upload-artifact":
                _keep(runner, Path(values(step["with"])["path"]))
            continue
        if step["run"].strip() == INSTALL:
            continue
        script = temporary / f"step-{number}.sh"
        script.write_text(step["run"])
        command = workflow["defaults"]["run"]["shell"].replace("{0}", str(script)).split()
        ended, printed = bash(command, checkout, {**environment, **values(step.get("env"))})
        script.unlink()
        log += printed
        if ended:
            done[key] = "failure"
            code = code or ended
    return Ran(code, log, summary.read_text())


def _keep(runner: Runner, file: Path) -> None:
    runner.kept.unlink(missing_ok=True)
    if file.exists():
        shutil.copy(file, runner.kept)


def _checkout(runner: Runner, event: Event, directory: Path, options: Mapping[str, Any]) -> str:
    """A pull request is checked out as its merge into main, as the forge has made it."""
    depth = [] if options.get("fetch-depth") == 0 else ["--depth", "1"]
    url = runner.forge.bare.as_uri()
    git(directory.parent, "clone", "--quiet", *depth, url, str(directory))
    if event.request:
        merge = merged(runner.forge.bare, event.request.branch, directory.parent / "merge")
        git(directory, "fetch", "--quiet", *depth, url, merge)
        git(directory, "checkout", "--quiet", "--detach", merge)
    return git(directory, "rev-parse", "HEAD")


def _head(runner: Runner, request: Request | None) -> str:
    return git(runner.forge.bare, "rev-parse", request.branch) if request else ""


# GitLab

RULES_IF: Final[Known] = {
    '$CI_PIPELINE_SOURCE == "merge_request_event" && '
    "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID": (
        lambda event: event.name == "pull_request" and not event.fork
    ),
    '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH': (
        lambda event: event.name == "push"
    ),
    '$CI_PIPELINE_SOURCE == "web" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $ALICONF_DIGEST': (
        lambda event: event.name == "workflow_dispatch" and bool(event.inputs.get("digest"))
    ),
    '$CI_PIPELINE_SOURCE == "schedule"': lambda event: event.name == "schedule",
    '$CI_PIPELINE_SOURCE == "web" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && '
    '$ALICONF_DIGEST == ""': (
        lambda event: event.name == "workflow_dispatch" and not event.inputs.get("digest")
    ),
}
CHOSEN: Final = ' && ($ALICONF_ONLY == "" || $ALICONF_ONLY == "{}")'
"""At the end of the rules for runs by hand, with the workflow's name."""
SOURCES: Final = {"pull_request": "merge_request_event", "workflow_dispatch": "web"}


class Reference(tuple[str, ...]):
    """``!reference [job, key]``"""


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_constructor(
    "!reference", lambda loader, node: Reference(loader.construct_sequence(node))
)


def read(text: str) -> Any:
    """GitLab's YAML."""
    return _Loader(text).get_single_data()


def whole(runner: Runner) -> dict[str, Any]:
    """The pipeline of a repository: its one file, and those of the repository that this takes in."""
    (root,) = runner.files(r"\.gitlab-ci\.yml").values()
    pipeline: dict[str, Any] = read(root)
    for one in pipeline.pop("include"):
        # As GitLab's documentation has it: `*` is a part of a name.
        pattern = re.escape(one["local"].removeprefix("/")).replace(r"\*", "[^/]*")
        for text in runner.files(pattern).values():
            part = read(text)
            everywhere = part.pop("variables")
            assert pipeline.setdefault("variables", everywhere) == everywhere
            assert not pipeline.keys() & part.keys()
            pipeline |= part
    return pipeline


def jobs_of(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The jobs of a GitLab pipeline, with ``extends`` and ``!reference`` resolved."""

    def flat(items: list[Any]) -> Iterator[str]:
        for item in items:
            if isinstance(item, Reference):
                name, key = item
                yield from flat(whole[name][key])
            else:
                yield item

    def resolved(name: str) -> dict[str, Any]:
        own = whole[name]
        above = own.get("extends", [])
        job: dict[str, Any] = {}
        for part in [above] if isinstance(above, str) else above:
            more = resolved(part)
            job = {**job, **more, "variables": variables(job) | variables(more)}
        scripts = {key: list(flat(own[key])) for key in ("before_script", "script") if key in own}
        return {**job, **own, **scripts, "variables": variables(job) | variables(own)}

    return {name: resolved(name) for name in whole if re.fullmatch(r"aliconf[^:]*:[a-z]+", name)}


def variables(part: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(value["value"] if isinstance(value, dict) else value)
        for name, value in part.get("variables", {}).items()
    }


def _gitlab(runner: Runner, event: Event) -> Iterator[tuple[str, Ran]]:
    pipeline = whole(runner)
    jobs = jobs_of(pipeline)
    several = len({name.partition(":")[0] for name in jobs}) > 1
    for name, job in jobs.items():
        own, _, short = name.partition(":")
        by_hand = event.chosen in ("", own)
        if any(
            RULES_IF[rule["if"].removesuffix(CHOSEN.format(own))](event)
            and (by_hand or not rule["if"].endswith(CHOSEN.format(own)))
            for rule in job["rules"]
        ):
            everywhere = variables(pipeline)
            yield name if several else short, _gitlab_job(runner, event, everywhere, name, job)


def _gitlab_job(
    runner: Runner, event: Event, everywhere: Mapping[str, str], name: str, job: Any
) -> Ran:
    directory = runner.fresh(name)
    checkout = directory / "work"
    request = event.request
    commit = _head(runner, request) or git(runner.forge.bare, "rev-parse", "main")
    # With GIT_DEPTH 0 the whole history, but only of what the pipeline is for.
    assert job["variables"]["GIT_DEPTH"] == "0"
    git(directory, "init", "--quiet", str(checkout))
    git(checkout, "remote", "add", "origin", runner.forge.bare.as_uri())
    git(checkout, "fetch", "--quiet", "origin", commit)
    git(checkout, "checkout", "--quiet", "--detach", commit)
    environment = {
        **runner.environment(directory),
        **everywhere,
        **job["variables"],
        "GITLAB_CI": "true",
        "CI_API_V4_URL": runner.forge.url,
        "CI_COMMIT_SHA": commit,
        "CI_COMMIT_SHORT_SHA": commit[:8],
        "CI_DEFAULT_BRANCH": "main",
        "CI_JOB_URL": f"https://gitlab.example/{REPOSITORY}/-/jobs/{runner.runs}",
        "CI_PIPELINE_SOURCE": SOURCES.get(event.name, event.name),
        "CI_PROJECT_DIR": str(checkout),
        "CI_PROJECT_ID": str(PROJECT_ID),
        **(
            {
                "CI_MERGE_REQUEST_IID": str(request.number),
                "CI_MERGE_REQUEST_PROJECT_ID": str(PROJECT_ID),
                "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": str(PROJECT_ID),
                "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            }
            if request
            else {"CI_COMMIT_BRANCH": "main"}
        ),
        **runner.given(name.partition(":")[0], _environment(job)),
        "ALICONF_TOKEN": runner.token(pull_requests="write"),
        **{f"ALICONF_{key.upper()}": value for key, value in event.inputs.items()},
        "ALICONF_ONLY": event.chosen,
        "ALICONF_FILES": str(directory / "files"),
    }
    lines = [line for line in [*job["before_script"], *job["script"]] if line != INSTALL]
    code, log = _script(lines, checkout, environment)
    if "after_script" in job:
        environment["CI_JOB_STATUS"] = "failed" if code else "success"
        log += _script(job["after_script"], checkout, environment)[1]
    report = checkout / "aliconf-drift.txt"
    for path in _artifacts(job):
        if path == runner.kept.name:
            _keep(runner, checkout / path)
        else:
            assert (checkout / path).is_file(), path
    return Ran(code, log, report.read_text() if report.exists() else "")


def _environment(job: Any) -> str:
    environment = job.get("environment", "")
    return str(environment["name"] if isinstance(environment, dict) else environment)


def _script(lines: list[str], directory: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """The lines of a job run in one shell, as GitLab's runner does."""
    script = directory.parent / "script.sh"
    script.write_text("\n".join(["set -eo pipefail", *lines, ""]))
    return bash(["bash", str(script)], directory, environment)


def _artifacts(job: Any) -> Iterator[str]:
    artifacts = job.get("artifacts", {})
    yield from artifacts.get("paths", [])
    yield from artifacts.get("reports", {}).values()
