"""From the project's ``connector`` URL to the store it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote

from aliconf.connector.errors import UNSUPPORTED_URL
from aliconf.connector.names import Names
from aliconf.findings import AliconfError, refusal
from aliconf.model.secrets import REFERENCE, SecretReference

Dialect = Literal["sqlite", "postgresql", "mariadb"]
"""As SQLAlchemy names them."""
SslMode = Literal["disable", "prefer", "require", "verify-ca", "verify-full"]
"""libpq's words (postgresql.org/docs/current/libpq-ssl.html), for MariaDB too."""
Resolve = Callable[[SecretReference], str]

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
VERIFYING: Final = ("verify-ca", "verify-full")

_SSL_MODES: Final[tuple[SslMode, ...]] = (
    "disable",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
)
_TLS_FILES: Final = ("sslrootcert", "sslcert", "sslkey")
_ANYWHERE: Final = ("timeout", "lease", "prefix")
_OPTIONS: Final[dict[Dialect, tuple[str, ...]]] = {
    "sqlite": _ANYWHERE,
    "postgresql": (*_ANYWHERE, "schema", "sslmode", *_TLS_FILES),
    "mariadb": (*_ANYWHERE, "sslmode", *_TLS_FILES),
}
_SOCKETS: Final = ("host", "socket", "unix_socket", "unix_sock")
_PREFIX: Final = re.compile(r"[a-z][a-z0-9_]{0,19}")
_SCHEMA: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_AUTHORITY: Final = re.compile(
    rf"(?:(?P<user>[^\s:/@?#]*)(?::(?P<password>{REFERENCE}))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@?#\[\]]*)(?::(?P<port>[^\s:/@?#]*))?"
    r"(?:/(?P<database>[^\s:/@?#]*))?(?:\?(?P<query>.*))?"
)


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection to a server is encrypted and whose certificate is trusted."""

    mode: SslMode = "prefer"
    root: Path | None = None
    """The certificates of the authorities to trust; always there where the mode verifies."""
    certificate: Path | None = None
    key: Path | None = None


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

    @property
    def embedded(self) -> bool:
        return self.server is None


def refused(message: str, hint: str = "") -> AliconfError:
    return refusal(
        UNSUPPORTED_URL,
        message,
        hint
        or "Write sqlite:///PATH, where PATH is relative to the project's root, or sqlite:////PATH "
        "for an absolute one; or postgresql://USER:${env:PASSWORD}@HOST/DATABASE, or the same with "
        "mariadb://. Options such as ?timeout=SECONDS follow.",
    )


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
            f"connector URLs of the scheme {scheme!r} are not supported", _near(scheme, DIALECTS)
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
    options = _options("sqlite", query)
    names = _names(options)
    return Target(
        dialect="sqlite",
        display=path + _shown(names),
        names=names,
        timeout=_seconds(options, "timeout", TIMEOUT, 0),
        lease=_seconds(options, "lease", LEASE, 1),
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
    options = _options(dialect, parts["query"] or "")
    host = unquote(parts["host"]).removeprefix("[").removesuffix("]")
    if not host or "/" in host:
        raise _no_sockets()
    database = unquote(parts["database"] or "")
    if not database:
        raise refused("the connector URL names no database")
    user = unquote(parts["user"] or "") or _this_user()
    port = _port(parts["port"], PORTS[dialect])
    names = _names(options)
    reference = parts["password"]
    shown_host = f"[{host}]" if ":" in host else host
    return Target(
        dialect=dialect,
        display=f"{dialect}://{user}@{shown_host}:{port}/{database}{_shown(names)}",
        names=names,
        timeout=_seconds(options, "timeout", TIMEOUT, 0),
        lease=_seconds(options, "lease", LEASE, 1),
        server=Server(
            host=host,
            port=port,
            user=user,
            database=database,
            password=SecretReference.parse(reference) if reference else None,
            tls=_tls(options, root),
            resolve=resolve,
        ),
    )


def _no_sockets() -> AliconfError:
    return refused(
        "the connector URL names no host",
        "Socket directories are not supported: name the host, such as localhost, and its port.",
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


def _options(dialect: Dialect, query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in options:
            raise refused(f"the connector URL has the option {name!r} twice")
        if name in _SOCKETS and dialect != "sqlite":
            raise _no_sockets()
        if name not in _OPTIONS[dialect]:
            raise _unknown(dialect, name)
        options[name] = value
    return options


def _unknown(dialect: Dialect, name: str) -> AliconfError:
    if name in _OPTIONS["postgresql"]:
        where = "PostgreSQL" if name == "schema" else "PostgreSQL and MariaDB"
        return refused(
            f"the connector URL's option {name!r} is for {where} only",
            "In MariaDB a database is a schema, so name another database, or use ?prefix=NAME_."
            if dialect == "mariadb"
            else "Remove it: an embedded store is a file, which no server guards.",
        )
    known = _OPTIONS[dialect]
    return refused(
        f"the connector URL has an unknown option {name!r}",
        _near(name, known) or f"It may have {', '.join(known)}.",
    )


def _near(word: str, known: dict[str, Dialect] | tuple[str, ...]) -> str:
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else ""


def _seconds(options: dict[str, str], name: str, default: float, least: int) -> float:
    text = options.get(name)
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not least <= seconds <= 3600:
        raise refused(f"the connector URL's {name} is {text!r}, not {least} to 3600 seconds")
    return seconds


def _names(options: dict[str, str]) -> Names:
    schema = options.get("schema")
    if schema is not None and not _SCHEMA.fullmatch(schema):
        raise refused(
            f"the connector URL's schema is {schema!r}, not a name of small letters, digits and _",
        )
    prefix = options.get("prefix", "")
    if "prefix" in options and not _PREFIX.fullmatch(prefix):
        raise refused(
            f"the connector URL's prefix is {prefix!r}, not a small letter and up to 19 small "
            "letters, digits or _",
            "The prefix stands in front of each table's name as it is: write prefix=staging_ to "
            "get staging_aliconf_account.",
        )
    return Names(schema, prefix)


def _shown(names: Names) -> str:
    schema = f" (schema {names.schema})" if names.schema else ""
    return schema + (f" (prefix {names.prefix})" if names.prefix else "")


def _tls(options: dict[str, str], root: Path) -> Tls:
    word = options.get("sslmode", "prefer")
    mode = next((mode for mode in _SSL_MODES if mode == word), None)
    if mode is None:
        raise refused(
            f"the connector URL's sslmode is {word!r}",
            _near(word, _SSL_MODES) or f"It may be {', '.join(_SSL_MODES)}.",
        )
    files = {name: _file(name, options[name], root) for name in _TLS_FILES if name in options}
    if mode in VERIFYING and "sslrootcert" not in files:
        raise refused(
            f"the connector URL's sslmode {mode} has no sslrootcert",
            "Name the file with the certificates to trust, such as "
            "sslrootcert=/etc/ssl/certs/ca-certificates.crt.",
        )
    if mode not in VERIFYING and "sslrootcert" in files:
        raise refused(
            f"the connector URL has a sslrootcert, which sslmode {mode} would not use",
            "Write sslmode=verify-full, or verify-ca, which does not check the host's name.",
        )
    if ("sslcert" in files) != ("sslkey" in files):
        raise refused("the connector URL has one of sslcert and sslkey; a certificate needs both")
    return Tls(mode, files.get("sslrootcert"), files.get("sslcert"), files.get("sslkey"))


def _file(name: str, text: str, root: Path) -> Path:
    path = (root / text).absolute()
    if not text or not path.is_file():
        raise refused(
            f"the connector URL's {name} is {text!r}, which is no file",
            "A relative path starts at the project's root.",
        )
    return path
