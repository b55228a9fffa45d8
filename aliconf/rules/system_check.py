"""The system check: what the Magento host must offer (connector-domain §4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.model import phpmemory
from aliconf.model.project import ProjectSpec, SystemCheck
from aliconf.rules.registry import Violation, document_rule

LEAST_MEMORY: Final = 512 * 1024**2
"""Bytes."""
LEAST_SECONDS: Final = 60

_ENABLE_CRON = (
    "Run `bin/magento cron:install` as the owner of Magento's files; the crontab then has a block "
    "`#~ MAGENTO START`. It works when the table `cron_schedule` gets new `finished_at` times."
)
_WHERE = (
    "where the web server's PHP reads it: in `pub/.user.ini` or in the FPM pool. The PHP of the "
    "command line has limits of its own, often none."
)


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the system check."""

    name: str
    key: str
    """Its key under ``systemCheck``."""
    required: str
    """In words, and so is ``declared``."""
    declared: str
    """Empty where nothing is declared."""
    passed: bool | None
    """None where nothing is declared."""
    remedy: str
    """What to do on the host where it does not pass."""


def judge(settings: ProjectSpec) -> list[Check]:
    """The three checks over what the project declares. Nothing is asked of the host."""
    declared = settings.system_check or SystemCheck()
    return [_cron(declared.cron), _memory(declared.memory_limit), _time(declared)]


def _cron(enabled: bool | None) -> Check:
    words = "" if enabled is None else "enabled" if enabled else "disabled"
    return Check("Cron", "cron", "enabled", words, enabled, _ENABLE_CRON)


def _memory(limit: int | None) -> Check:
    least = phpmemory.written(LEAST_MEMORY)
    return Check(
        "Memory limit",
        "memoryLimit",
        f"at least {least}",
        "" if limit is None else _unlimited_or(limit, phpmemory.UNLIMITED, phpmemory.written(limit)),
        None if limit is None else limit == phpmemory.UNLIMITED or limit >= LEAST_MEMORY,
        f"Set `memory_limit = {least}` or more {_WHERE}",
    )


def _time(declared: SystemCheck) -> Check:
    seconds = declared.max_execution_time
    return Check(
        "Execution time",
        "maxExecutionTime",
        f"at least {LEAST_SECONDS} s",
        "" if seconds is None else _unlimited_or(seconds, 0, f"{seconds} s"),
        None if seconds is None else seconds == 0 or seconds >= LEAST_SECONDS,
        f"Set `max_execution_time = {LEAST_SECONDS}` or more {_WHERE}",
    )


def _unlimited_or(value: int, unlimited: int, words: str) -> str:
    return f"{value} (no limit)" if value == unlimited else words


@document_rule("ALI703", "Project")
def declared_values_pass_the_system_check(
    document: LoadedDocument, spec: ProjectSpec, configuration: Configuration
) -> Iterator[Violation]:
    for check in judge(spec):
        if check.passed is False:
            yield Violation(
                document,
                ("spec", "systemCheck", check.key),
                f"{check.name.lower()}: declared {check.declared}, required {check.required}",
                check.remedy,
            )
