"""The report of a defect in aliconf: a file to attach to an issue, without values of the user's."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import click

from aliconf import __version__


def report_crash(error: Exception, *, traceback_too: bool) -> None:
    """Write the report and say where it is; for who asked for it, print the traceback before.

    The stack's own lines are kept; messages of exceptions are not, because they may quote a secret.
    """
    if traceback_too:
        click.echo("\n".join(_traceback(error)), err=True)
    frames = [
        f"  {frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    text = "\n".join(
        [
            f"aliconf {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"command: {command}",
            f"error: {_name(error)}",
            *frames,
            "",
        ]
    )
    where = "could not be written"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="aliconf-crash-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
            where = str(Path(file.name))
    except OSError as failure:
        where = f"could not be written ({failure.strerror})"
        click.echo(text, err=True)
    click.echo(
        f"error[ALI900]: a defect in aliconf ({type(error).__name__}), not in your files.\n"
        f"  → Send the report with your issue: {where}",
        err=True,
    )


def _traceback(error: BaseException) -> Iterator[str]:
    """Every frame with its line of source, of the causes as well, and the errors without words."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _traceback(before)
        yield ""
        yield "which led to" if error.__cause__ else "and while that was handled"
        yield ""
    yield "Traceback (most recent call last):"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        yield f"    {frame.line}"
    yield f"{_name(error)} (what it says is left out: it may hold values of yours)"


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"
