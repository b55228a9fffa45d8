"""``aliconf history``"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.project import open_environment
from aliconf.cli.verbosity import quiet

SHAPE = options.text_or_json("How it is printed.")


@click.group(
    short_help="Show who applied what, and when.",
    invoke_without_command=True,
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@SHAPE
@options.environment
@click.pass_context
def command(context: click.Context, limit: int, shape: str, environment: str | None) -> Any:
    """List the applies of this project, the last one first.

    The number of an apply stays the same; `aliconf history show NUMBER` has its changes.
    """
    if context.invoked_subcommand:
        context.obj = (context.obj, environment)
        return ExitCode.OK
    from aliconf.cli.connect import reader_of
    from aliconf.cli.output import refusals_as
    from aliconf.report import history_text
    from aliconf.report.style import Style

    with refusals_as(shape):
        project = open_environment(context.obj, environment)
        project.own_document()
        with reader_of(project) as reader:
            runs = reader.runs(project.name)
    numbered = list(enumerate(runs, 1))[-limit:][::-1]
    if shape == "json":
        click.echo(history_text.to_json(numbered))
    else:
        style = Style.of(sys.stdout)
        if quiet():
            text = history_text.brief(numbered, style)
        else:
            text = history_text.render(numbered, len(runs), style)
        click.echo(text, nl=False)
    return ExitCode.OK


@command.command("show", short_help="Show the changes of one apply, and the way back.")
@click.argument("number", type=click.IntRange(1))
@SHAPE
@options.environment
@click.pass_obj
def show(given: tuple[Path, str | None], number: int, shape: str, environment: str | None) -> int:
    """Show every change of the apply NUMBER with before and after, and how to go back.

    The way back is in git: revert the commits that this apply brought, and apply that. Where git
    does not lead back, it says why, and what does.
    """
    from aliconf.cli.connect import reader_of
    from aliconf.cli.output import refusals_as
    from aliconf.config.checkout import directories
    from aliconf.plan.way_back import way_back
    from aliconf.report import history_text
    from aliconf.report.style import Style

    directory, of_group = given
    environment = environment or of_group
    with refusals_as(shape):
        project = open_environment(directory, environment)
        project.own_document()
        with reader_of(project) as reader:
            runs = reader.runs(project.name)
            if number > len(runs):
                many = f"{len(runs):,} applies" if len(runs) != 1 else "one apply"
                raise click.UsageError(f"There is no apply {number}: the project has {many}.")
            run = runs[number - 1]
            entries = reader.entries(run.id)
    back = way_back(directories(project.configuration), runs, number)
    if shape == "json":
        click.echo(history_text.run_to_json(number, run, entries, back))
    else:
        style = Style.of(sys.stdout)
        told = None if quiet() else back
        text = history_text.render_run(number, run, entries, told, style)
        click.echo(text, nl=False)
    return ExitCode.OK
