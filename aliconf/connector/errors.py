"""What can be wrong with a store, and what to do: every database failure becomes one finding."""

from __future__ import annotations

from typing import Final

from aliconf.findings import AliconfError, refusal

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

READONLY_ROLLBACK: Final = 776
"""SQLite's extended code for: an interrupted transaction must be undone, and this may not write."""

# SQLite's primary result codes (sqlite.org/rescode.html), by what a person has to do about them.
_BUSY = {5, 6}
_NOT_PERMITTED = {3, 8, 14, 23}
_DAMAGED = {11, 24, 26}
_FULL = 13
_CONSTRAINT = 19
_MISUSED = 1
"""Also what SQLite says of a table or a column that is not there."""


def explained(error: BaseException, store: str, timeout: float) -> AliconfError:
    """The refusal for a failure of the database driver; ``store`` is the store's path."""
    primary = _primary(error)
    if primary in _BUSY:
        return locked(store, timeout)
    if is_not_permitted(error):
        return not_permitted(store, str(error))
    if primary in _DAMAGED or "decode to UTF-8" in str(error):
        return damaged(store, str(error))
    if primary == _MISUSED:
        return damaged(store, f"its tables are not as documented: {error}")
    if primary == _CONSTRAINT and "region" in str(error):
        return region_fixed(str(error).removeprefix("aliconf: "))
    if primary == _CONSTRAINT:
        return refusal(
            UNUSABLE,
            f"the connector store {store} refuses the change: {error}",
            "Look for a constraint or a trigger that was added to its tables by hand.",
        )
    if primary == _FULL:
        return refusal(
            UNUSABLE,
            f"no space is left for the connector store {store}; it is unchanged",
            "Free space on its disk, then run the command again.",
        )
    return refusal(
        UNUSABLE,
        f"the connector store {store} cannot be used: {error}",
        "The last change was undone. Look at the disk and the file, then run the command again.",
    )


def _primary(error: BaseException) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def is_not_permitted(error: BaseException) -> bool:
    return _primary(error) in _NOT_PERMITTED


def is_locked(error: BaseException) -> bool:
    return isinstance(error, AliconfError) and error.findings[0].code == LOCKED


def locked(store: str, timeout: float) -> AliconfError:
    return refusal(
        LOCKED,
        f"the connector store {store} is locked by another program (waited {timeout:g} s)",
        "Let the other aliconf finish, or close the program that has the store open; then run the "
        "command again. ?timeout=SECONDS in the connector URL waits longer.",
    )


def not_permitted(store: str, reason: str) -> AliconfError:
    return refusal(
        NOT_PERMITTED,
        f"the connector store {store} may not be opened or written here: {reason}",
        "Check who owns the file and its directory. A plan needs to read the file; apply also "
        "writes to it and to its directory.",
    )


def interrupted(store: str) -> AliconfError:
    return refusal(
        NOT_PERMITTED,
        f"the connector store {store} was left in the middle of a change by a process that was "
        "killed, and this user may not undo it",
        "Run aliconf plan once as a user who may write to the file and its directory: it undoes "
        "the unfinished change.",
    )


def damaged(store: str, reason: str) -> AliconfError:
    return refusal(
        NOT_A_DATABASE,
        f"{store} is not a usable connector store: {reason}",
        "Restore the file from a backup. If it is no connector store at all, correct the "
        "connector URL; aliconf has not changed it.",
    )


def newer(store: str, version: str, known: str) -> AliconfError:
    return refusal(
        NEWER,
        f"the connector store {store} has schema version {version}; this aliconf knows up to "
        f"{known}",
        "Upgrade aliconf to the version that wrote the store.",
    )


def older(store: str, version: str, needed: str) -> AliconfError:
    return refusal(
        OLDER,
        f"the connector store {store} has schema version {version}; this aliconf needs {needed}",
        "Run aliconf apply, which upgrades an embedded store before it writes.",
    )


def foreign(store: str, tables: list[str]) -> AliconfError:
    count = len(tables)
    return refusal(
        FOREIGN,
        f"{store} belongs to another program: it has {count} table{'s' if count > 1 else ''} "
        f"({', '.join(tables[:3])}{', …' if count > 3 else ''}) and none of aliconf's",
        "Give the connector a file of its own in the connector URL.",
    )


def stale(message: str) -> AliconfError:
    return refusal(
        STALE,
        message,
        "The connector changed after the plan was made. Run aliconf plan again and review it.",
    )


def region_fixed(message: str) -> AliconfError:
    return refusal(REGION_FIXED, message, "Create a new account under another name.")
