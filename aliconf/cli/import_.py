"""``aliconf import``"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aliconf.cli import options
from aliconf.cli.advice import advised, chosen
from aliconf.cli.main import ExitCode
from aliconf.cli.output import before_any_change, in_ci
from aliconf.cli.progress import shown
from aliconf.cli.project import Project, open_environment
from aliconf.cli.verbosity import note, quiet, style_of
from aliconf.findings import AliconfError, Severity, errors_of, has_errors, refusal
from aliconf.wording import amount

if TYPE_CHECKING:
    from aliconf.plan.live.changes import Import


@click.command(short_help="Take what the connector holds into YAML.")
@click.option("--all", "everything", is_flag=True, help="Write documents for all that have none.")
@click.option(
    "--drift", is_flag=True, help="Write the values that others changed where they stand."
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where --all writes its files; without it, beside aliconf.yaml.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would change.")
@options.environment
@click.pass_obj
def command(
    directory: Path,
    environment: str | None,
    everything: bool,
    drift: bool,
    into: Path | None,
    yes: bool,
    dry_run: bool,
) -> int:
    """Take what the connector holds into YAML: all of it at first, later what others changed.

    --all writes a document for each object that has none and that no other project manages, with
    the values that differ from the format's defaults. A plan is empty then, and the next apply
    adopts them.

    --drift writes the values that `aliconf drift` shows to where the files have them, and leaves
    every other byte as it is. The next plan shows nothing of them.

    The changes of the files are shown before they are written, all of them or none. The connector
    is not changed.
    """
    if everything == drift:
        raise click.UsageError("Say what to import: --all or --drift.")
    if into is not None and not everything:
        raise click.UsageError("--into goes with --all.")
    project = open_environment(directory, environment)
    found = _adoption(project, into) if everything else _write_back(project)
    _show(found, changes=not quiet() or not (yes or dry_run))
    code = ExitCode.ERROR if has_errors(found.findings) else ExitCode.OK
    if not found.files:
        if any(finding.code == "ALI549" for finding in found.findings):
            code = ExitCode.ERROR  # it drifted, and none of it was taken
        click.echo("Nothing to import." if code is ExitCode.OK else "Nothing can be imported.")
        return code
    words = "document" if everything else "value"
    counts = f"{amount(found.count, words)} in {amount(len(found.files), 'file')}"
    if dry_run:
        click.echo(f"{counts} would be written.")
        return code
    if not yes and not _confirmed():
        note("Nothing was written.", err=True)
        return ExitCode.ERROR
    _write(found)
    click.echo(f"{counts} written.")
    return code


def _adoption(project: Project, into: Path | None) -> Import:
    from aliconf.cli.connect import need_store_in_ci, reader_of, shown_connector
    from aliconf.plan.live.changes import adoption
    from aliconf.plan.live.documents import live_documents

    project.own_document()
    configuration = project.configuration
    if configuration.incomplete:  # a document that cannot be read may be that of an object
        errors = (one for one in configuration.findings if one.severity is Severity.ERROR)
        raise AliconfError(*errors)
    with shown() as progress, reader_of(project, progress) as reader:
        need_store_in_ci(project, reader, shown_connector(project))
        documents = list(live_documents(configuration, reader, progress))
    return adoption(configuration, documents, into.absolute() if into else project.root)


def _write_back(project: Project) -> Import:
    from aliconf.cli.drift import drift_of
    from aliconf.plan.live.write_back import write_back

    project.sound()
    return write_back(project.configuration, drift_of(project))


def _show(found: Import, *, changes: bool) -> None:
    from aliconf.report import diff_text, findings_text
    from aliconf.report.style import Style

    style = Style.of(sys.stdout)
    for file in found.files if changes else ():
        click.echo(diff_text.render(file.shown, file.before, file.after, style), nl=False)
    findings = errors_of(found.findings) if quiet() else found.findings
    if findings:
        sys.stdout.flush()
        text = findings_text.render(advised(findings, chosen()), style_of(sys.stderr))
        click.echo(text, err=True)


def _confirmed() -> bool:
    if in_ci() or not sys.stdin.isatty():
        raise refusal(
            "ALI548",
            "import asks before it writes anything, and there is nobody to ask",
            "Look at the changes, then run it again with `--yes`.",
        )
    with before_any_change():
        return click.confirm("Write these changes?", default=False, err=True)


def _write(found: Import) -> None:
    from aliconf.config.write import replace_files

    try:
        replace_files({file.path: file.content for file in found.files})
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise refusal(
            "ALI547",
            f"nothing was written: {error.filename or 'a file'}: {reason}",
            "Check the permissions of the file and of its directory, and whether there is room.",
        ) from error
