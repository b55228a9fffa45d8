"""YAML to plain Python values, with every problem at its place.

libyaml scans, `yaml_values` builds the values, `yaml_errors` words the errors. Positions are not
kept: `positions` finds the few that are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import yaml
from yaml.events import DocumentEndEvent, DocumentStartEvent, StreamEndEvent, StreamStartEvent

from aliconf.config.yaml_errors import syntax_problem
from aliconf.config.yaml_values import Builder, Problem, RawDocument

__all__ = ["Parser", "parse"]

try:
    from yaml._yaml import CParser as Parser
except ImportError:  # PyYAML was built without libyaml: slower, and the same events.

    class Parser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):  # type: ignore[no-redef]
        def __init__(self, text: str) -> None:
            yaml.reader.Reader.__init__(self, text)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)


def parse(text: str) -> Iterator[RawDocument | Problem]:
    """Yield the documents of a text. After a syntax error it goes on at the next ``---``."""
    offset = line = 0
    while True:
        problem = None
        try:
            for document in _documents(text[offset:] if offset else text):
                yield _moved(document, offset, line)
        except yaml.YAMLError as error:
            problem = syntax_problem(error, text[offset:])
        if problem is None:
            return
        yield _shifted(problem, line)
        following = _next_document(text, offset, problem.line)
        if following is None:
            return
        line += text.count("\n", offset, following)
        offset = following


def _moved(document: RawDocument, offset: int, line: int) -> RawDocument:
    if offset:
        document.offset += offset
        document.end += offset
        document.line += line
        document.problems = [_shifted(problem, line) for problem in document.problems]
    return document


def _shifted(problem: Problem, line: int) -> Problem:
    first = problem.first and (problem.first[0] + line, problem.first[1])
    return replace(problem, line=problem.line + line, first=first)


def _next_document(text: str, offset: int, line: int) -> int | None:
    """Where the next document begins after a line. ``---`` at column 0 is a marker in every
    context."""
    position = offset
    for _ in range(line):
        position = text.find("\n", position) + 1
        if not position:
            return None
    match = re.compile(r"^---(?=\s|$)", re.MULTILINE).search(text, max(position, offset + 1))
    return match.start() if match else None


def _documents(text: str) -> Iterator[RawDocument]:
    next_event: Callable[[], Any] = Parser(text).get_event
    while True:
        event = next_event()
        kind = type(event)
        if kind is DocumentStartEvent:
            mark = event.start_mark
            document = RawDocument(None, mark.index, mark.line)
            Builder(document, next_event).build()
            yield document
        elif kind is StreamEndEvent:
            return
        elif kind is not StreamStartEvent and kind is not DocumentEndEvent:
            raise AssertionError(f"unexpected event between documents: {event}")
