"""The system check: what the Magento host must offer (connector-domain §4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pydantic.alias_generators import to_snake

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.model import phpmemory
from aliconf.model.project import ProjectSpec, SystemCheck
from aliconf.rules.registry import Violation, document_rule

LEAST_MEMORY: Final = 512 * 1024**2
"""Bytes."""
LEAST_SECONDS: Final = 60

_PHP_FILES: Final = "in `pub/.user.ini` or in the FPM pool"
_COMMAND_LINE: Final = "the PHP of the command line has limits of its own, often none"
_NO_LIMIT: Final = " (no limit)"


class Check(NamedTuple):
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
    where: str
    """How to see it on the Magento host."""
    remedy: str
    """What to do on the host where it does not pass."""


def judge(settings: ProjectSpec) -> list[Check]:
    """The three checks over what the project declares. Nothing is asked of the host."""
    declared = settings.system_check or SystemCheck.model_construct()
    return [
        _cron(declared.cron),
        _memory(declared.memory_limit),
        _time(declared.max_execution_time),
    ]


def _cron(enabled: bool | None) -> Check:
    return Check(
        "Cron",
        "cron",
        "enabled",
        "" if enabled is None else "enabled" if enabled else "disabled",
        enabled,
        "Where it is, the crontab of the owner of Magento's files has a block "
        "`#~ MAGENTO START`, and the table `cron_schedule` has recent `finished_at` times.",
        "Run `bin/magento cron:install` as the owner of Magento's files.",
    )


def _memory(limit: int | None) -> Check:
    words, passed = "", None
    if limit is not None:
        unlimited = limit == phpmemory.UNLIMITED
        words = phpmemory.written(limit) + (_NO_LIMIT if unlimited else "")
        passed = unlimited or limit >= LEAST_MEMORY
    return _php("Memory limit", "memoryLimit", phpmemory.written(LEAST_MEMORY), words, passed)


def _time(seconds: int | None) -> Check:
    words, passed = "", None
    if seconds is not None:
        unlimited = seconds == 0
        words = f"{seconds}{_NO_LIMIT}" if unlimited else f"{seconds} s"
        passed = unlimited or seconds >= LEAST_SECONDS
    return _php("Execution time", "maxExecutionTime", f"{LEAST_SECONDS} s", words, passed)


def _php(name: str, key: str, least: str, declared: str, passed: bool | None) -> Check:
    setting = to_snake(key)
    return Check(
        name,
        key,
        f"at least {least}",
        declared,
        passed,
        f"The web server's PHP reads `{setting}` {_PHP_FILES}; {_COMMAND_LINE}.",
        f"Set `{setting} = {least.removesuffix(' s')}` or more {_PHP_FILES}; {_COMMAND_LINE}.",
    )


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
                f"{check.remedy} Then declare what you see there.",
            )
