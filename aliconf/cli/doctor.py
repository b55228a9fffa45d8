"""``aliconf doctor``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aliconf.cli import options
from aliconf.cli.main import ExitCode
from aliconf.cli.output import refusals_as
from aliconf.cli.project import open_project
from aliconf.cli.verbosity import quiet


@click.command(short_help="Judge the system check that the project declares.")
@options.text_or_json("How the checks are printed.")
@click.pass_obj
def command(directory: Path, shape: str) -> int:
    """Judge the system check: cron, PHP's memory limit and its execution time.

    The values are those that the project declares under `systemCheck`; no host is asked. The first
    account is onboarded only when all three pass. Exit code 1 where one of them does not.
    """
    from aliconf.status.diagnosis import diagnose

    with refusals_as(shape):
        diagnosis = diagnose(open_project(directory).own_document())
    if shape == "json":
        from aliconf.report import doctor_data

        click.echo(doctor_data.to_json(diagnosis))
    else:
        from aliconf.report import doctor_text
        from aliconf.report.style import Style

        report = doctor_text.brief if quiet() else doctor_text.render
        click.echo(report(diagnosis, Style.of(sys.stdout)), nl=False)
    return ExitCode.OK if diagnosis.passed else ExitCode.ERROR
