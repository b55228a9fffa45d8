"""Stores that cannot be used: what a person is told, and that nothing changes."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from aliconf.connector import schema
from aliconf.findings import AliconfError
from aliconf.model.base import canonical
from tests.databases.fixtures import on, on_servers
from tests.databases.places import Place
from tests.stores import (
    ACCOUNT,
    CAMPAIGN,
    MARKUP,
    PROJECT,
    URL,
    Content,
    Step,
    Where,
    anybody,
    as_nobody,
    file_of,
    filled,
    held,
    journal,
    killed,
    public_directory,
    reading,
    store_at,
    stored,
    writer,
)

SHORT = f"{URL}?timeout=0.1"
NAME = ".aliconf/connector.db"


def writing(where: Where, url: str = "") -> AbstractContextManager[Any]:
    return writer(where, PROJECT, url)


def refused(opening: AbstractContextManager[Any]) -> tuple[str, str]:
    """The code and the message of the refusal to open a store, and to read it."""
    with pytest.raises(AliconfError) as error, opening as opened:
        list(opened.objects())
    (finding,) = error.value.findings
    assert finding.hint
    return finding.code, finding.message


LOCKED = (
    "ALI910",
    f"the connector store {NAME} is locked by another program (waited 0.1 s)",
)


def test_a_store_that_another_process_holds_is_locked(tmp_path: Path) -> None:
    filled(tmp_path)
    before = file_of(tmp_path).read_bytes()
    with held(tmp_path):
        assert refused(reading(tmp_path, SHORT)) == LOCKED
        assert refused(writing(tmp_path, SHORT)) == LOCKED
    assert file_of(tmp_path).read_bytes() == before


def test_a_store_that_another_process_writes_to_can_be_read(tmp_path: Path) -> None:
    filled(tmp_path)
    with held(tmp_path, "BEGIN IMMEDIATE"):
        assert len(stored(tmp_path)) == 10
        assert refused(writing(tmp_path, SHORT)) == LOCKED


def test_a_change_that_a_reader_keeps_waiting_too_long_is_undone(tmp_path: Path) -> None:
    filled(tmp_path)
    before = stored(tmp_path)
    with writing(tmp_path, SHORT) as writer:
        with held(tmp_path, "BEGIN"), pytest.raises(AliconfError, match="ALI910"):
            writer.create("Campaign", "late", Content(CAMPAIGN))
        assert stored(tmp_path) == before
        writer.create("Campaign", "late", Content(CAMPAIGN))
    assert journal(tmp_path)[10:] == [("create", "Campaign/late", "done", "")]


@on_servers
def test_a_row_that_somebody_else_has_locked_is_waited_for_and_the_change_undone(
    place: Place,
) -> None:
    filled(place)
    before = stored(place)
    with writing(place, place.url_with(timeout=1)) as writer:
        with closing(place.connect()) as other:
            other.cursor().execute("UPDATE campaign SET title = 'theirs'")
            with pytest.raises(AliconfError, match="ALI910"):
                writer.writer.perform(
                    [
                        Step("create", "PricingPolicy", "late", Content(MARKUP)),
                        Step("delete", "Campaign", "black-friday", before=canonical(CAMPAIGN)),
                    ]
                )
            assert stored(place) == before
        writer.delete("Campaign", "black-friday", canonical(CAMPAIGN))
    assert journal(place)[10:] == [("delete", "Campaign/black-friday", "done", "")]


@on_servers
def test_a_row_that_somebody_else_has_just_changed_is_stale(place: Place) -> None:
    """The writer waits for the other's transaction and sees what it has left."""
    filled(place)
    with writing(place) as writer, closing(place.connect()) as other:
        other.cursor().execute("UPDATE campaign SET title = 'theirs'")
        with ThreadPoolExecutor(1) as pool:
            change = pool.submit(
                writer.delete, "Campaign", "black-friday", before=canonical(CAMPAIGN)
            )
            with pytest.raises(TimeoutError):
                change.result(timeout=0.5)
            other.commit()
            with pytest.raises(AliconfError, match="ALI917") as error:
                change.result()
    (finding,) = error.value.findings
    assert anybody(finding.message) == (
        "Campaign/black-friday has changed in the connector: by other means than aliconf, after it "
        "was <who>"
    )
    assert stored(place)["Campaign", "black-friday"].title == "theirs"


