"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from aliconf.cli import completion

environment = click.option(
    "-e",
    "--environment",
    metavar="NAME",
    shell_complete=completion.environments,
    help="The environment to work on; a project with environments has no default one.",
)


def text_or_json(words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--format text|json`` as the parameter ``shape``; ``words`` is its help."""
    return click.option(
        "--format",
        "shape",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help=words,
    )
