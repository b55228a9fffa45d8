"""Real connector stores for tests, and the other people who work on them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from aliconf.config.secrets import Resolver
from aliconf.connector.lease import hold
from aliconf.connector.prepare import make_store, prepare_store
from aliconf.connector.reader import Reader, Stored, open_reader
from aliconf.connector.urls import Target, target
from aliconf.connector.writer import Writer, open_writer
from aliconf.findings import AliconfError
from aliconf.model.base import canonical
from tests.databases.places import SQLITE_URL, Place

URL = SQLITE_URL
PROJECT = "shop"
NOBODY = 65534

Where = Place | Path
"""A place of a store; the directory of a project with an embedded one stands for that."""
At = TypeVar("At", Place, Path)

_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
if sys.argv[2] == "BEGIN":
    connection.execute("SELECT count(*) FROM account").fetchall()
print("held", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Content:
    """What an object is to be, as a writer takes it."""

    body: dict[str, Any]
    labels: dict[str, str] = field(default_factory=dict)
    protect: bool = False
    default: bool = False

    @property
    def text(self) -> str:
        return canonical(self.body)


@dataclass(frozen=True, slots=True)
class Step:
    """One change, as a writer takes it."""

    action: str
    kind: str
    name: str
    desired: Content | None = None
    before: str = ""
    old_name: str = ""
    generated: bool = False


class Hand:
    """A writer that makes one change at a time."""

    def __init__(self, writer: Writer, store: Target) -> None:
        self.writer = writer
        self.store = store

    def create(self, kind: str, name: str, desired: Content) -> None:
        self.writer.perform([Step("create", kind, name, desired)])

    def update(self, kind: str, name: str, desired: Content, before: str) -> None:
        self.writer.perform([Step("update", kind, name, desired, before)])

    def adopt(self, kind: str, name: str, desired: Content, before: str) -> None:
        self.writer.perform([Step("adopt", kind, name, desired, before)])

    def release(self, kind: str, name: str) -> None:
        self.writer.perform([Step("release", kind, name)])

    def delete(self, kind: str, name: str, before: str) -> None:
        self.writer.perform([Step("delete", kind, name, before=before)])

    def move(
        self, kind: str, old: str, name: str, desired: Content | None = None, before: str = ""
    ) -> None:
        """Without ``desired`` the object keeps its values."""
        if desired is None:
            with open_reader(self.store) as opened:
                (found,) = (one for one in opened.objects() if (one.kind, one.name) == (kind, old))
            before = found.body_text
            desired = Content(json.loads(before), json.loads(found.labels_text), found.protect)
        self.writer.perform([Step("move", kind, name, desired, before, old)])


def place_of(where: Where) -> Place:
    return Place("sqlite", where) if isinstance(where, Path) else where


def file_of(root: Path) -> Path:
    return place_of(root).file


def store_at(where: Where, url: str = "") -> Target:
    place = place_of(where)
    return target(url or place.url, place.root, Resolver(place.root))


@contextmanager
def reading(where: Where, url: str = "") -> Iterator[Reader]:
    with open_reader(store_at(where, url)) as opened:
        yield opened


@contextmanager
def writer(where: Where, project: str = PROJECT, url: str = "") -> Iterator[Hand]:
    """A writer under the project's lease; the store is created where it is not there."""
    store = store_at(where, url)
    if store.embedded:
        prepare_store(store)
    else:
        make_store(store)
    with hold(store, project) as lease, open_writer(store, lease) as opened:
        yield Hand(opened, store)


def stored(where: Where, url: str = "") -> dict[tuple[str, str], Stored]:
    """Every object of the store, by kind and name."""
    with reading(where, url) as opened:
        return {(found.kind, found.name): found for found in opened.objects()}


def body_of(where: Where, kind: str, name: str) -> str:
    return stored(where)[kind, name].body_text


def pointers(where: Where) -> dict[str, str]:
    with reading(where) as reader:
        return reader.defaults()