def test_a_read_only_directory_can_be_planned_and_not_applied() -> None:
    with public_directory() as root:
        filled(root)
        file_of(root).chmod(0o444)
        file_of(root).parent.chmod(0o555)
        with as_nobody():
            assert len(stored(root)) == 10
            assert refused(writing(root)) == (
                "ALI911",
                f"the connector store {NAME} may not be opened or written here: "
                "attempt to write a readonly database",
            )


def test_a_directory_that_may_not_be_written_to_gets_no_store() -> None:
    with public_directory() as root:
        root.chmod(0o555)
        with as_nobody():
            assert refused(writing(root)) == (
                "ALI911",
                f"the connector store {NAME} may not be opened or written here: Permission denied",
            )
            assert list(root.iterdir()) == []


def test_a_store_that_may_not_be_read_is_refused() -> None:
    with public_directory() as root:
        filled(root)
        file_of(root).chmod(0o600)
        with as_nobody():
            assert refused(reading(root)) == (
                "ALI911",
                f"the connector store {NAME} may not be opened or written here: "
                "unable to open database file",
            )
            file_of(root).parent.stat()
        file_of(root).parent.chmod(0o700)
        with as_nobody():
            assert refused(reading(root)) == (
                "ALI911",
                f"the connector store {NAME} may not be opened or written here: Permission denied",
            )


def test_a_directory_is_no_store(tmp_path: Path) -> None:
    file_of(tmp_path).mkdir(parents=True)
    for opening in (reading(tmp_path), writing(tmp_path)):
        assert refused(opening) == (
            "ALI911",
            f"the connector store {NAME} may not be opened or written here: it is a directory",
        )


