"""Copies of stores: all of it, from any database to any other, or nothing."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from aliconf.connector.lease import hold
from aliconf.connector.reader import open_reader
from aliconf.connector.schema import tables
from aliconf.connector.transfer import copy_store
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError
from tests.connections import target, writing
from tests.databases.fixtures import marked, on
from tests.databases.places import Place
from tests.databases.programs import KINDS, Kind
from tests.stores import MARKUP, Content, fill
from tests.teams import hand, made

NewPlace = Callable[[Kind, Path], Place]


@pytest.fixture
def somewhere(new_place: NewPlace, tmp_path: Path) -> Callable[[Kind], Place]:
    """Another place on a kind of database."""
    count = iter(range(100))

    def new(kind: Kind) -> Place:
        root = tmp_path / f"place-{next(count)}"
        root.mkdir()
        return new_place(kind, root)

    return new


def shop(place: Place, **options: str | int) -> Target:
    """A store with an object of every kind, and one without an owner."""
    store = made(place, **options)
    with hand(store) as writer:
        fill(writer)
        writer.create("PricingPolicy", "loose", Content({**MARKUP, "title": "Löse 🛒"}))
        writer.release("PricingPolicy", "loose")
    return store


def everything(store: Target) -> list[Any]:
    with open_reader(store) as reader:
        objects = list(reader.objects())
        return [reader.connector_id, reader.defaults(), reader.reserved(), objects]


def refused(error: AliconfError, *stores: Target) -> tuple[str, str]:
    (finding,) = error.findings
    message = finding.message
    for name, store in zip(string.ascii_uppercase, stores, strict=False):
        message = message.replace(store.display, name)
    return finding.code, message


def tables_in(place: Place) -> set[str]:
    schema = {"postgresql": "'public'", "mariadb": "DATABASE()"}
    if place.database == "sqlite":
        if not place.file.exists():
            return set()
        return {name for (name,) in place.rows("SELECT name FROM sqlite_master")}
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = "
    return {name for (name,) in place.rows(query + schema[place.database])}


def test_a_copy_around_all_databases_and_back_is_the_same(
    place: Place, somewhere: Callable[[Kind], Place]
) -> None:
    first = store = shop(place)
    digests = []
    start = KINDS.index(place.database)
    for kind in [*KINDS[start + 1 :], *KINDS[: start + 1]]:
        after = target(somewhere(kind), prefix="copy_")
        moved = copy_store(store, after)
        assert everything(after) == everything(first)
        digests.append(moved.digest)
        store = after
    assert len(set(digests)) == 1
