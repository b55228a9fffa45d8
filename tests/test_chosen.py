"""What the project's ``rules`` choose: severities, and what is ignored where and until when."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import aliconf, write
from tests.shops import PRICING, shop

UNUSED = PRICING.replace("default: true", "default: false")
RULES = """
    apiVersion: aliconf/v1
    kind: Project
    metadata:
      name: shop
    spec:
      rules: %s
"""


def summary(root: Path, rules: str) -> str:
    write(root, {"aliconf.yaml": RULES % rules})
    return aliconf("validate", cwd=root).out.splitlines()[-1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A shop with one finding: nothing uses its pricing policy, which is a warning."""
    return shop(tmp_path, pricing=UNUSED)


def test_a_severity_can_be_raised_and_switched_off(project: Path) -> None:
    assert summary(project, "{}") == "1 warning in 5 documents"
    assert summary(project, "{ALI215: error}") == "1 error in 5 documents"
    assert summary(project, "{ALI215: off}") == "no findings in 5 documents"


@pytest.mark.parametrize("where", ["path: pricing.yaml", "path: '*.yaml'"])
def test_an_ignore_by_path_counts_from_the_root(project: Path, where: str) -> None:
    ignore = f"{{ignore: [{{code: ALI215, {where}, reason: goes soon}}]}}"
    write(project, {"aliconf.yaml": RULES % ignore})
    for directory, option in ((project, ()), (project.parent, ("-C", project.name))):
        ended = aliconf(*option, "validate", cwd=directory)
        assert (ended.code, ended.out) == (0, "no findings in 5 documents\n")


def test_an_ignore_is_for_its_path_and_object_only(project: Path) -> None:
    other = "{ignore: [{code: ALI215, %s, reason: goes soon}]}"
    assert summary(project, other % "path: other/*.yaml") == "1 warning in 5 documents"
    assert summary(project, other % "object: PricingPolicy/x") == "1 warning in 5 documents"
    assert summary(project, other % "object: PricingPolicy/markup") == "no findings in 5 documents"


def test_an_ignore_ends_after_its_last_day(project: Path) -> None:
    ignore = "{ignore: [{code: ALI215, path: pricing.yaml, reason: x, until: %s}]}"
    assert summary(project, ignore % "2026-11-23") == "no findings in 5 documents"
    assert summary(project, ignore % "2026-11-22") == "2 warnings in 5 documents"


def test_that_an_ignore_has_ended_may_be_an_error_or_nothing(project: Path) -> None:
    ignore = "{ALI124: %s, ignore: [{code: ALI215, path: pricing.yaml, reason: x, until: %s}]}"
    assert summary(project, ignore % ("error", "2026-11-22")) == "1 error, 1 warning in 5 documents"
    assert aliconf("apply", "--yes", cwd=project).code == 1
    assert summary(project, ignore % ("off", "2026-11-22")) == "1 warning in 5 documents"
    assert summary(project, ignore % ("error", "2026-11-23")) == "no findings in 5 documents"


def test_yaml_and_structure_cannot_be_switched_off(project: Path) -> None:
    assert summary(project, "{ALI112: off}") == "1 error, 1 warning in 5 documents"
    assert summary(project, "{ALI999: off}") == "1 error, 1 warning in 5 documents"


def test_what_a_plan_rests_on_cannot_be_switched_off(project: Path) -> None:
    for code in ("ALI201", "ALI203", "ALI204", "ALI208", "ALI210", "ALI211", "ALI217"):
        assert summary(project, f"{{{code}: off}}") == "1 error, 1 warning in 5 documents"


def test_strict_makes_warnings_count(project: Path) -> None:
    write(project, {"aliconf.yaml": RULES % "{}"})
    assert aliconf("validate", "--strict", cwd=project).code == 1
    assert aliconf("validate", cwd=project).code == 0