def test_a_file_in_the_place_of_the_directory_is_no_store(tmp_path: Path) -> None:
    (tmp_path / ".aliconf").touch()
    with reading(tmp_path) as reader:
        assert not reader.exists
    code, _ = refused(writing(tmp_path))
    assert code == "ALI911"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"This is no database at all. " * 100, "file is not a database"),
        (b"SQLite format 3\0" + b"\xff" * 2000, "file is not a database"),
    ],
)
def test_a_corrupt_file_is_refused_and_unchanged(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    file_of(tmp_path).parent.mkdir()
    file_of(tmp_path).write_bytes(content)
    for opening in (reading(tmp_path), writing(tmp_path)):
        assert refused(opening) == (
            "ALI912",
            f"{NAME} is not a usable connector store: {reason}",
        )
    assert file_of(tmp_path).read_bytes() == content


def test_a_store_that_is_damaged_in_the_middle_is_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    page = 4096
    content = bytearray(file_of(tmp_path).read_bytes())
    content[page:] = b"\xff" * (len(content) - page)
    file_of(tmp_path).write_bytes(content)
    assert refused(reading(tmp_path)) == (
        "ALI912",
        f"{NAME} is not a usable connector store: database disk image is malformed",
    )


NO_COLUMN = {
    "sqlite": "no such column: account.currency",
    "postgresql": "column account.currency does not exist",
    "mariadb": "Unknown column 'account.currency'",
}


def test_tables_that_are_not_as_documented_are_refused(place: Place) -> None:
    filled(place)
    display = store_at(place).display
    place.sql("ALTER TABLE account RENAME COLUMN currency TO money")
    code, message = refused(reading(place))
    assert code == "ALI912"
    assert message.startswith(
        f"{display} is not a usable connector store: its tables are not as documented: "
    )
    assert NO_COLUMN[place.database] in message
    place.sql("ALTER TABLE account RENAME COLUMN money TO currency")
    place.sql("DELETE FROM aliconf_connector")
    assert refused(reading(place)) == (
        "ALI912",
        f"{display} is not a usable connector store: its table aliconf_connector is empty",
    )


@on("sqlite")
def test_a_text_that_is_none_is_refused(place: Place) -> None:
    filled(place)
    place.sql("UPDATE campaign SET title = CAST(x'ff' AS TEXT)")
    assert refused(reading(place)) == (
        "ALI912",
        f"{NAME} is not a usable connector store: "
        "Could not decode to UTF-8 column 'title' with text '\ufffd'",
    )


def test_a_newer_schema_is_refused_and_unchanged(place: Place) -> None:
    filled(place)
    place.sql("UPDATE aliconf_version SET version_num = '0099'")
    before = place.file.read_bytes() if place.database == "sqlite" else b""
    for opening in (reading(place), writing(place)):
        assert refused(opening) == (
            "ALI913",
            f"the connector store {store_at(place).display} has schema version 0099; this aliconf knows up to "
            f"{schema.REVISIONS[-1]}",
        )
    if place.database == "sqlite":
        assert place.file.read_bytes() == before
    place.sql(f"UPDATE aliconf_version SET version_num = '{schema.REVISIONS[-1]}'")
    assert len(stored(place)) == 10


def test_another_programs_database_is_refused_and_unchanged(tmp_path: Path) -> None:
    file_of(tmp_path).parent.mkdir()
    with closing(sqlite3.connect(file_of(tmp_path))) as other:
        for table in ("account", "alembic_version", "invoice", "zebra"):
            other.execute(f"CREATE TABLE {table} (id INTEGER)")
        other.commit()
    before = file_of(tmp_path).read_bytes()
    for opening in (reading(tmp_path), writing(tmp_path)):
        assert refused(opening) == (
            "ALI914",
            f"{NAME} belongs to another program: it has 4 tables (account, alembic_version, "
            "invoice, …) and none of aliconf's",
        )
    assert file_of(tmp_path).read_bytes() == before


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("connector.db", "the connector is not a URL"),
        (
            "postgresql://aliconf:secret@db.example/shop",
            "the connector URL is not USER@HOST:PORT/DATABASE after its scheme",
        ),
        ("sqlite://", "the connector URL names no file"),
        ("sqlite:///", "the connector URL names no file"),
        ("sqlite:///:memory:", "the connector URL names no file"),
        ("sqlite://host/connector.db", "the connector URL names no file"),
        ("sqlite:///a.db?mode=ro", "the connector URL has an unknown option 'mode'"),
        ("sqlite:///a.db?timeout=", "the connector URL's timeout is '', not 0 to 3600 seconds"),
        ("sqlite:///a.db?timeout=-1", "the connector URL's timeout is '-1', not 0 to 3600 seconds"),
        (
            "sqlite:///a.db?timeout=nan",
            "the connector URL's timeout is 'nan', not 0 to 3600 seconds",
        ),
    ],
)
def test_an_unsupported_url_is_refused_without_repeating_its_password(
    tmp_path: Path, url: str, message: str
) -> None:
    assert refused(reading(tmp_path, url)) == ("ALI915", message)
    assert refused(writing(tmp_path, url)) == ("ALI915", message)


@pytest.mark.parametrize("name", ["a b.db", "100%25.db", "what%3F.db", "ñandú#1.db"])
def test_a_url_may_name_any_file(tmp_path: Path, name: str) -> None:
    url = f"sqlite:///sub/{name}"
    with writing(tmp_path, url) as writer:
        writer.create("PricingPolicy", "markup", Content(MARKUP))
    (made,) = (tmp_path / "sub").iterdir()
    assert made.name == name.replace("%25", "%").replace("%3F", "?")
    assert stored(tmp_path, url)["PricingPolicy", "markup"].body_text == canonical(MARKUP)
    assert stored(Path("/"), f"sqlite:///{tmp_path}/sub/{name}") == stored(tmp_path, url)


