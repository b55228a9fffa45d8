"""``aliconf validate``"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import click

from aliconf.cli.main import ExitCode
from aliconf.cli.output import findings_as
from aliconf.cli.outputs import Also, Outputs, also_option, append_summary
from aliconf.cli.project import open_project
from aliconf.findings import Finding, Severity
from aliconf.report.budget import MAX_BYTES
from aliconf.report.style import Style
from aliconf.wording import amount

FORMATS: Final = ("text", "json", "markdown", "github", "gitlab", "junit", "sarif")


class Report(NamedTuple):
    """What validate found, to be said in any format."""

    findings: Sequence[Finding]
    counts: dict[Severity, int]
    documents: Sequence[tuple[str, str]] | None = None
    """Id and file of what was looked at; None where validate stopped before it could say."""
    skipped: int = 0
    project_file: str = "aliconf.yaml"
    strict: bool = False

    def render(self, shape: str, style: Style) -> str:
        """Empty where the format has nothing to say."""
        if shape == "text":
            return self._text(style)
        if shape == "markdown":
            return self.markdown()
        if shape == "junit":
            from aliconf.report.findings_junit import to_junit

            documents = self.documents or ()
            return to_junit(self.findings, documents, in_repository, strict=self.strict)
        if shape == "gitlab":
            from aliconf.report.findings_gitlab import to_gitlab

            return to_gitlab(self.findings, self.project_file, in_repository)
        number = None if self.documents is None else len(self.documents)
        return findings_as(shape, self.findings, self.counts, number)

    def _text(self, style: Style) -> str:
        from aliconf.report import findings_text

        text = findings_text.render(self.findings, style)
        if self.documents is not None:
            text += "\n" if text else ""
            text += findings_text.summary(self.counts, self._checked())
        return text

    def brief(self, style: Style) -> str:
        """The findings because of which validate fails; nothing where it does not."""
        from aliconf.report import findings_text

        failing = {Severity.ERROR, Severity.WARNING} if self.strict else {Severity.ERROR}
        findings = [finding for finding in self.findings if finding.severity in failing]
        if not findings:
            return ""
        summary = findings_text.summary(self.counts, self._checked())
        return f"{findings_text.render(findings, style)}\n{summary}"

    def markdown(self, max_bytes: int = MAX_BYTES) -> str:
        from aliconf.report import findings_markdown

        return findings_markdown.render(self.findings, self.counts, self._checked(), max_bytes)

    def _checked(self) -> str:
        if self.documents is None:
            return "what could be read"
        return checked(len(self.documents), self.skipped)


@click.command(short_help="Check the configuration; every finding in one run.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "shape",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How findings are printed; gitlab is its code quality report.",
)
@also_option(FORMATS)
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings, too.")
@click.option(
    "--against",
    metavar="REF",
    help="Also compare with the merge base of the git REF and HEAD: what must never change "
    "(an account's region, a policy's kind) is refused.",
)
@click.pass_obj
def command(
    directory: Path,
    paths: tuple[Path, ...],
    shape: str,
    also: tuple[Also, ...],
    strict: bool,
    against: str | None,
) -> int:
    """Check the configuration: YAML, structure, references and every rule.

    The whole project is always read; PATHs only filter what is shown. Nothing is sent anywhere.
    Of a project with environments the base is checked, and what each of them makes of it.
    A run in GitHub Actions with findings also appends them to the summary of its job.
    """
    outputs = Outputs(shape, also)
    with outputs.refusals(_refused):
        report = _validate(directory, paths, strict, against)
        outputs.deliver(report.render, report.brief)
    if report.findings:
        append_summary(report.markdown)
    failed = report.counts[Severity.ERROR] or (strict and report.counts[Severity.WARNING])
    return ExitCode.ERROR if failed else ExitCode.OK


def _validate(
    directory: Path, paths: tuple[Path, ...], strict: bool, against: str | None
) -> Report:
    from aliconf.rules.engine import in_order, severities

    project = open_project(directory, paths)
    findings = project.check_everywhere()
    if against is not None:
        from aliconf.rules.history import compare_with

        findings = in_order([*findings, *compare_with(project.configuration, against)])
    findings = _filtered(findings, paths)
    configuration = project.configuration
    return Report(
        findings,
        severities(findings),
        [(document.id, document.source.shown) for document in configuration.documents],
        configuration.skipped,
        configuration.project.source.shown if configuration.project else "aliconf.yaml",
        strict,
    )


def _refused(shape: str, findings: Sequence[Finding]) -> str:
    from aliconf.rules.engine import severities

    return Report(findings, severities(findings)).render(shape, Style())


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


def in_repository(file: str) -> str:
    """A file's path from the root of its git repository; as it is given where there is none."""
    place = Path.cwd() / file
    directory = _in_repository(place.parent)
    return Path(file).as_posix() if directory is None else (directory / place.name).as_posix()


@cache
def _in_repository(directory: Path) -> Path | None:
    directory = directory.resolve()
    for parent in (directory, *directory.parents):
        if (parent / ".git").exists():
            return directory.relative_to(parent)
    return None


def checked(documents: int, skipped: int) -> str:
    """How much was looked at: ``14 documents (2 other YAML files skipped)``."""
    words = amount(documents, "document")
    if skipped:
        words += f" ({skipped} other YAML file{'s' if skipped != 1 else ''} skipped)"
    return words
