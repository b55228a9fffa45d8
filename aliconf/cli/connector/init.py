"""``aliconf connector init``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.project import open_environment
from aliconf.cli.verbosity import note


@click.command(short_help="Make the tables of a new connector store.")
@options.environment
@click.pass_obj
def command(directory: Path, environment: str | None) -> int:
    """Make the tables of a connector store where the project's connector URL points.

    The database has to be there already, and its user may need the rights to create tables,
    triggers and, with ?schema=NAME, that schema. A store that is there already is left alone.
    """
    from aliconf.cli.connect import at_connector, store_of
    from aliconf.connector.prepare import check_store, make_store
    from aliconf.report import connector_text
    from aliconf.report.style import Style

    project = open_environment(directory, environment)
    project.own_document()
    store = store_of(project).to("make")
    with at_connector(project):
        made = make_store(store)
        if not made:
            check_store(store)
    note(connector_text.made(store.display, Style.of(sys.stdout), new=made), nl=False)
    return ExitCode.OK
