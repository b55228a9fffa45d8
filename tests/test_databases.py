"""The databases that the tests run on are what they claim to be."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.databases.fixtures import available, marked, on_servers, place_on
from tests.databases.places import Place, RefusedError, driver_errors
from tests.databases.programs import DIRECTORY, SERVERS, Kind, ServerKind
from tests.databases.server import Server
from tests.databases.shared import Shared

ROOT = Path(__file__).resolve().parent.parent
ENCRYPTED = {
    "postgresql": "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mariadb": "SHOW STATUS LIKE 'Ssl_version'",
}
PLAIN = {"postgresql": [(False,)], "mariadb": [("Ssl_version", "")]}


def answer(connection: Any, query: str) -> Any:
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())
    finally:
        connection.close()


@on_servers
def test_server_answers_without_encryption(place: Place) -> None:
    assert place.address is not None

    assert answer(place.address.connect(place.name), "SELECT 1") == [(1,)]
    assert answer(place.address.connect(), ENCRYPTED[place.database]) == PLAIN[place.database]


@on_servers
def test_server_answers_over_tls_and_its_certificate_is_verified(place: Place) -> None:
    assert place.address is not None

    assert answer(place.address.connect(place.name, tls=True), "SELECT 1") == [(1,)]
    encrypted = answer(place.address.connect(tls=True), ENCRYPTED[place.database])
    assert encrypted != PLAIN[place.database]


@on_servers
@pytest.mark.parametrize("user", ["administrator", "aliconf"])
@pytest.mark.parametrize("password", ["", "wrong"])
def test_wrong_password_is_refused(place: Place, user: str, password: str) -> None:
    assert place.address is not None

    with pytest.raises(driver_errors(place.address.kind)):
        place.address.connect(place.name, user, password)


@on_servers
@pytest.mark.parametrize("user", ["tls_only", "certified"])
def test_users_of_encrypted_connections_are_refused_without(place: Place, user: str) -> None:
    assert place.address is not None

    with pytest.raises(driver_errors(place.address.kind)):
        place.connect(user)


@on_servers
def test_user_of_the_project_may_create_tables_and_no_more(place: Place) -> None:
    assert place.address is not None
    connection = place.connect("aliconf")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (name VARCHAR(10) PRIMARY KEY)")
        cursor.execute("INSERT INTO mine VALUES ('a')")
    connection.commit()
    connection.close()

    assert place.rows("SELECT name FROM mine") == [("a",)]
    with pytest.raises(driver_errors(place.address.kind)):
        answer(place.connect("aliconf"), "CREATE DATABASE another")


@on_servers
def test_new_user_may_do_what_was_granted(place: Place) -> None:
    assert place.address is not None
    place.sql("CREATE TABLE theirs (name VARCHAR(10))", "INSERT INTO theirs VALUES ('a')")
    right = {"postgresql": "SELECT ON theirs", "mariadb": "SELECT ON {database}.theirs"}

    with place.new_user(right[place.database]) as user:
        assert answer(place.connect(user), "SELECT name FROM theirs") == [("a",)]
        with pytest.raises(driver_errors(place.address.kind)):
            answer(place.connect(user), "DELETE FROM theirs")


def test_administrator_changes_a_place_with_plain_sql(place: Place) -> None:
    text = 'it\'s "one" \\ back\\n ü €'
    quoted = text.replace("'", "''")

    place.sql(
        'CREATE TABLE "order" (name VARCHAR(40) PRIMARY KEY, amount INTEGER)',
        f"INSERT INTO \"order\" VALUES ('{quoted}', 3)",
    )

    assert place.rows('SELECT name, amount FROM "order"') == [(text, 3)]


def test_refused_statements_change_nothing_and_say_why(place: Place) -> None:
    place.sql("CREATE TABLE t (name VARCHAR(10) PRIMARY KEY)")

    with pytest.raises(RefusedError, match=r"(?i)unique|duplicate"):
        place.sql("INSERT INTO t VALUES ('a')", "INSERT INTO t VALUES ('a')")

    assert place.rows("SELECT name FROM t") == []


def test_every_test_has_a_place_of_its_own(
    place: Place, new_place: Callable[[Kind, Path], Place], tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = new_place(place.database, tmp_path / "other")

    place.sql("CREATE TABLE t (name VARCHAR(10))")
    other.sql("CREATE TABLE t (name VARCHAR(10))")

    assert other.rows("SELECT * FROM t") == []


@on_servers
def test_url_names_the_variable_that_holds_the_password(place: Place) -> None:
    assert place.address is not None
    variable = f"ALICONF_TEST_{place.database.upper()}_PASSWORD"

    assert place.url_with(timeout=3) == (
        f"{place.database}://aliconf:${{env:{variable}}}@127.0.0.1:{place.address.port}"
        f"/{place.name}?timeout=3"
    )
    assert os.environ[variable] == place.address.password


@pytest.mark.parametrize("kind", marked(*SERVERS))
def test_own_server_keeps_its_data_when_it_is_killed_stopped_and_paused(
    kind: ServerKind, own_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = own_server(kind)
    place = place_on(server, tmp_path)
    place.sql("CREATE TABLE t (name VARCHAR(10))")
    for name, disturb in {"kill": server.kill, "stop": server.stop}.items():
        place.sql(f"INSERT INTO t VALUES ('{name}')")
        disturb()
        with pytest.raises(driver_errors(kind)):
            place.rows("SELECT 1")
        server.restart()
    connection = place.connect()
    server.pause()
    server.resume()

    assert answer(connection, "SELECT name FROM t ORDER BY name") == [("kill",), ("stop",)]


SUITE = """
def test_place(place):
    assert place.rows("SELECT 1") == [(1,)]

