"""``aliconf plan``"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.output import findings_as
from aliconf.cli.outputs import Also, Outputs, Report, also_option, append_summary
from aliconf.cli.project import open_environment
from aliconf.cli.saved import say_saved, write_plan
from aliconf.findings import Finding, has_errors
from aliconf.report.budget import LEAST_BYTES, MAX_BYTES
from aliconf.report.style import Style

if TYPE_CHECKING:
    from aliconf.plan.changes import Plan

FORMATS: Final = ("text", "json", "markdown", "html")


@dataclass
class Reports:
    """A plan, or why there is none, in any format."""

    environment: str
    max_bytes: int
    full: bool
    unmanaged: bool
    project: str = ""
    """Empty until it is known."""

    def render(self, plan: Plan, shape: str, style: Style) -> Report:
        if shape == "json":
            from aliconf.report import plan_data

            return plan_data.in_pieces(plan)
        if shape == "markdown":
            return self.markdown(plan, self.max_bytes)
        if shape == "html":
            from aliconf.report import plan_html

            return plan_html.render(plan)
        from aliconf.report import plan_text

        return plan_text.render(
            plan, style, full=self.full, unmanaged=self.unmanaged, commands=True
        )

    def brief(self, plan: Plan, style: Style) -> str:
        from aliconf.report import plan_text

        return plan_text.brief(plan, style)

    def markdown(self, plan: Plan, room: int) -> str:
        from aliconf.report import plan_markdown

        return plan_markdown.render(plan, min(room, self.max_bytes))

    def refused(self, shape: str, findings: Sequence[Finding]) -> str:
        if shape == "json":
            from aliconf.rules.engine import severities

            return findings_as(shape, findings, severities(findings))
        if shape == "markdown":
            from aliconf.report import plan_markdown

            return plan_markdown.refused(findings, self.project, self.environment, self.max_bytes)
        if shape == "html":
            from aliconf.report import plan_html

            return plan_html.refused(findings, self.project, self.environment)
        from aliconf.report import findings_text

        return findings_text.refused(findings, Style())


@click.command(short_help="Show what apply would change in the connector.")
@click.option("--full", is_flag=True, help="List unchanged objects, and all values of new ones.")
@click.option(
    "--unmanaged", is_flag=True, help="List the objects that this project does not manage."
)
@click.option(
    "--format",
    "shape",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How the plan is printed: markdown is for a pull request, html one page to keep.",
)
@also_option(FORMATS)
@click.option(
    "--max-bytes",
    type=click.IntRange(LEAST_BYTES),
    metavar="N",
    default=MAX_BYTES,
    show_default=True,
    help="The most that markdown may take; what finds no room is counted.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the plan to FILE, for review and for `aliconf apply FILE`.",
)
@click.option(
    "--since",
    metavar="REF",
    help="Say of each change whether it comes from this branch, which is what was committed or "
    "edited since the merge base of the git REF and HEAD.",
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
    also: tuple[Also, ...],
    max_bytes: int,
    out: Path | None,
    since: str | None,
    detailed_exitcode: bool,
) -> int:
    """Show what apply would change in the connector. Nothing is changed, nothing is created.

    \b
    +  create     ~  update     -  delete
    >  adopt      <  release    →  move

    An object that nobody manages and that is as its document says, such as after `aliconf import
    --all`, is no change: apply adopts it, and no value changes.

    A run in GitHub Actions also appends the plan to the summary of its job.
    """
    outputs = Outputs(shape, also, out)
    reports = Reports(environment or "", max_bytes, full, unmanaged)
    with outputs.refusals(reports.refused):
        plan = _plan(directory, environment, reports, since)
        if out:
            write_plan(plan, out)
        outputs.deliver(partial(reports.render, plan), partial(reports.brief, plan))
    append_summary(partial(reports.markdown, plan))
    if out:
        say_saved(plan, out)
    if has_errors(plan.findings):
        return ExitCode.ERROR
    return ExitCode.CHANGES if detailed_exitcode and plan.changes else ExitCode.OK


def _plan(directory: Path, environment: str | None, reports: Reports, since: str | None) -> Plan:
    from aliconf.cli.connect import plan_of

    project = open_environment(directory, environment)
    reports.project = project.name
    if since is None:
        return plan_of(project)
    from aliconf.plan.since import Branch

    warnings = project.sound()
    return plan_of(project, warnings, branch=Branch(project.configuration, since))
