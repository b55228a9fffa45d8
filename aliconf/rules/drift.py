"""What the project says of drift."""

from __future__ import annotations

from collections.abc import Iterator

from aliconf.config.configuration import Configuration
from aliconf.findings import Severity
from aliconf.rules.registry import Violation, configuration_rule


@configuration_rule("ALI541", Severity.WARNING)
def no_ignore_of_drift_has_ended(configuration: Configuration) -> Iterator[Violation]:
    yield from expired(configuration)


def expired(configuration: Configuration) -> Iterator[Violation]:
    """The ignores whose last day is over."""
    project = configuration.project
    today = configuration.now.date()
    for index, ignore in enumerate(configuration.settings.drift.ignore):
        if project is not None and ignore.until is not None and today > ignore.until:
            yield Violation(
                project,
                ("spec", "drift", "ignore", index, "until"),
                f"the ignore of {ignore.field} of {ignore.object or ignore.kind} ended on "
                f"{ignore.until}",
                "Take the value into the configuration (`aliconf import --drift`), or renew the "
                "ignore with a reason.",
            )
