"""Where the report of a command goes: standard output, the files of ``--also``, and the summary of
a GitHub job."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import click

from aliconf.cli import completion
from aliconf.cli.main import ExitCode
from aliconf.cli.verbosity import note, quiet, style_of
from aliconf.config.ours import is_of_a_configuration
from aliconf.config.write import replace_file, try_to_replace
from aliconf.findings import AliconfError, Finding, Severity
from aliconf.report.budget import LEAST_BYTES
from aliconf.report.style import Style

Report = str | Iterable[str]
"""A text, or one of tens of megabytes in pieces, which is never in memory as a whole."""
Render = Callable[[str, Style], Report]
"""From a format to the report in it; the style is for people's terminals."""

_MOST_OF_A_SUMMARY: Final = 1024 * 1024
"""GitHub shows no summary of a step that is larger."""


class Refused(Protocol):
    """What a command refuses, in a format."""

    def __call__(self, shape: str, findings: Sequence[Finding]) -> str: ...


class Also(NamedTuple):
    """A second output: ``--also markdown=plan.md``."""

    shape: str
    path: Path


def also_option(formats: Sequence[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--also FORMAT=FILE``, as often as it is given."""

    def parse(
        context: click.Context, parameter: click.Parameter, values: Sequence[str]
    ) -> tuple[Also, ...]:
        found: list[Also] = []
        for value in values:
            shape, _, name = value.partition("=")
            if shape not in formats:
                raise click.BadParameter(f"{value!r}: the formats are {', '.join(formats)}.")
            if not name:
                raise click.BadParameter(f"{value!r}: no file. Write {shape}=FILE.")
            if any(_same(Path(name), also.path) for also in found):
                raise click.BadParameter(f"{name!r} is given twice.")
            found.append(Also(shape, Path(name)))
        return tuple(found)

    return click.option(
        "--also",
        multiple=True,
        metavar="FORMAT=FILE",
        callback=parse,
        shell_complete=completion.followed_by_file(formats),
        help="Write the report to FILE in a format of --format as well; repeat it for more.",
    )


class Outputs(NamedTuple):
    """All outputs of one run of a command."""

    shape: str
    also: tuple[Also, ...]
    out: Path | None = None
    """The file of ``--out``, which the command writes itself, by ``write_file``."""

    def deliver(self, render: Render, brief: Callable[[Style], str]) -> None:
        """Write the files, then print; ``brief`` is what a quiet run prints in place of the text.

        Raises AliconfError: ALI955 for a file.
        """
        style = style_of(sys.stdout)
        self._write(lambda shape: render(shape, Style(verbose=style.verbose)))
        _print(brief(style) if self.shape == "text" and quiet() else render(self.shape, style))

    @contextmanager
    def refusals(self, refused: Refused) -> Iterator[None]:
        """Give what the command refuses to every output, so that no file shows an earlier run.

        As text a refusal goes on to where all of them are printed. A file that cannot be written is
        refused before anything else is done, and then none is.
        """
        if self.out and any(_same(self.out, also.path) for also in self.also):
            raise click.UsageError(f"'{self.out}' is given for --out and for --also.")
        try:
            self._try()
            yield
        except AliconfError as error:
            findings = list(error.findings)
            if not any(finding.code == "ALI955" for finding in findings):
                try:
                    self._write(partial(refused, findings=error.findings))
                except AliconfError as unwritten:
                    findings += unwritten.findings
            append_summary(lambda _: refused("markdown", findings))
            if self.shape == "text":
                raise AliconfError(*findings) from error
            _print(refused(self.shape, findings))
            raise click.exceptions.Exit(ExitCode.ERROR) from error

    def _try(self) -> None:
        findings = []
        paths = [*(also.path for also in self.also), *([self.out] if self.out else [])]
        for path in paths:
            try:
                if _is_regular(path):
                    try_to_replace(path)
                    if is_of_a_configuration(path):
                        findings.append(_of_a_configuration(path))
            except OSError as error:
                findings.append(_unwritable(path, error))
        if findings:
            raise AliconfError(*findings)

    def _write(self, render: Callable[[str], Report]) -> None:
        contents = {shape: _encoded(render(shape)) for shape in {also.shape for also in self.also}}
        for also in self.also:
            write_file(also.path, contents[also.shape])


def write_file(path: Path, content: bytes) -> None:
    """Write a file wholly or not at all; what was there stays then. Raises ALI955."""
    try:
        if _is_regular(path):
            replace_file(path, content)
        else:
            path.write_bytes(content)
    except OSError as error:
        raise AliconfError(_unwritable(path, error)) from error


def append_summary(render: Callable[[int], str]) -> None:
    """Append Markdown to the summary of the GitHub step that runs, if one does.

    ``render`` gets how many bytes there is room for. The command never fails for it: what cannot be
    written is said on standard error.
    """
    name = os.environ.get("GITHUB_STEP_SUMMARY", "")
    if not name:
        return
    try:
        if not _is_regular(Path(name)):
            return
        with Path(name).open("ab") as file:
            room = _MOST_OF_A_SUMMARY - file.tell() - 1
            if room < LEAST_BYTES:
                return
            content = f"{render(room)}\n".encode(errors="backslashreplace")
            if len(content) <= room:
                file.write(content)
    except OSError as error:
        _say_no_summary(Path(name), error)


def _say_no_summary(path: Path, error: OSError) -> None:
    from aliconf.report import findings_text

    finding = _unwritable(path, error)._replace(
        severity=Severity.WARNING,
        hint="The run goes on without it: see where GITHUB_STEP_SUMMARY leads, and whether there "
        "is room.",
    )
    note(findings_text.render([finding], Style.of(sys.stderr)), err=True, nl=False)


def _print(report: Report) -> None:
    for piece in _pieces(report):
        click.echo(piece, nl=False)


def _encoded(report: Report) -> bytes:
    return b"".join(piece.encode(errors="backslashreplace") for piece in _pieces(report))


def _pieces(report: Report) -> Iterable[str]:
    if isinstance(report, str):
        return [_ended(report)] if report else []
    return report


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _is_regular(path: Path) -> bool:
    """Whether a file takes the path; a pipe or a device is written to as it is."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return True
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(None, "is a directory")
    return stat.S_ISREG(mode)


def _of_a_configuration(path: Path) -> Finding:
    return Finding(
        "ALI955",
        Severity.ERROR,
        f"{click.format_filename(path)} cannot be written: it is a file of a configuration, and "
        "nothing else may take its place",
        None,
        "Name another file.",
    )


def _unwritable(path: Path, error: OSError) -> Finding:
    reason = os.strerror(error.errno) if error.errno else error.strerror
    return Finding(
        "ALI955",
        Severity.ERROR,
        f"{click.format_filename(path)} cannot be written: {reason}",
        None,
        "Name a file in a directory that exists and may be written.",
    )
