"""What the project's ``drift.ignore`` leaves to others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from aliconf.config.configuration import Configuration
from aliconf.findings import Finding, Severity
from aliconf.rules.drift import expired

if TYPE_CHECKING:
    from aliconf.model.ignores import DriftIgnore

ENDED: Final = "ALI541"
NOTHING: Final = "ALI542"
_STEPS = re.compile(r"[^.\[\]]+")


class Ignores:
    """The ignores of a project; counts what they cover."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        today = configuration.now.date()
        self._ignores = [
            (number, ignore, _STEPS.findall(ignore.field))
            for number, ignore in enumerate(configuration.settings.drift.ignore)
            if ignore.until is None or today <= ignore.until
        ]
        self._used: set[int] = set()
        self.count = 0

    def covers(self, kind: str, name: str, path: str) -> bool:
        """Whether a value that differs is left to others."""
        if not self._ignores:
            return False
        steps = _STEPS.findall(path)
        found = [
            number
            for number, ignore, field in self._ignores
            if (ignore.kind == kind or ignore.object == f"{kind}/{name}")
            and steps[: len(field)] == field
        ]
        self._used.update(found)
        self.count += bool(found)
        return bool(found)

    def findings(self) -> Iterator[Finding]:
        """Ignores that have ended, and those that cover nothing."""
        project = self._configuration.project
        rules = self._configuration.settings.rules
        chosen = rules.severities.get(ENDED) if rules else None
        ended = expired(self._configuration) if chosen != "off" else ()
        for violation in ended:
            place = violation.document.locate(*violation.path)
            yield Finding(
                ENDED,
                Severity(chosen or Severity.WARNING),
                violation.message,
                place,
                violation.hint,
                violation.document.id,
            )
        for number, ignore, _ in self._ignores:
            if number not in self._used and project is not None:
                yield Finding(
                    NOTHING,
                    Severity.NOTE,
                    f"nothing drifted in {_words(ignore)}, which is ignored",
                    project.locate("spec", "drift", "ignore", number, "field"),
                    "If that is so for good, remove the ignore: it would hide what comes.",
                    project.id,
                )


def _words(ignore: DriftIgnore) -> str:
    return f"{ignore.field} of {ignore.object or ignore.kind}"
