"""Commands that are advised: with the environment that was chosen, and the directory of `-C`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import click

from aliconf.findings import AliconfError, Finding, with_environment


def advised(findings: Iterable[Finding], environment: str) -> tuple[Finding, ...]:
    """Findings whose hints name the environment, and the directory, in each command."""
    return tuple(one._replace(hint=with_environment(one.hint, environment)) for one in findings)


def chosen() -> str:
    """The environment that the command which runs was given; empty for none."""
    context = click.get_current_context(silent=True)
    while context is not None:
        if context.params.get("environment"):
            return str(context.params["environment"])
        context = context.parent
    return ""


def in_environment(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give what a command refuses the environment that it was given."""

    @functools.wraps(function)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except AliconfError as error:
            error.findings = advised(error.findings, chosen())
            raise

    return run
