"""Ignores of findings that have ended."""

from __future__ import annotations

from collections.abc import Iterator

from aliconf.config.configuration import Configuration
from aliconf.findings import Severity
from aliconf.rules.registry import Violation, configuration_rule


@configuration_rule("ALI124", Severity.WARNING)
def no_ignore_has_ended(configuration: Configuration) -> Iterator[Violation]:
    """What it held back is back by itself; a project may want an error of this as well."""
    project, rules = configuration.project, configuration.settings.rules
    today = configuration.now.date()
    for index, ignore in enumerate(rules.ignore if rules else ()):
        if project is not None and ignore.until is not None and today > ignore.until:
            yield Violation(
                project,
                ("spec", "rules", "ignore", index, "until"),
                f"the ignore of {ignore.code} ended on {ignore.until}",
                "Correct what it ignored, or renew it with a reason.",
            )
