"""``aliconf explain``: whole outputs, kept in ``tests/files/explain``.

``UPDATE_EXPLAINED=1 pytest tests/test_explain.py`` writes them; read what it wrote.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aliconf.model.explain import describe
from aliconf.model.kinds import KINDS
from aliconf.rules.catalogue import choosable_rules
from aliconf.rules.pages import titles
from docs import rules_page
from tests.command import aliconf

FILES = Path(__file__).parent / "files" / "explain"

TOPICS = [
    "ALI107",  # an example on the console
    "ALI201",
    "ALI430",  # a rule
    "Account",
    "Account.region",
    "InventoryPolicy.threshold",
    "ListingTemplate.perAccount",
    "OrderPolicy.createWhen",
    "OrderPolicy.statusMapping",
]

UNKNOWN = {
    "ALI999": "There is no code ALI999. Did you mean ALI919 or ALI929 or ALI939? "
    "--all lists the codes.",
    "ALI077": "There is no code ALI077. --all lists the codes.",
    "PricePolicy": "There is no PricePolicy. Did you mean PricingPolicy?",
    "Account.regon": "There is no Account.regon. Did you mean Account.region?",
    "Registration.x": "There is no Registration.x. Known here: email, acceptTerms.",
    "Account.region.code": "There is no Account.region.code. Account.region has no fields.",
}


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_explained(topic: str, tmp_path: Path) -> None:
    ended = aliconf("explain", topic, cwd=tmp_path)
    expected = FILES / f"{topic}.txt"
    if os.environ.get("UPDATE_EXPLAINED"):
        expected.write_text(ended.out)
    assert (ended.code, ended.out, ended.err) == (0, expected.read_text(), "")


@pytest.mark.parametrize("topic", UNKNOWN)
def test_an_unknown_topic_is_wrong_usage_and_names_what_was_meant(
    topic: str, tmp_path: Path
) -> None:
    ended = aliconf("explain", topic, cwd=tmp_path)
    assert ended.code == 64
    assert ended.out == ""
    assert ended.err.splitlines()[-1] == f"Error: {UNKNOWN[topic]}"


def test_without_a_topic_the_usage_is_wrong(tmp_path: Path) -> None:
    ended = aliconf("explain", cwd=tmp_path)
    assert ended.code == 64
    assert "Name a code, a kind or a field" in ended.err


def test_a_code_may_be_written_in_small_letters_or_as_its_number(tmp_path: Path) -> None:
    page = aliconf("explain", "ALI201", cwd=tmp_path)
    assert aliconf("explain", "ali201", cwd=tmp_path) == page
    assert aliconf("explain", "201", cwd=tmp_path) == page


def test_a_field_may_be_written_with_indexes_as_findings_show_it(tmp_path: Path) -> None:
    field = aliconf("explain", "PricingPolicy.adjustments.increaseByPercent", cwd=tmp_path)
    shown = "PricingPolicy.adjustments[0].increaseByPercent"
    assert aliconf("explain", shown, cwd=tmp_path) == field
    assert field.code == 0


def test_several_topics_are_explained_one_after_the_other(tmp_path: Path) -> None:
    both = aliconf("explain", "ALI201", "Account.region", cwd=tmp_path).out
    one = aliconf("explain", "ALI201", cwd=tmp_path).out
    other = aliconf("explain", "Account.region", cwd=tmp_path).out
    assert both == f"{one}\n{other}"


def test_all_codes_are_listed_with_the_severity_of_rules_and_the_title(tmp_path: Path) -> None:
    severities = {rule.code: rule.severity.value for rule in choosable_rules()}
    expected = [
        f"{code}  {severities.get(code, ''):<7}  {title}" for code, title in titles().items()
    ]
    ended = aliconf("explain", "--all", cwd=tmp_path)
    assert ended.out.splitlines() == expected
    assert ended.code == 0


def test_every_field_of_every_kind_can_be_explained(tmp_path: Path) -> None:
    waiting = list(KINDS)
    explained = set()
    while waiting:
        path = waiting.pop()
        field = describe(path)
        names = tuple(child.path.rpartition(".")[2] for child in field.children)
        if names in explained:
            continue  # queries are made of queries
        explained.add(names)
        ended = aliconf("explain", path, cwd=tmp_path)
        assert ended.code == 0
        assert ended.out.startswith(path)
        assert max(map(len, ended.out.splitlines())) <= 100
        waiting += [child.path for child in field.children]


def test_the_page_of_the_rules_is_fresh() -> None:
    assert rules_page.FILE.read_text(encoding="utf-8") == rules_page.rules()
