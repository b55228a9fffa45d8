"""Text of documents in GitHub's and GitLab's Markdown, where it stays text.

A title may hold anything: backticks, pipes, tags, ``@everyone``, links, the end of a comment.
Values, names and places become code, in which nothing is markup and nobody is mentioned. Sentences
with such texts in them are escaped character by character.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

from aliconf.report.style import Style

LONGEST: Final = 300
"""Characters of one value that are shown; the rest is counted."""

_RUNS: Final = re.compile("`+")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_LINES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_LINE: Final = re.compile("[" + "".join(_LINES) + "]")
_BETWEEN: Final = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_SPECIAL: Final = re.compile(r"[\\`*_\[\]|~{}!^]")
_NOTHING: Final = "<!-- -->"
"""Keeps apart what would be a link, a mention or an emoji, and shows nothing."""
_LIVE: Final = re.compile(
    r"@|#(?=\w)|(?<![\w])!(?=\d)|/(?=/)|(?i:(?<=\bwww)\.)|(?i:(?<=\bmailto):|(?<=\bxmpp):)"
    r"|:(?=[\w+-]+:)"
)


def one_line(text: str, longest: int = LONGEST) -> str:
    """The text on one line, cut, with everything visible that would steer a reader's screen."""
    more = len(text) - longest
    text = text[:longest] if more > 0 else text
    text = _LINE.sub(lambda match: _LINES[match[0]], text)
    text = _SURROGATES.sub(lambda match: f"\\u{ord(match[0]):04x}", Style.printable(text))
    return f"{text}… ({more:,} more characters)" if more > 0 else text


def code(text: str, *, cell: bool = False, longest: int = LONGEST) -> str:
    """The text as a code span; in a cell of a table its pipes are escaped."""
    shown = one_line(text, longest)
    if not shown:
        return "–"
    fence = "`" * (max((len(run) for run in _RUNS.findall(shown)), default=0) + 1)
    if "`" in (shown[0], shown[-1]) or (shown[0] == shown[-1] == " " and shown.strip()):
        shown = f" {shown} "
    if cell:
        shown = shown.replace("|", "\\|")
    return f"{fence}{shown}{fence}"


def html_code(text: str) -> str:
    """The text as code where Markdown is not read: in the summary of what is folded."""
    return f"<code>{escape(one_line(text))}</code>"


def spans(text: str, longest: int = 3 * LONGEST) -> list[tuple[str, bool]]:
    """A sentence of aliconf's own in parts, and which of them it has between backticks."""
    parts = _BETWEEN.split(one_line(text, longest))
    return [(part, bool(index % 2)) for index, part in enumerate(parts) if part]


def paragraphs(text: str, longest: int = 3 * LONGEST) -> list[list[tuple[str, bool]]]:
    """The lines of a hint, each in the parts of `spans`.

    A sentence ends with a full stop. Below the first line, one that does not is to be pasted as it
    is, backticks and all: options, SQL, YAML.
    """
    first, *rest = text.split("\n")
    return [
        spans(first, longest),
        *(
            spans(line, longest) if line.endswith(".") else [(one_line(line, longest), True)]
            for line in rest
            if line
        ),
    ]


def prose(text: str, longest: int = 3 * LONGEST) -> str:
    """A sentence in which nothing is markup but backticks. Not for the beginning of a line."""
    return _markdown(spans(text, longest))


def prose_lines(text: str) -> str:
    """The lines of a hint, within an item of a list or a cell of a table."""
    return "<br>".join(map(_markdown, paragraphs(text)))


def _markdown(parts: list[tuple[str, bool]]) -> str:
    return "".join(
        code(part, longest=len(part)) if is_code else _escaped(part) for part, is_code in parts
    )


def _escaped(text: str) -> str:
    live = _LIVE.sub(lambda match: f"{match[0]}\x00", text)
    escaped = _SPECIAL.sub(lambda match: f"\\{match[0]}", escape(live, quote=False))
    return escaped.replace("$", "&#36;").replace("\x00", _NOTHING)
