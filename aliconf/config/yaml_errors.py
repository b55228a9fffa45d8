"""libyaml's errors in words that help."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from aliconf.config.yaml_values import Problem, Refused

_CONTROL: Final = (
    "[^\\x09\\x0a\\x0d\\x20-\\x7e\\x85\\xa0-\\ud7ff"
    "\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)
"""Compiled when a text has one: that costs more than reading a file."""

_REFERENCE: Final = re.compile(r"\$\{(?:env|file):[^{}\s]+\}")
_NO_BREAK_SPACE: Final = re.compile(r"""[ -]*+(?:["']?[\w.-]++["']?:)?\u00a0""")
"""In the indentation, behind the hyphen of an item, or behind a key."""

_HINTS: Final = (
    # (part of libyaml's words, our words, hint)
    (
        "character that cannot start any token",
        "a character that cannot begin a value",
        "Put quotes around text that begins with @, ` or %.",
    ),
    (
        "mapping values are not allowed in this context",
        "a ':' where no key can be",
        "Put quotes around text that contains ': ', or check the indentation of this line.",
    ),
    (
        "did not find expected key",
        "the indentation does not fit the lines above",
        "Line this key up with its siblings; a list item begins with '- '.",
    ),
    (
        "did not find expected '-' indicator",
        "the indentation does not fit the list above",
        "Line this item up with its siblings.",
    ),
    (
        "could not find expected ':'",
        "a key without ':'",
        "Write 'key: value'; a text over several lines needs quotes, | or >.",
    ),
    (
        "did not find expected ',' or ']'",
        "a list in [ ] is not closed, or a ',' is missing",
        "Separate the items with commas and close the list with ].",
    ),
    (
        "did not find expected ',' or '}'",
        "a mapping in { } is not closed, or a ',' is missing",
        "Separate the entries with commas and close the mapping with }.",
    ),
    (
        "did not find expected node content",
        "a value is missing here, or a bracket closes nothing",
        "Remove the bracket, or put quotes around the text that it belongs to.",
    ),
    (
        "did not find expected alphabetic or numeric character",
        "an anchor (&) or alias (*) without a name",
        "Put quotes around text that begins with & or *.",
    ),
    (
        "unknown escape character",
        "an unknown escape in double quotes",
        r"Write \\ for a backslash, or put the text in single quotes.",
    ),
    (
        "did not find expected hexdecimal number",
        "an unknown escape in double quotes",
        r"Write \\ for a backslash, or put the text in single quotes.",
    ),
    ("found undefined tag handle", "a tag with an unknown prefix", "Remove the tag."),
    (
        "block sequence entries are not allowed in this context",
        "a list item where none can be",
        "Begin the list on a line of its own, below its key.",
    ),
)


_REFUSED: Final = (
    # (part of our own words, hint)
    ("a key must be", "Put quotes around a key that begins with [, {, * or &."),
    ("a merge key", "Name the anchor of a mapping: `<<: *common`."),
    (
        "no anchor",
        "Put quotes around text that begins with *; an anchor stands in the same document.",
    ),
    ("part of its own anchor", "Write the value out, or name another anchor."),
    ("nested deeper", "No document of aliconf's is as deep; look at what wrote this one."),
    ("expand to more", "Write out what is meant: aliases of aliases multiply with every level."),
    ("is not a !!", "Remove the tag, or correct the value."),
)


def syntax_problem(error: yaml.YAMLError, text: str) -> Problem:
    """What is wrong, at the place where it can be mended."""
    if isinstance(error, Refused):
        hint = next((hint for part, hint in _REFUSED if part in error.message), "")
        column = error.mark.column - 1
        if column >= 0 and _line(text, error.mark.line).startswith("{{", column):
            return Problem(
                "ALI101",
                "a template that begins with {{ needs quotes",
                error.mark.line,
                column,
                'Put quotes around the whole template: "{{ product.name }}".',
            )
        return Problem(error.code, error.message, error.mark.line, error.mark.column, hint)
    if isinstance(error, yaml.MarkedYAMLError):
        problem = _marked(error, text)
        return _no_break_space(text, problem.line) or problem
    # A ReaderError knows no line: find the character that it does not accept.
    found = re.search(_CONTROL, text)
    position = found.start() if found else 0
    line = text.count("\n", 0, position)
    column = position - (text.rfind("\n", 0, position) + 1)
    what = f"the control character U+{ord(text[position]):04X}" if found else str(error)
    return Problem("ALI101", f"{what} has no place in YAML", line, column, "Remove it.")


def _marked(error: yaml.MarkedYAMLError, text: str) -> Problem:
    words = error.problem or str(error)
    mark, opened = error.problem_mark or error.context_mark, error.context_mark
    if mark is None:
        return Problem("ALI101", words, 0, 0)
    line = _line(text, mark.line)
    before, at = line[: mark.column], line[mark.column : mark.column + 1]
    if at == "\t" or "tab character" in words:
        return _at(mark, "a tab in the indentation", "Indent with spaces, not with tabs.")
    if opened is not None and "quoted scalar" in (error.context or "") and "unexpected" in words:
        return _at(
            opened,
            "a quote is opened here and never closed",
            "Close it with the same kind of quote.",
        )
    if "did not find expected key" in words and before.strip():
        return _at(
            mark,
            "text after the end of a value",
            "Put quotes around the whole text; a quote in single quotes is written twice.",
        )
    if before.endswith("$") and at == "{":
        reference = _REFERENCE.match(line, mark.column - 1)
        return Problem(
            "ALI101",
            "a reference inside { } or [ ] needs quotes",
            mark.line,
            mark.column - 1,
            f"Write '{reference[0] if reference else '${env:NAME}'}', with the quotes.",
        )
    if opened is not None and ("',' or" in words or "expected ':'" in words):
        mark = mark if mark.line == opened.line else opened
    for part, message, hint in _HINTS:
        if part in words:
            return _at(mark, message, hint)
    return _at(mark, words, "Not YAML from here on.")


def _line(text: str, number: int) -> str:
    lines = text.split("\n", number + 1)
    return lines[number] if number < len(lines) else ""  # libyaml counts one behind the end


def _no_break_space(text: str, number: int) -> Problem | None:
    """A no-break space in place of a blank: what it does to YAML shows some lines below."""
    for above in range(number, max(number - 3, -1), -1):
        found = _NO_BREAK_SPACE.match(_line(text, above))
        if found:
            return Problem(
                "ALI101",
                "a no-break space (U+00A0) in place of a blank",
                above,
                found.end() - 1,
                "Replace it with a blank; to the eye they are the same.",
            )
    return None


def _at(mark: Any, message: str, hint: str) -> Problem:
    return Problem("ALI101", message, mark.line, mark.column, hint)