def test_a_full_disk_is_refused_and_the_change_undone(tmp_path: Path) -> None:
    """SQLite's own limit on the number of pages stands in for the end of the disk."""
    filled(tmp_path)
    before = stored(tmp_path)
    with writing(tmp_path) as writer:
        connection = writer.writer._connection
        (pages,) = connection.exec_driver_sql("PRAGMA page_count").one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.rollback()
        with pytest.raises(AliconfError) as error:
            writer.create("Campaign", "big", Content({**CAMPAIGN, "note": "x" * 100_000}))
    (finding,) = error.value.findings
    assert (finding.code, finding.message) == (
        "ALI916",
        f"no space is left for the connector store {NAME}; it is unchanged",
    )
    assert stored(tmp_path) == before


# Processes that are killed

HALF_DONE = """
import os, signal, sqlite3
connection = sqlite3.connect(ROOT / ".aliconf" / "connector.db", isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE account SET title = 'half done'")
connection.execute("UPDATE campaign SET body = ?", ("x" * 100_000,))
connection.execute("UPDATE journal SET message = 'half done'")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_reader_undoes_what_a_killed_process_left_half_written(tmp_path: Path) -> None:
    filled(tmp_path)
    before, content = stored(tmp_path), file_of(tmp_path).read_bytes()
    killed(tmp_path, HALF_DONE)
    assert file_of(tmp_path).read_bytes() != content
    assert stored(tmp_path) == before
    assert file_of(tmp_path).read_bytes() == content
    assert [path.name for path in file_of(tmp_path).parent.iterdir()] == ["connector.db"]


def test_a_user_who_may_not_undo_it_is_told_who_can() -> None:
    with public_directory() as root:
        filled(root)
        killed(root, HALF_DONE)
        for path in file_of(root).parent.iterdir():
            path.chmod(0o444)
        with as_nobody():
            assert refused(reading(root)) == (
                "ALI911",
                f"the connector store {NAME} was left in the middle of a change by a process that "
                "was killed, and this user may not undo it",
            )


KILLED_AT_EVERY_STATEMENT = """
import os, shutil, signal
from sqlalchemy import Engine, event
from tests.stores import Content, MARKUP, writer
from aliconf.connector.migrate import migrate
from aliconf.model.base import canonical
import alembic.command

left = 0

def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", count)
event.listen(Engine, "commit", count)

for statement in range(1, 1000):
    copy = ROOT / f"{statement:03}"
    shutil.copytree(ROOT / "original", copy)
    child = os.fork()
    if child == 0:
        left = statement
        with writer(copy) as opened:
            CHANGE
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
os.kill(os.getpid(), signal.SIGKILL)
"""


def every_death(root: Path, change: str) -> list[str]:
    """What the store held after a death at each statement of a change, and at last after none."""
    killed(root, KILLED_AT_EVERY_STATEMENT.replace("CHANGE", change))
    found: list[str] = []
    for copy in sorted(root.glob("[0-9]*")):
        with reading(copy) as reader:
            objects = [(kept.kind, kept.name, kept.body_text) for kept in reader.objects()]
            rows = journal(copy) if reader.exists else "no store"
            found.append(f"{objects} {reader.defaults()} {rows}")
    return found


def test_a_killed_process_leaves_the_store_before_or_after_a_change(tmp_path: Path) -> None:
    filled(tmp_path / "original")
    deaths = every_death(
        tmp_path,
        "opened.move('PricingPolicy', 'markup', 'margin', "
        "Content({**MARKUP, 'title': 'Margin'}), canonical(MARKUP))",
    )
    before, after = deaths[0], deaths[-1]
    assert before != after
    assert deaths == [before] * deaths.count(before) + [after] * deaths.count(after)
    assert deaths.count(before) > 15


def test_a_process_that_is_killed_while_it_creates_a_store_leaves_none_or_all(
    tmp_path: Path,
) -> None:
    (tmp_path / "original").mkdir()
    deaths = every_death(tmp_path, "pass")
    without, made = "[] {} no store", "[] {} []"
    assert deaths == [without] * deaths.count(without) + [made] * deaths.count(made)
    assert deaths.count(without) > 15
    with writing(tmp_path / "005") as writer:
        writer.create("Account", "es", Content(ACCOUNT))
    assert len(stored(tmp_path / "005")) == 6
