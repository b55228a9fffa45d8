"""What PostgreSQL's and libpq's errors mean, by what a person has to do.

The codes are those of postgresql.org/docs/current/errcodes-appendix.html. While connecting, libpq
passes on only the server's words and no code, and psycopg cannot ask it for more. They are English
unless the server's ``lc_messages`` says otherwise, which no client can change before it is let in.
What is not recognized is shown as it is, with all that it may mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from aliconf.connector import errors, server_errors
from aliconf.connector.grants import grants, more, name_of, user_of
from aliconf.findings import AliconfError

if TYPE_CHECKING:
    from aliconf.connector.urls import Need, Target

_SERVER = re.compile(r"^connection to server at .+?, port \d+ failed: ")
_SAID = re.compile(r"(?:^|: )\w+(?: \w+)*:  (?P<words>\S.*)", re.DOTALL)
"""What a server says, behind its severity in its language; only servers write two blanks there."""
_LOST = {"57P01", "57P02", "57P03", "57P05", "25P03", "25P04"}


def explained(
    error: BaseException, store: Target, connecting: bool, statement: str
) -> AliconfError:
    code: str = getattr(error, "sqlstate", None) or ""
    words = _words(error)
    reason = errors.safe(words, store)
    if not code and connecting:
        return _not_connected(words, reason, store)
    if not code and _is_operational(error):
        return server_errors.lost(store, reason)
    return _refused(code, reason, store, statement)


def _is_operational(error: BaseException) -> bool:
    """Whether the trouble is with the connection: what the server says has a code."""
    import psycopg

    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))


def _words(error: BaseException) -> str:
    """The server's sentence without its context, or libpq's last attempt."""
    primary: str | None = getattr(getattr(error, "diag", None), "message_primary", None)
    last = str(error).rpartition("connection failed: ")[2]
    return primary or _SERVER.sub("", last, count=1)


_BY_CODE: dict[str, Callable[[Target, str], AliconfError]] = {
    "55P03": lambda store, _: errors.locked(store),
    "40001": lambda store, _: errors.outrun(store),
    "40P01": lambda store, _: errors.outrun(store),
    "25006": errors.not_permitted,
    "53100": lambda store, _: errors.full(store),
    "53300": server_errors.too_many,
    "42P01": errors.not_as_documented,
    "42703": errors.not_as_documented,
    "P0001": errors.refuses_change,
}


def _refused(code: str, reason: str, store: Target, statement: str) -> AliconfError:
    if code == "42501":
        return _no_right(reason, store, statement)
    if code == "3F000":
        return server_errors.no_schema(store)
    if code == "P0001" and reason.startswith("aliconf: "):
        return errors.region_fixed(reason.removeprefix("aliconf: "))
    if code in _BY_CODE:
        return _BY_CODE[code](store, reason)
    if code.startswith("08") or code in _LOST:
        return server_errors.lost(store, reason)
    if code.startswith(("22", "23")):  # values that do not fit; constraints
        return errors.refuses_change(store, reason)
    return errors.unusable(store, reason)


def _not_connected(words: str, reason: str, store: Target) -> AliconfError:
    said = reason.partition("FATAL: ")[2].strip()
    if said:
        return _turned_away(said, store)
    other = _SAID.search(words)
    if other:
        return _not_understood(errors.safe(other["words"], store), store)
    lower = reason.lower()
    if "no password supplied" in lower:
        return server_errors.not_let_in(store)
    if "failed to resolve host" in lower or "could not translate host name" in lower:
        return server_errors.unknown_host(store)
    if "connection refused" in lower:
        return server_errors.connection_refused(store)
    if "timeout expired" in lower or "timed out" in lower:
        return server_errors.no_answer(store)
    return _not_encrypted(reason, lower, store) or server_errors.unreachable(store, reason)


def _not_encrypted(reason: str, lower: str, store: Target) -> AliconfError | None:
    if "does not support ssl" in lower:
        return server_errors.no_encryption(store)
    if "invalid response to ssl negotiation" in lower:
        return server_errors.unreachable(
            store, "what listens there is not PostgreSQL", "Check the port in the connector URL."
        )
    if "does not match host name" in lower:
        return server_errors.other_name(store)
    if "certificate verify failed" in lower:
        return server_errors.not_trusted(store, reason)
    if "ssl error" in lower or "certificate" in lower or "private key" in lower:
        return server_errors.no_tls(store, reason)
    return None


def _turned_away(said: str, store: Target) -> AliconfError:
    """What a server says that ends the connection instead of opening it."""
    if "password authentication failed" in said:
        return server_errors.not_let_in(store)
    database = store.server.database if store.server else ""
    user = store.server.user if store.server else ""
    if re.match(r"database .* does not exist", said):
        return server_errors.no_database(
            store,
            f"CREATE DATABASE {name_of(database)} OWNER {name_of(user)} ENCODING 'UTF8' "
            "TEMPLATE template0;",
        )
    if said.startswith("permission denied for database"):
        connect = f"GRANT CONNECT ON DATABASE {name_of(database)} TO {name_of(user)};"
        return server_errors.closed_database(store, [connect, *grants(store, store.need)])
    if "too many" in said or "remaining connection slots" in said:
        return server_errors.too_many(store, said)
    if "pg_hba.conf" in said and store.server and store.server.tls.mode == "disable":
        return server_errors.encryption_needed(store)
    if re.match(r"(the database system|terminating connection)", said):
        return server_errors.unreachable(store, said, "Wait until the server is ready.")
    if re.search(r"role .* does not exist|authentication|pg_hba|not permitted to log in", said):
        return server_errors.no_way_in(store, said)
    return _not_understood(said, store)


def _not_understood(said: str, store: Target) -> AliconfError:
    database = store.server.database if store.server else ""
    user = store.server.user if store.server else ""
    connect = f"GRANT CONNECT ON DATABASE {name_of(database)} TO {name_of(user)}"
    return server_errors.not_understood(store, said, connect)


_DENIED = re.compile(r"permission denied for (?P<kind>[a-z ]+) (?P<name>.+)")


def _no_right(reason: str, store: Target, statement: str) -> AliconfError:
    """What gives all the rights that the command needs which ran the statement."""
    if reason.startswith("must be owner of "):
        return server_errors.not_owner(store, reason)
    denied = _DENIED.search(reason)
    kind, name = (denied["kind"], denied["name"]) if denied else ("schema", "")
    if kind in {"table", "relation", "view", "schema", "sequence"}:
        return server_errors.no_right(store, reason, grants(store, _need(store, statement)))
    right = {"database": "CREATE", "function": "EXECUTE"}.get(kind, "USAGE")
    what = name_of(name) if kind == "database" else name
    grant = f"GRANT {right} ON {kind.upper()} {what} TO {user_of(store)};"
    return server_errors.no_right(store, reason, [grant])


def _need(store: Target, statement: str) -> Need:
    """Who makes tables owns them, so that only the tables of others take more rights."""
    words = (statement.upper().split() or ["SELECT"])[0]
    asked: Need = "make"
    if words in {"INSERT", "UPDATE", "DELETE"} or "FOR UPDATE" in statement.upper():
        asked = "apply"
    elif words in {"SELECT", "WITH"}:
        asked = "plan"
    return asked if store.need == "make" else more(asked, store.need)
