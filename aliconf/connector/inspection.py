"""A look at a store from all sides. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from aliconf.connector import errors, schema
from aliconf.connector.engine import connected, transaction, undo_interrupted
from aliconf.connector.inspected_content import look_at_content
from aliconf.connector.inspected_rights import missing_rights
from aliconf.connector.inspected_server import (
    Server,
    clock_difference,
    damages,
    look_at_server,
    undocumented,
)
from aliconf.connector.reader import Lease, is_there
from aliconf.connector.state import state, store_tables
from aliconf.connector.triggers import TRIGGERS, missing_triggers
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError, Finding, Severity
from aliconf.progress import SILENT, Progress

UNGUARDED = "ALI949"
CLOCK = "ALI951"
APART = 30.0
"""Seconds by which two clocks may differ without a word."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many objects of a kind a project manages."""

    kind: str
    project: str | None
    """None: nobody manages them."""
    objects: int


@dataclass(frozen=True, slots=True)
class Run:
    """An apply without a result, and nobody holds the lease of its project."""

    id: str
    project: str
    actor: str
    started: str


@dataclass(slots=True)
class Inspection:
    """What was seen. What could not be seen is None or empty, and a finding says why."""

    store: Target
    server: Server
    clock: float
    """Seconds by which the database's clock is ahead of this machine's."""
    revision: str = ""
    """The schema version; empty where it is not known."""
    tables: tuple[str, ...] = ()
    """Those that a store of this schema version has."""
    documented: bool = False
    """Whether the tables have the columns that they should have."""
    guards: tuple[str, ...] | None = None
    """The triggers that should guard the regions of accounts and do not."""
    may_apply: bool | None = None
    """Whether the user has the rights that apply needs."""
    only_reads: bool = False
    """Whether the user has every right that plan needs, and none to change anything."""
    connector_id: str = ""
    created: str = ""
    objects: list[Count] = field(default_factory=list)
    reserved: int | None = None
    """Deleted accounts, whose names stay reserved."""
    journal: int | None = None
    """Rows of the journal."""
    runs: int | None = None
    secrets: int | None = None
    defaults: dict[str, str] = field(default_factory=dict)
    """The default policy by policy kind."""
    leases: list[Lease] = field(default_factory=list)
    """Those that have not expired."""
    cut_off: list[Run] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def inspect_store(store: Target, progress: Progress = SILENT) -> Inspection:
    """Look at a store. Raises AliconfError where it cannot be reached, or is a file that is none.

    All else that is wrong is a finding of the inspection.
    """
    if not is_there(store):
        raise errors.not_made(store)
    undo_interrupted(store)
    with connected(store, "ro") as connection:
        with transaction(connection, store):
            seen = Inspection(
                store, look_at_server(connection, store), clock_difference(connection)
            )
            look_at_clock(seen)
        with _noting(seen), transaction(connection, store):
            _look_at_tables(connection, seen)
        if seen.documented:
            with _noting(seen), transaction(connection, store):
                look_at_content(connection, seen, progress)
    if seen.documented:
        with _noting(seen):
            _look_at_rights(seen)
    return seen


@contextmanager
def _noting(seen: Inspection) -> Iterator[None]:
    """What is refused here does not keep the rest from being looked at."""
    try:
        yield
    except AliconfError as error:
        seen.findings += error.findings


def _look_at_tables(connection: Connection, seen: Inspection) -> None:
    store = seen.store
    seen.findings += damages(connection, store)
    found, version = state(connection, store)
    if found == "empty":
        raise errors.not_made(store)
    seen.revision = version
    seen.tables = tuple(store_tables(store.names, version))
    if found == "older":
        seen.findings += errors.older(store, version, schema.REVISIONS[-1]).findings
    wrong = undocumented(connection, store, version)
    seen.findings += wrong
    seen.documented = not wrong
    seen.guards = missing_triggers(connection, store.names)
    if seen.guards:
        seen.findings.append(_unguarded(seen.guards, store))


def _unguarded(missing: tuple[str, ...], store: Target) -> Finding:
    one = len(missing) == 1
    return Finding(
        UNGUARDED,
        Severity.ERROR,
        f"the trigger{'' if one else 's'} {' and '.join(missing)} {'is' if one else 'are'} missing "
        f"or disabled in {store.display}: plain SQL can change the region of an account",
        hint="Take a backup and restore it to a new place, which has them. aliconf itself still "
        "refuses such a change.",
    )


def look_at_clock(seen: Inspection) -> None:
    if abs(seen.clock) < APART:
        return
    way = "ahead of" if seen.clock > 0 else "behind"
    seen.findings.append(
        Finding(
            CLOCK,
            Severity.WARNING,
            f"the clock of {seen.store.display} is {abs(seen.clock):.0f} s {way} this machine's",
            hint="Set both by NTP. Leases and the journal go by the database's clock and are right "
            "all the same; campaigns go by the clock of whoever executes them.",
        )
    )


def _look_at_rights(seen: Inspection) -> None:
    seen.may_apply = False
    lacking = missing_rights(seen.store, seen.revision)
    if lacking:
        # What could not be read for want of a right is said there as well.
        code = lacking[0].code
        seen.findings = [one for one in seen.findings if one.code != code]
        if seen.store.dialect == "mariadb" and seen.guards and len(seen.guards) == len(TRIGGERS):
            # MariaDB shows triggers to nobody who may only read.
            seen.guards = None
            seen.findings = [one for one in seen.findings if one.code != UNGUARDED]
        seen.findings += lacking
        seen.only_reads = all(one.severity is Severity.NOTE for one in lacking)
    seen.may_apply = not lacking
