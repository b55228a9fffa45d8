"""``aliconf connector migrate``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.project import open_environment
from aliconf.cli.verbosity import note


@click.command(short_help="Bring an older store up to this aliconf's schema.")
@options.environment
@click.pass_obj
def command(directory: Path, environment: str | None) -> int:
    """Run the migrations that the project's connector store is missing.

    Every older aliconf that uses the store is refused afterwards, until it is upgraded as well.
    Take a backup first: aliconf connector backup FILE.
    """
    from aliconf.cli.connect import at_connector, store_of
    from aliconf.connector.prepare import migrate_store
    from aliconf.report import connector_text
    from aliconf.report.style import Style

    project = open_environment(directory, environment)
    project.own_document()
    store = store_of(project).to("make")
    with at_connector(project):
        before, after = migrate_store(store)
    style = Style.of(sys.stdout)
    note(connector_text.migrated(store.display, before, after, style), nl=False)
    return ExitCode.OK
