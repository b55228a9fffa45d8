"""The checks of every environment of a project, beside those of its base."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aliconf.config.configuration import Configuration
from aliconf.config.environments import in_environment
from aliconf.findings import Finding
from aliconf.progress import SILENT, Progress
from aliconf.rules.engine import check


def check_environments(
    base: Configuration, known: Iterable[Finding], progress: Progress = SILENT
) -> list[Finding]:
    """What is found in the merged documents of the environments and not among the ``known``.

    A finding names its environment; one that several have is there once.
    """
    project = base.project
    if project is None or not project.sound:
        return []  # what its environments are is not certain
    return told_apart(base, known, lambda name: check(in_environment(base, name), progress))


def told_apart(
    base: Configuration, known: Iterable[Finding], found: Callable[[str], Iterable[Finding]]
) -> list[Finding]:
    """The findings of each environment by its name, without those that are ``known``."""
    seen = {_identity(finding) for finding in known}
    news: dict[object, tuple[Finding, list[str]]] = {}
    for name in base.settings.environments:
        for finding in found(name):
            identity = _identity(finding)
            if identity not in seen:
                names = news.setdefault(identity, (finding, []))[1]
                names += [name] if name not in names else []
    return [_in(names, finding) for finding, names in news.values()]


def _identity(finding: Finding) -> object:
    """Hints and related places aside: they may list what only an environment has."""
    place = finding.location and finding.location[:3]
    return finding.code, finding.message, place, finding.object


def _in(names: list[str], finding: Finding) -> Finding:
    words = f"environment{'s' if len(names) > 1 else ''} {', '.join(names)}"
    return finding._replace(message=f"{finding.message} ({words})")
