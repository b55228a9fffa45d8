"""``aliconf connector backup``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.output import done
from aliconf.cli.project import open_environment
from aliconf.cli.verbosity import note


@click.command(short_help="Write a store to a file.")
@click.argument("file", type=click.Path(path_type=Path))
@options.environment
@click.pass_obj
def command(directory: Path, environment: str | None, file: Path) -> int:
    """Write the project's connector store to FILE; - is standard output.

    The backup is one state of the store, also while somebody applies to it. It is compressed JSON,
    the same for every database, and is restored on any of them. Only you may read the file, which
    takes the place of an older backup once it is complete; another file is not overwritten.
    """
    from aliconf.apply.interrupts import terminable
    from aliconf.cli.connect import at_connector, store_of
    from aliconf.cli.progress import shown
    from aliconf.connector.backup_file import refuse_other_file, replacing
    from aliconf.connector.transfer import back_up
    from aliconf.report import connector_text
    from aliconf.report.style import Style

    project = open_environment(directory, environment)
    project.own_document()
    store = store_of(project)
    if str(file) == "-":
        if sys.stdout.isatty():
            raise click.UsageError(
                "A backup is no text for a terminal: name a file, or use a pipe."
            )
        with terminable(), at_connector(project), shown() as progress:
            moved = back_up(store, sys.stdout.buffer, progress)
        style = Style.of(sys.stderr)
        note(connector_text.backed_up(moved, store.display, "-", style), err=True, nl=False)
        return ExitCode.OK
    refuse_other_file(store, file)
    with terminable(), at_connector(project), shown() as progress, replacing(file) as stream:
        moved = back_up(store, stream, progress)
    style = Style.of(sys.stdout)
    done(connector_text.backed_up(moved, store.display, str(file), style), nl=False)
    return ExitCode.OK
