"""libyaml's errors in words that help."""

from __future__ import annotations

import re
from typing import Final

import yaml

from aliconf.config.yaml_values import Problem, Refused

_CONTROL = re.compile(
    "[^\\x09\\x0a\\x0d\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)

_HINTS: Final = (
    # (part of libyaml's words, our words, hint)
    (
        "character that cannot start any token",
        "a character that cannot begin a value",
        "Indent with spaces, not tabs; put quotes around text that begins with @, ` or %.",
    ),
    (
        "found a tab character that violates indentation",
        "a tab in the indentation",
        "Indent with spaces: YAML does not allow tabs there.",
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
        "a list in [ ] is not closed",
        "Separate the items with commas and close the list with ].",
    ),
    (
        "did not find expected ',' or '}'",
        "a mapping in { } is not closed",
        "Separate the entries with commas and close the mapping with }.",
    ),
    ("found undefined tag handle", "a tag with an unknown prefix", "Remove the tag."),
    (
        "block sequence entries are not allowed in this context",
        "a list item where none can be",
        "Begin the list on a line of its own, below its key.",
    ),
)


def syntax_problem(error: yaml.YAMLError, text: str) -> Problem:
    if isinstance(error, Refused):
        return Problem(error.code, error.message, error.mark.line, error.mark.column)
    if isinstance(error, yaml.MarkedYAMLError):
        words = error.problem or str(error)
        mark = error.problem_mark or error.context_mark
        if "quoted scalar" in (error.context or "") and error.context_mark is not None:
            opened = error.context_mark
            return Problem(
                "ALI101",
                "a quote is opened here and never closed",
                opened.line,
                opened.column,
                "Close it with the same kind of quote.",
            )
        line, column = (mark.line, mark.column) if mark else (0, 0)
        for part, message, hint in _HINTS:
            if part in words:
                return Problem("ALI101", message, line, column, hint)
        return Problem("ALI101", words, line, column, "Not YAML from here on.")
    # A ReaderError knows no line: find the character that it does not accept.
    found = _CONTROL.search(text)
    position = found.start() if found else 0
    line = text.count("\n", 0, position)
    column = position - (text.rfind("\n", 0, position) + 1)
    what = f"the control character U+{ord(text[position]):04X}" if found else str(error)
    return Problem("ALI101", f"{what} has no place in YAML", line, column, "Remove it.")
