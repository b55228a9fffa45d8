"""The lease of a project: who may change its objects at present, and until when.

A lease is a row that its holder renews and that expires by itself: no lock stays behind a process
that was killed. All its times are the database's. Who lost a lease cannot write any more, since
each change looks at the row in its own transaction (``guard``).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from aliconf.connector import clock, errors, lease_errors
from aliconf.connector.engine import connected, transaction
from aliconf.connector.holder import Holder, is_gone, this_holder
from aliconf.connector.reader import Lease
from aliconf.connector.schema import Tables, tables
from aliconf.connector.signals import HeldBack
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError

_BEATS: Final = 3
"""How often a lease is renewed in the time in which it would expire."""
_POLL_SECONDS: Final = 0.5
_LOCK_SECONDS: Final = 0.05
"""Between two attempts at a lock, which take longer themselves unless the URL says otherwise."""


Waiting = Callable[[Lease | None, float], None]
"""Is told whose lease it is and in how many seconds it expires, whenever somebody waits for it.

Without a lease the row is locked: by a transaction that has not ended, for so many seconds at most.
"""


def read_leases(connection: Connection, store: Tables) -> list[Lease]:
    """Every lease, also those that have expired."""
    query = select(*store.lease.c[_FIELDS]).order_by(store.lease.c.project)
    return [Lease(*row) for row in connection.execute(query)]


def leases_in_force(connection: Connection, store: Tables) -> list[Lease]:
    """Those that keep an apply away, by the database's clock.

    Of a process that has ended on this machine the lease is free: the next apply takes it.
    """
    now = clock.now(connection)
    return [one for one in read_leases(connection, store) if _is_in_force(one, now)]


def abandoned_leases(connection: Connection, store: Tables) -> list[Lease]:
    """Those of processes of this machine that have ended: free here, in force elsewhere."""
    now = clock.now(connection)
    known = read_leases(connection, store)
    return [one for one in known if one.expires_at > now and is_gone(one.process)]


def _is_in_force(lease: Lease, now: str) -> bool:
    return lease.expires_at > now and not is_gone(lease.process)


_FIELDS: Final = (
    "project",
    "token",
    "holder",
    "url",
    "process",
    "taken_at",
    "heartbeat_at",
    "expires_at",
)


class Held:
    """A lease of this process."""

    def __init__(self, store: Target, lease: Lease) -> None:
        self._store = store
        self._lease = lease
        self._renewed = time.monotonic()
        self.project = lease.project

    def guard(self, connection: Connection) -> str:
        """Refuse to write without the lease (ALI936), and keep it till the transaction ends.

        Called first in every transaction that writes. Returns the moment by the database's clock.
        """
        lease = tables(self._store.names).lease
        row = connection.execute(
            select(*lease.c[_FIELDS], clock.database_now(connection.dialect).label("now"))
            .where(lease.c.project == self.project)
            .with_for_update()
        ).first()
        if row is None:
            raise lease_errors.lease_lost(self._store, self.project, "")
        *fields, now = row
        found = Lease(*fields)
        if found.token != self._lease.token:
            raise lease_errors.lease_lost(self._store, self.project, found.who)
        now = clock.moment(now)
        if time.monotonic() - self._renewed > self._store.lease / _BEATS:
            self.renew(connection, now)
        return now

    def renew(self, connection: Connection, now: str) -> bool:
        """Let it live on; False where it is no longer ours."""
        lease = tables(self._store.names).lease
        renewed = connection.execute(
            update(lease)
            .where(lease.c.project == self.project, lease.c.token == self._lease.token)
            .values(heartbeat_at=now, expires_at=clock.later(now, self._store.lease))
        )
        self._renewed = time.monotonic()
        return bool(renewed.rowcount)

    def beat(self) -> bool:
        """Renew it over a connection of its own."""
        with connected(self._store, "rw") as connection, transaction(connection, self._store):
            return self.renew(connection, clock.now(connection))

    def release(self) -> None:
        with connected(self._store, "rw") as connection, transaction(connection, self._store):
            lease = tables(self._store.names).lease
            connection.execute(
                delete(lease).where(
                    lease.c.project == self.project, lease.c.token == self._lease.token
                )
            )


def take_away(store: Target, project: str, waiting: Waiting | None = None) -> Lease | None:
    """End the lease of a project, whoever holds it; None where nobody does.

    Where its row is locked it waits as long as the server lets an apply hang in a transaction.
    Raises ALI910 then.
    """
    began = time.monotonic()
    deadline = began + errors.longest_hang(store) + store.timeout
    while True:
        try:
            return _take_away(store, project)
        except AliconfError as error:
            if store.embedded or not errors.is_locked(error):
                raise
            _wait_for_lock(store, began, deadline, waiting, error)


def _take_away(store: Target, project: str) -> Lease | None:
    lease = tables(store.names).lease
    with connected(store, "rw") as connection, transaction(connection, store):
        row = connection.execute(
            select(*lease.c[_FIELDS]).where(lease.c.project == project).with_for_update()
        ).first()
        connection.execute(delete(lease).where(lease.c.project == project))
    return Lease(*row) if row else None


@contextmanager
def hold(
    store: Target,
    project: str,
    *,
    wait: float = 0.0,
    waiting: Waiting | None = None,
    holder: Holder | None = None,
    ways: lease_errors.Ways = lease_errors.USUAL,
) -> Iterator[Held]:
    """Take the lease of a project, renew it in the background, and release it at the end.

    A lease that has expired, or whose process has ended on this machine, is taken over. For
    another's it waits up to ``wait`` seconds, then raises ALI935, or ALI910 where its row is locked
    till then. The store must be there. ``ways`` are the commands that ALI935 tells.

    A signal that comes while the lease is taken or released waits until that is done; the
    connection's time-outs bound it where the server is dead.
    """
    signals = HeldBack()
    ended = threading.Event()
    held = heart = None
    try:
        held = Held(
            store, _take(store, project, holder or this_holder(), wait, waiting, signals, ways)
        )
        interval = store.lease / _BEATS
        heart = threading.Thread(target=_beat, args=(held, ended, interval), daemon=True)
        heart.start()
        signals.let()
        yield held
    finally:
        try:
            signals.hold()
        finally:
            ended.set()
            if heart:
                heart.join(store.timeout)
            if held:
                # Where the store cannot be reached any more the lease expires by itself.
                with suppress(AliconfError):
                    held.release()
            signals.let()


def _beat(held: Held, ended: threading.Event, interval: float) -> None:
    while not ended.wait(interval):
        try:
            if not held.beat():
                return  # lost: the next change is refused
        except AliconfError:
            continue  # the store is busy or away for the moment; the lease may outlive that


def _take(
    store: Target,
    project: str,
    holder: Holder,
    wait: float,
    waiting: Waiting | None,
    signals: HeldBack,
    ways: lease_errors.Ways,
) -> Lease:
    """``signals`` are held back when it returns: the lease is there, and nobody releases it yet."""
    began = time.monotonic()
    deadline = began + wait
    with connected(store, "rw") as connection:
        while True:
            signals.hold()
            try:
                with transaction(connection, store):
                    ours, lease, now = _try(connection, store, project, holder)
            except AliconfError as error:
                # Somebody else took it between our look and our row: look again.
                if errors.is_duplicate(error) or errors.is_retryable(error):
                    signals.let()
                    continue
                if not wait or not errors.is_locked(error):
                    raise
                signals.let()
                _wait_for_lock(store, began, deadline, waiting, error)
                continue
            if ours:
                return lease
            signals.let()
            left = clock.seconds_between(now, lease.expires_at)
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise lease_errors.lease_held(store, project, lease.who, lease.taken_at, left, ways)
            if waiting:
                waiting(lease, left)
            time.sleep(min(_POLL_SECONDS, remaining))


def _wait_for_lock(
    store: Target, began: float, deadline: float, waiting: Waiting | None, error: AliconfError
) -> None:
    """Between two attempts at a row that is locked; each has waited for the lock itself."""
    now = time.monotonic()
    if now >= deadline:
        raise errors.locked(store, now - began) from error
    if waiting:
        waiting(None, deadline - now)
    time.sleep(min(_LOCK_SECONDS, deadline - now))


def _try(
    connection: Connection, store: Target, project: str, holder: Holder
) -> tuple[bool, Lease, str]:
    """Whether it is ours now, the lease that is in force, and the time."""
    lease = tables(store.names).lease
    row = connection.execute(
        select(*lease.c[_FIELDS]).where(lease.c.project == project).with_for_update()
    ).first()
    now = clock.now(connection)
    if row is not None:
        found = Lease(*row)
        if _is_in_force(found, now):
            return False, found, now
        connection.execute(delete(lease).where(lease.c.project == project))
    ours = Lease(
        project,
        secrets.token_hex(16),
        holder.name,
        holder.url,
        holder.process,
        now,
        now,
        clock.later(now, store.lease),
    )
    connection.execute(insert(lease).values(asdict(ours)))
    return True, ours, now
