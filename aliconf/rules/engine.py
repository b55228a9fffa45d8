"""Run the rules over a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Finding, Severity
from aliconf.progress import SILENT, Progress
from aliconf.rules.catalogue import rules_for
from aliconf.rules.chosen import Chosen
from aliconf.rules.registry import Rule, Violation


def check(configuration: Configuration, progress: Progress = SILENT) -> list[Finding]:
    """Every finding of a configuration, structure included, in the order of the files."""
    chosen = Chosen(configuration)
    found = list(configuration.findings)
    found += chosen.findings
    rules = [
        rule
        for rule in rules_for(configuration.kinds)
        if chosen.severity(rule.code, rule.severity) is not None
    ]
    found += chosen.apply(_violations(configuration, rules, progress))
    return in_order(found)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file and place; those without a place last."""
    return sorted(
        findings,
        key=lambda finding: (
            (0, finding.location.file, finding.location.line, finding.location.column, finding.code)
            if finding.location
            else (1, "", 0, 0, finding.code)
        ),
    )


def _violations(
    configuration: Configuration, rules: list[Rule], progress: Progress
) -> Iterator[tuple[Rule, Violation] | Finding]:
    progress.begin("checking documents", len(configuration.documents))
    by_kind: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.kind is None:
            for violation in rule.check(configuration):
                yield rule, violation
        else:
            by_kind.setdefault(rule.kind, []).append(rule)
    for document in configuration.documents:
        progress.advance()
        if document.model is None:
            continue
        effective = configuration.effective(document)
        yield from effective.findings
        inherited = len(effective.chain) > 1
        for rule in by_kind.get(document.kind, ()):
            for violation in rule.check(document, effective.spec, configuration):
                if inherited and _stands_in_a_base(violation, rule, effective.chain, configuration):
                    continue
                yield rule, violation


def _stands_in_a_base(
    violation: Violation,
    rule: Rule,
    chain: tuple[LoadedDocument, ...],
    configuration: Configuration,
) -> bool:
    """Whether the violation stands in the same words in a policy that this one is based on.

    It is reported there, once, and not again by everybody who inherits it.
    """
    if violation.document.has(*violation.path):
        return False
    for base in chain[1:]:
        spec = configuration.effective(base).spec
        for other in rule.check(base, spec, configuration):
            if other.path == violation.path and other.message == violation.message:
                return True
    return False


def severities(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings of each severity."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts
