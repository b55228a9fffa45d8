"""What can be wrong with a store, and what to do: every database failure becomes one finding.

The modules ``sqlite_errors``, ``postgresql_errors`` and ``mariadb_errors`` know their drivers and
choose among the refusals here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aliconf.findings import AliconfError, refusal

if TYPE_CHECKING:
    from aliconf.connector.urls import Target

LOCKED: Final = "ALI910"
NOT_PERMITTED: Final = "ALI911"
NOT_A_DATABASE: Final = "ALI912"
NEWER: Final = "ALI913"
FOREIGN: Final = "ALI914"
UNSUPPORTED_URL: Final = "ALI915"
UNUSABLE: Final = "ALI916"
STALE: Final = "ALI917"
OLDER: Final = "ALI918"
REGION_FIXED: Final = "ALI919"
NOT_MADE: Final = "ALI928"
LOST: Final = "ALI934"
LEASE_HELD: Final = "ALI935"
LEASE_LOST: Final = "ALI936"
POINTER: Final = "ALI937"


def explained(
    error: BaseException, store: Target, *, connecting: bool = False, statement: str = ""
) -> AliconfError:
    """The refusal for a failure of a database driver.

    ``connecting`` tells a server that cannot be reached from a connection that was lost;
    ``statement`` is the SQL that failed, which says what right is missing.
    """
    if store.dialect == "postgresql":
        from aliconf.connector import postgresql_errors

        return postgresql_errors.explained(error, store, connecting, statement)
    if store.dialect == "mariadb":
        from aliconf.connector import mariadb_errors

        return mariadb_errors.explained(error, store, connecting, statement)
    from aliconf.connector import sqlite_errors

    return sqlite_errors.explained(error, store)


def driver_error(error: BaseException | None) -> BaseException | None:
    """What the driver raised, below SQLAlchemy's exception and below our finding."""
    while isinstance(error, AliconfError):
        error = error.__cause__
    original: BaseException | None = getattr(error, "orig", None)
    return original or error


def is_retryable(error: BaseException) -> bool:
    """Whether the transaction lost against another one, so that the same again may succeed."""
    cause = driver_error(error)
    return _sqlstate(cause) in {"40001", "40P01"} or _number(cause) == 1213


def is_duplicate(error: BaseException) -> bool:
    """Whether a row with the same primary or unique key is there already."""
    cause = driver_error(error)
    # SQLite's SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE.
    in_sqlite = getattr(cause, "sqlite_errorcode", 0) in {1555, 2579, 2067}
    return in_sqlite or _sqlstate(cause) == "23505" or _number(cause) == 1062


def _sqlstate(error: BaseException | None) -> str | None:
    """PostgreSQL's code."""
    code: str | None = getattr(error, "sqlstate", None)
    return code


def _number(error: BaseException | None) -> int:
    """MariaDB's code, the first argument of the driver's exceptions; SQLite's have a text there."""
    first = error.args[0] if error is not None and error.args else 0
    return first if isinstance(first, int) else 0


def is_lost(error: BaseException) -> bool:
    return isinstance(error, AliconfError) and error.findings[0].code == LOST


def is_of_driver(error: BaseException) -> bool:
    """Whether it comes straight from a driver: SQLAlchemy does not wrap what fails as it connects
    anew."""
    return type(error).__module__.partition(".")[0] in {"psycopg", "pymysql", "sqlite3"}


def is_locked(error: BaseException) -> bool:
    return isinstance(error, AliconfError) and error.findings[0].code == LOCKED


def is_hopeless(error: BaseException) -> bool:
    """Whether a second try in the same store would fail, or wait, like the first."""
    return isinstance(error, AliconfError) and error.findings[0].code in {
        LOCKED,
        LEASE_LOST,
        LOST,
    }


def safe(reason: str, store: Target) -> str:
    """A driver's words on one line; none of them where they hold the password."""
    words = " ".join(reason.split())
    if store.server is None:
        return words
    try:
        secret = store.server.secret()
    except AliconfError:
        return words
    return (
        "(the driver's words are left out: they hold the password)"
        if (secret and secret in reason)
        else words
    )


def locked(store: Target, waited: float | None = None) -> AliconfError:
    """``waited`` are seconds, where it was for longer than one statement waits."""
    how_long = f"{store.timeout:g}" if waited is None else f"{waited:.0f}"
    what = (
        "close the program that has the store open"
        if store.embedded
        else "end the session that holds the lock: it ends with its transaction or its session, "
        f"that of an aliconf that hangs after {longest_hang(store):g} s"
    )
    return refusal(
        LOCKED,
        f"the connector store {store.display} is locked by another program (waited {how_long} s)",
        f"Let the other aliconf finish, or {what}. Then run the command again. ?timeout=SECONDS in "
        "the connector URL waits longer.",
    )