def no_inserts(place: Place, table: str, reason: str, condition: str = "1 = 1") -> None:
    """A trigger by hand: the database refuses new rows, those for which ``NEW`` meets a condition.

    ``inserts_again`` removes it.
    """
    ddl = {
        "sqlite": f"CREATE TRIGGER refuses BEFORE INSERT ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{reason}'); END",
        "mariadb": f"CREATE TRIGGER refuses BEFORE INSERT ON {table} FOR EACH ROW "
        f"IF {condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{reason}'; END IF",
        "postgresql": "CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{reason}'; END IF; RETURN NEW; END $$",
    }
    place.sql(ddl[place.database])
    if place.database == "postgresql":
        place.sql(
            f"CREATE TRIGGER refuses BEFORE INSERT ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuses()"
        )


def inserts_again(place: Place, table: str) -> None:
    if place.database == "postgresql":
        place.sql(f"DROP TRIGGER refuses ON {table}", "DROP FUNCTION refuses()")
    else:
        place.sql("DROP TRIGGER refuses")


@contextmanager
def held(root: Path, begin: str = "BEGIN EXCLUSIVE") -> Iterator[None]:
    """Another process has a transaction open; a plain BEGIN has also read."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(file_of(root)), begin],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield
        finally:
            other.communicate()


def killed(root: Path, script: str) -> None:
    """Run a script in another process that kills itself; ``ROOT`` is the project's root."""
    done = subprocess.run(
        [sys.executable, "-c", f"from pathlib import Path\nROOT = Path({str(root)!r})\n{script}"],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@contextmanager
def as_nobody() -> Iterator[None]:
    """Where tests run as root, whom permission bits do not bind: as an unprivileged user."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@contextmanager
def public_directory() -> Iterator[Path]:
    """A directory that every user may enter and list, unlike pytest's."""
    path = Path(tempfile.mkdtemp(prefix="aliconf-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def codes(error: AliconfError) -> list[str]:
    return [finding.code for finding in error.findings]


def refused(change: Callable[[], object]) -> tuple[str, str]:
    """The code and the message of the refusal of a change, without who changed something."""
    with pytest.raises(AliconfError) as error:
        change()
    (finding,) = error.value.findings
    assert finding.hint
    return finding.code, anybody(finding.message)


def journal(where: Where) -> list[tuple[str, str, str, str]]:
    """Action, object, result and message of every journal row."""
    rows = place_of(where).rows(
        "SELECT action, kind, name, result, message FROM journal ORDER BY id"
    )
    return [
        (action, f"{kind}/{name}", result, anybody(message))
        for action, kind, name, result, message in rows
    ]


def anybody(message: str) -> str:
    """A message without who changed something, when, and in which run."""
    return re.sub(r"[a-z]+ by \S+@\S+ at \S+Z \(run r-[0-9a-f]{8}\)", "<who>", message)


REGISTRATION = {"email": "shop@example.com", "acceptTerms": True}
MARKUP = {"title": "Markup 12 %", "adjustments": [{"increaseByPercent": "12"}]}
ACCOUNT = {"title": "Spain", "region": "ES", "storeView": "es_es"}
TEMPLATE = {
    "title": "Shoes",
    "accounts": ["es"],
    "categoryId": 200000343,
    "priority": 100,
    "query": {"all": []},
    "pricingPolicy": "markup",
}
CAMPAIGN = {
    "title": "Black Friday",
    "accounts": ["es"],
    "active": {"from": "2026-11-26T23:00:00Z", "until": "2026-11-30T23:00:00Z"},
    "priority": 100,
    "pricingPolicy": "markup",
}


def fill(open_writer: Hand) -> None:
    """One object of every kind."""
    open_writer.create("Registration", "merchant", Content(REGISTRATION))
    open_writer.create("PricingPolicy", "markup", Content(MARKUP, default=True))
    open_writer.create("Account", "es", Content(ACCOUNT, {"market": "eu"}))
    open_writer.create("ListingTemplate", "shoes", Content(TEMPLATE, protect=True))
    open_writer.create("Campaign", "black-friday", Content(CAMPAIGN))


def filled(where: At) -> At:
    with writer(where) as opened:
        fill(opened)
    return where
