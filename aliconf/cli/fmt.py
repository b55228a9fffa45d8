"""``aliconf fmt``"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import click

from aliconf.cli.main import ExitCode
from aliconf.cli.progress import shown
from aliconf.cli.verbosity import note, quiet, style_of
from aliconf.findings import Finding
from aliconf.wording import amount


@click.command(short_help="Write documents in their canonical layout.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@click.pass_obj
def command(directory: Path, paths: tuple[Path, ...], check: bool, diff: bool) -> int:
    """Write documents in their canonical layout: order of keys, indentation, white space.

    Comments and blank lines are kept and move with their key; values never change. PATHs are files
    or directories; without any, all files of the project are formatted, overlays included. YAML of
    other tools is left alone.
    """
    from aliconf.config.discover import find_root
    from aliconf.config.formatting import format_file, given_files, project_files
    from aliconf.report import diff_text, findings_text
    from aliconf.report.style import Style

    style = Style.of(sys.stdout)
    findings: list[Finding] = []
    counts: Counter[str] = Counter()
    files = list(given_files(paths) if paths else project_files(find_root(directory)))
    with shown() as progress:
        progress.begin("formatting files", len(files))
        for path, ours in files:
            result = format_file(path, os.path.relpath(path), ours=ours)
            if result is None:
                counts["skipped"] += 1
            elif isinstance(result, list):
                findings += result
                counts["failed"] += 1
            elif not result.changed:
                counts["unchanged"] += 1
            elif not (check or diff) and (finding := result.write()):
                findings.append(finding)
                counts["failed"] += 1
            else:
                counts["changed"] += 1
                progress.make_way()
                if diff:
                    text = diff_text.render(result.shown, result.before, result.after, style)
                    click.echo(text, nl=False)
                elif check or not quiet():
                    verb = "would format" if check else "formatted"
                    click.echo(f"{verb} {click.format_filename(result.shown)}")
            progress.advance()
    if findings:
        sys.stdout.flush()
        click.echo(findings_text.render(findings, style_of(sys.stderr)), err=True)
    note(_summary(counts, "would be formatted" if check or diff else "formatted"), err=True)
    return ExitCode.ERROR if findings or (check and counts["changed"]) else ExitCode.OK


def _summary(counts: Counter[str], verb: str) -> str:
    changed, failed, skipped = counts["changed"], counts["failed"], counts["skipped"]
    parts = [f"{amount(changed, 'file')} {verb}"]
    parts.append(f"{counts['unchanged']:,} left unchanged")
    if failed:
        parts.append(f"{failed:,} with errors")
    if skipped:
        parts.append(f"{amount(skipped, 'other YAML file')} skipped")
    return ", ".join(parts)
