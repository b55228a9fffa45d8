"""Reading a connector store: all that a plan, a status or a report may do with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from aliconf.connector import errors
from aliconf.connector.urls import Target
from aliconf.connector.vault import Place
from aliconf.progress import SILENT, Progress

ACCEPT: Final = "accept"
"""An action in the journal: others changed the object, and the configuration says the same."""
FOLLOWED: Final = " is now "
"""In the message of an update that followed a move."""
Change = tuple[str, str, str]
"""Of what a run intended: action, kind and name. What it generates has the action ``generate``."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One object as the connector has it."""

    kind: str
    name: str
    title: str
    """Empty for a registration, which has none."""
    body_text: str
    """The canonical text of the complete body, an account's region included. Where an administrator
    left something in the store that is no JSON object, what stands there."""
    labels_text: str
    """The labels in the same form."""
    protect: bool
    owner: str | None
    """The project that manages it; None for an unmanaged object."""
    generated: bool
    """A policy that was generated when the first account was saved."""
    created: str
    """UTC, ``2026-11-23T10:00:00Z``; so are the other times."""
    updated: str
    authorized: str | None = None
    """When an account was last authorized; None before, and for other kinds."""
    region: str = ""
    """Of an account, whatever its body holds; empty for other kinds."""


@dataclass(frozen=True, slots=True)
class CutOff:
    """An apply that ended without a result: it was killed, or lost its store."""

    run_id: str
    actor: str
    url: str
    """Of its CI run; empty outside."""
    started: str
    done: tuple[str, ...]
    """The changes that it made, as ``Kind/name``."""
    left: tuple[str, ...]
    """Those that it had intended as well and did not make."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may change the objects of a project, and until when."""

    project: str
    token: str
    """Only its holder needs it."""
    holder: str
    """``user@host``."""
    url: str
    """Of the holder's CI run; empty outside."""
    process: str
    """Which process on which machine; see ``holder``."""
    taken_at: str
    """UTC to the millisecond, ``2026-11-23T10:00:00.123Z``; so are the others."""
    heartbeat_at: str
    expires_at: str

    @property
    def who(self) -> str:
        return f"{self.holder} ({self.url})" if self.url else self.holder


class StoredSecret(NamedTuple):
    """A secret that the connector keeps, encrypted."""

    kind: str
    name: str
    field: str
    """``authorization.appKey``."""
    reference: str
    """The secret reference whose value it is."""
    key_id: str
    ciphertext: str
    updated_at: str

    @property
    def place(self) -> Place:
        return Place(self.kind, self.name, self.field)


class LeftDefault(NamedTuple):
    """Where applies have left a default."""

    name: str
    project: str
    """Whose apply it was."""


class Run(NamedTuple):
    """One apply."""

    id: str
    actor: str
    """``user@host``."""
    url: str
    """Of its CI run; empty outside."""
    started: str
    finished: str | None
    result: str | None
    """``complete``, ``failed``, ``interrupted`` or ``cut off``; None while it runs."""
    intent: tuple[Change, ...]
    """The changes that it was to make."""
    done: int
    """How many of them it made."""
    details: dict[str, Any]
    """See ``aliconf_run`` in docs/store.md."""

    @property
    def intended(self) -> int:
        """How many changes it was to make."""
        return len(self.intent)


class JournalEntry(NamedTuple):
    """One row of the journal."""

    recorded: str
    action: str
    kind: str
    name: str
    result: str
    before: str | None
    """The state of the object as JSON text, and so is ``after``."""
    after: str | None
    message: str

    @property
    def intended(self) -> bool:
        """Whether its run had intended it.

        An update that tells of another name followed a move: nobody had asked for it. What a run
        accepted others had changed.
        """
        followed = self.action == "update" and FOLLOWED in self.message
        return self.action != ACCEPT and not followed


class Applied(NamedTuple):
    """What the applies of a project have left, in whatever order."""

    objects: dict[tuple[str, str], str]
    """By kind and name, the objects that it manages as far as it knows: their state, as
    docs/store.md describes it. What it deleted, released, renamed or generated is not here."""
    defaults: dict[str, LeftDefault]
    """By policy kind; of applies of all projects, as the pointers are one for all."""


class Reader(Protocol):
    """A view of one store, the same from its first read to its end."""

    @property
    def exists(self) -> bool:
        """False where nothing was ever applied: there is nothing to read, and no file is made."""

    @property
    def connector_id(self) -> str:
        """``c-`` and 8 hexadecimal digits; empty where the store does not exist."""

    @property
    def defaults_generated(self) -> bool:
        """Whether the five default policies were generated."""

    def objects(self) -> Iterator[Stored]:
        """Every object, by kind in dependency order and then by name; no deleted accounts."""

    def defaults(self) -> dict[str, str]:
        """The name of the default policy by policy kind."""

    def reserved(self) -> dict[str, str]:
        """The regions of deleted accounts by their names."""

    def applied(self, project: str) -> Applied:
        """What the applies of the project have left, by the journal."""

    def runs(self, project: str) -> list[Run]:
        """The project's applies, oldest first."""

    def last_environment(self, project: str) -> str:
        """The environment of the project's last apply that named one; empty where none did."""

    def entries(self, run_id: str) -> list[JournalEntry]:
        """What an apply wrote into the journal, in its order."""

    def unfinished(self, project: str) -> list[CutOff]:
        """The project's applies without a result, oldest first; one may be under way."""

    def leases(self) -> list[Lease]:
        """The leases that are in force: not expired, and not of a process known to be dead."""

    def abandoned(self) -> list[Lease]:
        """Those of a process known to be dead that other machines still take for in force."""

    def secrets(self) -> list[StoredSecret]:
        """The secrets that the connector keeps, all of them encrypted."""

    def now(self) -> str:
        """The time by the store's clock, in the form of a lease's."""


class EmptyReader:
    """A store that does not exist yet."""

    exists = False
    connector_id = ""
    defaults_generated = False

    def objects(self) -> Iterator[Stored]:
        return iter(())

    def defaults(self) -> dict[str, str]:
        return {}

    def reserved(self) -> dict[str, str]:
        return {}

    def applied(self, project: str) -> Applied:
        return Applied({}, {})

    def runs(self, project: str) -> list[Run]:
        return []

    def last_environment(self, project: str) -> str:
        return ""

    def entries(self, run_id: str) -> list[JournalEntry]:
        return []

    def unfinished(self, project: str) -> list[CutOff]:
        return []

    def leases(self) -> list[Lease]:
        return []

    def abandoned(self) -> list[Lease]:
        return []

    def secrets(self) -> list[StoredSecret]:
        return []

    def now(self) -> str:
        return ""


@contextmanager
def open_reader(store: Target, progress: Progress = SILENT) -> Iterator[Reader]:
    """A reader of a store. It creates nothing and changes nothing.

    What it reads is one state. While it is open on an embedded store a writer has to wait, so close
    it before anything is asked or applied. Raises ALI910 to ALI918 and ALI923 to ALI934.
    """
    if not is_there(store):
        yield EmptyReader()
        return
    from aliconf.connector.sql_reader import sql_reader

    with sql_reader(store, progress) as reader:
        yield reader


def is_there(store: Target) -> bool:
    """Whether there is something to open: of an embedded store, a file.

    ALI911 where that cannot be known.
    """
    if store.path is None:
        return True
    try:
        store.path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise errors.not_permitted(store, error.strerror or str(error)) from error
    return True
