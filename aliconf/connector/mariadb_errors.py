"""What MariaDB's and PyMySQL's errors mean, by what a person has to do.

The numbers are those of mariadb.com/kb/en/mariadb-error-code-reference; from 2000 to 2999 they are
the client's, from PyMySQL's ``constants/CR.py``.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from aliconf.connector import errors, server_errors
from aliconf.findings import AliconfError

if TYPE_CHECKING:
    from aliconf.connector.urls import Target

_ACCESS_DENIED = {1045, 1698}
_OTHER_WAY_IN = {1129, 1130, 1251, 1524, 1820, 1862, 2059, 2061, 4151}
"""A host that is not allowed, an account that is locked or whose password has expired, and ways to
prove who one is that the driver lacks."""
_NO_RIGHT = {1044, 1142, 1143, 1227, 1370, 1419}
_LOST = {1053, 1158, 1159, 1160, 1161, 1927, 2006, 2013, 2014, 2055}
_CONSTRAINT = {1022, 1048, 1062, 1169, 1216, 1217, 1364, 1406, 1451, 1452, 1557, 1761, 1762, 4025}
_NOT_CONNECTED = {2003, 2026}

_BY_NUMBER: dict[int, Callable[[Target, str], AliconfError]] = {
    1205: lambda store, _: errors.locked(store),
    1020: lambda store, _: errors.outrun(store),
    1213: lambda store, _: errors.outrun(store),
    1021: lambda store, _: errors.full(store),
    1114: lambda store, _: errors.full(store),
    1290: errors.not_permitted,
    1792: errors.not_permitted,
    1836: errors.not_permitted,
    1040: server_errors.too_many,
    1203: server_errors.too_many,
    1226: server_errors.too_many,
    1054: errors.not_as_documented,
    1146: errors.not_as_documented,
    1644: errors.refuses_change,
    1665: lambda store, words: errors.unusable(
        store, f"its server's binlog_format must be MIXED or ROW: {words}"
    ),
    **dict.fromkeys(_LOST, server_errors.lost),
    **dict.fromkeys(_CONSTRAINT, errors.refuses_change),
}


def explained(
    error: BaseException, store: Target, connecting: bool, statement: str
) -> AliconfError:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    words = str(error.args[1]) if number and len(error.args) > 1 else str(error)
    reason = errors.safe(words, store)
    if connecting or number in _NOT_CONNECTED:
        found = _not_connected(number, error, reason, store)
        if found is not None:
            return found
    if number == 0 and words.startswith("(0, ''"):
        return server_errors.lost(store, "it is closed")
    return _refused(number, reason, store, statement)


def _refused(number: int, reason: str, store: Target, statement: str) -> AliconfError:
    if number in _NO_RIGHT:
        return server_errors.no_right(store, reason, _grant(number, reason, store, statement))
    if number == 1644 and reason.startswith("aliconf: "):
        return errors.region_fixed(reason.removeprefix("aliconf: "))
    if number in _BY_NUMBER:
        return _BY_NUMBER[number](store, reason)
    if "No space left" in reason:
        return errors.full(store)
    return errors.unusable(store, reason)


def _not_connected(
    number: int, error: BaseException, reason: str, store: Target
) -> AliconfError | None:
    if number in _ACCESS_DENIED:
        return server_errors.not_let_in(store)
    if number in _OTHER_WAY_IN:
        return server_errors.no_way_in(store, reason)
    database = store.server.database if store.server else ""
    if number == 1049:
        return server_errors.no_database(store, f"CREATE DATABASE {_name(database)};")
    if number == 1044:
        grant = f"GRANT ALL ON {_name(database)}.* TO {_user(store)};"
        return server_errors.closed_database(store, grant)
    if number == 2026:
        return server_errors.no_encryption(store)
    if number == 3159:
        return server_errors.encryption_needed(store)
    if number == 2003:
        return _no_connection(getattr(error, "original_exception", None), reason, store)
    if number in _LOST:
        if "timed out" in reason:
            return server_errors.no_answer(store)
        return server_errors.unreachable(store, reason)
    return None


def _no_connection(cause: BaseException | None, reason: str, store: Target) -> AliconfError:
    if isinstance(cause, ssl.SSLCertVerificationError):
        if "Hostname mismatch" in str(cause) or "IP address mismatch" in str(cause):
            return server_errors.other_name(store)
        return server_errors.not_trusted(store, cause.verify_message)
    if isinstance(cause, ssl.SSLError):
        return server_errors.no_tls(store, cause.reason or str(cause))
    if isinstance(cause, socket.gaierror):
        return server_errors.unknown_host(store)
    if isinstance(cause, ConnectionRefusedError):
        return server_errors.connection_refused(store)
    if isinstance(cause, TimeoutError):
        return server_errors.no_answer(store)
    if isinstance(cause, OSError) and cause.strerror:
        return server_errors.unreachable(store, cause.strerror)
    return server_errors.unreachable(store, reason)


_COMMAND = re.compile(r"(?P<rights>[A-Z][A-Z, ]*) command denied to user")
_PRIVILEGE = re.compile(r"\(at least one of\) the (?P<rights>.+?) privilege")


def _grant(number: int, reason: str, store: Target, statement: str) -> str:
    """The statement that gives the right that was missing for ``statement``."""
    user = _user(store)
    database = _name(store.server.database) if store.server else ""
    if number == 1419:
        return (
            "SET GLOBAL log_bin_trust_function_creators = 1; (the server keeps a binary log, and "
            "the store has triggers)"
        )
    if number == 1227:
        found = _PRIVILEGE.search(reason)
        rights = found["rights"].split(",")[-1].strip() if found else "SUPER"
        return f"GRANT {rights} ON *.* TO {user};"
    if number == 1370:
        return f"GRANT EXECUTE ON {database}.* TO {user};"
    command = _COMMAND.search(reason)
    words = statement.upper().split()
    if command:
        rights = command["rights"].strip()
    elif "TRIGGER" in words:
        rights = "TRIGGER"
    else:
        rights = words[0] if words else "ALL"
    return f"GRANT {rights} ON {database}.* TO {user};"


def _user(store: Target) -> str:
    user = store.server.user if store.server else ""
    return f"'{user}'@'%'"


def _name(name: str) -> str:
    """As SQL writes it: in quotes where it must be."""
    return name if re.fullmatch(r"[A-Za-z0-9_]+", name) else f"`{name}`"
