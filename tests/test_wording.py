"""Phrases that messages have in common."""

from __future__ import annotations

import pytest

from aliconf.wording import amount, some


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a, b"),
        (["a", "b", "c"], "a, b and 1 more"),
        (["a", "b", *["x"] * 1204], "a, b and 1,204 more"),
    ],
)
def test_of_many_names_the_first_are_told_and_how_many_more(names: list[str], words: str) -> None:
    assert some(names, 2) == words


def test_phrases_are_separated_by_more_than_a_comma() -> None:
    assert some(["a is new", "b, c", "d"], 2, "; ") == "a is new; b, c; and 1 more"


@pytest.mark.parametrize(
    ("count", "word", "words"),
    [
        (0, "value", "0 values"),
        (1, "policy", "1 policy"),
        (2, "policy", "2 policies"),
        (1204, "file", "1,204 files"),
    ],
)
def test_an_amount_has_its_noun_in_the_right_number(count: int, word: str, words: str) -> None:
    assert amount(count, word) == words
