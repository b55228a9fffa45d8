"""``aliconf apply``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aliconf.cli.main import ExitCode
from aliconf.cli.output import before_any_change, in_ci, progress
from aliconf.cli.project import Project, open_project
from aliconf.findings import AliconfError, refusal
from aliconf.plan.changes import Plan


@click.command(short_help="Bring the connector to the configuration.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--full", is_flag=True, help="List unchanged objects, too.")
@click.pass_obj
def command(directory: Path, yes: bool, full: bool) -> int:
    """Show the plan, ask, and bring the connector store to the configuration.

    Each change is one transaction with one row in the journal. After a failure or an interrupt the
    report says what was done, what failed and what was not tried; the next apply carries on from
    there.
    """
    from aliconf.apply.run import refuse_obstacles
    from aliconf.cli.connect import plan_of, upgrade
    from aliconf.report import plan_text
    from aliconf.report.style import Style

    project = open_project(directory)
    upgrade(project)
    plan = plan_of(project)
    progress(plan_text.render(plan, Style.of(sys.stdout), full=full), nl=False)
    if not plan.changes:
        return ExitCode.OK
    refuse_obstacles(plan)
    if not yes and not _confirmed():
        click.echo("Nothing was changed.", err=True)
        return ExitCode.ERROR
    return _apply(project, plan)


def _confirmed() -> bool:
    if in_ci() or not sys.stdin.isatty():
        raise refusal(
            "ALI922",
            "apply asks before it changes anything, and there is nobody to ask",
            "Look at the plan, then run `aliconf apply --yes`.",
        )
    with before_any_change():
        return click.confirm("Apply these changes?", default=False, err=True)


def _apply(project: Project, plan: Plan) -> int:
    from aliconf.apply.interrupts import stop_between_changes
    from aliconf.apply.run import apply_plan
    from aliconf.connector.writer import open_writer
    from aliconf.report import apply_text, findings_text
    from aliconf.report.style import Style

    style = Style.of(sys.stdout)
    with stop_between_changes() as stop:
        try:
            with open_writer(
                project.configuration.settings.connector, project.root, plan.project
            ) as writer:
                outcome = apply_plan(
                    plan,
                    writer,
                    progress=lambda change, result: progress(
                        apply_text.line(change, result, style)
                    ),
                    stopped=stop,
                )
        except AliconfError:
            click.echo(
                f"Nothing was changed: 0 of {len(plan.changes)} changes were tried.", err=True
            )
            raise
    progress(apply_text.report(outcome, style), nl=False)
    if outcome.findings:
        click.echo(findings_text.render(outcome.findings, Style.of(sys.stderr)), err=True, nl=False)
        return ExitCode.ERROR
    return ExitCode.INTERRUPTED if outcome.interrupted else ExitCode.OK
