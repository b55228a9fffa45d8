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
from aliconf.connector.grants import READ, WRITE, grants, more, name_of, user_of
from aliconf.findings import AliconfError

if TYPE_CHECKING:
    from aliconf.connector.urls import Need, Target

_ACCESS_DENIED = 1045
_OTHER_WAY_IN = {1129, 1130, 1251, 1524, 1698, 1820, 1862, 2059, 2061, 4151}
"""A host that is not allowed, an account that is locked or whose password has expired, and ways to
prove who one is that the driver lacks."""
_NO_RIGHT = {1044, 1142, 1143, 1227, 1370, 1419}
_LOST = {1053, 1158, 1159, 1160, 1161, 1927, 2006, 2013, 2014, 2055}
_CONSTRAINT = {1022, 1048, 1062, 1169, 1216, 1217, 1364, 1406, 1451, 1452, 1557, 1761, 1762, 4025}
_NOT_CONNECTED = {2003, 2026}
_ANONYMOUS = (
    "If both are right, the server may take whoever comes from its own machine for its anonymous "
    "user: let an administrator run DROP USER ''@'localhost';"
)

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
    1226: server_errors.limited,
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
        return server_errors.no_right(store, reason, _grants(number, reason, store, statement))
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
    if number == _ACCESS_DENIED:
        # The name that a server gives its own machine, and anonymous users come with it.
        return server_errors.not_let_in(store, _ANONYMOUS if "@'localhost'" in reason else "")
    if number in _OTHER_WAY_IN:
        return server_errors.no_way_in(store, reason)
    name = name_of(store.server.database if store.server else "", "`")
    if number == 1049:
        return server_errors.no_database(store, f"CREATE DATABASE {name} CHARACTER SET utf8mb4;")
    if number == 1044:
        create = [f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4;"]
        statements = [*(create if store.need == "make" else []), *grants(store, store.need)]
        return server_errors.closed_database(store, statements)
    if number == 2026:
        return server_errors.no_encryption(store)
    if number == 3159:
        return server_errors.encryption_needed(store)
    if number == 2003:
        return _no_connection(getattr(error, "original_exception", None), reason, store)
    if number in _LOST:
        if "timed out" in reason:
            return server_errors.no_answer(
                store, "Something listens there and does not answer as MariaDB does: check the port"
            )
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


def _grants(number: int, reason: str, store: Target, statement: str) -> list[str]:
    """What gives all the rights that the command needs which ran the statement."""
    user = user_of(store)
    if number == 1419:
        return ["SET GLOBAL log_bin_trust_function_creators = 1;"]
    if number == 1227:
        found = _PRIVILEGE.search(reason)
        rights = found["rights"].split(",")[-1].strip() if found else "SUPER"
        return [f"GRANT {rights} ON *.* TO {user};"]
    if number == 1370:
        database = name_of(store.server.database if store.server else "", "`")
        return [f"GRANT EXECUTE ON {database}.* TO {user};"]
    command = _COMMAND.search(reason)
    denied = [right.strip() for right in command["rights"].split(",")] if command else []
    return grants(store, more(_need(denied, statement), store.need), denied)


def _need(denied: list[str], statement: str) -> Need:
    words = denied or statement.upper().split()[:1]
    if set(words) <= set(READ) and "FOR UPDATE" not in statement.upper():
        return "plan"
    return "apply" if set(words) <= set(WRITE) else "make"
