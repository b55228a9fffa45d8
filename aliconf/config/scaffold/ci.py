"""What `init --ci` writes: files with what a forge runs on pull requests, main and at night."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files as resources
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from aliconf import __version__
from aliconf.config.configuration import Configuration
from aliconf.config.git import run
from aliconf.config.scaffold import gitlab
from aliconf.config.scaffold.files import ScaffoldFile, as_yaml

EXAMPLE: Final = "postgresql://shops_apply:${env:ALICONF_PASSWORD}@db.example.com/shops"
"""A connector that every machine reaches, for a project that has none yet."""

_TEMPLATES = resources("aliconf.config.scaffold") / "templates"
_PASSWORD: Final = re.compile(r":\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}@")
_USER: Final = re.compile(r"://([^:/@]+)[:@]")
_BRANCH: Final = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")
"""Without the signs that a workflow's filter takes for a pattern."""
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")
"""What stands as ``-`` in the name of a workflow and of its file."""
_PLACES: Final = {"github": ".github/workflows/{}.yml", "gitlab": ".gitlab/ci/{}.yml"}
"""Each project and environment has its own. GitHub runs every file there, GitLab those that its one
file takes in."""
_EXTRAS: Final = {"postgresql": "postgresql", "mariadb": "mariadb", "mysql": "mariadb"}
_FROM: Final = (
    "say in it where aliconf comes from: your own index, or "
    "`aliconf[{1}] @ git+https://HOST/PATH@COMMIT`; "
)
_LEFT: Final = {
    "github": _FROM + "on GitHub, set the secret ALICONF_PLAN_PASSWORD, and ALICONF_APPLY_PASSWORD "
    "in the environment {0}-apply, which only the branch that is applied may use",
    "gitlab": _FROM + "on GitLab, set ALICONF_PLAN_PASSWORD (with the environment scope {0}-plan), "
    "ALICONF_APPLY_PASSWORD (protected, with the scope {0}-apply) and ALICONF_TOKEN, and schedule "
    "a pipeline",
}
"""With the name of the workflow, and the extras of the package."""
EXISTS: Final = "Move it away, run this again, and bring the two together."
"""What to do where there is such a file already."""


class Pipeline(NamedTuple):
    """What the workflows are written for."""

    forge: str
    connector: str
    """The URL that is in force."""
    environment: str = ""
    encrypted: bool = False
    """Whether the connector keeps secrets, for which a package more is needed."""

    @property
    def shared(self) -> bool:
        """Whether it is a server's, whose password comes from a variable."""
        return _PASSWORD.search(self.connector) is not None


class Workflow(NamedTuple):
    files: Sequence[ScaffoldFile]
    """The project's own first; then GitLab's, where there is none."""
    left: Mapping[str, str]
    """What is left to do in files that are there, by their names."""


def pipeline_of(forge: str, configuration: Configuration) -> Pipeline:
    """What a project says, in the environment that was chosen. Its own document has to be sound."""
    settings = configuration.settings
    chosen = configuration.environment
    return Pipeline(
        forge,
        settings.connector,
        chosen.name if chosen else "",
        settings.encryption_key is not None,
    )


def workflow(pipeline: Pipeline, root: Path) -> Workflow:
    """The files for the project in a directory, named from there: at the top of the git repository
    around it, or in the directory itself where there is none yet."""
    root = root.resolve()
    top = _repository(root) or root
    below = root.relative_to(top)
    own = "-".join(["aliconf", *below.parts, *filter(None, [pipeline.environment])])
    own = _UNFIT.sub("-", own)
    values = {
        "NAME": own,
        "SHOWN": own.replace(".", "-"),
        "BRANCH": _default_branch(root),
        "DIRECTORY": as_yaml(below.as_posix()),
        **_values(pipeline),
    }
    text = (_TEMPLATES / f"{pipeline.forge}.yml").read_text("utf-8")
    text = re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], text)
    left = _LEFT[pipeline.forge].format(own, values["EXTRAS"])
    place = _PLACES[pipeline.forge].format(own)

    def named(name: str) -> str:
        return PurePosixPath(os.path.relpath(top / name, root)).as_posix()

    file = ScaffoldFile(named(place), text, left)
    if pipeline.forge != "gitlab":
        return Workflow([file], {})
    if not os.path.lexists(top / gitlab.ROOT):
        text = (_TEMPLATES / "gitlab-root.yml").read_text("utf-8")
        return Workflow([file, ScaffoldFile(named(gitlab.ROOT), text)], {})
    lacking = gitlab.left_in(top / gitlab.ROOT, place)
    return Workflow([file], {named(gitlab.ROOT): lacking} if lacking else {})


def _values(pipeline: Pipeline) -> dict[str, str]:
    """What a project and its connector say."""
    url = pipeline.connector if pipeline.shared else EXAMPLE
    extras = [_EXTRAS[url.partition(":")[0].partition("+")[0]]]
    extras += ["encryption"] * pipeline.encrypted
    password, user = _PASSWORD.search(url), _USER.search(url)
    assert password is not None
    return {
        "ENVIRONMENT": as_yaml(pipeline.environment),
        "PASSWORD": password[1],
        "PLAN_USER": as_yaml(_plan_user(user[1] if user else "")),
        "EXTRAS": ",".join(extras),
        "PACKAGE": f"aliconf[{','.join(extras)}]=={__version__}",
    }


def _plan_user(user: str) -> str:
    """``shops_plan`` for ``shops_apply``; another user is named the same, for people to change."""
    return re.sub(r"_apply$", "_plan", user)


def _default_branch(directory: Path) -> str:
    """The branch that a clone began with; else ``main`` or ``master``, if there is one; else that
    which is checked out. ``main`` where git cannot say."""
    there = next(path for path in (directory, *directory.parents) if path.is_dir())
    listed = ("refs/heads", "refs/remotes/origin")
    try:
        began = _lines(there, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
        known = _lines(there, "for-each-ref", "--format=%(refname:lstrip=-1)", *listed)
        current = _lines(there, "symbolic-ref", "--short", "HEAD")
    except OSError:  # no git
        return "main"
    usual = [name for name in ("main", "master") if name in known]
    branch = [*(name.removeprefix("origin/") for name in began), *usual, *current, "main"][0]
    return branch if _BRANCH.fullmatch(branch) else "main"


def _lines(directory: Path, *arguments: str) -> list[str]:
    """What git prints; nothing where it fails."""
    asked = run(directory, *arguments)
    return [] if asked.returncode else asked.stdout.decode(errors="replace").splitlines()


def _repository(directory: Path) -> Path | None:
    """The top of the git repository that a directory lies in."""
    return next((top for top in (directory, *directory.parents) if (top / ".git").exists()), None)
