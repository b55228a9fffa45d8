"""How much a run says: ``--quiet`` and ``--verbose``, before a command or after it.

Quiet leaves out what nobody asked for: progress, notes, advice. Verbose adds lines on standard
error, each with the seconds since the start, and prints every finding. Neither changes an exit
code, or what a format for machines holds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import click

from aliconf import __version__

if TYPE_CHECKING:
    from aliconf.report.style import Style

_KEY: Final = "aliconf.verbosity"

_Command = TypeVar("_Command", bound=click.Command)


class Verbosity:
    """What was chosen for one run of aliconf, and when it began."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.began = clock()
        self.seen = self.began
        """When standard error last showed that the run goes on."""
        self._chosen = ""

    @property
    def quiet(self) -> bool:
        return self._chosen == "quiet"

    @property
    def verbose(self) -> bool:
        return self._chosen == "verbose"

    def choose(self, which: str) -> None:
        """Raises UsageError where the other one was chosen."""
        if self._chosen not in {"", which}:
            raise click.UsageError("--quiet and --verbose exclude each other.")
        if which == "verbose" and not self._chosen:
            self._chosen = which
            self.tell(f"aliconf {__version__}, Python {sys.version.partition(' ')[0]}")
        self._chosen = which

    def tell(self, text: str) -> None:
        """A line for who asked for them, on standard error. Never give it a secret."""
        if self.verbose:
            from aliconf.report.style import Style

            try:
                click.echo(f"{self.seconds():8.3f} s  {Style.printable(text)}", err=True)
            except OSError:  # who looked has gone, and the work goes on
                from aliconf.cli.streams import silence

                silence(sys.stderr)

    def seconds(self) -> float:
        return self.clock() - self.began


def of_run() -> Verbosity:
    """That of the command which runs; outside of one, that which says as much as usual."""
    context = click.get_current_context(silent=True)
    return _of(context) if context else Verbosity()


def _of(context: click.Context) -> Verbosity:
    """The first who asks is an option of aliconf itself, and finds the object of `main` there."""
    given = context.find_root().obj
    found = given if isinstance(given, Verbosity) else Verbosity()
    chosen: Verbosity = context.meta.setdefault(_KEY, found)
    return chosen


def quiet() -> bool:
    return of_run().quiet


def tell(text: str) -> None:
    """A line that --verbose adds on standard error. Never give it a secret."""
    of_run().tell(text)


def style_of(stream: IO[Any]) -> Style:
    """How findings are printed on a stream: all of them where --verbose asks for it."""
    from aliconf.report.style import Style

    return Style.of(stream)._replace(verbose=of_run().verbose)


def note(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print what --quiet leaves out."""
    if not quiet():
        click.echo(text, err=err, nl=nl)


class _Choice(click.Option):
    """One of the two options. They are the same everywhere: the help of aliconf alone lists them.

    Being listed there only does not hide them from a shell that completes a command.
    """

    def __init__(self, which: str, words: str, *, listed: bool) -> None:
        super().__init__(
            [f"-{which[0]}", f"--{which}"],
            is_flag=True,
            expose_value=False,
            callback=self._choose,
            help=words,
        )
        self._which = which
        self._listed = listed

    def _choose(self, context: click.Context, _parameter: click.Parameter, given: bool) -> None:
        found = _of(context)
        if given:
            found.choose(self._which)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        return super().get_help_record(ctx) if self._listed else None


_WORDS: Final = {
    "quiet": "Say only what was asked for: no progress, notes or advice. Also after a command.",
    "verbose": "Say on standard error what is done and how long it takes, and print findings that "
    "repeat themselves. Also after a command.",
}


def choices(*, listed: bool = False) -> list[click.Option]:
    return [_Choice(which, words, listed=listed) for which, words in _WORDS.items()]


def with_choices(command: _Command) -> _Command:
    """Give a command, and all commands inside it, the two options; once."""
    if not any(isinstance(one, _Choice) for one in command.params):
        command.params += choices()
        inner: dict[str, Any] = getattr(command, "commands", {})
        for one in inner.values():
            with_choices(one)
    return command
