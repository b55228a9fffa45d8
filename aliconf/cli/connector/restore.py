"""``aliconf connector restore``"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.output import done
from aliconf.cli.project import open_environment
from aliconf.findings import refusal


@click.command(short_help="Make a store from such a file.")
@click.argument("file", type=click.Path(path_type=Path))
@options.environment
@click.pass_obj
def command(directory: Path, environment: str | None, file: Path) -> int:
    """Make the project's connector store from FILE, a backup; - is standard input.

    Where the connector URL points there must be no store yet, or an empty one. All of the file is
    read and compared with its digest before anything is written, and the store is compared with it
    before it keeps anything. A backup of an older schema is migrated.
    """
    from aliconf.apply.interrupts import terminable
    from aliconf.cli.connect import at_connector, store_of
    from aliconf.cli.progress import shown
    from aliconf.connector.backup import Backup
    from aliconf.connector.transfer import restore
    from aliconf.report import connector_text
    from aliconf.report.style import Style

    project = open_environment(directory, environment)
    project.own_document()
    store = store_of(project).to("make")
    name = "standard input" if str(file) == "-" else str(file)
    with terminable(), _opened(file) as stream, at_connector(project), shown() as progress:
        moved = restore(Backup(stream, name), store, progress)
    done(connector_text.restored(moved, store.display, name, Style.of(sys.stdout)), nl=False)
    return ExitCode.OK


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """A file that can be read twice."""
    if str(file) == "-":
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
            yield kept
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise refusal(
            "ALI938",
            f"{file} cannot be read: {error.strerror or error}",
            "Name a file that aliconf connector backup has written.",
        ) from error
    with stream:
        yield stream
