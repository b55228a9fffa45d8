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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aliconf.connector.lease import hold
from aliconf.connector.prepare import prepare_store
from aliconf.connector.reader import Reader, Stored, open_reader
from aliconf.connector.urls import Target, target
from aliconf.connector.writer import Writer, open_writer
from aliconf.findings import AliconfError

URL = "sqlite:///.aliconf/connector.db"
PROJECT = "shop"
NOBODY = 65534

_SQL = """
import json, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
for statement in sys.argv[2:]:
    rows = connection.execute(statement).fetchall()
connection.commit()
print(json.dumps(rows))
"""

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


def file_of(root: Path) -> Path:
    return root / ".aliconf" / "connector.db"


def store_at(root: Path, url: str = URL) -> Target:
    return target(url, root)


@contextmanager
def reading(root: Path, url: str = URL) -> Iterator[Reader]:
    with open_reader(store_at(root, url)) as opened:
        yield opened


@contextmanager
def writer(root: Path, project: str = PROJECT, url: str = URL) -> Iterator[Hand]:
    """A writer under the project's lease; the store is created where it is not there."""
    store = store_at(root, url)
    prepare_store(store)
    with hold(store, project) as lease, open_writer(store, lease) as opened:
        yield Hand(opened, store)


def stored(root: Path, url: str = URL) -> dict[tuple[str, str], Stored]:
    """Every object of the store, by kind and name."""
    with reading(root, url) as opened:
        return {(found.kind, found.name): found for found in opened.objects()}


def body_of(root: Path, kind: str, name: str) -> str:
    return stored(root)[kind, name].body_text


def administrator(root: Path, *statements: str) -> list[list[Any]]:
    """Plain SQL from another process; the rows of the last statement.

    Raises CalledProcessError, whose ``stderr`` has the database's message.
    """
    done = subprocess.run(
        [sys.executable, "-c", _SQL, str(file_of(root)), *statements],
        check=True,
        capture_output=True,
        text=True,
    )
    rows: list[list[Any]] = json.loads(done.stdout)
    return rows


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


def journal(root: Path) -> list[tuple[str, str, str, str]]:
    """Action, object, result and message of every journal row."""
    rows = administrator(
        root, "SELECT action, kind || '/' || name, result, message FROM journal ORDER BY id"
    )
    return [(action, name, result, anybody(message)) for action, name, result, message in rows]


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


def filled(root: Path) -> Path:
    with writer(root) as opened:
        fill(opened)
    return root