def longest_hang(store: Target) -> float:
    """Seconds after which a server ends the transaction of a writer that does nothing in it."""
    return max(store.lease, 10.0)


def outrun(store: Target) -> AliconfError:
    return refusal(
        LOCKED,
        f"another program changed the connector store {store.display} at the same time",
        "The last change was undone. Run the command again.",
    )


def not_permitted(store: Target, reason: str) -> AliconfError:
    if not store.embedded:
        return refusal(
            NOT_PERMITTED,
            f"the connector store {store.display} accepts no changes: {reason}",
            "The server or the database is read-only: name the primary server in the connector "
            "URL, or ask the administrator. A plan can still read it.",
        )
    return refusal(
        NOT_PERMITTED,
        f"the connector store {store.display} may not be opened or written here: {reason}",
        "Check who owns the file and its directory. A plan needs to read the file; apply also "
        "writes to it and to its directory.",
    )


def interrupted(store: Target) -> AliconfError:
    return refusal(
        NOT_PERMITTED,
        f"the connector store {store.display} was left in the middle of a change by a process that "
        "was killed, and this user may not undo it",
        "Run aliconf plan once as a user who may write to the file and its directory: it undoes "
        "the unfinished change.",
    )


def damaged(store: Target, reason: str) -> AliconfError:
    what = "file" if store.embedded else "database"
    return refusal(
        NOT_A_DATABASE,
        f"{store.display} is not a usable connector store: {reason}",
        f"Restore the {what} from a backup. If it is no connector store at all, correct the "
        "connector URL; aliconf has not changed it.",
    )


def not_as_documented(store: Target, reason: str) -> AliconfError:
    return damaged(store, f"its tables are not as documented: {reason}")


def newer(store: Target, version: str, known: str) -> AliconfError:
    return refusal(
        NEWER,
        f"the connector store {store.display} has schema version {version}; this aliconf knows up "
        f"to {known}",
        "Upgrade aliconf to the version that wrote the store.",
    )


def older(store: Target, version: str, needed: str) -> AliconfError:
    return refusal(
        OLDER,
        f"the connector store {store.display} has schema version {version}; this aliconf needs "
        f"{needed}",
        "Run aliconf apply, which upgrades an embedded store before it writes."
        if store.embedded
        else "Run aliconf connector migrate, which upgrades it for everyone who uses it.",
    )


def foreign(store: Target, tables: list[str]) -> AliconfError:
    count = len(tables)
    return refusal(
        FOREIGN,
        f"{store.display} belongs to another program: it has {count} "
        f"table{'s' if count > 1 else ''} "
        f"({', '.join(tables[:3])}{', …' if count > 3 else ''}) and none of aliconf's",
        "Give the connector a file of its own in the connector URL."
        if store.embedded
        else "Give the connector a database of its own in the connector URL, or tables with names "
        "of their own: ?prefix=NAME_.",
    )


def not_made(store: Target, way: str = "") -> AliconfError:
    """``way`` is the hint, where a new store would be of no use."""
    who = "" if store.embedded else ", as the user who is to own its tables"
    make = f"Run aliconf connector init{who}. If there should be one, correct the connector URL."
    return refusal(NOT_MADE, f"there is no connector store in {store.display} yet", way or make)


def stale(message: str) -> AliconfError:
    return refusal(
        STALE,
        message,
        "The connector changed after the plan was made. Run aliconf plan again and review it.",
    )


def region_fixed(message: str) -> AliconfError:
    return refusal(REGION_FIXED, message, "Create a new account under another name.")


def refuses_change(store: Target, reason: str) -> AliconfError:
    return refusal(
        UNUSABLE,
        f"the connector store {store.display} refuses the change: {reason}",
        "Look for a constraint or a trigger that was added to its tables by hand.",
    )


def full(store: Target) -> AliconfError:
    return refusal(
        UNUSABLE,
        f"no space is left for the connector store {store.display}; it is unchanged",
        f"Free space on {'its disk' if store.embedded else 'the disk of the server'}, then run the "
        "command again.",
    )


def unusable(store: Target, reason: str) -> AliconfError:
    look = "the disk and the file" if store.embedded else "the server and its log"
    return refusal(
        UNUSABLE,
        f"the connector store {store.display} cannot be used: {reason}",
        f"The last change was undone. Look at {look}, then run the command again.",
    )


def pointer_in_use(kind: str, name: str, user: str) -> AliconfError:
    return refusal(
        POINTER,
        f"the default {kind} is {kind}/{name}, and {user} of another project takes it by now: it "
        "cannot be moved",
        "Name the policy where it is used, or use a connector of its own.",
    )


def pointer_of_another(kind: str, name: str, owner: str) -> AliconfError:
    return refusal(
        POINTER,
        f"the default {kind} is {kind}/{name}, managed by the project {owner!r} by now: other "
        "projects cannot move it",
        "Name the policy where it is used, or use a connector of its own.",
    )
