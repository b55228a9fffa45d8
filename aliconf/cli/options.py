"""Options that several commands have."""

from __future__ import annotations

import click

environment = click.option(
    "-e",
    "--environment",
    metavar="NAME",
    help="The environment to work on; a project with environments has no default one.",
)
