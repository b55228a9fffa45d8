"""Making a store ready: who creates one, and who brings it up to date."""

from __future__ import annotations

from aliconf.connector import errors, schema
from aliconf.connector.clashes import refuse_clashes
from aliconf.connector.engine import connected, transaction, undo_interrupted
from aliconf.connector.migrate import create, migrate
from aliconf.connector.reader import is_there
from aliconf.connector.state import State, state
from aliconf.connector.urls import Target


def prepare_store(store: Target) -> None:
    """Let there be a store that an apply can write.

    An embedded one is one person's: it is created, its directory too, and an older schema is
    upgraded. One on a server is many people's, and who administers it does that (ALI918, ALI928).
    """
    if store.embedded:
        make_store(store)
        upgrade_store(store)
    else:
        check_store(store)


def check_store(store: Target) -> None:
    """Refuse a store that is not there, or not of the schema of this aliconf; change nothing."""
    found, version = _state(store)
    if found == "older":
        raise errors.older(store, version, schema.REVISIONS[-1])
    if found == "empty":
        raise errors.not_made(store)


def make_store(store: Target) -> bool:
    """Make the tables of a new store, and the directory of an embedded one.

    Goes on with one that was broken off. False where a store is there already.
    """
    if store.path is not None:
        try:
            store.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise errors.not_permitted(store, error.strerror or str(error)) from error
    with connected(store, "rwc") as connection, transaction(connection, store):
        found, _ = state(connection, store, resuming=True)
        if found in {"older", "current"}:
            return False
        refuse_clashes(connection, store)
        create(connection, store.names)
    return True


def migrate_store(store: Target) -> tuple[str, str]:
    """Run the migrations that are missing; the schema versions before and after.

    Raises ALI928 where there is no store.
    """
    found, version = _state(store)
    if found == "empty":
        raise errors.not_made(store)
    if found == "older":
        with connected(store, "rw") as connection, transaction(connection, store):
            refuse_clashes(connection, store, version)
            migrate(connection, store.names)
    return version, schema.REVISIONS[-1]


def upgrade_store(store: Target) -> None:
    """Bring an embedded store of an older schema up to date; nothing else is written.

    An apply does this before it reads, which a reader cannot do. A store that does not exist stays
    so; one on a server is left to ``aliconf connector migrate``.
    """
    if store.embedded and _state(store)[0] == "older":
        migrate_store(store)


def _state(store: Target) -> tuple[State, str]:
    if not is_there(store):
        return "empty", ""
    undo_interrupted(store)
    with connected(store, "ro") as connection, transaction(connection, store):
        return state(connection, store)