def test_other():
    pass
"""
SLOW = """
import pathlib, time

def test_slow(place):
    pathlib.Path("slow").touch()
    time.sleep(60)
"""
PYTEST = """
import signal, sys, pytest

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(pytest.main(sys.argv[1:]))
"""
"""A shell's background jobs, and all that they start, ignore Ctrl-C; this one is to be stopped."""
NOWHERE = dict.fromkeys(DIRECTORY.values(), "/nowhere")
MISSING = [
    "no postgresql, its tests are skipped: there is no postgres in /nowhere "
    "(ALICONF_TEST_POSTGRESQL); get it with apt-get install postgresql, "
    "or name its directory in ALICONF_TEST_POSTGRESQL",
    "no mariadb, its tests are skipped: there is no mariadbd in /nowhere "
    "(ALICONF_TEST_MARIADB); get it with apt-get install mariadb-server, "
    "or name its directory in ALICONF_TEST_MARIADB",
]


@dataclass
class Suite:
    """Tests of their own, run by another pytest."""

    root: Path
    temporary: Path
    """Where that run keeps its servers; other users must reach it, because servers run as such."""

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        plugins = ("-p", "tests.databases.plugin", "-p", "tests.databases.fixtures")
        command = [sys.executable, "-c", PYTEST, "-q", "-p", "no:cacheprovider", *plugins]
        return subprocess.Popen(
            [*command, *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(self.temporary), **variables},
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, list[str]]:
        """The exit code, and what it says about databases and in the end."""
        process = self.start(*arguments, **variables)
        out, _ = process.communicate()
        lines = re.sub(r" in [0-9.]+s", "", out).splitlines()
        start = [line.partition(":")[0] for line in lines].index("databases")
        return process.returncode, lines[start:]

    def left(self) -> list[Path]:
        """What its servers have left behind."""
        return list(self.temporary.glob("aliconf-*"))


@pytest.fixture
def suite(tmp_path: Path, shared: Shared) -> Suite:
    (tmp_path / "test_suite.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    temporary = shared.run / f"temporary-{uuid.uuid4().hex[:8]}"
    temporary.mkdir(mode=0o711)
    return Suite(tmp_path, temporary)


@pytest.mark.parametrize("processes", ["0", "2"])
def test_run_says_which_databases_ran_and_leaves_nothing(
    suite: Suite, shared: Shared, processes: str
) -> None:
    versions = {kind: available(shared, kind).version for kind in SERVERS}

    code, lines = suite.run("-n", processes, CI="true")

    assert (code, lines) == (
        0,
        [
            f"databases: sqlite {sqlite3.sqlite_version} (1 test), "
            f"postgresql {versions['postgresql']} (1 test), mariadb {versions['mariadb']} (1 test)",
            "4 passed",
        ],
    )
    assert suite.left() == []


def test_run_without_a_database_skips_its_tests_and_says_why(suite: Suite) -> None:
    code, lines = suite.run(**NOWHERE)

    ran = f"databases: sqlite {sqlite3.sqlite_version} (1 test)"
    assert (code, lines) == (0, [ran, *MISSING, "2 passed, 2 skipped"])


def test_run_without_a_database_fails_in_ci(suite: Suite) -> None:
    code, lines = suite.run(CI="true", **NOWHERE)

    ran = f"databases: sqlite {sqlite3.sqlite_version} (1 test)"
    too_few = "1 of 3 databases ran: too few in CI"
    assert (code, lines) == (1, [ran, *MISSING, too_few, "2 passed, 2 skipped"])


def test_run_of_everything_fails_in_ci_when_no_test_uses_a_database(suite: Suite) -> None:
    (suite.root / "test_suite.py").write_text("def test_other(): pass\n", encoding="utf-8")

    code, lines = suite.run(CI="true")

    too_few = "0 of 3 databases ran: too few in CI"
    assert (code, lines) == (1, ["databases: none", too_few, "1 passed"])


def test_run_of_chosen_tests_may_do_without_databases_in_ci(suite: Suite) -> None:
    process = suite.start("-k", "other", CI="true")
    process.communicate()

    assert process.returncode == 0


@pytest.mark.parametrize("kind", marked(*SERVERS))
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_run_leaves_no_server(
    suite: Suite, shared: Shared, kind: ServerKind, number: signal.Signals
) -> None:
    available(shared, kind)
    (suite.root / "test_slow.py").write_text(SLOW, encoding="utf-8")
    with suite.start("-m", kind, "test_slow.py") as run:
        until((suite.root / "slow").exists)
        run.send_signal(number)

    until(lambda: suite.left() == [])


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it has not come to pass in a minute"
        time.sleep(0.02)
