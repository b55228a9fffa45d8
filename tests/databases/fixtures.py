"""What a test asks for: ``place``, ``new_place`` or ``own_server``."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.databases.address import Address
from tests.databases.mariadb import start_mariadb
from tests.databases.places import Place, new_database, password_variable
from tests.databases.plugin import SHARED
from tests.databases.postgresql import start_postgresql
from tests.databases.programs import KINDS, SERVERS, Kind, ServerKind, UnavailableError
from tests.databases.server import Server
from tests.databases.shared import Shared

STARTS = {"postgresql": start_postgresql, "mariadb": start_mariadb}


def marked(*kinds: Kind) -> list[Any]:
    """Values of a parameter, each with its mark: ``-m postgresql`` selects, and they are counted."""
    return [pytest.param(kind, marks=getattr(pytest.mark, kind), id=kind) for kind in kinds]


def on(*kinds: Kind) -> pytest.MarkDecorator:
    """For a test whose ``place`` is not on all three: ``@on("postgresql", "mariadb")``."""
    return pytest.mark.parametrize("place", marked(*kinds), indirect=True)


on_servers = on(*SERVERS)


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest) -> Iterator[Shared]:
    """The run's servers; their password is in the environment."""
    servers = request.config.stash[SHARED]
    with pytest.MonkeyPatch.context() as environment:
        for kind in SERVERS:
            environment.setenv(password_variable(kind), servers.password)
        yield servers


@pytest.fixture
def new_place(shared: Shared) -> Iterator[Callable[[Kind, Path], Place]]:
    """Make places, for a test that needs more than one: a kind and a project's directory each."""
    with ExitStack() as stack:

        def new(kind: Kind, root: Path) -> Place:
            if kind == "sqlite":
                return Place(kind, root)
            return stack.enter_context(new_database(available(shared, kind), root))

        yield new


@pytest.fixture(params=marked(*KINDS))
def place(
    request: pytest.FixtureRequest, new_place: Callable[[Kind, Path], Place], tmp_path: Path
) -> Place:
    """An empty place for a store, on each of the databases in turn."""
    return new_place(request.param, tmp_path)


@pytest.fixture
def own_server(shared: Shared) -> Iterator[Callable[..., Server]]:
    """Start a server that this test may stop, kill, restart or pause: ``own_server("mariadb")``.

    Keywords as those of Server. ``place_on(server, tmp_path)`` makes a place there. Removed at the
    end. Mark the test with the server's kind, or parametrize with ``marked``.
    """
    with ExitStack() as stack:

        def start(kind: ServerKind, **keywords: Any) -> Server:
            directory = shared.run / f"own-{kind}-{uuid.uuid4().hex[:8]}"
            try:
                server = STARTS[kind](directory, shared.password, **keywords)
            except UnavailableError as reason:
                pytest.skip(f"no {kind}: {reason}")
            stack.callback(server.remove)
            return server

        yield start


def place_on(server: Server, root: Path) -> Place:
    """A place on a test's own server; it goes with the server."""
    with new_database(server.address, root, drop=False) as place:
        return place


def available(shared: Shared, kind: ServerKind) -> Address:
    try:
        return shared.address(kind)
    except UnavailableError as reason:
        pytest.skip(f"no {kind}: {reason}")
