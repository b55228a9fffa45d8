"""Moving whole stores: a copy to another place, a backup to a file, and a store from a backup."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

from sqlalchemy import Connection, func, select

from aliconf.connector import backup, clock, errors
from aliconf.connector.backup import Backup, Header
from aliconf.connector.dump import Image, Line, Tally
from aliconf.connector.engine import connected, transaction, undo_interrupted
from aliconf.connector.fill import DANGLING, fill, refuse_content
from aliconf.connector.fitting import UNFIT
from aliconf.connector.lease import leases_in_force
from aliconf.connector.reader import Lease, is_there
from aliconf.connector.schema import tables
from aliconf.connector.state import state
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError, refusal
from aliconf.progress import SILENT, Progress

LEASE_HELD: Final = "ALI935"
STALE: Final = "ALI917"
_OF_ROWS: Final = {UNFIT, DANGLING}
"""What is wrong with a row, that is with how the one store fits the other."""
_NOT_COPIED: Final = (
    "There is nothing to copy: correct the URL FROM. A relative path starts at the project's root."
)
_NOT_BACKED_UP: Final = "There is nothing to back up: correct the connector URL if there should be."


@dataclass(frozen=True, slots=True)
class Moved:
    """What was copied, written to a file, or restored."""

    connector_id: str
    revision: str
    """The schema version of the content; a copy and a restored store have the newest."""
    rows: dict[str, int]
    """By table, without a prefix."""
    digest: str
    under_way: tuple[Lease, ...] = ()
    """The applies that went on while a backup was made."""
    header: Header | None = None
    """Of the backup from which a store was restored."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A store that is there, in a transaction that sees one state of it."""

    connection: Connection
    store: Target
    image: Image

    def under_way(self) -> list[Lease]:
        if self.image.revision < "0002":
            return []  # from before there were leases
        return leases_in_force(self.connection, tables(self.store.names))

    def last_change(self) -> tuple[object, ...]:
        """What another apply would have changed."""
        store = tables(self.store.names)
        last = self.connection.execute(select(func.max(store.journal.c.id))).scalar()
        if self.image.revision < "0002":
            return (last,)
        runs = select(func.count(), func.max(store.run.c.finished_at)).select_from(store.run)
        return (last, *self.connection.execute(runs).one())

    def refuse_applies(self) -> None:
        """Raise ALI935 where somebody applies: that would be lost in the move."""
        for lease in self.under_way():
            left = max(clock.seconds_between(clock.now(self.connection), lease.expires_at), 0)
            raise refusal(
                LEASE_HELD,
                f"an apply of the project {lease.project} is under way in {self.store.display}: "
                f"{lease.who}, since {lease.taken_at}",
                "A copy made now would lack what it applies from here on. Copy when it has ended. "
                f"If it is dead, its lease expires in {left:.0f} s; `aliconf lease release "
                f"{lease.project}` takes it away at once.",
            )


@contextmanager
def _source(store: Target, way: str) -> Iterator[_Source]:
    if not is_there(store):
        raise errors.not_made(store, way)
    undo_interrupted(store)
    with connected(store, "ro") as connection, transaction(connection, store):
        found, version = state(connection, store)
        if found == "empty":
            raise errors.not_made(store, way)
        yield _Source(connection, store, Image(connection, store, version))


@contextmanager
def _naming(argument: str, other: str = "") -> Iterator[None]:
    """Say of a refusal which store it is about, but where it is said already."""
    try:
        yield
    except AliconfError as error:
        error.findings = tuple(
            one
            if not argument
            or one.code in _OF_ROWS
            or one.message.startswith((f"{argument}: ", f"{other or argument}: "))
            else one._replace(message=f"{argument}: {one.message}")
            for one in error.findings
        )
        raise


def copy_store(
    source: Target, to: Target, progress: Progress = SILENT, called: tuple[str, str] = ("", "")
) -> Moved:
    """Make a store like another one, with the same id. The other one stays as it is.

    ``called`` is what the two are called for whom copies them: refusals of either begin with that.
    Raises ALI928 where there is none, ALI935 where somebody applies to it, before or meanwhile; and
    what ``fill`` raises.
    """
    first, second = called
    with _naming(first, second), _source(source, _NOT_COPIED) as opened:
        opened.refuse_applies()
        with _naming(second, first):
            refuse_content(to)
        tally = opened.image.tally()

        def lines() -> Iterator[Line]:
            with _naming(first):
                for line in opened.image.lines():
                    tally.add(line)
                    yield line

        def expected() -> Tally:
            with _naming(first):
                _refuse_change(opened)
            return tally

        progress.begin("copying rows", sum(opened.image.count().values()))
        with _naming(second, first):
            fill(to, opened.image.revision, lines(), expected, progress)
        return _moved(opened.image.connector_id, opened.image.revision, tally)


def _refuse_change(opened: _Source) -> None:
    """Nobody may have applied since the copy began. In an embedded store nobody could."""
    if opened.store.embedded:
        return
    with _source(opened.store, _NOT_COPIED) as again:
        again.refuse_applies()
        if again.last_change() == opened.last_change():
            return
    raise refusal(
        STALE,
        f"{opened.store.display} was changed while it was copied; nothing was left of the copy",
        "Copy again when nobody applies.",
    )


def back_up(store: Target, stream: IO[bytes], progress: Progress = SILENT) -> Moved:
    """Write a backup of one state of a store. Raises ALI928 where there is none, and OSError."""
    with _source(store, _NOT_BACKED_UP) as opened:
        progress.begin("writing rows", sum(opened.image.count().values()))
        now = clock.second(clock.now(opened.connection))
        tally = backup.write(opened.image, now, stream, progress)
        image = opened.image
        return _moved(image.connector_id, image.revision, tally, tuple(opened.under_way()))


def restore(found: Backup, to: Target, progress: Progress = SILENT) -> Moved:
    """Make the store of a backup, after all of the file was read and compared with its digest.

    A backup of an older schema is restored with that schema and then migrated. Raises ALI938 for a
    file that cannot be used, and what ``fill`` raises.
    """
    header = found.header
    progress.begin("reading the backup")
    tally = found.verify(progress)
    refuse_content(to)
    progress.begin("restoring rows", tally.total)
    fill(to, header.schema, found.lines(), lambda: tally, progress)
    return _moved(header.connector_id, header.schema, tally, header=header)


def _moved(
    connector_id: str,
    revision: str,
    tally: Tally,
    under_way: tuple[Lease, ...] = (),
    header: Header | None = None,
) -> Moved:
    return Moved(connector_id, revision, tally.rows, tally.digest, under_way, header)
