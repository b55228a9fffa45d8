"""What is wrong, where, and what to do: plain data for every room to make and every report to
print."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextvars import ContextVar
from enum import StrEnum
from typing import Final, NamedTuple

_AT: Final = r"\baliconf(?: -C (?:'[^'`\n]*'|[^\s'`]+))?"
_ADVISED: Final = re.compile(
    rf"{_AT} (?:plan|apply|status|drift|import|history(?: show)?|render|lease (?:list|release)"
    r"|connector (?:init|check|backup|restore|rekey|migrate))\b(?![^`\n]* (?:-e|--environment)\b)"
)
"""The commands that work on one environment, where none is given to them."""
_OF_A_PROJECT: Final = re.compile(
    r"\baliconf(?= (?:validate|fmt|plan|apply|render|drift|import|status|doctor|history|lease"
    r"|connector|init(?! --ci))\b)"
)
"""The commands that work on the project of a directory, where none is given to them."""
_directory: ContextVar[str] = ContextVar("directory", default="")


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Location(NamedTuple):
    """A place in a file. Lines and columns count from 1; columns count characters."""

    file: str
    line: int = 1
    column: int = 1
    end_column: int = 0
    """One past the last character on the same line; 0 where only the start is known."""
    text: str = ""
    """The source line as it stands in the file, without its line end."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Related(NamedTuple):
    """A second place that explains a finding, such as the first of two equal names."""

    message: str
    location: Location


class Finding(NamedTuple):
    """One thing wrong with the configuration, the connector or the environment."""

    code: str
    severity: Severity
    message: str
    location: Location | None = None
    hint: str = ""
    object: str = ""
    """``Kind/name`` of the document, where there is one."""
    related: tuple[Related, ...] = ()


class AliconfError(Exception):
    """An expected refusal: it is reported as findings, never as a traceback."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(f"{finding.code} {finding.message}" for finding in findings))
        self.findings = findings


def refusal(
    code: str, message: str, hint: str = "", location: Location | None = None
) -> AliconfError:
    """The error of a single finding that stops a command."""
    return AliconfError(Finding(code, Severity.ERROR, message, location, hint))


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def work_in(directory: str) -> None:
    """What this run advises is for the project in another directory: as a shell takes its name."""
    _directory.set(directory)


def with_environment(text: str, environment: str) -> str:
    """A text with ``-e`` in each command that it advises; as it is in a project without any.

    And with ``-C``, where this run works in another directory.
    """
    if environment:
        text = _ADVISED.sub(rf"\g<0> -e {environment}", text)
    directory = _directory.get()
    if directory:
        text = _OF_A_PROJECT.sub(lambda _: f"aliconf -C {directory}", text)
    return text
