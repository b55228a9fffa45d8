"""The canonical text of documents: what ``aliconf fmt`` writes.

libyaml, which reads everything else too, says where each value stands, and pieces of the text move
as they are. ruamel's round trip hangs comments on the line above them, so that they go astray when
keys change places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from aliconf.config.layout.build import build
from aliconf.config.layout.order import sort_keys
from aliconf.config.layout.render import Page
from aliconf.config.layout.tokens import BLOCK_STYLES, COMMENT, Stretch, UnusualError, stretches
from aliconf.config.layout.tree import Tree
from aliconf.config.load import claims_to_be_ours
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument

_COMMENT = re.compile(r"#[^\n]*(?<![ \t\n])")
_BLANK_LINE_AT_END = re.compile(r"\n[ \t]*\n[ \t]*\Z")


class MeaningChangedError(Exception):
    """Formatting would change a document or lose a comment: a defect, so nothing is written.

    The message says which, behind "formatting would".
    """


def layout(text: str, documents: Sequence[RawDocument]) -> str:
    """The text in its canonical layout. ``documents`` are its documents, without problems.

    Documents of other tools stay byte for byte, and so do documents with YAML that nobody writes by
    hand; line ends become line feeds in all of them. Raises MeaningChangedError.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\ufeff" in text:
        return text  # libyaml does not count a byte order mark inside a text
    pieces = list(stretches(text))
    changed = _written(pieces, documents)
    if changed != text:
        _compare(pieces, documents, changed)
    return changed


def _written(pieces: list[Stretch | str], documents: Sequence[RawDocument]) -> str:
    parts: list[str] = []
    closed, verbatim = False, True
    """Whether the last part ends with ``...``, in mid-line; whether it is as it was."""
    for number, stretch in enumerate(pieces):
        if isinstance(stretch, str):
            if closed or not parts:
                parts.append(stretch if verbatim else "\n" + _joined(_notes(stretch).lines))
            break
        tree = _tree(stretch, documents[number].value)
        if tree is not None:
            page = _page(stretch, tree, first=not parts, last=number + 1 == len(documents))
            parts.append("\n" if closed else "")
            parts.append(_joined(page.lines) + stretch.closing)
        else:
            parts.append(stretch.before + stretch.opening + stretch.content + stretch.closing)
        verbatim, closed = tree is None, bool(stretch.closing)
    return "".join(parts)


def _tree(stretch: Stretch, value: Any) -> Tree | None:
    """The sorted tree of a document; None where the document stays as it is."""
    if stretch.tokens is None or not claims_to_be_ours(value):
        return None
    try:
        tree = build(stretch.tokens)
    except UnusualError:
        return None
    sort_keys(tree, value.get("kind"))
    return tree


def _page(stretch: Stretch, tree: Tree, *, first: bool, last: bool) -> Page:
    page = _notes(stretch.before)
    *directives, marker = stretch.opening.split("\n")
    page.notes([line.strip() for line in directives], 0)
    if first and not (page.lines or tree.root.properties or tree.root.remark):
        marker = ""  # there is nothing that it would part from the document
    page.document(tree, marker)
    if _BLANK_LINE_AT_END.search(stretch.content) and (stretch.closing or not last):
        page.blank()
    return page


def _notes(text: str) -> Page:
    page = Page()
    page.notes([line.strip() for line in text.split("\n")[: -1 if text[-1:] == "\n" else None]], 0)
    return page


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _compare(pieces: list[Stretch | str], documents: Sequence[RawDocument], changed: str) -> None:
    """Raises MeaningChangedError unless both texts hold the same values and comments."""
    for new, old in zip_longest(parse(changed), documents):
        if old is None or not isinstance(new, RawDocument) or new.problems:
            raise MeaningChangedError(f"change {_name(old and old.value)}")
        if not same_values(new.value, old.value):
            raise MeaningChangedError(f"change {_name(old.value)}")
    if _comments(stretches(changed)) != _comments(pieces):
        raise MeaningChangedError("lose a comment")


def _name(value: Any) -> str:
    metadata = value.get("metadata") if isinstance(value, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return f"{value.get('kind')}/{name}" if name else "a document"


def same_values(one: Any, other: Any) -> bool:
    """Whether two values are the same, types and digits included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_values(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same_values, one, other))
    if isinstance(one, Decimal):
        return str(one) == str(other)
    return bool(one == other)


def _comments(pieces: Iterable[Stretch | str]) -> list[str]:
    """All comments, sorted."""
    found: list[str] = []
    for stretch in pieces:
        if isinstance(stretch, str):
            found += _COMMENT.findall(stretch)
            continue
        found += _COMMENT.findall(stretch.before + stretch.opening)
        if stretch.tokens is None:
            found.append(stretch.content)
            continue
        for token in stretch.tokens:
            if token.kind == COMMENT:
                found.append(token.text)
            elif token.style in BLOCK_STYLES:
                found += _COMMENT.findall(token.text)
    return sorted(found)
