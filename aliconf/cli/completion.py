"""``aliconf completion``, and what a shell is given to complete.

The scripts and their protocol are click's own. A shell waits for the answer at each press of the
tab key: nothing here reads more than the project's own file, and no store is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from aliconf.cli.main import ExitCode

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VARIABLE: Final = "_ALICONF_COMPLETE"
"""Set by the script in the shell: this run only completes a command line."""
_NO_SPACE: Final = """
%(complete_func)s_unfinished() {
    %(complete_func)s "$@"
    [[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}

complete -o nosort -F %(complete_func)s_unfinished %(prog_name)s"""
"""For bash, which puts a blank after what it has completed: a file follows ``markdown=``."""


@click.command(short_help="Print the script that completes commands in a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the script by which SHELL completes commands, options, environments, codes and fields.

    \b
    bash (4.4 or later), in ~/.bashrc:  eval "$(aliconf completion bash)"
    zsh, in ~/.zshrc:                   eval "$(aliconf completion zsh)"
    fish:                               aliconf completion fish | source
    """
    from click.shell_completion import get_completion_class

    from aliconf.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None
    script = found(cli, {}, "aliconf", VARIABLE)
    click.echo((script.source_template % script.source_vars()).strip())
    if shell == "bash":
        click.echo(_NO_SPACE % script.source_vars())
    return ExitCode.OK


def complete() -> int:
    """Answer the shell's question in the environment.

    Whatever goes wrong, the shell gets nothing to complete: a message would land in the middle of
    the line that somebody types.
    """
    from click.shell_completion import shell_complete

    from aliconf.cli.main import cli

    try:
        return shell_complete(cli, {}, "aliconf", VARIABLE, os.environ[VARIABLE])
    except Exception:
        return ExitCode.ERROR


def environments(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of the project's environments, as far as its file can be read."""
    from click.shell_completion import CompletionItem

    directory = context.find_root().params.get("directory")
    names = _environments(Path(directory or "."))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _environments(directory: Path) -> Iterator[str]:
    import yaml

    from aliconf.config.discover import PROJECT_FILE, find_root
    from aliconf.findings import AliconfError

    # Every value as the text that it is: nothing is judged here.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        text = (find_root(directory) / PROJECT_FILE).read_text(encoding="utf-8")
        for document in yaml.load_all(text, loader):
            if isinstance(document, dict) and document.get("kind") == "Project":
                spec = document.get("spec")
                found = spec.get("environments") if isinstance(spec, dict) else None
                yield from found if isinstance(found, dict) else ()
    except (AliconfError, OSError, ValueError, yaml.YAMLError):
        return  # `validate` says what is wrong with the file


def guardrails(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The codes that can be lifted."""
    from click.shell_completion import CompletionItem

    from aliconf.plan.lifting import LIFTABLE
    from aliconf.rules.pages import titles

    named = titles()
    codes = [code for code in LIFTABLE if code.startswith(incomplete.upper())]
    return [CompletionItem(code, help=named[code]) for code in codes]


def followed_by_file(
    names: Sequence[str],
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Names of formats, each as the beginning of ``FORMAT=FILE``."""

    def found(
        _context: click.Context, _parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(f"{name}=") for name in names if name.startswith(incomplete)]

    return found


def topics(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Codes, kinds, and below a kind its fields."""
    from click.shell_completion import CompletionItem

    if "." in incomplete:
        return [CompletionItem(path) for path in _fields(incomplete)]
    from aliconf.rules.pages import titles

    found = []
    if "ALI".startswith(incomplete[:3].upper()):
        found = [
            CompletionItem(code, help=title)
            for code, title in titles().items()
            if code.startswith(incomplete.upper())
        ]
    return [*kinds(_context, _parameter, incomplete), *found]


def _fields(incomplete: str) -> list[str]:
    from aliconf.model.explain import UnknownFieldError, describe

    holder = incomplete.rpartition(".")[0]
    try:
        children = describe(holder).children
    except UnknownFieldError:
        return []
    return [child.path for child in children if child.path.startswith(incomplete)]


def kinds(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from aliconf.model.kinds import KINDS

    return [CompletionItem(kind) for kind in KINDS if kind.startswith(incomplete)]
