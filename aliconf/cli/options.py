"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from aliconf.cli import completion
from aliconf.cli.advice import in_environment

_environment = click.option(
    "-e",
    "--environment",
    metavar="NAME",
    shell_complete=completion.environments,
    help="The environment to work on; a project with environments has no default one.",
)


def environment(command: Callable[..., Any]) -> Callable[..., Any]:
    """``-e``, and its name in whatever the command advises when it refuses."""
    return _environment(in_environment(command))


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
