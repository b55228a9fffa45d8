"""What commands have in common when they print, ask and refuse."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import click

from aliconf.cli.advice import advised, chosen
from aliconf.cli.main import ExitCode
from aliconf.cli.streams import silence
from aliconf.cli.verbosity import of_run, quiet
from aliconf.findings import AliconfError, Finding, Severity, with_environment

_NOT_CI: Final = {"", "0", "false", "no", "off"}


def in_ci() -> bool:
    """Whether this is a build server: ``CI`` says so, unless it says false, 0 or nothing."""
    return os.environ.get("CI", "").strip().lower() not in _NOT_CI


def progress(text: str, *, nl: bool = True) -> None:
    """Print what was done while more is to do: broken output must not stop that half-way.

    Who reads the output may leave (``| head``), and a disk may be full. The work goes on, and
    standard error says once that nothing shows it any more.
    """
    try:
        click.echo(text, nl=nl)
    except OSError as error:
        silence(sys.stdout)
        try:
            click.echo(
                f"standard output: {error.strerror}. The work goes on without it; "
                + with_environment("`aliconf status` shows the result.", chosen()),
                err=True,
            )
        except OSError:  # both in one pipe (`2>&1 | head`)
            silence(sys.stderr)


def done(text: str, *, nl: bool = True) -> None:
    """Say what was done, unless quiet; it is done as well where it cannot be said."""
    if not quiet():
        progress(text, nl=nl)


@contextmanager
def before_any_change() -> Iterator[None]:
    """Around questions that are asked before anything is changed: Ctrl-C there changes nothing."""
    try:
        yield
    except (click.Abort, KeyboardInterrupt, EOFError) as error:
        click.echo("\nInterrupted. Nothing was changed.", err=True)
        raise click.exceptions.Exit(ExitCode.INTERRUPTED) from error
    run = of_run()
    run.seen = run.clock()  # nobody waited for aliconf while it waited for an answer


@contextmanager
def refusals_as(shape: str) -> Iterator[None]:
    """Print what a command refuses in the format that it was asked for, on standard output.

    A program that reads the output then always finds an object there. As text a refusal goes on to
    where all of them are printed.
    """
    try:
        yield
    except AliconfError as error:
        if shape == "text":
            raise
        from aliconf.rules.engine import severities

        findings = advised(error.findings, chosen())
        print_findings(shape, findings, severities(findings))
        raise click.exceptions.Exit(ExitCode.ERROR) from error


def print_findings(
    shape: str,
    findings: Sequence[Finding],
    counts: dict[Severity, int],
    documents: int | None = None,
) -> None:
    """Findings in a format for programs; nothing is printed where GitHub has nothing to annotate.

    ``documents`` is how many were looked at; None where the command stopped before it could say.
    """
    text = findings_as(shape, findings, counts, documents)
    if text:
        click.echo(text)


def findings_as(
    shape: str,
    findings: Sequence[Finding],
    counts: dict[Severity, int],
    documents: int | None = None,
) -> str:
    """Findings as ``json``, ``github`` or ``sarif``."""
    from aliconf.report import findings_data

    if shape == "json":
        return findings_data.to_json(findings, counts, documents)
    if shape == "github":
        return findings_data.to_github(findings)
    from aliconf.rules.pages import titles

    return findings_data.to_sarif(findings, titles())
