"""``aliconf lease``"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aliconf.cli import options
from aliconf.cli.again import start
from aliconf.cli.main import ExitCode
from aliconf.cli.project import open_environment
from aliconf.cli.verbosity import note, quiet, tell

if TYPE_CHECKING:
    from aliconf.connector.lease import Held, Waiting
    from aliconf.connector.reader import Lease


@click.group(short_help="Show who applies at present, or take a dead apply's lease away.")
def command() -> None:
    """The leases of the connector store: one for each project that is being applied.

    An apply renews its lease as long as it runs and releases it at its end. A lease that nobody
    renews expires by itself, so that releasing one by hand only saves the wait.
    """


@command.command("list", short_help="Show the leases of the connector store.")
@options.text_or_json("How the leases are printed.")
@options.environment
@click.pass_obj
def list_leases(directory: Path, environment: str | None, shape: str) -> int:
    """Show every lease that has not expired, also those of other projects in the store.

    That of a process which was killed on this machine is marked: an apply here takes it at once,
    those on other machines wait until it expires.
    """
    from aliconf.cli.connect import reader_of, shown_connector
    from aliconf.cli.output import refusals_as
    from aliconf.report import lease_text
    from aliconf.report.style import Style

    with refusals_as(shape):
        project = open_environment(directory, environment)
        project.own_document()
        with reader_of(project) as reader:
            abandoned = reader.abandoned()
            leases = sorted([*reader.leases(), *abandoned], key=lambda one: one.project)
            now = reader.now()
    gone = {one.project for one in abandoned}
    if shape == "json":
        click.echo(lease_text.to_json(leases, gone))
    else:
        where = shown_connector(project)
        style = Style.of(sys.stdout)
        if quiet():
            text = lease_text.brief(leases, style, gone)
        else:
            text = lease_text.render(leases, now, where, style, gone)
        click.echo(text, nl=False)
    return ExitCode.OK


@command.command(short_help="Take a lease away from an apply that is dead.")
@click.argument("project", required=False)
@options.environment
@click.pass_obj
def release(directory: Path, environment: str | None, project: str | None) -> int:
    """Take the lease of PROJECT away, by default this project's.

    An apply that is still alive cannot write any more then: it ends with a report of what it had
    done.
    """
    from aliconf.cli.connect import at_connector, store_of
    from aliconf.connector.lease import take_away
    from aliconf.connector.prepare import check_store
    from aliconf.report import lease_text
    from aliconf.report.style import Style

    here = open_environment(directory, environment)
    here.own_document()
    name = project or here.name
    store = store_of(here).to("apply")
    with at_connector(here):
        check_store(store)
        lease = take_away(store, name, waiting())
    note(lease_text.released(name, lease, Style.of(sys.stdout)), nl=False)
    return ExitCode.OK


def releasing(context: click.Context) -> str:
    """The command that releases a lease, without its project, for the store of a context."""
    environment = context.params.get("environment")
    words = [start(context), "lease release"]
    return " ".join([*words, *(["-e", shlex.quote(environment)] if environment else [])])


def waiting() -> Waiting:
    """Tells once of each lease, and of the lock, that is waited for."""
    told: set[str] = set()

    def tell_once(lease: Lease | None, seconds: float) -> None:
        key = lease.token if lease else ""
        if key in told:
            return
        told.add(key)
        if lease:
            note(
                f"Waiting for the apply of {lease.who}, which began at {lease.taken_at} …", err=True
            )
        else:
            note(
                "The lease is locked by a transaction that has not ended: waiting for it for up to "
                f"{seconds:.0f} s …",
                err=True,
            )

    return tell_once


@contextmanager
def told_of(lease: AbstractContextManager[Held], project: str) -> Iterator[Held]:
    """A lease that --verbose tells of when it is taken, and when it is released."""
    with lease as held:
        tell(f"took the lease of the project {project}")
        try:
            yield held
        finally:
            tell(f"releasing the lease of the project {project}")
