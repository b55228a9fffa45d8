"""From the project's ``connector`` URL to the store it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote

from aliconf.connector.names import Names
from aliconf.connector.options import (
    Dialect,
    Tls,
    names,
    near,
    no_sockets,
    read,
    refused,
    seconds,
    tls,
)
from aliconf.model.secrets import REFERENCE, SecretReference

Resolve = Callable[[SecretReference], str]
"""What finds a secret; it raises ALI933."""

Need = Literal["plan", "apply", "make"]
"""What a command does with a store: only read it, change it, or make or migrate it."""

DIALECTS: Final[dict[str, Dialect]] = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgresql+psycopg": "postgresql",
    "mariadb": "mariadb",
    "mariadb+pymysql": "mariadb",
    "mysql": "mariadb",
    "mysql+pymysql": "mariadb",
}
PORTS: Final[dict[Dialect, int]] = {"postgresql": 5432, "mariadb": 3306}
TIMEOUT: Final = 5.0
"""How many seconds a command waits for a server, or for a program that holds the store."""
LEASE: Final = 30.0
"""How many seconds a lease lives without a heartbeat."""

_AUTHORITY: Final = re.compile(
    rf"(?:(?P<user>[^\s:/@?#]*)(?::(?P<password>{REFERENCE}))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@?#\[\]]*)(?::(?P<port>[^\s:/@?#]*))?"
    r"(?:/(?P<database>[^\s:/@?#]*))?(?:\?(?P<query>.*))?"
)


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is, and as whom to connect."""

    host: str
    port: int
    user: str
    database: str
    password: SecretReference | None
    tls: Tls
    resolve: Resolve = field(repr=False, compare=False)

    def secret(self) -> str | None:
        """The password, asked for whenever it is used and kept nowhere. Raises ALI933."""
        return None if self.password is None else self.resolve(self.password)


@dataclass(frozen=True, slots=True)
class Target:
    """One store: a file, or a database on a server."""

    dialect: Dialect
    display: str
    """For messages: an embedded store's path as the project writes it, or the URL of a server
    without a password."""
    names: Names
    timeout: float = TIMEOUT
    """Seconds to wait for locks and for an answer."""
    lease: float = LEASE
    """Seconds that a lease lives without a heartbeat."""
    path: Path | None = None
    """Absolute; embedded stores only."""
    server: Server | None = None
    need: Need = field(default="plan", compare=False)
    """What refusals name the missing rights for."""

    def to(self, need: Need) -> Target:
        """The same store, for a command that does more than read it."""
        return replace(self, need=need)

    @property
    def embedded(self) -> bool:
        return self.server is None


def _unresolved(reference: SecretReference) -> str:
    raise refused(f"the password {reference} cannot be resolved here")


def target(url: str, root: Path, resolve: Resolve = _unresolved) -> Target:
    """The store of a connector URL; relative paths in it are relative to the project's ``root``.

    Connects to nothing and resolves no secret. Raises ALI915, in words that quote no part of the
    URL that may hold a password.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise refused("the connector is not a URL")
    if scheme not in DIALECTS:
        raise refused(
            f"connector URLs of the scheme {scheme!r} are not supported", near(scheme, DIALECTS)
        )
    dialect = DIALECTS[scheme]
    if dialect == "sqlite":
        return _embedded(rest, root)
    return _on_server(dialect, rest, root, resolve)


def _embedded(rest: str, root: Path) -> Target:
    location, _, query = rest.partition("?")
    path = unquote(location.removeprefix("/"))
    if not location.startswith("/") or not path or path == ":memory:":
        raise refused("the connector URL names no file")
    options = read("sqlite", query)
    called = names(options)
    return Target(
        dialect="sqlite",
        display=path + _shown(called),
        names=called,
        timeout=seconds(options, "timeout", TIMEOUT, 0),
        lease=seconds(options, "lease", LEASE, 1),
        path=(root / path).absolute(),
    )


def _on_server(dialect: Dialect, rest: str, root: Path, resolve: Resolve) -> Target:
    parts = _AUTHORITY.fullmatch(rest)
    if parts is None:
        raise refused(
            "the connector URL is not USER@HOST:PORT/DATABASE after its scheme",
            "Write it as postgresql://USER:${env:PASSWORD}@HOST/DATABASE: the password is a secret "
            "reference, and other signs than letters, digits and -._~ are %-encoded.",
        )
    options = read(dialect, parts["query"] or "")
    host = unquote(parts["host"]).removeprefix("[").removesuffix("]")
    if not host or "/" in host:
        raise no_sockets()
    database = unquote(parts["database"] or "")
    if not database:
        raise refused("the connector URL names no database")
    user = unquote(parts["user"] or "") or _this_user()
    port = _port(parts["port"], PORTS[dialect])
    called = names(options)
    reference = parts["password"]
    shown_host = f"[{host}]" if ":" in host else host
    return Target(
        dialect=dialect,
        display=f"{dialect}://{user}@{shown_host}:{port}/{database}{_shown(called)}",
        names=called,
        timeout=seconds(options, "timeout", TIMEOUT, 0),
        lease=seconds(options, "lease", LEASE, 1),
        server=Server(
            host=host,
            port=port,
            user=user,
            database=database,
            password=SecretReference.parse(reference) if reference else None,
            tls=tls(options, root),
            resolve=resolve,
        ),
    )


def _this_user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise refused("the connector URL names no user, and this process has no name") from error


def _port(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise refused("the connector URL's port is not a number from 1 to 65535")
    return int(text)


def _shown(called: Names) -> str:
    schema = f" (schema {called.schema})" if called.schema else ""
    return schema + (f" (prefix {called.prefix})" if called.prefix else "")
