"""Writing to a connector store. Only apply does.

Every change is in the store together with its journal row, or not at all. A change that fails
leaves the store as it was before, and a journal row that says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection

from aliconf.connector import clock, errors
from aliconf.connector.accept import acceptances
from aliconf.connector.changes import Changes
from aliconf.connector.engine import connected, transaction
from aliconf.connector.holder import this_holder
from aliconf.connector.journal import FAILED, Entry, Journal
from aliconf.connector.lease import Held
from aliconf.connector.lease_errors import LeaseLostError, undecided
from aliconf.connector.rows import Rows
from aliconf.connector.secrets import Secrets
from aliconf.connector.steps import Step
from aliconf.connector.urls import Target
from aliconf.connector.vault import Safe
from aliconf.findings import AliconfError

_POLL_SECONDS: Final = 0.2
_ATTEMPTS: Final = 5
"""How often a transaction begins anew that the database gave up in favour of another one."""


class Writer:
    """Changes objects of one project, and takes over unmanaged ones, while its lease lasts."""

    def __init__(
        self, connection: Connection, store: Target, lease: Held, safe: Safe | None
    ) -> None:
        self._connection = connection
        self._store = store
        self._lease = lease
        self._recorded = 0
        """How many rows of the journal are known to be in the store."""
        self._rows = Rows(connection, store.names)
        self._journal = Journal(connection, store.names, lease.project, this_holder())
        secrets = Secrets(connection, store.names, safe)
        self._changes = Changes(self._rows, secrets, self._journal, lease.project)

    @property
    def run_id(self) -> str:
        """``r-`` and 8 hexadecimal digits: the journal rows of this writer."""
        return self._journal.run_id

    def begin(
        self,
        steps: Iterable[Step],
        details: Mapping[str, Any] | None = None,
        accepted: Mapping[tuple[str, str], str | None] = MappingProxyType({}),
    ) -> int:
        """Write down what is intended, before the first change; close what others left open.

        ``details`` is what else there is to know of the run, as JSON: docs/store.md has its keys.
        ``accepted`` are objects that are meant to be as others have made them, as for ``accept``;
        the steps do not touch them. Returns how many of them are noted.
        """
        rows = 0

        def work(now: str) -> None:
            nonlocal rows
            self._journal.settle(now)
            self._journal.begin(steps, details or {}, now)
            rows = self._accept(accepted, now)

        self._in_transaction(work)
        self._recorded = rows
        return rows

    def settle(self) -> None:
        """Close the runs of this project that others left without a result."""
        self._in_transaction(self._journal.settle)

    def perform(self, steps: Sequence[Step]) -> None:
        """Make changes, in this order, in one transaction: all of them or none.

        Raises AliconfError (ALI910 to ALI937). A failure of a single change is in the journal
        then; of several it is not, since it is not known which was to blame: try them one by one.
        UndecidedError: nobody can say whether they were made.
        """
        rows = 0

        def work(now: str) -> None:
            nonlocal rows
            rows = 0
            self._rows.now = clock.second(now)
            entries = self._changes.make(steps)
            self._journal.record(entries, clock.second(now))
            rows = len(entries)

        try:
            self._in_transaction(work, lambda: self._journal.count() >= self._recorded + rows)
        except Exception as error:
            if len(steps) == 1 and not errors.is_hopeless(error):
                # The reason of the failure counts, not that its row could not be written.
                with suppress(AliconfError):
                    self._record_failure(steps[0], _words(error))
            raise
        self._recorded += rows

    def finish(self, result: str) -> None:
        """Write down how it ended: ``complete``, ``failed`` or ``interrupted``."""
        self._in_transaction(lambda now: self._journal.finish(result, now))

    def accept(
        self, objects: Mapping[tuple[str, str], str | None], details: Mapping[str, Any]
    ) -> int:
        """Note that objects, by kind and name, are meant to be as others have made them.

        With each comes the body that the plan saw, or None for one that the project does not manage
        any more. That is a run of its own, with its ``details``. Returns how many are noted.
        """
        rows = 0

        def work(now: str) -> None:
            nonlocal rows
            self._journal.begin((), details, now)
            rows = self._accept(objects, now)
            self._journal.finish("complete", now)

        self._in_transaction(work)
        return rows

    def _accept(self, objects: Mapping[tuple[str, str], str | None], now: str) -> int:
        if not objects:
            return 0
        entries = list(
            acceptances(
                self._connection, self._store.names, self._rows, self._lease.project, objects
            )
        )
        self._journal.record(entries, clock.second(now))
        return len(entries)

    def _record_failure(self, step: Step, message: str) -> None:
        entry = Entry(str(step.action), step.kind, step.name, result=FAILED, message=message)
        self._in_transaction(lambda now: self._journal.record([entry], clock.second(now)))

    def _in_transaction(
        self, work: Callable[[str], None], is_done: Callable[[], bool] | None = None
    ) -> None:
        """Do the work under the lease, and again where the database gave it up for another.

        So it does where another has just given a name that was free: what is there now is seen
        then, and refused by its name. Where the COMMIT gets no answer, ``is_done`` says afterwards
        whether it was done.
        """
        for attempt in range(_ATTEMPTS):
            worked = False
            try:
                with transaction(self._connection, self._store):
                    work(self._lease.guard(self._connection))
                    worked = True
                return
            except AliconfError as error:
                if worked and is_done and errors.is_lost(error):
                    if self._look(is_done, error):
                        return
                    raise
                if attempt == _ATTEMPTS - 1 or not _may_try_again(error):
                    raise

    def _look(self, is_done: Callable[[], bool], reason: AliconfError) -> bool:
        """Ask a server that may start again, for as long as one waits for a lock.

        It answers when the transaction in question has ended: that has locked the lease's row.
        """
        until = time.monotonic() + self._store.timeout
        while True:
            try:
                with transaction(self._connection, self._store):
                    with suppress(LeaseLostError):
                        self._lease.guard(self._connection)
                    return is_done()
            except AliconfError as error:
                if time.monotonic() > until:
                    raise undecided(self._store, reason) from error
            time.sleep(_POLL_SECONDS)


def _may_try_again(error: AliconfError) -> bool:
    return errors.is_retryable(error) or errors.is_duplicate(error)


def _words(error: Exception) -> str:
    """Why a change failed. The message of a defect may quote a secret, so it is left out."""
    if isinstance(error, AliconfError):
        return str(error)
    return f"a defect in aliconf ({type(error).__name__})"


@contextmanager
def open_writer(store: Target, lease: Held, safe: Safe | None = None) -> Iterator[Writer]:
    """A writer of a store that is there, for the objects of the project whose lease it is.

    Without a safe it stores no secrets.
    """
    with connected(store, "rw") as connection:
        yield Writer(connection, store, lease, safe)
