"""``aliconf plan``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.output import refusals_as
from aliconf.cli.project import open_environment
from aliconf.findings import has_errors


@click.command(short_help="Show what apply would change in the connector.")
@click.option("--full", is_flag=True, help="List unchanged objects, and all values of new ones.")
@click.option(
    "--unmanaged", is_flag=True, help="List the objects that this project does not manage."
)
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the plan is printed.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@options.environment
@click.pass_obj
def command(
    directory: Path,
    environment: str | None,
    full: bool,
    unmanaged: bool,
    shape: str,
    detailed_exitcode: bool,
) -> int:
    """Show what apply would change in the connector. Nothing is changed, nothing is created.

    \b
    +  create     ~  update     -  delete
    >  adopt      <  release    →  move
    """
    from aliconf.cli.connect import plan_of

    with refusals_as(shape):
        plan = plan_of(open_environment(directory, environment))
    if shape == "json":
        from aliconf.report import plan_data

        click.echo(plan_data.to_json(plan))
    else:
        from aliconf.report import plan_text
        from aliconf.report.style import Style

        click.echo(
            plan_text.render(plan, Style.of(sys.stdout), full=full, unmanaged=unmanaged), nl=False
        )
    if has_errors(plan.findings):
        return ExitCode.ERROR
    return ExitCode.CHANGES if detailed_exitcode and plan.changes else ExitCode.OK
