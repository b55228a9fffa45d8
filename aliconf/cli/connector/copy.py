"""``aliconf connector copy``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aliconf.cli.main import ExitCode
from aliconf.cli.output import done


@click.command(short_help="Copy a store to another place or database.")
@click.argument("source", metavar="FROM")
@click.argument("to", metavar="TO")
@click.pass_obj
def command(directory: Path, source: str, to: str) -> int:
    """Copy the store at the connector URL FROM to the connector URL TO.

    Passwords are secret references; put such a URL into single quotes, so that the shell leaves it
    alone. Relative paths start at the project's root, or here where there is no project.

    TO must have no store yet, or an empty one. All of it is copied or nothing: the digest of TO is
    compared with that of FROM before TO keeps anything. The copy has the same id, so that a plan
    stays valid. While somebody applies to FROM it is not copied.
    """
    from aliconf.apply.interrupts import terminable
    from aliconf.cli.connector.places import store_at
    from aliconf.cli.progress import shown
    from aliconf.connector.transfer import copy_store
    from aliconf.report import connector_text
    from aliconf.report.style import Style

    first, second = store_at(source, "FROM", directory), store_at(to, "TO", directory).to("make")
    with terminable(), shown() as progress:
        moved = copy_store(first, second, progress, called=("FROM", "TO"))
    style = Style.of(sys.stdout)
    aside = second.embedded and not first.embedded
    text = connector_text.copied(moved, first.display, second.display, style, aside=aside)
    done(text, nl=False)
    return ExitCode.OK
