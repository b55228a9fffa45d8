"""What can be wrong between here and a store on a server, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from aliconf.connector import errors
from aliconf.connector.grants import to_run
from aliconf.findings import AliconfError, refusal

if TYPE_CHECKING:
    from aliconf.connector.urls import Target

NOT_LET_IN: Final = "ALI923"
UNREACHABLE: Final = "ALI924"
NO_DATABASE: Final = "ALI925"
UNFIT: Final = "ALI926"
NO_RIGHT: Final = "ALI927"
NO_DRIVER: Final = "ALI932"

TLS_HINT: Final = (
    "sslmode in the connector URL says whether the connection is encrypted, sslrootcert whose "
    "certificates are trusted, sslcert and sslkey show a certificate to the server."
)


def no_way_in(store: Target, reason: str) -> AliconfError:
    """The server knows the user no better, whatever the password is."""
    return refusal(
        NOT_LET_IN,
        f"the server of the connector store {store.display} did not let the user in: {reason}",
        "Ask the administrator how this user may connect from this machine.",
    )


def not_let_in(store: Target, further: str = "") -> AliconfError:
    """``further`` is one more cause to look for."""
    password = store.server.password if store.server else None
    if password is None:
        return refusal(
            NOT_LET_IN,
            f"the server of the connector store {store.display} asks for a password",
            "Give the connector URL one by reference: USER:${env:NAME}@HOST.",
        )
    return refusal(
        NOT_LET_IN,
        f"the server of the connector store {store.display} refuses the user or the password",
        f"Check the user's name, and that {password} holds the password."
        + (f" {further}" if further else ""),
    )


def unreachable(store: Target, reason: str, hint: str = "") -> AliconfError:
    return refusal(
        UNREACHABLE,
        f"the connector store {store.display} cannot be reached: {reason}",
        hint or "Check the host and the port in the connector URL, and that the server runs.",
    )


def unknown_host(store: Target) -> AliconfError:
    host = store.server.host if store.server else ""
    return unreachable(
        store,
        f"no address is known for the host {host}",
        "Check the host in the connector URL, and whether this machine's DNS knows it.",
    )


def connection_refused(store: Target) -> AliconfError:
    return unreachable(store, "connection refused, so no server listens there")


_NOBODY: Final = "Check the host and the port in the connector URL, and that no firewall is between"


def no_answer(store: Target, look: str = _NOBODY) -> AliconfError:
    return unreachable(
        store,
        f"no answer in {max(2.0, store.timeout):g} s",
        f"{look}. ?timeout=SECONDS waits longer.",
    )


def not_trusted(store: Target, reason: str) -> AliconfError:
    trusted = store.server.tls.root if store.server else None
    return unreachable(
        store,
        f"the server's certificate is not trusted by {trusted}: {reason}",
        "Give sslrootcert the certificate of the authority that signed the server's.",
    )


def other_name(store: Target) -> AliconfError:
    host = store.server.host if store.server else ""
    return unreachable(
        store,
        f"the server's certificate is not for the host {host}",
        "Name the host as its certificate does, or use sslmode=verify-ca, which does not check "
        "the name.",
    )


def no_encryption(store: Target) -> AliconfError:
    mode = store.server.tls.mode if store.server else ""
    return unreachable(
        store,
        f"sslmode={mode} asks for encryption, which the server does not offer",
        "Let the server encrypt, or use sslmode=prefer on a network that you trust.",
    )


def encryption_needed(store: Target) -> AliconfError:
    return unreachable(
        store, "the server wants an encrypted connection", "Remove sslmode=disable from the URL."
    )


def no_tls(store: Target, reason: str) -> AliconfError:
    return unreachable(store, f"the encrypted connection failed: {reason}", TLS_HINT)


def too_many(store: Target, reason: str) -> AliconfError:
    return unreachable(
        store,
        f"the server has too many connections: {reason}",
        "Wait until other programs have finished, or let the server accept more.",
    )


def limited(store: Target, reason: str) -> AliconfError:
    return unreachable(
        store, reason, "Wait an hour, or let an administrator raise the limit of this user."
    )


def not_understood(store: Target, said: str, connect: str) -> AliconfError:
    """The server turns the user away in words that aliconf does not know, in another language."""
    server = store.server
    password = f"that {server.password} holds the password" if server and server.password else ""
    return unreachable(
        store,
        f"the server says: {said}",
        "aliconf does not know these words. Check the user's name, and "
        f"{password or 'whether the server asks for a password'}; that the server has the database "
        f"{server.database if server else ''!r}; and that the user may connect to it, which an "
        f"administrator allows by {connect}. The server's log may say more.",
    )


def no_database(store: Target, statement: str) -> AliconfError:
    name = store.server.database if store.server else ""
    return refusal(
        NO_DATABASE,
        f"the connector store {store.display} is not there: the server has no database {name!r}",
        f"Correct the connector URL, or let an administrator make it: {statement}",
    )


def no_schema(store: Target) -> AliconfError:
    name = store.names.schema
    missing = "the database" if name else "the user's search path"
    make = f"let an administrator make it: CREATE SCHEMA {name};"
    return refusal(
        NO_DATABASE,
        f"the connector store {store.display} is not there: {missing} has no schema"
        + (f" {name!r}" if name else ""),
        f"Correct the connector URL, or {make}"
        if name
        else "Name the schema of the tables in the connector URL: ?schema=NAME.",
    )


def closed_database(store: Target, statements: Sequence[str]) -> AliconfError:
    server = store.server
    user, name = (server.user, server.database) if server else ("", "")
    there = " in that database" if store.dialect == "postgresql" else ""
    return refusal(
        NO_DATABASE,
        f"the connector store {store.display} is closed to this user: {user} may not use the "
        f"database {name!r}, or there is none",
        f"Correct the connector URL, or let an administrator run{there}:\n"
        + to_run(store, statements),
    )


def unfit(store: Target, found: str, needed: str) -> AliconfError:
    return refusal(
        UNFIT,
        f"the server of the connector store {store.display} cannot be used: {found}",
        f"Use {needed}.",
    )


def no_right(store: Target, reason: str, statements: Sequence[str]) -> AliconfError:
    """``statements`` give all the rights that the command needs, not only the one that it met.

    Who applies is mostly another user, and the one of the URL is right to have fewer rights.
    """
    return refusal(
        NO_RIGHT,
        f"the user of the connector store {store.display} lacks a right: {reason}",
        (_AS_WHO_APPLIES if store.need == "apply" else "Let an administrator run:")
        + f"\n{to_run(store, statements)}",
    )


_AS_WHO_APPLIES: Final = (
    "Run this as the user who applies: one who may only read is meant to only plan. Or, if this "
    "user is to apply, let an administrator run:"
)


def not_owner(store: Target, reason: str) -> AliconfError:
    return refusal(
        NO_RIGHT,
        f"the user of the connector store {store.display} lacks a right: {reason}",
        "Only the user who made the tables may change them: name that one in the connector URL for "
        "this command. In psql, \\dt shows the owner of each table.",
    )


def no_driver(store: Target, driver: str) -> AliconfError:
    return refusal(
        NO_DRIVER,
        f"the connector store {store.display} needs the package {driver}, which is not installed",
        f"Run pip install 'aliconf[{store.dialect}]'.",
    )


def lost(store: Target, reason: str) -> AliconfError:
    return refusal(
        errors.LOST,
        f"the connection to the connector store {store.display} was lost: {reason}",
        "The server undoes the change that was under way, unless it had just been completed. Run "
        "aliconf plan, which shows what is left to do.",
    )
