"""The command line of a command, as a next step shows it: with the options that were used."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import click
from click.core import ParameterSource


def again(context: click.Context, instead: Mapping[str, str | bool]) -> str:
    """The command of a context, to be pasted into a shell.

    ``instead`` are values of parameters, by their names, that take the place of those that were
    given. What the environment or a default said is left out: it says so again.
    """
    return f"{start(context)} {context.info_name} {_rest(context, instead)}".rstrip()


def start(context: click.Context) -> str:
    """``aliconf`` with the options before the command."""
    root = context.find_root()
    return f"aliconf {_rest(root, {})}".rstrip()


def _rest(context: click.Context, instead: Mapping[str, str | bool]) -> str:
    options: list[str] = []
    arguments: list[str] = []
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in instead:
            value: Any = instead[name]
        elif context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            value = context.params.get(name)
        else:
            continue
        if isinstance(parameter, click.Option):
            options += _option(parameter, value)
        else:
            arguments += [shlex.quote(str(value))]
    return " ".join([*options, *arguments])


def _option(option: click.Option, value: Any) -> Iterator[str]:
    word = max(option.opts, key=len)
    if option.is_flag:
        if value:
            yield word
        return
    for one in value if option.multiple else [value]:
        if one is not None:
            yield f"{word} {shlex.quote(str(one))}"
