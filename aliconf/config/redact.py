"""Source lines without secrets, for excerpts.

It reads the text and not the values, because a file that is wrong in any way (a misspelt key,
broken YAML) must not show a secret either. It rather hides too much than too little.

Whoever has a finding to make imports this: its expressions take longer than a small file to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from aliconf.config.shape import shape_of
from aliconf.model.hidden import HIDDEN

_NEAR: Final = (
    "authorization",
    "oauth",
    "magento",
    "connector",
    "credentials",
    "encryptionkey",
)
"""Keys of mappings that hold secrets; a key near one of them is one that is misspelt."""
_NEARNESS: Final = 0.75
_SECRET: Final = re.compile(
    r"secret|token|passw|passphrase|(?:app|consumer|api|access|private|encryption)[_-]?key",
    re.IGNORECASE,
)
_KEY: Final = re.compile(r"""(?<![\w-])["']?([A-Za-z][\w-]*)["']?\s*:""")
_FIRST_KEY: Final = re.compile(r"""\s*(?:-\s+)*(?:["']?[A-Za-z_][\w-]*["']?\s*:(?=\s|$))?""")
_KNOWN_KEY: Final = re.compile(
    r"""(?<![\w-])["']?(?:appKey|appSecret|consumerKey|consumerSecret|accessToken|accessTokenSecret"""
    r"""|token|oauth|url|caFile|authorization|magento|connector|encryptionKey)["']?\s*:"""
)
_LOGIN: Final = re.compile(r"://(?=[^\s@]{0,1000}+@)(?![^\s:/@]*+(?::\$\{[^{}\s]*\})?@)")
"""Where user and password of a URL begin; not before a user alone or a reference."""
_HARMLESS: Final = re.compile(
    rf"(?:[\s{{}}\[\],\"']"
    rf"|{_KNOWN_KEY.pattern}"
    r"|\$\{(?:env|file):[^{}\s]*\}"
    r"|(?:https?|[a-z]+(?:\+[a-z0-9_]+)?)://(?:[^\s:/@]++(?::\$\{[^{}\s]*+\})?@)?"
    r"[\w./-]++(?::\d{1,5}(?![^/\s\"',}\]]))?[\w./?=&%-]*+(?=[\s\"',}\]]|$))*"
)


def words(message: str) -> str:
    """A message about a hidden place, without what it repeats of the text there."""
    return re.sub(r"(?<!\S)(?:'[^']{2,}'|[*&!]\w\S*)", HIDDEN, message)


def key(name: str, value: object) -> str:
    """An unknown key beside secrets as a message may name it.

    Where a blank is missing behind the colon, or the key altogether, it is the secret itself.
    """
    if value is not None and re.fullmatch(r"[A-Za-z][A-Za-z_-]*", name):
        return name
    start = _KNOWN_KEY.match(name)
    return f"{start[0]}{HIDDEN}" if start else HIDDEN


def excerpt(text: str, number: int, line: str, column: int) -> str:
    """A line of a text, which has a number from 0, as it may be shown.

    Characters up to ``column`` (from 0) keep their places, so that a caret below still fits.
    """
    if not line:
        return line
    shape = shape_of(text)
    within, secret = _above(shape, number) if number > _first_to_hide(shape) else (False, False)
    kept = 0 if within else _kept(line)
    if kept is None or _HARMLESS.fullmatch(line, kept):
        return line
    shown = line[:kept]
    if column < kept:
        return f"{shown.rstrip()} {HIDDEN}"
    if not kept:
        first = _FIRST_KEY.match(line)
        shown = " " * _indent(line) if first is None or secret else first[0]
    at = [match for match in _KNOWN_KEY.finditer(line, len(shown)) if match.start() <= column]
    if at:
        between = line[len(shown) : at[-1].start()]
        if between.strip(" {[-"):
            hidden = f" {HIDDEN}" if len(between) > len(HIDDEN) + 1 and shown.strip() else ""
            between = hidden.ljust(len(between))
        shown += between + at[-1][0]
    return f"{shown.rstrip()} ".ljust(column) + HIDDEN


def may_hide(text: str) -> bool:
    """Whether any line may have something to hide: most files have nothing, and many places."""
    return _may_hide(shape_of(text))


@lru_cache(maxsize=256)
def _may_hide(text: str) -> bool:
    return any(map(_hides, set(_KEY.findall(text)))) or (
        "@" in text and _LOGIN.search(text) is not None
    )


def _kept(line: str) -> int | None:
    """How much of a line stands before its first secret; None where it has none."""
    ends = [match.end() for match in _KEY.finditer(line) if _hides(match[1])]
    login = _LOGIN.search(line) if "@" in line else None
    return min([*ends, *([login.end()] if login else [])], default=None)


@lru_cache(maxsize=1024)
def _hides(key: str) -> bool:
    """Whether what a key holds may be, or hold, a secret."""
    if _SECRET.search(key):
        return True
    import difflib

    return any(
        difflib.SequenceMatcher(None, key.lower(), name).ratio() >= _NEARNESS for name in _NEAR
    )


@lru_cache(maxsize=256)
def _first_to_hide(text: str) -> int:
    """The first line, from 0, that may hide lines below it; behind the last where none does."""
    number = -1
    for number, line in enumerate(_lines(text)):
        if not line.lstrip().startswith("#") and any(map(_hides, _KEY.findall(line))):
            return number
    return number + 1


@lru_cache(maxsize=1024)
def _above(text: str, number: int) -> tuple[bool, bool]:
    """Whether a line may lie in what hides its values, and whether that is a secret for certain.

    It may lie in the keys of those lines above that are indented less, or leave a bracket open.
    """
    keys = [match[1] for outer in _lines_above(text, number) for match in _KEY.finditer(outer)]
    return any(map(_hides, keys)), any(map(_SECRET.search, keys))


def _lines_above(text: str, number: int) -> Iterator[str]:
    lines = _lines(text)
    line = lines[number]
    indent, is_item = _indent(line), line.lstrip().startswith("- ")
    while number and (indent or is_item):
        number -= 1
        outer = lines[number]
        bare = outer.strip()
        if outer.startswith("---"):
            return
        if not bare or bare[0] == "#":
            continue
        begins_item = bare.startswith("- ")
        here = _indent(outer)
        if here < indent or (is_item and here == indent and not begins_item):
            indent, is_item = here, begins_item
            yield outer
        elif bare[-1] in "{[,":
            yield outer


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    return text.split("\n")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
