"""The command line: which commands there are, and what happens to errors.

Commands are imported when they run, so that ``--help`` and ``--version`` start fast.
"""

from __future__ import annotations

import contextvars
import errno
import gc
import os
import shlex
import signal
import sys
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from aliconf import __version__
from aliconf.cli import streams
from aliconf.cli.groups import LazyGroup
from aliconf.cli.plugins import without_plugins
from aliconf.cli.verbosity import Verbosity, choices
from aliconf.findings import AliconfError, errors_of, refusal, work_in


class ExitCode(IntEnum):
    OK = 0
    ERROR = 1
    CHANGES = 2
    USAGE = 64
    INTERNAL = 70
    INTERRUPTED = 130


_READER_GONE: Final = 128 + signal.SIGPIPE
"""The reader of our output went away (``| head``): end as a killed writer would, in silence."""

COMMANDS: Final = {
    "init": "Start a project that validates and plans.",
    "validate": "Check the configuration; every finding in one run.",
    "fmt": "Write documents in their canonical layout.",
    "plan": "Show what apply would change in the connector.",
    "apply": "Bring the connector to the configuration.",
    "render": "Print the documents in force as YAML.",
    "drift": "Show what others changed in the connector.",
    "import": "Take what the connector holds into YAML.",
    "status": "Show the connector: accounts, policies, templates, what is to do.",
    "doctor": "Judge the system check that the project declares.",
    "explain": "Explain a code, or a field of a document.",
    "schema": "Print or write the JSON Schemas of the documents.",
    "connector": "Make, check, move and back up connector stores.",
    "history": "Show who applied what, and when.",
    "lease": "Show who applies at present, or take a dead apply's lease away.",
    "completion": "Print the script that completes commands in a shell.",
}


@click.group(
    cls=LazyGroup,
    package="aliconf.cli",
    known=COMMANDS,
    params=choices(listed=True),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 errors or a refusal, 2 changes present (plan "
    "--detailed-exitcode) or drift, 64 wrong usage, 70 internal error, 130 interrupted.",
)
@click.version_option(__version__, "--version", "-V", message="aliconf %(version)s")
@click.option(
    "-C",
    "--directory",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Work on the project in DIR instead of the current directory.",
)
@click.pass_context
def cli(context: click.Context, directory: Path | None) -> None:
    """The onboarding of a Magento shop on AliExpress as YAML in git."""
    context.obj = directory or Path()
    work_in("" if context.obj == Path() else shlex.quote(str(context.obj)))
    context.color = True  # `Style` decides; click would take the colour out again in a pipe


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command; no error but a defect of aliconf's ends in a traceback, and that in a file."""
    # Objects of a command live as long as it does: looking for garbage every 700 of them is a tenth
    # of the time of a large project. Ten thousand documents are 600,000 objects.
    gc.set_threshold(1_000_000, 20, 20)
    without_plugins()
    streams.open_closed()
    try:
        run = contextvars.copy_context().run  # what one run sets is gone with it
        code = _completed() if os.environ.get("_ALICONF_COMPLETE") else run(_run, arguments)
    except BrokenPipeError:
        code = _READER_GONE
    except OSError:
        code = ExitCode.ERROR  # standard error is broken as well, and nobody can be told
    streams.silence_broken()
    # Python looks through all objects for garbage once more before it ends, which takes as long as
    # the whole work on a small project; the system takes the memory back anyway.
    gc.freeze()
    sys.exit(code)


def _completed() -> int:
    from aliconf.cli.completion import complete

    return complete()


def _run(arguments: list[str] | None) -> int:
    """Run a command and report how it ended. Raises OSError where that cannot be printed."""
    says = Verbosity()
    try:
        result: Any = cli.main(args=arguments, prog_name="aliconf", standalone_mode=False, obj=says)
        sys.stdout.flush()
        return int(result) if isinstance(result, int) else ExitCode.OK
    except AliconfError as error:
        return _refused(error, says)
    except click.UsageError as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.ERROR
    except (BrokenPipeError, SystemExit):  # click's own way out of a broken pipe is SystemExit
        return _READER_GONE
    except OSError as error:
        if error.errno is None:
            return _crashed(error, says)
        return _refused(_of_the_machine(error), says)
    except Exception as error:
        return _crashed(error, says)


def _refused(error: AliconfError, says: Verbosity) -> int:
    from aliconf.cli.advice import advised
    from aliconf.report import findings_text
    from aliconf.report.style import Style

    streams.silence_broken()
    findings = advised(errors_of(error.findings) if says.quiet else error.findings, "")
    style = Style.of(sys.stderr)._replace(verbose=says.verbose)
    click.echo(findings_text.refused(findings, style), err=True, nl=False)
    return ExitCode.ERROR


def _of_the_machine(error: OSError) -> AliconfError:
    """What the system refuses, at the file or the output that it is about."""
    reason = os.strerror(error.errno or 0)
    if error.filename is None and error.errno == errno.ENOENT:  # tempfile's own; no output says so
        return refusal(
            "ALI901",
            "there is no directory that takes temporary files",
            "Name one in TMPDIR. In a container with a read-only root, mount one: `--tmpfs /tmp`.",
        )
    if error.filename is None:
        return refusal(
            "ALI901",
            f"standard output: {reason}",
            "See where the output goes: is there room, and may it be written?",
        )
    return refusal(
        "ALI901",
        f"{os.fsdecode(error.filename)}: {reason}",
        "Make room or correct the permissions there, or use another place.",
    )


def _crashed(error: Exception, says: Verbosity) -> int:
    from aliconf.cli.crash import report_crash

    report_crash(error, traceback_too=says.verbose)
    return ExitCode.INTERNAL
