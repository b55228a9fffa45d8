"""Which files make an apply differ from the commit that it was made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.command import aliconf, write
from tests.shops import PRICING, PROJECT, REGISTRATION
from tests.test_history import committed, git

MORE = PRICING.replace("name: markup", "name: more").replace("default: true", "default: false")
DEAR = PRICING.replace("12", "15")
ENVIRONMENTS = "  environments:\n    live: {overlays: [overlays/live/*.yaml]}\n"
OVERLAY = "kind: PricingPolicy\nmetadata: {name: markup}\nspec: {title: Live}\n"
COMPOSE = "services: {}\n"


def repository(root: Path) -> Path:
    """A project below the top of its repository, with an overlay and a file of something else."""
    write(
        root,
        {
            ".gitignore": ".aliconf/\nlocal/\n",
            "README.md": "A shop.\n",
            "shop/aliconf.yaml": f"{dedent(PROJECT)}{ENVIRONMENTS}"
            "  include: [policies/*.yaml, ../shared/*.yaml]\n",
            "shop/policies/pricing.yaml": PRICING,
            "shared/registration.yaml": REGISTRATION,
            "shop/overlays/live/prices.yaml": OVERLAY,
            "shop/compose.yaml": COMPOSE,
        },
    )
    git(root, "init", "--quiet", "--initial-branch", "main")
    committed(root, "Begin")
    return root / "shop"


def clean(project: Path) -> bool:
    ended = aliconf("apply", "--yes", "-e", "live", cwd=project)
    assert ended.code == 0, ended.out + ended.err
    shown = json.loads(aliconf("history", "-e", "live", "--format", "json", cwd=project).out)
    found: bool = shown["runs"][0]["clean"]
    return found


def plan_file(project: Path) -> None:
    assert aliconf("plan", "-e", "live", "--out", "plan.json", cwd=project).code == 0


def nested(project: Path) -> None:
    write(project, {"other/aliconf.yaml": PROJECT, "other/new.yaml": PRICING})


@pytest.mark.parametrize(
    "change",
    [
        plan_file,
        nested,
        lambda project: write(project, {"compose.yaml": "services: {web: {}}\n", "a.txt": "a"}),
        lambda project: (project / "compose.yaml").unlink(),
        lambda project: write(project.parent, {"README.md": "Another shop.\n"}),
        lambda project: write(project.parent, {"local/a.yaml": PRICING}),
    ],
)
def test_files_that_the_configuration_does_not_read_do_not_count(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    project = repository(tmp_path)
    change(project)
    assert clean(project)


@pytest.mark.parametrize(
    "change",
    [
        lambda project: write(project, {"policies/pricing.yaml": DEAR}),
        lambda project: (project / "policies" / "pricing.yaml").rename(
            project / "policies" / "prices.yaml"
        ),
        lambda project: write(project, {"policies/more.yaml": MORE}),
        lambda project: write(project, {"overlays/live/prices.yaml": OVERLAY + "\n"}),
        lambda project: write(
            project, {"overlays/live/more.yaml": OVERLAY.replace("title: Live", "minimum: 5")}
        ),
        lambda project: write(
            project, {"aliconf.yaml": (project / "aliconf.yaml").read_text() + "\n"}
        ),
        lambda project: write(project.parent, {"shared/registration.yaml": REGISTRATION + "\n"}),
        lambda project: write(project.parent, {"shared/more.yaml": MORE}),
    ],
)
def test_files_of_the_project_count(tmp_path: Path, change: Callable[[Path], object]) -> None:
    project = repository(tmp_path)
    change(project)
    assert not clean(project)


def test_a_document_that_is_gone_counts(tmp_path: Path) -> None:
    project = repository(tmp_path)
    write(project, {"policies/more.yaml": MORE})
    committed(tmp_path, "Add one")
    assert clean(project)
    (project / "policies" / "more.yaml").unlink()
    assert not clean(project)


def test_the_file_of_a_plan_does_not_make_its_apply_differ(tmp_path: Path) -> None:
    project = repository(tmp_path)
    plan_file(project)
    assert aliconf("apply", "-e", "live", "plan.json", cwd=project).code == 0
    told = aliconf("history", "-e", "live", cwd=project).out.splitlines()
    assert told[-1].startswith("      commit ")
    assert told[-1].endswith(" of Tests <tests@shop.example>")
