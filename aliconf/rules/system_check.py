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
_NO_LIMIT = " (no limit)"


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
    return [
        _cron(declared.cron),
        _memory(declared.memory_limit),
        _time(declared.max_execution_time),
    ]


def _cron(enabled: bool | None) -> Check:
    words = "" if enabled is None else "enabled" if enabled else "disabled"
    return Check("Cron", "cron", "enabled", words, enabled, _ENABLE_CRON)


def _memory(limit: int | None) -> Check:
    least = phpmemory.written(LEAST_MEMORY)
    words, passed = "", None
    if limit is not None:
        unlimited = limit == phpmemory.UNLIMITED
        words = phpmemory.written(limit) + (_NO_LIMIT if unlimited else "")
        passed = unlimited or limit >= LEAST_MEMORY
    remedy = f"Set `memory_limit = {least}` or more {_WHERE}"
    return Check("Memory limit", "memoryLimit", f"at least {least}", words, passed, remedy)


def _time(seconds: int | None) -> Check:
    least = f"at least {LEAST_SECONDS} s"
    words, passed = "", None
    if seconds is not None:
        unlimited = seconds == 0
        words = f"{seconds}{_NO_LIMIT}" if unlimited else f"{seconds} s"
        passed = unlimited or seconds >= LEAST_SECONDS
    remedy = f"Set `max_execution_time = {LEAST_SECONDS}` or more {_WHERE}"
    return Check("Execution time", "maxExecutionTime", least, words, passed, remedy)


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
