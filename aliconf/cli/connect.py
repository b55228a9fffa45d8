"""The connector of a project, for the commands that read or change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from aliconf.cli.advice import advised
from aliconf.cli.output import in_ci
from aliconf.cli.progress import shown
from aliconf.cli.project import Project
from aliconf.cli.verbosity import tell
from aliconf.config.secrets import Resolver
from aliconf.connector.reader import Reader, open_reader
from aliconf.connector.urls import Target, target
from aliconf.findings import AliconfError, Finding, Location, refusal
from aliconf.plan.build import build_plan
from aliconf.plan.changes import Plan
from aliconf.plan.secrets import Secrets
from aliconf.progress import SILENT, Progress

if TYPE_CHECKING:
    from aliconf.plan.since import Branch

OF_THE_STORE = frozenset(
    f"ALI{number}"
    for number in (*range(910, 917), 918, *range(923, 930), *range(932, 937), 939, 942)
)
"""What is wrong with the store as a whole, and so with the URL that names it."""


def store_of(project: Project) -> Target:
    """The store that the project's connector URL means; connects to nothing.

    Raises AliconfError: ALI920 for a project with environments of which none was
    chosen, ALI915 for the URL.
    """
    store = _store_of(project)
    tell(f"connector {store.display}")
    return store


def _store_of(project: Project) -> Target:
    project.need_environment()
    settings = project.configuration.settings
    with at_connector(project):
        return target(settings.connector, project.root, Resolver(project.root))


@contextmanager
def at_connector(project: Project) -> Iterator[None]:
    """Give refusals of the store the place of ``spec.connector``, where the project writes it."""
    try:
        yield
    except AliconfError as error:
        error.findings = placed(project, error.findings)
        raise


def placed(project: Project, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, those of the store at the place of ``spec.connector``, if it is written."""
    document = project.configuration.project
    if document is None or not document.has("spec", "connector"):
        return tuple(findings)
    place = document.locate("spec", "connector")
    return tuple(
        finding._replace(location=place)
        if finding.location is None and finding.code in OF_THE_STORE
        else finding
        for finding in findings
    )


@contextmanager
def reader_of(project: Project, progress: Progress = SILENT) -> Iterator[Reader]:
    """A reader of the project's connector. Raises AliconfError: ALI910 to ALI934."""
    store = store_of(project)
    with at_connector(project), open_reader(store, progress) as reader:
        tell(f"opened it: {reader.connector_id}" if reader.exists else "there is no store yet")
        yield reader


def shown_connector(project: Project) -> str:
    """Where the store is, relative to the current directory, without secrets."""
    return _store_of(project).display


def plan_of(
    project: Project,
    warnings: Iterable[Finding] | None = None,
    *,
    leased: bool = False,
    secrets: Secrets | None = None,
    branch: Branch | None = None,
) -> Plan:
    """The project's plan. Raises AliconfError where the configuration has an error finding.

    ``warnings`` are those of a configuration that was found sound already; ``leased`` says that
    its lease is held; ``secrets`` gets the values that the plan compares; ``branch`` tells the
    cause of each change. In CI an embedded store that does not exist is refused (ALI921): a fresh
    machine must not plan everything as new.
    """
    findings = project.sound() if warnings is None else warnings
    connector = shown_connector(project)
    with shown() as progress, reader_of(project, progress) as reader:
        need_store_in_ci(project, reader, connector)
        plan = build_plan(
            project.configuration,
            reader,
            findings,
            connector,
            progress,
            leased=leased,
            secrets=secrets,
        )
        plan = replace(
            plan,
            findings=advised(plan.findings, plan.environment),
            obstacles=advised(plan.obstacles, plan.environment),
        )
        return branch.explain(plan, reader) if branch else plan


def need_store_in_ci(project: Project, reader: Reader, connector: str) -> None:
    """Refuse an embedded store that does not exist on a build server (ALI921)."""
    if in_ci() and not reader.exists:
        raise refusal(
            "ALI921",
            f"in CI, and there is no connector store at {connector}",
            "A fresh machine has no embedded store, so everything would be planned as new. "
            "Use a store on a server (postgresql:// or mariadb://; see the README's section For a "
            "team), or a file on a machine that keeps it between runs.",
            _place(project),
        )


def _place(project: Project) -> Location | None:
    document = project.configuration.project
    return document.locate("spec", "connector") if document else None
