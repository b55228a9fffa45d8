"""Groups of commands that are imported when they run, so that ``--help`` starts fast."""

from __future__ import annotations

import importlib
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import click

from aliconf.cli.verbosity import with_choices

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


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
        return with_choices(command)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands by their names, none of which is imported for it; then the options."""
        from click.shell_completion import CompletionItem

        commands = [
            CompletionItem(name, help=words)
            for name, words in self._known.items()
            if name.startswith(incomplete)
        ]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._known.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        unknown = args and args[0] not in self._known and not args[0].startswith("-")
        if unknown and not ctx.resilient_parsing:
            import difflib

            near = difflib.get_close_matches(args[0], self._known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)
