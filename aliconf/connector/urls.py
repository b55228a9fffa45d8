"""From the project's ``connector`` URL to the store it means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote

from aliconf.connector.errors import UNSUPPORTED_URL
from aliconf.findings import AliconfError, refusal

SCHEME: Final = "sqlite"
BUSY_SECONDS: Final = 5.0
"""How long a command waits for another program that holds the store."""


@dataclass(frozen=True, slots=True)
class Target:
    """One embedded store."""

    path: Path
    """Absolute."""
    display: str
    """As the project writes it, for messages."""
    timeout: float = BUSY_SECONDS


def _unsupported(message: str) -> AliconfError:
    return refusal(
        UNSUPPORTED_URL,
        message,
        "Write sqlite:///PATH, where PATH is relative to the project's root, or sqlite:////PATH "
        "for an absolute one; ?timeout=SECONDS sets how long to wait for a locked store.",
    )


def target(url: str, root: Path) -> Target:
    """The store of a connector URL.

    ``sqlite:///a/b.db`` is relative to the project's root, ``sqlite:////a/b.db`` is absolute. The
    only option is ``timeout``, in seconds. Messages name the scheme and not the URL, which may
    hold a password.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise _unsupported("the connector is not a URL")
    if scheme != SCHEME:
        raise _unsupported(f"connector URLs of the scheme {scheme!r} are not supported")
    location, _, query = rest.partition("?")
    display = unquote(location.removeprefix("/"))
    if not location.startswith("/") or not display or display == ":memory:":
        raise _unsupported("the connector URL names no file")
    return Target((root / display).absolute(), display, _timeout(query))


def _timeout(query: str) -> float:
    options = dict(parse_qsl(query, keep_blank_values=True))
    text = options.pop("timeout", str(BUSY_SECONDS))
    if options:
        raise _unsupported(f"the connector URL has an unknown option {min(options)!r}")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise _unsupported(f"the connector URL's timeout is {text!r}, not 0 to 3600 seconds")
    return seconds
