"""``aliconf drift``"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aliconf.cli import options
from aliconf.cli.advice import advised
from aliconf.cli.main import ExitCode
from aliconf.cli.output import refusals_as
from aliconf.cli.progress import shown
from aliconf.cli.project import Project, tell_environment, tell_project
from aliconf.cli.verbosity import quiet, style_of
from aliconf.findings import has_errors

if TYPE_CHECKING:
    from aliconf.plan.drift import Drift


@click.command(short_help="Show what others changed in the connector.")
@options.text_or_json("How the drift is printed.")
@options.environment
@click.pass_obj
def command(directory: Path, environment: str | None, shape: str) -> int:
    """Show what others changed in the connector since aliconf last did.

    The connector is compared with what the journal says that applies have left, and not with the
    configuration: what waits on a branch is no drift. Nothing is changed, and no lease is taken.

    \b
    ~  changed: values are not as the last apply left them
    -  gone: it was applied, and is in the connector no more
    +  appeared: it is marked as this project's, and no apply has made it so
    →  the default of a kind is another policy

    Exit code 2 when there is drift, 0 when there is none, 1 for an error. What may drift is listed
    in `drift.ignore` of aliconf.yaml.
    """
    with refusals_as(shape):
        drift = drift_of(alone(directory, environment))
    if shape == "json":
        from aliconf.report import drift_data

        click.echo(drift_data.to_json(drift))
    else:
        from aliconf.report import drift_text

        report = drift_text.brief if quiet() else drift_text.render
        click.echo(report(drift, style_of(sys.stdout)), nl=False)
    if has_errors(drift.findings):
        return ExitCode.ERROR
    return ExitCode.CHANGES if drift else ExitCode.OK


def alone(directory: Path, environment: str | None) -> Project:
    """The project of a directory, of whose files only its own document is read.

    Raises AliconfError: ALI957 for an environment that there is not, ALI920 where one is needed,
    and the findings of a document that cannot say.
    """
    from aliconf.config.alone import alone_in, project_alone
    from aliconf.config.discover import find_root

    project = Project(project_alone(find_root(directory)))
    tell_project(project)
    project.own_document()
    if environment is not None:
        project = Project(alone_in(project.configuration, environment))
        tell_environment(project)
        return project
    project.need_environment()
    return project


def drift_of(project: Project) -> Drift:
    """The drift of a project. Raises AliconfError: ALI910 to ALI934."""
    from aliconf.cli.connect import need_store_in_ci, reader_of, shown_connector
    from aliconf.plan.drift import find_drift
    from aliconf.plan.drift_ignores import Ignores

    connector = shown_connector(project)
    chosen = project.configuration.environment
    with shown() as progress, reader_of(project, progress) as reader:
        need_store_in_ci(project, reader, connector)
        drift = find_drift(
            reader,
            project.name,
            Ignores(project.configuration),
            connector,
            chosen.name if chosen else "",
        )
        return replace(drift, findings=advised(drift.findings, drift.environment))
