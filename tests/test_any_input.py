"""Whatever stands in the files: findings, never a traceback; and what validates can be applied."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from aliconf.config.load import load
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import AliconfError, Finding, has_errors
from aliconf.report import findings_data, findings_text
from aliconf.report.style import Style
from aliconf.rules.engine import check
from tests.command import aliconf

ROOT = Path(__file__).parent.parent


def _documents(*patterns: str) -> list[dict[str, Any]]:
    """The documents of files, as plain values."""
    found = []
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a case of a file that is not UTF-8
        found += [part.value for part in parse(text) if isinstance(part, RawDocument)]
    plain: list[Any] = json.loads(json.dumps(found, default=str))
    return [document for document in plain if isinstance(document, dict)]


DOCUMENTS = _documents("examples/**/*.yaml", "tests/files/valid/**/*.yaml")
SHOPS = [
    _documents("examples/spain/*.yaml"),
    _documents("examples/agency/shared/*.yaml", "examples/agency/shops/moda-sur/*.yaml"),
]
PROJECTS = [document for document in DOCUMENTS if document.get("kind") == "Project"]
ODD: list[Any] = [
    *(None, True, False, 0, -1, 10**30, 1.5, -0.0, 1e308, float("inf"), float("nan")),
    *("", "a", "x" * 300, "${env:X}", "default", "NO", "../x", "é", "{{ x", "*", "<<", "ALI302"),
    *([], [None], [[]], {}, {"a": 1}, {"": None}, [{}], [1, "a", None], {"EUR": 1}),
]
KEYS = ["a", "", "title", "default", "basedOn", "spec", "metadata", "all", "not", "EUR", "é", "<<"]
SLIPS = [
    "\t",
    '"',
    "'",
    "[",
    "{",
    "&a ",
    "*a",
    "!x ",
    ": ",
    "- ",
    "\0",
    "\n",
    "%",
    "---\n",
    "|",
    "#",
]


def mutated(value: Any, by: random.Random, odds: float) -> Any:
    """A value with some keys and items left out, renamed, doubled or replaced."""
    if by.random() < odds:
        return by.choice(ODD)
    if isinstance(value, dict):
        return {
            by.choice(KEYS) if by.random() < odds / 3 else key: mutated(item, by, odds)
            for key, item in value.items()
            if by.random() > odds / 2
        }
    if isinstance(value, list):
        items = [mutated(item, by, odds) for item in value if by.random() > odds / 2]
        return items + items[:1] if by.random() < odds else items
    return value


def written(root: Path, documents: list[Any]) -> None:
    for document in documents:
        if isinstance(document, dict) and isinstance(document.get("spec"), dict):
            document["spec"].pop("include", None)
    text = yaml.safe_dump_all(documents, allow_unicode=True)
    (root / "aliconf.yaml").write_text(text, encoding="utf-8")


def slip(root: Path, by: random.Random) -> None:
    """A slip of the keyboard somewhere in the text."""
    text = (root / "aliconf.yaml").read_text(encoding="utf-8")
    place = by.randrange(len(text))
    text = text[:place] + by.choice(SLIPS) + text[place + by.randint(0, 5) :]
    (root / "aliconf.yaml").write_text(text, encoding="utf-8")


def found_in(root: Path) -> list[Finding]:
    try:
        return check(load(root))
    except AliconfError as error:
        return list(error.findings)


@settings(
    max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(seed=st.integers(0, 2**32))
def test_no_text_ends_in_a_traceback(seed: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root, by = Path(directory), random.Random(seed)
        chosen = [by.choice(PROJECTS), *by.choices(DOCUMENTS, k=by.randint(1, 8))]
        written(root, [mutated(document, by, 0.08) for document in chosen])
        if by.random() < 0.3:
            slip(root, by)
        findings = found_in(root)
        findings_text.render(findings, Style(colour=True))
        findings_data.to_github(findings)
        findings_data.to_sarif(findings, {})


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_what_validates_can_be_planned_and_applied_once(seed: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root, by = Path(directory), random.Random(seed)
        for _ in range(3):
            written(root, [mutated(document, by, 0.002) for document in by.choice(SHOPS)])
            assume(not has_errors(found_in(root)))
            ended = aliconf("apply", "--yes", cwd=root)
            if ended.code == 0:
                event("applied")
                assert aliconf("plan", "--detailed-exitcode", cwd=root).code == 0
            else:
                # What only the connector knows: another project's objects, a changed region, …
                assert (ended.code, "error[ALI" in ended.err) == (1, True), ended.err
