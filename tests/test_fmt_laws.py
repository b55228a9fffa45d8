"""Laws of the canonical layout, on documents of all kinds as a careless hand writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from yaml.events import CollectionEndEvent, CollectionStartEvent, ScalarEvent, StreamEndEvent

from aliconf.config.layout import layout
from aliconf.config.yaml import Parser, parse
from aliconf.config.yaml_values import RawDocument
from aliconf.model.kinds import KINDS
from tests.sloppy import Schema, Sloppy, resolve, schema_of

COMMENT = re.compile(r"# (?:above|behind|stray) \d+.*?(?=\s*$)", re.MULTILINE)

LAW = settings(max_examples=150, deadline=None, derandomize=True)

kinds = st.sampled_from(sorted(KINDS))
# A seed, not hypothesis's own randoms: those make a draw of every choice, a thousand per document.
randoms = st.integers(0, 2**32 - 1).map(Random)


def documents(text: str) -> list[RawDocument]:
    parts = list(parse(text))
    found = [part for part in parts if isinstance(part, RawDocument) and not part.problems]
    assert len(found) == len(parts), text
    return found


def formatted(text: str) -> str:
    return layout(text, documents(text))


def meaning(text: str) -> list[str]:
    """Values with their types, as text; the order of keys does not count."""
    return [_typed(document.value) for document in documents(text)]


def _typed(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{_typed(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_typed, value)) + "]"
    return repr(value)


def sloppy(random: Random, kind: str, *, anchors: bool = False) -> str:
    return Sloppy(random, kind, anchors=anchors).document()


@LAW
@given(randoms, kinds, st.booleans())
def test_meaning_stays_every_comment_is_kept_once_and_again_changes_nothing(
    random: Random, kind: str, anchors: bool
) -> None:
    text = sloppy(random, kind, anchors=anchors)
    after = formatted(text)
    assert meaning(after) == meaning(text)
    assert sorted(COMMENT.findall(after)) == sorted(COMMENT.findall(text))
    assert formatted(after) == after


@LAW
@given(randoms, kinds)
def test_keys_stand_in_the_order_of_the_schema_and_unknown_ones_behind(
    random: Random, kind: str
) -> None:
    text = sloppy(random, kind)
    before, after = documents(text)[0].value, documents(formatted(text))[0].value
    assert _keys(after) == _keys(_sorted(before, [schema_of(kind)], schema_of(kind)))


def _sorted(value: Any, shapes: list[Schema], root: Schema) -> Any:
    """The value with its keys in the order of the schema."""
    if isinstance(value, list):
        shape = next((shape for shape in shapes if shape.get("type") == "array"), {})
        items = resolve(shape.get("items", {}), root)
        return [_sorted(item, items, root) for item in value]
    if not isinstance(value, dict):
        return value
    shape = next((shape for shape in shapes if "properties" in shape), None)
    if shape is None:
        free = next((shape for shape in shapes if shape.get("type") == "object"), {})
        below = free.get("additionalProperties")
        values = resolve(below, root) if isinstance(below, dict) else [{}]
        return {key: _sorted(item, values, root) for key, item in value.items()}
    names = list(shape["properties"])
    known = [name for name in names if name in value]
    return {
        key: _sorted(value[key], resolve(shape["properties"].get(key, {}), root), root)
        for key in [*known, *(key for key in value if key not in names)]
    }


def _keys(value: Any) -> Any:
    """The keys of a value in their order, at every level."""
    if isinstance(value, dict):
        return [(key, _keys(item)) for key, item in value.items()]
    return [_keys(item) for item in value] if isinstance(value, list) else None


@LAW
@given(randoms, kinds)
def test_a_comment_stays_above_its_key_or_behind_it(random: Random, kind: str) -> None:
    lines = formatted(sloppy(random, kind)).split("\n")
    for number, line in enumerate(lines):
        above = re.search(r"^ *# above \d+ (\S+)", line)
        if above:
            below = (other for other in lines[number:] if not re.match(r" *(#|$)", other))
            assert re.match(rf"[- ]*(['\"]?){re.escape(above[1])}\1:", next(below))
        behind = re.search(r"# behind \d+ (\S+)", line)
        if behind:
            assert re.match(rf"[- ]*(['\"]?){re.escape(behind[1])}\1:", line)


@LAW
@given(randoms, kinds)
def test_every_block_is_indented_by_two_spaces_per_level(random: Random, kind: str) -> None:
    depth = 0
    for event in events(formatted(sloppy(random, kind))):
        if isinstance(event, CollectionStartEvent) and not event.flow_style:
            assert event.start_mark.column == 2 * depth
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1


@LAW
@given(randoms, kinds)
def test_no_white_space_ends_a_line_and_no_two_blank_lines_follow_each_other(
    random: Random, kind: str
) -> None:
    text = formatted(sloppy(random, kind))
    inside = set()
    for event in events(text):
        if isinstance(event, ScalarEvent) and event.start_mark.line < event.end_mark.line:
            inside |= set(range(event.start_mark.line, event.end_mark.line))
    lines = ["" if number in inside else line for number, line in enumerate(text.split("\n"))]
    assert lines.pop() == ""
    assert [line for line in lines if line != line.rstrip()] == []
    outside = "\n".join("text" if number in inside else line for number, line in enumerate(lines))
    assert "\n\n\n" not in outside
    assert outside.strip("\n") == outside


def events(text: str) -> Iterator[Any]:
    next_event: Callable[[], Any] = Parser(text).get_event
    while not isinstance(event := next_event(), StreamEndEvent):
        yield event


FOREIGN = (
    "kind:   Deployment\nspec: {a: 1,b: 2}   \n\n\n   # odd\n",
    "- just\n-   a list # of words\n",
    "text: |\n   kept\n",
)


@LAW
@given(randoms, st.lists(kinds | st.sampled_from(FOREIGN), min_size=1, max_size=4), st.booleans())
def test_a_file_of_several_documents_keeps_those_of_other_tools_as_they_are(
    random: Random, parts: list[str], ended: bool
) -> None:
    texts = [part if part in FOREIGN else sloppy(random, part) for part in parts]
    markers = ("---\n", "--- # stray 0\n", "...\n---\n", "...\n# stray 0\n%YAML 1.2\n---\n")
    text = random.choice(["", "---\n", "# stray 0\n---\n", "%YAML 1.2\n---\n"]) + texts[0]
    for other in texts[1:]:
        text += random.choice(markers) + other
    text = text if ended else text.rstrip("\n")
    after = formatted(text)
    assert meaning(after) == meaning(text)
    assert sorted(COMMENT.findall(after)) == sorted(COMMENT.findall(text))
    assert formatted(after) == after
    assert formatted(text.replace("\n", "\r\n")) == after
    for part in parts:
        assert part not in FOREIGN or part.rstrip("\n") in after
