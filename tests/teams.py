"""Shops whose connector store is at a ``place``, for the tests of what teams do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aliconf.apply.outcome import Outcome
from aliconf.apply.run import apply_plan
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


def shared_url(place: Place) -> str:
    """The place's URL for projects in any directory: that of a file is absolute."""
    return f"sqlite:///{place.file}" if place.database == "sqlite" else place.url


def team_shop(place: Place, name: str, code: str) -> Path:
    """One of several small shops at one place: a registration, an account, a policy and a template
    of its own, in a directory with its name. ``code`` is the account's: ``es`` of ES.
    """
    root = place.root / name
    root.mkdir(exist_ok=True)
    project = shops.PROJECT.replace("name: shop", f"name: {name}")
    return shops.shop(
        root,
        aliconf=project.replace("spec:", f"spec:\n      connector: {shared_url(place)}", 1),
        registration=shops.REGISTRATION.replace("main", name),
        account=shops.ACCOUNT.replace("name: es", f"name: {code}")
        .replace("Shop ES", f"Shop {code.upper()}")
        .replace("region: ES", f"region: {code.upper()}"),
        pricing=shops.PRICING.replace("name: markup", f"name: {name}-markup")
        .replace("Markup", f"Markup of {name}")
        .replace("default: true", "default: false"),
        template=shops.TEMPLATE.replace("name: everything", f"name: {name}-everything")
        .replace("Everything", f"Everything of {name}")
        .replace("[es]", f"[{code}]"),
    )


def unwrapped(text: str) -> str:
    """A screen whose paragraphs are one line each again: how long a store's name is differs."""
    return re.sub(r"\n +", " ", text)


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def planned(root: Path) -> Plan:
    """The plan of a project as it is now."""
    return plan_of(Project(load(root)))


def carried_out(store: Target, plan: Plan) -> Outcome:
    """Apply a plan that was made before."""
    with hold(store, plan.project) as lease, open_writer(store, lease) as writer:
        return apply_plan(plan, writer, progress=lambda *_: None, stopped=lambda: False)


@contextmanager
def hand(store: Target, project: str = "shop") -> Iterator[Hand]:
    """A writer under the project's lease."""
    with hold(store, project) as lease, open_writer(store, lease) as writer:
        yield Hand(writer, store)
