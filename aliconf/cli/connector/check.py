"""``aliconf connector check``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.output import refusals_as
from aliconf.cli.project import open_environment
from aliconf.cli.verbosity import quiet, style_of


@click.command(short_help="Look at a store from all sides; change nothing.")
@options.text_or_json("How the result is printed.")
@options.environment
@click.pass_obj
def command(directory: Path, environment: str | None, shape: str) -> int:
    """Look at the project's connector store from all sides; nothing is changed.

    The server and how it is reached, the store's schema, tables and triggers, the rights that apply
    needs, how many objects which project manages, defaults that name no policy, objects that cannot
    be read, and who applies. Exit code 1 where something is wrong.
    """
    from aliconf.cli.connect import at_connector, placed, store_of
    from aliconf.cli.progress import shown
    from aliconf.connector.inspection import inspect_store
    from aliconf.findings import has_errors
    from aliconf.report import connector_check, connector_data
    from aliconf.rules.engine import severities

    with refusals_as(shape):
        project = open_environment(directory, environment)
        project.own_document()
        store = store_of(project)
        with at_connector(project), shown() as progress:
            seen = inspect_store(store, progress)
    seen.findings[:] = placed(project, seen.findings)
    if shape == "json":
        click.echo(connector_data.to_json(seen))
    else:
        counts = severities(seen.findings)
        report = connector_check.brief if quiet() else connector_check.render
        click.echo(report(seen, counts, style_of(sys.stdout)), nl=False)
    return ExitCode.ERROR if has_errors(seen.findings) else ExitCode.OK
