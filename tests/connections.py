"""The connector's own connections to the databases of tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from aliconf.config.secrets import Resolver
from aliconf.connector import engine, urls
from tests.databases.places import Place


def target(place: Place, user: str | None = None, **options: str | int) -> urls.Target:
    """The store there, of the tests' user or of another; the directory of a file is made."""
    url = place.url_with(**options) if user is None else place.url_of(user, **options)
    if place.database == "sqlite":
        place.file.parent.mkdir(exist_ok=True)
    return urls.target(url, place.root, Resolver(place.root))


@contextmanager
def writing(store: urls.Target) -> Iterator[Connection]:
    """One transaction, committed at the end."""
    with engine.connected(store, "rwc") as connection, engine.transaction(connection, store):
        yield connection
