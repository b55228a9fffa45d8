"""Shops whose connector store is at a ``place``, for the tests of what teams do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aliconf.cli.connect import plan_of
from aliconf.cli.project import Project
from aliconf.config.load import load
from aliconf.connector.lease import hold
from aliconf.connector.prepare import make_store
from aliconf.connector.urls import Target
from aliconf.connector.writer import open_writer
from aliconf.plan.changes import Plan
from tests import shops
from tests.connections import target
from tests.databases.places import Place
from tests.stores import Hand


def project_at(place: Place, name: str = "shop", **options: str | int) -> str:
    """The project's document, with the connector of a place."""
    return shops.PROJECT.replace("name: shop", f"name: {name}").replace(
        "spec:", f"spec:\n      connector: {place.url_with(**options)}"
    )


def shop_at(place: Place, directory: Path | None = None, **changes: str | None) -> Path:
    """The small shop, whose connector is the place's; see ``shops.shop``."""
    root = directory or place.root
    return shops.shop(root, **{"aliconf": project_at(place), **changes})


def made(place: Place, **options: str | int) -> Target:
    """A store at the place, with no object in it."""
    store = target(place, None, **options)
    make_store(store)
    return store


def planned(root: Path) -> Plan:
    """The plan of a project as it is now."""
    return plan_of(Project(load(root)))


@contextmanager
def hand(store: Target, project: str = "shop") -> Iterator[Hand]:
    """A writer under the project's lease."""
    with hold(store, project) as lease, open_writer(store, lease) as writer:
        yield Hand(writer, store)
