"""The command line: which commands there are, and what happens to errors.

Commands are imported when they run, so that ``--help`` and ``--version`` start fast.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from aliconf import __version__
from aliconf.findings import AliconfError


class ExitCode(IntEnum):
    OK = 0
    ERROR = 1
    CHANGES = 2
    USAGE = 64
    INTERNAL = 70
    INTERRUPTED = 130


COMMANDS: Final = {
    "init": "Start a project that validates and plans.",
    "validate": "Check the configuration; every finding in one run.",
    "fmt": "Write documents in their canonical layout.",
    "plan": "Show what apply would change in the connector.",
    "apply": "Bring the connector to the configuration.",
    "status": "Show the connector: accounts, policies, templates, what is to do.",
    "doctor": "Judge the system check that the project declares.",
    "explain": "Explain a code, or a field of a document.",
    "schema": "Print or write the JSON Schemas of the documents.",
}


class Commands(click.Group):
    """A group that knows its commands by name and imports the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"aliconf.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 errors or a refusal, 2 changes present (plan "
    "--detailed-exitcode), 64 wrong usage, 70 internal error, 130 interrupted.",
)
@click.version_option(__version__, "--version", "-V", message="aliconf %(version)s")
@click.option(
    "-C",
    "--directory",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Work on the project in DIR instead of the current directory.",
)
@click.pass_context
def cli(context: click.Context, directory: Path | None) -> None:
    """The onboarding of a Magento shop on AliExpress as YAML in git."""
    context.obj = directory or Path()
    context.color = True  # `Style` decides; click would take the colour out again in a pipe


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command; no error but a defect of aliconf's ends in a traceback, and that in a file."""
    # Objects of a command live as long as it does: looking for garbage every 700 of them is a tenth
    # of the time of a large project.
    gc.set_threshold(50_000, 20, 20)
    # pydantic looks for plugins in every installed package, which costs a hook more than its check.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        result: Any = cli.main(args=arguments, prog_name="aliconf", standalone_mode=False)
        code = int(result) if isinstance(result, int) else ExitCode.OK
        sys.stdout.flush()
    except AliconfError as error:
        code = _refused(error)
    except click.UsageError as error:
        error.show()
        code = ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = ExitCode.ERROR
    except BrokenPipeError:
        code = _broken_pipe()
    except Exception as error:
        from aliconf.cli.crash import report_crash

        report_crash(error)
        code = ExitCode.INTERNAL
    sys.exit(code)


def _refused(error: AliconfError) -> int:
    from aliconf.report import findings_text
    from aliconf.report.style import Style

    sys.stdout.flush()
    click.echo(findings_text.render(error.findings, Style.of(sys.stderr)), err=True, nl=False)
    return ExitCode.ERROR


def _broken_pipe() -> int:
    """The reader of our output went away (``| head``): end as a killed writer would, in silence."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE
