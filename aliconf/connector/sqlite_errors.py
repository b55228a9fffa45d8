"""What SQLite's result codes mean (sqlite.org/rescode.html), by what a person has to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aliconf.connector import errors
from aliconf.findings import AliconfError

if TYPE_CHECKING:
    from aliconf.connector.urls import Target

READONLY_ROLLBACK: Final = 776
"""The extended code for: an interrupted transaction must be undone, and this may not write."""

# Primary codes.
_BUSY = {5, 6}
_NOT_PERMITTED = {3, 8, 14, 23}
_DAMAGED = {11, 24, 26}
_FULL = 13
_CONSTRAINT = 19
_MISUSED = 1
"""Also what SQLite says of a table or a column that is not there."""


def explained(error: BaseException, store: Target) -> AliconfError:
    primary = _primary(error)
    if primary in _BUSY:
        return errors.locked(store)
    if is_not_permitted(error):
        return errors.not_permitted(store, str(error))
    if primary in _DAMAGED or "decode to UTF-8" in str(error):
        return errors.damaged(store, str(error))
    if primary == _MISUSED:
        return errors.not_as_documented(store, str(error))
    if primary == _CONSTRAINT and "region" in str(error):
        return errors.region_fixed(str(error).removeprefix("aliconf: "))
    if primary == _CONSTRAINT:
        return errors.refuses_change(store, str(error))
    if primary == _FULL:
        return errors.full(store)
    return errors.unusable(store, str(error))


def _primary(error: BaseException) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def is_not_permitted(error: BaseException) -> bool:
    return _primary(error) in _NOT_PERMITTED
