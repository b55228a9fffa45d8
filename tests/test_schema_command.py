"""``aliconf schema`` prints and writes what the models say."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command import Ended, aliconf

SCHEMAS = Path(__file__).parent.parent / "schemas"


def test_the_schemas_of_the_repository_are_those_of_the_models(tmp_path: Path) -> None:
    assert aliconf("schema", "--write", "made", cwd=tmp_path) == Ended(
        0, "12 schemas in made\n", ""
    )
    made = {path.name: path.read_text() for path in (tmp_path / "made").iterdir()}
    assert made == {path.name: path.read_text() for path in SCHEMAS.iterdir()}


def test_writing_again_changes_no_file(tmp_path: Path) -> None:
    aliconf("schema", "--write", ".", cwd=tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    aliconf("schema", "--write", ".", cwd=tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_one_kind_is_printed_and_an_unknown_one_gets_a_suggestion(tmp_path: Path) -> None:
    ended = aliconf("schema", "PricingPolicy", cwd=tmp_path)
    assert json.loads(ended.out)["title"] == "PricingPolicy"
    assert json.loads(aliconf("schema", cwd=tmp_path).out)["title"] == "aliconf"
    ended = aliconf("schema", "PricingPolicie", cwd=tmp_path)
    assert (ended.code, ended.out) == (64, "")
    assert "Did you mean PricingPolicy?" in ended.err
