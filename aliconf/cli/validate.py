"""``aliconf validate``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aliconf.cli.main import ExitCode
from aliconf.cli.output import print_findings, refusals_as
from aliconf.cli.project import open_project
from aliconf.findings import Finding, Severity


@click.command(short_help="Check the configuration; every finding in one run.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings, too.")
@click.option(
    "--against",
    metavar="REF",
    help="Also compare with the merge base of the git REF and HEAD: what must never change "
    "(an account's region, a policy's kind) is refused.",
)
@click.pass_obj
def command(
    directory: Path, paths: tuple[Path, ...], shape: str, strict: bool, against: str | None
) -> int:
    """Check the configuration: YAML, structure, references and every rule.

    The whole project is always read; PATHs only filter what is shown. Nothing is sent anywhere.
    """
    with refusals_as(shape):
        return _validate(directory, paths, shape, strict, against)


def _validate(
    directory: Path, paths: tuple[Path, ...], shape: str, strict: bool, against: str | None
) -> int:
    from aliconf.rules.engine import in_order, severities

    project = open_project(directory, paths)
    findings = project.check()
    if against is not None:
        from aliconf.rules.history import compare_with

        findings = in_order([*findings, *compare_with(project.configuration, against)])
    findings = _filtered(findings, paths)
    counts = severities(findings)
    documents = len(project.configuration.documents)
    _print(findings, counts, documents, shape, project.configuration.skipped)
    failed = counts[Severity.ERROR] or (strict and counts[Severity.WARNING])
    return ExitCode.ERROR if failed else ExitCode.OK


def _filtered(findings: list[Finding], paths: tuple[Path, ...]) -> list[Finding]:
    """The findings in the given files and directories; those without a place are always shown."""
    if not paths:
        return findings
    wanted = [path.resolve() for path in paths]
    files: dict[str, bool] = {}

    def shown(file: str) -> bool:
        if file not in files:
            place = Path(file).resolve()
            files[file] = any(place.is_relative_to(path) for path in wanted)
        return files[file]

    return [
        finding for finding in findings if finding.location is None or shown(finding.location.file)
    ]


def _print(
    findings: list[Finding],
    counts: dict[Severity, int],
    documents: int,
    shape: str,
    skipped: int,
) -> None:
    if shape == "text":
        from aliconf.report import findings_text
        from aliconf.report.style import Style

        if findings:
            click.echo(findings_text.render(findings, Style.of(sys.stdout)))
        click.echo(findings_text.summary(counts, checked(documents, skipped)))
        return
    print_findings(shape, findings, counts, documents)


def checked(documents: int, skipped: int) -> str:
    """How much was looked at: ``14 documents (2 other YAML files skipped)``."""
    words = f"{documents} document{'s' if documents != 1 else ''}"
    if skipped:
        words += f" ({skipped} other YAML file{'s' if skipped != 1 else ''} skipped)"
    return words
