"""The canonical layout, case by case: ``tests/files/fmt/<case>/``.

``UPDATE_CASES=fmt pytest tests/test_fmt.py`` writes what is expected; read what it wrote.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aliconf.config import layout as package
from aliconf.config.layout import MeaningChangedError, layout
from aliconf.config.layout.render import Page
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.model.kinds import KINDS

CASES = sorted((Path(__file__).parent / "files" / "fmt").iterdir())

POLICY = """\
apiVersion: aliconf/v1
kind: PricingPolicy
metadata:
  name: markup
spec:
  title: Markup # at home
"""


def formatted(text: str) -> str:
    return layout(text, [part for part in parse(text) if isinstance(part, RawDocument)])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_what_is_expected_and_that_stays(case: Path) -> None:
    text = (case / "input.yaml").read_bytes().decode()
    expected = case / "expected.yaml"
    if os.environ.get("UPDATE_CASES") == "fmt":
        expected.write_text(formatted(text))
    assert formatted(text) == expected.read_text()
    assert formatted(expected.read_text()) == expected.read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_with_all_keys_of_its_kind_is_sorted_as_the_model_has_them(kind: str) -> None:
    keys = [str(field.alias) for field in KINDS[kind].spec_type().model_fields.values()]
    head = f"apiVersion: aliconf/v1\nkind: {kind}\nmetadata: {{name: a}}\nspec:\n"
    lines = [f"  {key}: 1 # {key}\n" for key in keys]
    assert formatted(head + "".join(reversed(lines))) == head + "".join(lines)


def test_line_ends_of_windows_and_of_old_macs_become_line_feeds() -> None:
    text = POLICY + '  maximum: "1\n\n    2"\n  minimum: |\n    3\n\n    4\n'
    after = formatted(text)
    assert "\r" not in after
    assert formatted(text.replace("\n", "\r\n")) == after
    assert formatted(text.replace("\n", "\r")) == after


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029", "\ufeff"])
def test_where_libyaml_and_yaml_1_2_count_lines_differently_nothing_is_touched(
    character: str,
) -> None:
    text = POLICY.replace("at home", f"at{character}home:").replace("title:", "title:  ")
    assert formatted(text) == text


@pytest.mark.parametrize("key", [f"? {'k' * 1100}\n", "? >\n  k\n", "? 'k\n  k'\n", "?\n"])
def test_a_key_that_cannot_stand_on_a_line_leaves_its_document_as_it_is(key: str) -> None:
    text = f"kind:  Registration\napiVersion: aliconf/v1\n{key}:   value  \n"
    assert formatted(text) == text
    assert formatted(f"{text}---\n{text}") == f"{text}---\n{text}"


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n\n\n", "just:   text  \n"])
def test_a_text_without_documents_of_ours_stays_as_it_is(text: str) -> None:
    assert formatted(text) == text


def test_a_thousand_levels_of_brackets_in_another_tool_s_document_do_no_harm() -> None:
    text = POLICY + "---\nother:  " + "[" * 90 + "]" * 90 + "\n"
    assert formatted(text) == text


def test_a_value_that_would_change_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no text should bring about is brought about by a renderer that is wrong."""
    line = Page.line
    monkeypatch.setattr(Page, "line", lambda page, text: line(page, text.replace("Mark", "Ma")))
    with pytest.raises(MeaningChangedError, match=r"^change PricingPolicy/markup$"):
        formatted(POLICY)


def test_a_comment_that_would_go_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Page.line
    monkeypatch.setattr(Page, "line", lambda page, text: line(page, text.partition("#")[0]))
    with pytest.raises(MeaningChangedError, match=r"^lose a comment$"):
        formatted(POLICY)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1", "1.0"),
        ("1.0", "1.00"),
        ("true", '"true"'),
        ("12", '"12"'),
        ("[1, 2]", "[2, 1]"),
        ("null", '""'),
        ("{a: 1}", "{a: 1, b: null}"),
        ("[1]", "[1, 1]"),
    ],
)
def test_values_that_only_look_alike_differ(
    before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Page.line
    monkeypatch.setattr(Page, "line", lambda page, text: line(page, text.replace(before, after)))
    with pytest.raises(MeaningChangedError, match=r"^change PricingPolicy/markup$"):
        formatted(POLICY.replace("Markup", before))


def test_a_document_that_would_go_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "_written", lambda pieces, documents: POLICY)
    with pytest.raises(MeaningChangedError, match=r"^change a document$"):
        formatted(POLICY + "---\nkind: ImagePolicy\n")
