"""``aliconf render``"""

from __future__ import annotations

from pathlib import Path

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.project import open_environment


@click.command(short_help="Print the documents in force as YAML.")
@click.option(
    "--origins", is_flag=True, help="Say behind each value in which file and line it is written."
)
@options.environment
@click.pass_obj
def command(directory: Path, environment: str | None, origins: bool) -> int:
    """Print all documents as they are in force: overlays merged, inherited values filled in.

    What no document says is a default of the format and not printed; `aliconf explain` knows these.
    Without -e it is the base. Secrets are references here as everywhere; nothing is sent anywhere.
    """
    from aliconf.report import documents_yaml

    project = open_environment(directory, environment, needed=False)
    project.sound()
    click.echo(documents_yaml.render(project.configuration, origins=origins), nl=False)
    return ExitCode.OK
