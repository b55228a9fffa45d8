"""Laws of writing values back into YAML that people wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliconf.config.documents import MISSING, lookup
from aliconf.config.edit import CannotEditError, edited
from aliconf.config.edit.operations import same
from aliconf.config.layout import layout
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "examples").rglob("*.yaml"))
Step = tuple[str | int, ...]


def documents(text: str) -> list[Any]:
    found = []
    for part in parse(text):
        assert isinstance(part, RawDocument), part
        assert not part.problems
        found.append(part.value)
    return found


def scalars(value: Any, path: Step = ()) -> Iterator[Step]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from scalars(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from scalars(inner, (*path, index))
    else:
        yield path


PLACES = [
    (file, number, path)
    for file in FILES
    for number, document in enumerate(documents(file.read_text(encoding="utf-8")))
    for path in scalars(document)
    if len(path) > 1
]
SCALAR = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["NO", "1:30", "12", "null", "a: b", "a #b", "- x", "ñandú 🎉", "it's", '"q"']),
    st.integers(-(10**9), 10**9),
    st.decimals("0.01", "1000", places=2).map(lambda d: int(d) if d == int(d) else d),
    st.booleans(),
)
"""Fractions are as YAML reads them: what is whole is an integer."""
LAW = settings(deadline=None, derandomize=True, max_examples=400)
ENDS = st.sampled_from(["\n", "\r\n"])


def text_of(file: Path, end: str, final: bool) -> str:
    text = file.read_text(encoding="utf-8").replace("\n", end)
    return text if final else text.removesuffix(end)


def with_value(value: Any, path: Step, new: Any) -> Any:
    if not path:
        return new
    copy: Any = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = with_value(value[path[0]], path[1:], new)
    return copy


@LAW
@given(place=st.sampled_from(PLACES), new=SCALAR, end=ENDS, final=st.booleans())
def test_a_one_field_edit_changes_one_line_and_says_what_is_wanted(
    place: tuple[Path, int, Step], new: Any, end: str, final: bool
) -> None:
    file, number, path = place
    before = text_of(file, end, final)
    was = documents(before)
    after = edited(before, number, path, new)
    now = documents(after)
    got = lookup(now[number], path)
    assert same(got, new) or (isinstance(lookup(was[number], path), str) and got == str(new))
    assert now[number] == with_value(was[number], path, got)
    assert [d for i, d in enumerate(now) if i != number] == [
        d for i, d in enumerate(was) if i != number
    ]
    old_lines, new_lines = before.split("\n"), after.split("\n")
    assert len(old_lines) == len(new_lines)
    changed = [pair for pair in zip(old_lines, new_lines, strict=True) if pair[0] != pair[1]]
    assert len(changed) == (0 if same(got, lookup(was[number], path)) else 1)


@LAW
@given(place=st.sampled_from(PLACES), end=ENDS, final=st.booleans())
def test_a_value_that_goes_takes_no_other_line_with_it(
    place: tuple[Path, int, Step], end: str, final: bool
) -> None:
    file, number, path = place
    before = text_of(file, end, final)
    try:
        without = edited(before, number, path, MISSING)
    except CannotEditError:
        return
    assert documents(without)[number] != documents(before)[number]
    # What goes is lines; at most one line is left in another form (`[]`, or `- ` before the next).
    old_lines = [line.rstrip("\r") for line in before.split("\n")]
    new_lines = [line.rstrip("\r") for line in without.split("\n")]
    others = [line for line in new_lines if line not in old_lines]
    assert len(others) <= 1
    assert len(new_lines) <= len(old_lines)
    assert ("\r" in without) == (end == "\r\n" and "\n" in without)


CASES = [
    ("plain", "a:\n  b: 1 # why\n", ("a", "b"), 2, "a:\n  b: 2 # why\n"),
    ("single quotes", "a: {b: 'x'}\n", ("a", "b"), "it's", "a: {b: 'it''s'}\n"),
    ("double quotes", 'a:\n  b: "x"\n', ("a", "b"), "y", 'a:\n  b: "y"\n'),
    ("a number in quotes stays one", "a:\n  b: '12'\n", ("a", "b"), 15, "a:\n  b: '15'\n"),
    ("a new key", "a:\n  b: 1\n  # about c\n  c: 2\n", ("a", "d"), 3,
     "a:\n  b: 1\n  # about c\n  c: 2\n  d: 3\n"),
    ("no final newline", "a:\n  b: 1", ("a", "d"), 3, "a:\n  b: 1\n  d: 3"),
    ("crlf", "a:\r\n  b: 1\r\nc: 1\r\n", ("a", "d"), {"x": [1]},
     "a:\r\n  b: 1\r\n  d:\r\n    x:\r\n      - 1\r\nc: 1\r\n"),
    ("new in flow", "a: {b: 1}\n", ("a", "c"), [1, {"x": "y"}], "a: {b: 1, c: [1, {x: y}]}\n"),
    ("into an empty one", "a: {}\n", ("a", "c"), 1, "a: {c: 1}\n"),
    ("a new parent", "a:\n  b: 1\n", ("a", "c", "d"), 1, "a:\n  b: 1\n  c:\n    d: 1\n"),
    ("removed with its line", "a:\n  b: 1 # gone\n  c: 2\n", ("a", "b"), MISSING, "a:\n  c: 2\n"),
    ("removed with its parent", "a:\n  b:\n    c:\n      d: 1\n  e: 1\n", ("a", "b", "c", "d"),
     MISSING, "a:\n  e: 1\n"),
    ("removed in flow", "a: {b: 1, c: 2}\n", ("a", "c"), MISSING, "a: {b: 1}\n"),
    ("the first of an item", "a:\n  l:\n    - b: 1\n      c: 2\n", ("a", "l", 0, "b"), MISSING,
     "a:\n  l:\n    - c: 2\n"),
    ("an item more", "a:\n  l:\n    - b: 1\n    # two\n    - b: 2\nz: 1\n", ("a", "l"),
     [{"b": 1}, {"b": 2}, {"b": 3, "c": 4}],
     "a:\n  l:\n    - b: 1\n    # two\n    - b: 2\n    - b: 3\n      c: 4\nz: 1\n"),
    ("an item less", "a:\n  l:\n  - x # first\n  - y # second\n", ("a", "l"), ["y"],
     "a:\n  l:\n  - y # second\n"),
    ("an item of another key", "a:\n  l:\n    - b: 1 # why\n    # two\n    - c: 2\n", ("a", "l"),
     [{"d": 3}, {"c": 2}], "a:\n  l:\n    - d: 3 # why\n    # two\n    - c: 2\n"),
    ("an item of another key, in flow", "a:\n  l:\n    - {b: 1} # why\n", ("a", "l"),
     [{"d": 3}], "a:\n  l:\n    - {d: 3} # why\n"),
    ("another key alone", "a:\n  l: # why\n    b: 1\n  m: 1\n", ("a", "l"), {"d": 3},
     "a:\n  l: # why\n    d: 3\n  m: 1\n"),
    ("an item in front", "a:\n  l:\n  - y\n", ("a", "l"), ["x", "y"], "a:\n  l:\n  - x\n  - y\n"),
    ("items in flow", "a:\n  l: [x, y, z]\n", ("a", "l"), ["w", "y", "z", "q"],
     "a:\n  l: [w, y, z, q]\n"),
    ("an empty list", "a:\n  l:\n    - x\n  m: 1\n", ("a", "l"), [], "a:\n  l: []\n  m: 1\n"),
    ("an empty list behind a comment", "a:\n  l:  # why\n    - x\n    # two\n    - y  # was z\n  m: 1\n",
     ("a", "l"), [], "a:\n  l: []  # why  # was z\n  m: 1\n"),
    ("an empty list above a comment", "a:\n  l:\n    # why\n    - x\n  m: 1\n", ("a", "l"), [],
     "a:\n  l: []\n    # why\n  m: 1\n"),
    ("an empty list behind a comment, crlf", "a:\r\n  l: # why\r\n  - x\r\n", ("a", "l"), [],
     "a:\r\n  l: [] # why\r\n"),
    ("a comment of an item goes with it", "a:\n  l:\n    - # why\n      b: 1\n", ("a", "l"), [],
     "a:\n  l: []\n"),
    ("an empty mapping behind a comment", "a:\n  l: # why\n    x: 1\n  m: 1\n", ("a", "l"), {},
     "a:\n  l: {} # why\n  m: 1\n"),
    ("a whole part of a document that may go", "lifecycle:\n  protect: true  # why\nspec:\n  a: 1\n",
     ("lifecycle", "protect"), MISSING, "spec:\n  a: 1\n"),
    ("the same in flow", "{lifecycle: {protect: true}, spec: {a: 1}}\n", ("lifecycle", "protect"),
     MISSING, "{spec: {a: 1}}\n"),
    ("from an empty list", "a:\n  l: []\n  m: 1\n", ("a", "l"), ["x"],
     "a:\n  l: [x]\n  m: 1\n"),
    ("scalar to mapping", "a:\n  l: 1\n  m: 1\n", ("a", "l"), {"x": 1},
     "a:\n  l:\n    x: 1\n  m: 1\n"),
    ("mapping to scalar", "a:\n  l:\n    x: 1\n  m: 1\n", ("a", "l"), 5, "a:\n  l: 5\n  m: 1\n"),
    ("null", "a:\n  l:\n  m: 1\n", ("a", "l"), 5, "a:\n  l: 5\n  m: 1\n"),
    ("merge key", "x: &x {b: 1, c: {d: 1, e: 2}}\na:\n  <<: *x\n  f: 1\n", ("a", "c", "d"), 5,
     "x: &x {b: 1, c: {d: 1, e: 2}}\na:\n  <<: *x\n  f: 1\n  c:\n    d: 5\n    e: 2\n"),
    ("alias", "x: {y: &x 1}\na:\n  b: *x\n", ("a", "b"), 5, "x: {y: &x 1}\na:\n  b: 5\n"),
    ("block scalar", "a:\n  t: |\n    one\n    two\n  # c\n  b: 1\n", ("a", "t"), "x",
     "a:\n  t: x\n  # c\n  b: 1\n"),
    ("an anchor that nobody uses", "a:\n  b: &n 1\n", ("a", "b"), 2, "a:\n  b: &n 2\n"),
    ("the second document", "a:\n  b: 1\n---\na:\n  b: 1\n...\n", ("a", "c"), 2,
     "a:\n  b: 1\n---\na:\n  b: 1\n  c: 2\n...\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path", "value", "wanted"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_what_is_written_is_what_a_person_would(
    text: str, path: Step, value: Any, wanted: str
) -> None:
    number = len(documents(text)) - 1
    assert edited(text, number, path, value) == wanted


def test_a_value_that_an_anchor_carries_elsewhere_is_refused() -> None:
    with pytest.raises(CannotEditError):
        edited("a:\n  b: &n 1\n  c: *n\n", 0, ("a", "b"), 2)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("a:\n  l: &n  # why\n  - x\n  m: *n\n", ("a", "l"), []),
        ("a:\n  l: !!seq  # why\n  - x\n", ("a", "l"), []),
        ("a:\n  l: # why\n    x: 1\n", ("a", "l"), ["y"]),
        ("spec:\n  a: 1\n", ("spec", "a"), MISSING),
    ],
    ids=["an anchor", "a tag", "a comment above other lines", "a part that stays"],
)
def test_what_cannot_be_written_without_a_doubt_is_refused(
    text: str, path: Step, value: Any
) -> None:
    with pytest.raises(CannotEditError):
        edited(text, 0, path, value)


@LAW
@given(place=st.sampled_from(PLACES), new=SCALAR)
def test_what_was_in_canonical_layout_stays_so(place: tuple[Path, int, Step], new: Any) -> None:
    file, number, path = place
    before = file.read_text(encoding="utf-8")
    after = edited(before, number, path, new)

    def formatted(text: str) -> str:
        return layout(text, [part for part in parse(text) if isinstance(part, RawDocument)])

    if path[0] in {"apiVersion", "kind", "metadata"}:
        return
    assert (formatted(after) == after) == (formatted(before) == before)
