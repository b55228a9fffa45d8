"""Groups of commands that are imported when they run, so that ``--help`` starts fast."""

from __future__ import annotations

import importlib
from keyword import iskeyword
from typing import Any

import click


class LazyGroup(click.Group):
    """Commands by name, each ``command`` in the module of that name in ``package``.

    A name that Python keeps for itself has an underscore behind it there: ``import_``.
    """

    def __init__(self, *args: Any, package: str, known: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self._package = package
        self._known = known
        """Names with their one line of help, in the order in which they are shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._known)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._known:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        module = importlib.import_module(f"{self._package}.{name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._known.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._known and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], self._known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)
