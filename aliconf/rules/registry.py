"""What a rule is: one function per code.

A rule yields violations; the engine turns them into findings with the code, the severity that the
project chose, and the place. Each code has its page in ``text/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Related, Severity


class Violation(NamedTuple):
    """A place in a document that a rule does not accept."""

    document: LoadedDocument
    path: tuple[str | int, ...]
    """From the top of the document: ``("spec", "title")``."""
    message: str
    hint: str = ""
    key: bool = False
    """Show the key, not its value."""
    related: tuple[Related, ...] = ()


class Rule(NamedTuple):
    code: str
    severity: Severity
    check: Callable[..., Iterator[Violation]]
    kind: str | None
    """The kind whose documents the rule looks at one by one; None looks at all of them at once."""
    fixed: bool = False
    """A plan rests on it: no project can switch it off, ignore it or lower its severity."""


RULES: Final[list[Rule]] = []

DocumentCheck = Callable[[LoadedDocument, Any, Configuration], Iterator[Violation]]
"""(document, its effective spec, the configuration)"""
ConfigurationCheck = Callable[[Configuration], Iterator[Violation]]


def document_rule(
    code: str, kind: str, severity: Severity = Severity.ERROR
) -> Callable[[DocumentCheck], DocumentCheck]:
    """Register a rule that looks at one document of a kind, with everything it is based on."""

    def register(check: DocumentCheck) -> DocumentCheck:
        RULES.append(Rule(code, severity, check, kind))
        return check

    return register


def configuration_rule(
    code: str, severity: Severity = Severity.ERROR, *, fixed: bool = False
) -> Callable[[ConfigurationCheck], ConfigurationCheck]:
    """Register a rule that looks at all documents together."""

    def register(check: ConfigurationCheck) -> ConfigurationCheck:
        RULES.append(Rule(code, severity, check, None, fixed))
        return check

    return register
