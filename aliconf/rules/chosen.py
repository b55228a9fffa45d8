"""What the project's ``rules`` say: severities by code, and what is ignored until when."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from aliconf.config.configuration import Configuration
from aliconf.findings import Finding, Severity
from aliconf.rules.catalogue import choosable_rules
from aliconf.rules.registry import Rule, Violation

if TYPE_CHECKING:
    from aliconf.model.ignores import Ignore


class Chosen:
    """The project's choice of severities. Only rules can be chosen: YAML and structure cannot."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.today = configuration.now.date()
        rules = configuration.settings.rules
        self._severities = dict(rules.severities) if rules else {}
        self._ignores = list(rules.ignore) if rules else []
        self.findings = list(self._unusable())

    def severity(self, code: str, otherwise: Severity) -> Severity | None:
        """The severity of a rule; None where it is off."""
        chosen = self._severities.get(code)
        if chosen is None:
            return otherwise
        return None if chosen == "off" else Severity(chosen)

    def apply(self, violations: Iterable[tuple[Rule, Violation] | Finding]) -> Iterator[Finding]:
        for item in violations:
            if isinstance(item, Finding):
                yield item
                continue
            rule, violation = item
            severity = self.severity(rule.code, rule.severity)
            assert severity is not None
            finding = Finding(
                rule.code,
                severity,
                violation.message,
                violation.document.locate(*violation.path, key=violation.key),
                violation.hint,
                violation.document.id,
                violation.related,
            )
            if not self.ignores(finding):
                yield finding

    def ignores(self, finding: Finding) -> bool:
        return any(self._covers(ignore, finding) for ignore in self._ignores)

    def lifts(self, finding: Finding) -> bool:
        """Whether a refusal against git is lifted: only by an ignore that ends some day."""
        return any(
            self._covers(ignore, finding) for ignore in self._ignores if ignore.until is not None
        )

    def _covers(self, ignore: Ignore, finding: Finding) -> bool:
        if ignore.code != finding.code or self._expired(ignore):
            return False
        if ignore.object is not None and ignore.object != finding.object:
            return False
        return ignore.path is None or (
            finding.location is not None
            and fnmatchcase(self._from_root(finding.location.file), ignore.path)
        )

    def _from_root(self, file: str) -> str:
        """A path that is shown from the current directory, from the project's root."""
        return os.path.relpath(Path.cwd() / file, self.configuration.root)

    def _expired(self, ignore: Ignore) -> bool:
        return ignore.until is not None and self.today > ignore.until

    def _unusable(self) -> Iterator[Finding]:
        """Codes that no rule has."""
        project = self.configuration.project
        if project is None or not (self._severities or self._ignores):
            return
        known = {rule.code for rule in choosable_rules()}
        for code in self._severities:
            if code not in known:
                yield self._not_a_rule(code, ("spec", "rules", code))
        for index, ignore in enumerate(self._ignores):
            if ignore.code not in known and not ignore.code.startswith("ALI5"):
                yield self._not_a_rule(ignore.code, ("spec", "rules", "ignore", index, "code"))

    def _not_a_rule(self, code: str, path: tuple[str | int, ...]) -> Finding:
        from aliconf.rules.pages import page

        if page(code) is None:
            message, hint = f"there is no code {code}", "`aliconf explain --all` lists the codes."
        else:
            message = f"{code} cannot be switched off or ignored"
            hint = f"Correct what it reports; `aliconf explain {code}` says how."
        project = self.configuration.project
        assert project is not None
        place = project.locate(*path, key=True)
        return Finding("ALI123", Severity.ERROR, message, place, hint, project.id)
