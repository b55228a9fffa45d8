"""Every code has a page and cases, and every rule is what makes its cases.

``UPDATE_CASES=ALI3,ALI41 pytest tests/test_rules.py`` writes the expected outputs of the codes that
begin so; read what it wrote.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import aliconf
from aliconf.config.load import load
from aliconf.rules import pages
from aliconf.rules.catalogue import all_rules, modules
from aliconf.rules.registry import RULES, Rule
from tests.cases import Case, Validated, build, build_text, cases, validate

INVALID = list(cases("invalid"))
VALID = list(cases("valid"))
FENCE = re.compile(r"^## (Bad|Good)\n+(?:(?!##|```).*\n)*```(\w+)\n(.*?)^```$", re.M | re.S)


def run(case: Case, root: Path) -> Validated:
    return validate(root, *build(case, root))


def run_text(text: str, root: Path) -> Validated:
    build_text(text, root)
    return validate(root)


@pytest.mark.parametrize("case", INVALID, ids=str)
def test_an_invalid_case_gives_its_code_and_the_expected_output(case: Case, tmp_path: Path) -> None:
    found = run(case, tmp_path)
    if case.code.startswith(tuple(os.environ.get("UPDATE_CASES", "-").split(","))):
        case.expected.write_text(found.output)
    assert found.output == case.expected.read_text()
    assert case.code in found.codes
    assert found.exit_code == (1 if found.has_errors else 0)


@pytest.mark.parametrize("case", VALID, ids=str)
def test_the_nearest_valid_neighbour_gives_no_error_and_not_the_code(
    case: Case, tmp_path: Path
) -> None:
    found = run(case, tmp_path)
    assert not found.has_errors, found.output
    assert case.code not in found.codes, found.output
    assert found.exit_code == 0


def test_invalid_cases_and_valid_neighbours_are_pairs() -> None:
    assert {str(case) for case in INVALID} == {str(case) for case in VALID}


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: f"{rule.code}-{rule.kind or 'all'}")
def test_without_a_rule_its_cases_give_something_else(rule: Rule, tmp_path: Path) -> None:
    outputs = []
    with _without(rule):
        for case in INVALID:
            if case.code == rule.code:
                root = tmp_path / case.name
                root.mkdir()
                outputs.append(run(case, root).output == case.expected.read_text())
    assert outputs, f"{rule.code} has no case"
    assert not all(outputs), f"no case needs {rule.check.__name__}"


@pytest.mark.parametrize("case", INVALID, ids=str)
def test_the_rules_of_a_case_are_loaded_for_its_kinds(case: Case, tmp_path: Path) -> None:
    """Rules are loaded by the kinds of a project; one that is not loaded would find nothing."""
    build(case, tmp_path)
    loaded = {
        f"aliconf.rules.{module}"
        for path in tmp_path.rglob("aliconf.yaml")
        for module in modules(load(path.parent).kinds)
    }
    needed = {rule.check.__module__ for rule in RULES if rule.code == case.code}
    assert needed <= loaded or not loaded


@contextmanager
def _without(rule: Rule) -> Iterator[None]:
    before = list(RULES)
    RULES.remove(rule)
    try:
        yield
    finally:
        RULES[:] = before


def _fences(code: str) -> dict[str, tuple[str, str]]:
    """Language and text of the examples of a page, by ``Bad`` and ``Good``."""
    return {match[1]: (match[2], match[3]) for match in FENCE.finditer(pages.page(code) or "")}


def _codes_in_the_source() -> set[str]:
    root = Path(aliconf.__file__).parent
    return {
        code
        for path in root.rglob("*.py")
        for code in re.findall(r'["\[](ALI\d{3})["\]]', path.read_text(encoding="utf-8"))
    }


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(pages.codes()) == _codes_in_the_source()


@pytest.mark.parametrize("code", pages.codes())
def test_a_page_has_a_title_and_two_examples(code: str) -> None:
    page = pages.page(code) or ""
    assert re.match(rf"# {code} \S.*[^.]\n\n\S", page)
    assert sorted(_fences(code)) == ["Bad", "Good"]


@pytest.mark.parametrize("code", pages.codes())
def test_a_code_that_documents_give_has_cases(code: str) -> None:
    of_fmt, of_plans = {"ALI130", "ALI131"}, {"ALI350", "ALI351", "ALI352"}
    if (code < "ALI5" and code not in of_fmt | of_plans) or _fences(code)["Bad"][0] == "yaml":
        assert code in {case.code for case in INVALID}


@pytest.mark.parametrize("code", pages.codes())
def test_the_bad_example_gives_exactly_the_code(code: str, tmp_path: Path) -> None:
    language, text = _fences(code)["Bad"]
    if language == "yaml":
        found = run_text(text, tmp_path)
        assert set(found.codes) == {code}, found.output


@pytest.mark.parametrize("code", pages.codes())
def test_the_good_example_gives_nothing(code: str, tmp_path: Path) -> None:
    language, text = _fences(code)["Good"]
    if language == "yaml":
        found = run_text(text, tmp_path)
        assert found.codes == [], found.output
