"""docs/json.md names every key that a program can meet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command import aliconf
from tests.shops import PRICING, shop

PAGE = (Path(__file__).parents[1] / "docs" / "json.md").read_text(encoding="utf-8")
STATUS = Path(__file__).parent / "files" / "status" / "changed.json"
BY_NAME = {"perAccount"}
"""Maps whose keys are names."""
VALUES = {"old", "new", "before", "after", "now"}
"""Parts of an object's body, whose keys are those of its document."""


def section(title: str) -> str:
    """A section of the page, with the parts that all share."""
    parts = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
    return parts["Parts that they share"] + parts[title]


def keys(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from keys(item, name)
    elif isinstance(value, dict):
        if name not in BY_NAME:
            yield from value
        for key, inner in value.items():
            yield from keys(None if key in VALUES else inner, key)


def documented(title: str) -> set[str]:
    return set(re.findall(r"`([A-Za-z]+)`", section(title)))


@pytest.mark.parametrize("command", ["validate", "plan", "drift", "status", "doctor"])
def test_every_key_is_documented_with_its_format_and_version(command: str, tmp_path: Path) -> None:
    wrong = PRICING.replace("Markup", "Default Pricing Policy")
    root = shop(tmp_path, **({} if command == "plan" else {"more": wrong}))
    data = json.loads(aliconf(command, "--format", "json", cwd=root).out)
    if command == "status":
        data = json.loads(STATUS.read_text(encoding="utf-8"))
    title = f"aliconf {command}"
    assert set(keys(data)) - documented(title) - {"format", "version"} == set()
    assert f"`format` is `{data['format']}`, `version` is {data['version']}." in section(title)


def test_every_key_of_the_history_is_documented(tmp_path: Path) -> None:
    aliconf("apply", "--yes", cwd=shop(tmp_path))
    for arguments in (["history"], ["history", "show", "1"]):
        data = json.loads(aliconf(*arguments, "--format", "json", cwd=tmp_path).out)
        known = documented("aliconf history")
        assert set(keys(data)) - known - {"format", "version", "kind", "name"} == set()
        assert f"`{data['format']}`" in section("aliconf history")
