"""``aliconf status``"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.output import refusals_as
from aliconf.cli.progress import shown
from aliconf.cli.project import Project, open_environment
from aliconf.cli.verbosity import quiet
from aliconf.findings import AliconfError, Finding, Severity
from aliconf.progress import SILENT, Progress

if TYPE_CHECKING:
    from aliconf.connector.reader import Reader
    from aliconf.status.overview import Status, Waiting


_UNREADABLE: Final = frozenset({"ALI910", "ALI912", "ALI916", "ALI927", "ALI934"})
"""What keeps the store from being read: no plan, and no status either."""


@click.command(short_help="Show the connector: accounts, policies, templates, what is to do.")
@click.option("--summary", is_flag=True, help="Show the steps of the onboarding as a checklist.")
@click.option("--all", "full", is_flag=True, help="Show every row of every table.")
@options.text_or_json("How the status is printed; json has everything, the checklist included.")
@options.environment
@click.pass_obj
def command(directory: Path, environment: str | None, summary: bool, full: bool, shape: str) -> int:
    """Show the connector: accounts, policies, listing templates, campaigns, what is to do.

    VALID or INVALID is what the rules say now of what the connector holds, whoever wrote it there.
    Nothing is changed. Times are in UTC.

    Exit code 1 when an object in the connector is INVALID, so that a nightly job notices. What else
    is to do does not count: a new shop ends with 0.
    """
    with refusals_as(shape):
        status = _read(open_environment(directory, environment))
    if shape == "json":
        from aliconf.report import status_data

        click.echo(status_data.to_json(status))
    else:
        from aliconf.report import status_text
        from aliconf.report.style import Style

        style = Style.of(sys.stdout)
        if quiet():
            text = status_text.brief(status, style, summary=summary)
        elif summary:
            text = status_text.summary(status, style)
        else:
            text = status_text.render(status, style, full=full)
        click.echo(text, nl=False)
    return ExitCode.OK if status.valid else ExitCode.ERROR


def _read(project: Project) -> Status:
    from aliconf.cli.connect import reader_of, shown_connector
    from aliconf.status.read import read_status

    project.own_document()
    with shown() as progress, reader_of(project, progress) as reader:
        waiting = waiting_changes(project, reader, progress)
        return read_status(project.configuration, reader, waiting, shown_connector(project))


def waiting_changes(project: Project, reader: Reader, progress: Progress = SILENT) -> Waiting:
    """What apply would change. A configuration with errors has no plan, and the status tells."""
    from aliconf.plan.build import build_plan
    from aliconf.status.overview import Waiting

    try:
        findings = project.sound()
    except AliconfError as error:
        return Waiting(None, errors=_errors(error))
    try:
        plan = build_plan(project.configuration, reader, findings, progress=progress)
    except AliconfError as error:
        if any(found.code in _UNREADABLE for found in error.findings):
            raise
        return Waiting(None, refusals=_errors(error))
    return Waiting(len(plan.changes), len(plan.adoptions))


def _errors(refused: AliconfError) -> tuple[Finding, ...]:
    return tuple(found for found in refused.findings if found.severity is Severity.ERROR)
