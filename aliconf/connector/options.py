"""The options of a connector URL: what follows its question mark."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qsl

from aliconf.connector.errors import UNSUPPORTED_URL
from aliconf.connector.names import Names
from aliconf.findings import AliconfError, refusal

Dialect = Literal["sqlite", "postgresql", "mariadb"]
"""As SQLAlchemy names them."""
SslMode = Literal["disable", "prefer", "require", "verify-ca", "verify-full"]
"""libpq's words (postgresql.org/docs/current/libpq-ssl.html), for MariaDB too."""

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
_KNOWN: Final[dict[Dialect, tuple[str, ...]]] = {
    "sqlite": _ANYWHERE,
    "postgresql": (*_ANYWHERE, "schema", "sslmode", *_TLS_FILES),
    "mariadb": (*_ANYWHERE, "sslmode", *_TLS_FILES),
}
_SOCKETS: Final = ("host", "socket", "unix_socket")
_PASSWORDS: Final = ("password", "passwd", "pwd", "sslpassword")
_PREFIX: Final = re.compile(r"[a-z][a-z0-9_]{0,19}")
_SCHEMA: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection to a server is encrypted and whose certificate is trusted."""

    mode: SslMode = "prefer"
    root: Path | None = None
    """The certificates of the authorities to trust; there in the modes that verify, only."""
    certificate: Path | None = None
    key: Path | None = None


def refused(message: str, hint: str = "") -> AliconfError:
    return refusal(
        UNSUPPORTED_URL,
        message,
        hint
        or "Write sqlite:///PATH, where PATH is relative to the project's root, or sqlite:////PATH "
        "for an absolute one; or postgresql://USER:${env:PASSWORD}@HOST/DATABASE, or the same with "
        "mariadb://. Options such as ?timeout=SECONDS follow.",
    )


def no_sockets() -> AliconfError:
    return refused(
        "the connector URL names no host",
        "Socket directories are not supported: name the host, such as localhost, and its port.",
    )


def near(word: str, known: Iterable[str]) -> str:
    found = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"Did you mean {found[0]}?" if found else ""


def read(dialect: Dialect, query: str) -> dict[str, str]:
    """The options that a URL of the dialect may have, each at most once."""
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in options:
            raise refused(f"the connector URL has the option {name!r} twice")
        if name not in _KNOWN[dialect]:
            raise _unknown(dialect, name)
        options[name] = value
    return options


def _unknown(dialect: Dialect, name: str) -> AliconfError:
    known = _KNOWN[dialect]
    if name in _SOCKETS and dialect != "sqlite":
        return no_sockets()
    if name in _PASSWORDS:
        hint = "A password is a secret reference before the host: USER:${env:PASSWORD}@HOST."
    elif name in _KNOWN["postgresql"]:
        hint = (
            "It is PostgreSQL's: in MariaDB name another database, or use ?prefix=NAME_."
            if dialect == "mariadb"
            else "Only servers have it; an embedded store is a file."
        )
    else:
        hint = near(name, known) or f"It may have {', '.join(known)}."
    return refused(f"the connector URL has an unknown option {name!r}", hint)


def seconds(options: dict[str, str], name: str, default: float, least: int) -> float:
    text = options.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not least <= value <= 3600:
        raise refused(
            f"the connector URL's {name} is {text!r}, not {least} to 3600 seconds",
            f"Write {name}={default:g}, or leave the option out, which means the same.",
        )
    return value


def names(options: dict[str, str]) -> Names:
    schema = options.get("schema")
    if schema is not None and not _SCHEMA.fullmatch(schema):
        raise refused(
            f"the connector URL's schema is {schema!r}, not a name of small letters, digits and _",
            "Make a schema with such a name, or leave the option out.",
        )
    prefix = options.get("prefix", "")
    if "prefix" in options and not _PREFIX.fullmatch(prefix):
        raise refused(
            f"the connector URL's prefix is {prefix!r}, not a small letter and up to 19 small "
            "letters, digits or _",
            "The prefix stands in front of each table's name as it is: prefix=staging_ makes "
            "staging_aliconf_account.",
        )
    return Names(schema, prefix)


def tls(options: dict[str, str], root: Path) -> Tls:
    word = options.get("sslmode", "prefer")
    mode = next((mode for mode in _SSL_MODES if mode == word), None)
    if mode is None:
        raise refused(
            f"the connector URL's sslmode is {word!r}",
            near(word, _SSL_MODES) or f"It may be {', '.join(_SSL_MODES)}.",
        )
    files = {name: _file(name, options[name], root) for name in _TLS_FILES if name in options}
    if mode in VERIFYING and "sslrootcert" not in files:
        raise refused(
            f"the connector URL has sslmode={mode} and no sslrootcert",
            "Name the file with the certificates to trust, such as "
            "sslrootcert=/etc/ssl/certs/ca-certificates.crt.",
        )
    if mode not in VERIFYING and "sslrootcert" in files:
        raise refused(
            f"the connector URL has a sslrootcert, which sslmode={mode} does not use",
            "Write sslmode=verify-full, or verify-ca, which does not check the host's name.",
        )
    if ("sslcert" in files) != ("sslkey" in files):
        raise refused(
            "the connector URL has one of sslcert and sslkey",
            "Name both: the certificate and its private key.",
        )
    return Tls(mode, files.get("sslrootcert"), files.get("sslcert"), files.get("sslkey"))


def _file(name: str, text: str, root: Path) -> Path:
    path = (root / text).absolute()
    if not text or not path.is_file():
        raise refused(
            f"the connector URL's {name} is {text!r}, and there is no such file",
            "A relative path starts at the project's root.",
        )
    return path
