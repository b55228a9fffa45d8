"""What is found by the shape of a text is what is found in the text itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yaml.nodes import MappingNode, Node, SequenceNode

from aliconf.config import redact, source
from aliconf.config.positions import Path as Steps
from aliconf.config.positions import Places
from aliconf.config.redact import excerpt
from aliconf.config.shape import shape_of
from aliconf.config.source import Source
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import Location

VALUES = [
    "Prices for Spain",
    "12.5",
    "true",
    '"in quotes"',
    "'in quotes'",
    "ops@agency.example",
    "https://shop.example/a.png",
    "https://me:hunter2@shop.example/",
    "${env:APP_KEY}",
    "${file:/run/secrets/app-key}",
    "words  # and a comment",
    "trailing blanks  ",
    "a - b",
    "it's",
    "[a, b]",
    "{a: b, c: https://x}",
    "[a,\n      b - c,\n      d]",
    "|\n      token: in a block\n      - words",
    ">-\n      folded\n      secret: words",
    "several words\n      and - more\n      of them",
    '"several words\n      and - more\n      of them"',
    "&anchor words",
    "*anchor",
    "!!str words",
    "",
    "~",
    "señor-ñandú",
]
KEYS = ["title", "spec", "appKey", "authorization", "token", "labels", "out", "a-b"]
VALUE = st.sampled_from(VALUES)


@st.composite
def mappings(draw: st.DrawFn, indent: str = "") -> str:
    lines = []
    for key in draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True)):
        kind = draw(st.sampled_from("vvvlmc")) if len(indent) < 4 else "v"
        if kind == "v":
            lines.append(f"{indent}{key}: {draw(VALUE)}\n")
        elif kind == "l":
            items = draw(st.lists(VALUE, min_size=1, max_size=3))
            lines.append(f"{indent}{key}:\n" + "".join(f"{indent}  - {item}\n" for item in items))
        elif kind == "m":
            lines.append(f"{indent}{key}:\n" + draw(mappings(indent + "  ")))
        else:
            lines.append(f"{indent}# {key}: {draw(VALUE).partition(chr(10))[0]}\n")
            lines.append(f"{indent}{key}: {draw(VALUE)}\n")
    return "".join(lines)


@st.composite
def texts(draw: st.DrawFn) -> str:
    head = draw(st.sampled_from(["", "# Contact: me@shop.example\n\n"]))
    documents = draw(st.lists(mappings(), min_size=1, max_size=3))
    text = head + "---\n".join(documents)
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return draw(st.sampled_from([text, text.rstrip("\n")])).replace("\n", end)


def paths(node: Node, above: Steps = ()) -> Iterator[Steps]:
    yield above
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from paths(value, (*above, key.value))
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            yield from paths(item, (*above, index))


def places(text: str) -> list[tuple[Steps, Location, Location, Location | None]]:
    """Every value of every document: its place, that of its key, and as it is found."""
    file = Source(Path("x.yaml"), "x.yaml", text)
    documents = [part for part in parse(text) if isinstance(part, RawDocument)]
    found = []
    for document in documents:
        known = Places(file, (document.offset, document.end), document.line)
        node = yaml.compose(text[document.offset : document.end or None], yaml.SafeLoader)
        assert node is not None
        for path in [*paths(node), ("absent",), ("title", "absent"), ("spec", 7)]:
            location = known.locate(path)
            assert known.has(path) is (known.find(path) is not None)
            assert known.find(path) in {None, location}
            found.append((path, location, known.locate(path, key=True), known.find(path)))
    return found


def as_it_is(text: str) -> str:
    return text


@settings(deadline=None, max_examples=100)
@given(texts())
@example("a: b\n---\nc: d\n")
@example("a: words\n  - and more\nb: 1\n")
@example("a: [b,\n  c: d]\n")
@example('a: "b\n  - c"\n')
def test_each_value_has_the_place_that_it_has_in_the_text_itself(text: str) -> None:
    try:
        list(yaml.compose_all(text, yaml.SafeLoader))
    except yaml.YAMLError:
        return  # nothing has a place there
    found = places(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "shape_of", as_it_is)
        assert found == places(text)


def excerpts(text: str) -> list[str]:
    lines = text.split("\n")
    return [
        excerpt(text, number, line.rstrip("\r"), column)
        for (number, line), column in product(enumerate(lines), (0, 4, 12))
    ]


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [*VALUES, *(f"{key}:" for key in KEYS), "- ", ": ", "? ", "\n", "\n  ", "---", "#", '"']
        ),
        max_size=20,
    ).map("".join)
)
@example("- token\n  : hunter2\n")
@example("x: authorization\n  : {a: hunter2}\n")
@example("x: https\n://me:hunter2@y")
def test_an_excerpt_hides_what_the_text_itself_says_broken_or_not(text: str) -> None:
    found = excerpts(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redact, "shape_of", as_it_is)
        assert found == excerpts(text)


def test_documents_that_differ_in_their_words_are_of_one_shape() -> None:
    text = """\
# Prices of the summer
kind: PricingPolicy
metadata: {name: summer}
spec:
  title: "Summer"
  minimum: 9.99
  from: 2026-06-01
  image: https://shop.example/summer.png
  appKey: ${env:SUMMER}
  accounts:
    - es
    - it  # since May
"""
    other = (
        text.replace('"Summer"', "'Winter prices'")
        .replace("9.99", "12")
        .replace("2026-06-01", "2026-12-01")
        .replace("summer.png", "w.png")
        .replace("SUMMER", "WINTER_KEY")
        .replace("- es", "- pl")
    )
    assert shape_of(other) == shape_of(text)
    assert (
        shape_of(text)
        == """\
# Prices of the summer
kind: x
metadata: {name: summer}
spec:
  title: x
  minimum: x
  from: x
  image: https://x
  appKey: ${env:x}
  accounts:
    - x
    - it  # since May
"""
    )
