"""Copies of stores: all of it, from any database to any other, or nothing."""

from __future__ import annotations

import random
import re
import sqlite3
import string
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from aliconf.connector.lease import hold
from aliconf.connector.prepare import migrate_store
from aliconf.connector.reader import open_reader
from aliconf.connector.schema import tables
from aliconf.connector.transfer import copy_store
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError
from tests.command import aliconf
from tests.connections import target, writing
from tests.databases.fixtures import marked, on
from tests.databases.places import Place, RefusedError, password_variable
from tests.databases.programs import KINDS, Kind
from tests.stores import MARKUP, Content, fill
from tests.teams import hand, made, shared_url

OLD = Path(__file__).parent / "files" / "stores" / "0001.sql"
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


def odd(place: Place) -> Target:
    """A store with what administrators and unlucky hours leave behind."""
    store = shop(place)
    generator = random.Random(7)
    signs = "aé€𝄞🛒ẞ \t\n\"'\\%;--\u2028\ufeff" + string.printable.replace("\x0b", "")
    times = {"created_at": "2026-11-23T10:00:00Z", "updated_at": "2026-11-23T10:00:00Z"}
    texts = ["", " ", "{", "null", "[]", '{"a":"\\ud83d"}', "x" * 200_000, "🛒" * 50_000]
    texts += ["".join(generator.choices(signs, k=generator.randrange(400))) for _ in range(60)]
    names = tables(store.names)
    with writing(store) as connection:
        connection.execute(
            insert(names.policy),
            [
                {
                    "kind": "ImagePolicy",
                    "name": f"n{number}",
                    "title": text[:255],
                    "body": text,
                    "labels": text[::-1],
                    "protect": bool(number % 2),
                    **times,
                }
                for number, text in enumerate(texts)
            ],
        )
        keys = ["ä", "Z", "a", "z ", "z", "z\t", "𝄞", "\uffff", "-", "_", "a-b", "ab", ""]
        connection.execute(
            insert(names.policy),
            [
                {"kind": "OrderPolicy", "name": key, "title": "", "body": "", "labels": "", **times}
                for key in keys
            ],
        )
        connection.execute(
            insert(names.journal),
            [
                {
                    "id": number,
                    "run_id": "r-0",
                    "recorded_at": "2026",
                    "project": "p",
                    "actor": "a",
                    "action": "create",
                    "kind": "K",
                    "name": "n",
                    "result": "done",
                    "state_before": None if number % 2 else text,
                    "message": text,
                }
                for number, text in enumerate(texts, 2_000_000)
            ],
        )
        connection.execute(
            insert(names.secret),
            {
                "kind": "Account",
                "name": "es",
                "field": "appSecret",
                "key_id": "k",
                "reference": "${env:X}",
                "ciphertext": "🔑",
                "updated_at": "2026",
            },
        )
    return store


def test_odd_contents_arrive_as_they_are(place: Place, somewhere: Callable[[Kind], Place]) -> None:
    store = odd(place)
    digests = {copy_store(store, target(somewhere(kind))).digest for kind in KINDS}
    assert len(digests) == 1


@pytest.mark.parametrize("kind", marked(*KINDS))
def test_a_copy_goes_on_where_the_other_one_was(
    kind: Kind, somewhere: Callable[[Kind], Place], place: Place
) -> None:
    store = shop(place)
    there = somewhere(kind)
    after = target(there)
    rows = copy_store(store, after).rows["journal"]
    with hand(after) as writer:
        writer.create("PricingPolicy", "new", Content({**MARKUP, "title": "New"}))
    assert there.rows("SELECT max(id), count(*) FROM journal") == [(rows + 1, rows + 1)]
    with pytest.raises(RefusedError, match="the region of an account cannot be changed"):
        there.sql("UPDATE account SET region = 'IT'")


def test_a_store_with_content_is_never_replaced(
    place: Place, somewhere: Callable[[Kind], Place]
) -> None:
    store, other = shop(somewhere("sqlite")), shop(place)
    before = everything(other)
    with pytest.raises(AliconfError) as error:
        copy_store(store, other)
    assert refused(error.value, other) == (
        "ALI939",
        "A has a connector store that is not empty: 28 rows (registration 1, account 1, policy 7, "
        "…)",
    )
    assert everything(other) == before


def test_an_empty_store_is_filled(place: Place, somewhere: Callable[[Kind], Place]) -> None:
    store, after = shop(somewhere("sqlite")), made(place)
    copy_store(store, after)
    assert everything(after) == everything(store)


def test_where_somebody_applies_nothing_is_copied(
    place: Place, somewhere: Callable[[Kind], Place]
) -> None:
    store, there = shop(place), somewhere("sqlite")
    with hold(store, "shop"), pytest.raises(AliconfError) as error:
        copy_store(store, target(there))
    code, message = refused(error.value, store)
    assert code == "ALI935"
    assert message.startswith("an apply of the project shop is under way in A: ")
    assert not there.file.exists()


@on("postgresql", "mariadb")
def test_a_store_that_changes_while_it_is_copied_is_not_copied(
    place: Place, somewhere: Callable[[Kind], Place]
) -> None:
    store, there = shop(place), somewhere(place.database)

    class Meanwhile:
        """Somebody applies while the rows are on their way."""

        done = False

        def begin(self, what: str, total: int | None = None) -> None:
            if what == "comparing rows" and not self.done:
                self.done = True

        def advance(self, amount: int = 1) -> None:
            if not self.done:
                self.done = True
                with hand(store) as writer:
                    writer.create("PricingPolicy", "late", Content({**MARKUP, "title": "Late"}))

    with pytest.raises(AliconfError) as error:
        copy_store(store, target(there), Meanwhile())
    assert refused(error.value, store) == (
        "ALI917",
        "A was changed while it was copied; nothing was left of the copy",
    )
    assert tables_in(there) == set()


@pytest.mark.parametrize("kind", marked("postgresql", "mariadb"))
def test_what_another_database_cannot_hold_is_refused_and_nothing_is_left(
    kind: Kind, somewhere: Callable[[Kind], Place]
) -> None:
    name = {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}[kind]
    problems = {
        "title = printf('%300c', 'x')": "its title has 300 characters of at most 255",
        "body = x'ff'": "its body has bytes that are no text",
        "priority = 'high'": "its priority is no whole number",
        "priority = 3000000000": "its priority is too large (3000000000)",
    }
    if kind == "postgresql":
        problems["body = 'a' || char(0)"] = "its body has a NUL character"
    for change, problem in problems.items():
        place, there = somewhere("sqlite"), somewhere(kind)
        store = shop(place)
        place.sql(f"UPDATE listing_template SET {change}")
        with pytest.raises(AliconfError) as error:
            copy_store(store, target(there))
        assert refused(error.value) == (
            "ALI947",
            f"the row shoes of the table listing_template does not fit {name}: {problem}",
        )
        assert tables_in(there) == set()
        copy_store(store, target(somewhere("sqlite")))


def test_a_nul_is_copied_where_both_databases_hold_it(somewhere: Callable[[Kind], Place]) -> None:
    place = somewhere("sqlite")
    store = shop(place)
    place.sql("UPDATE policy SET body = 'a' || char(0) || 'b'")
    assert len({copy_store(store, target(somewhere(k))).digest for k in KINDS if k[0] != "p"}) == 1


def test_a_pointer_to_nothing_is_named(place: Place, somewhere: Callable[[Kind], Place]) -> None:
    first = somewhere("sqlite")
    store = shop(first)
    first.sql("DELETE FROM policy WHERE name = 'markup'")
    with pytest.raises(AliconfError) as error:
        copy_store(store, target(place))
    assert refused(error.value) == (
        "ALI948",
        "the default PricingPolicy is PricingPolicy/markup, which is not there",
    )
    assert tables_in(place) == set()


CHANGES = {
    "sqlite": "CREATE TRIGGER x AFTER INSERT ON account BEGIN "
    "UPDATE account SET title = 'other'; END",
    "postgresql": "CREATE RULE x AS ON INSERT TO account DO ALSO "
    "UPDATE account SET title = 'other'",
    "mariadb": "CREATE TRIGGER x BEFORE INSERT ON account FOR EACH ROW SET NEW.title = 'other'",
}


def test_a_database_that_changes_what_is_written_keeps_nothing(
    place: Place, somewhere: Callable[[Kind], Place]
) -> None:
    store, after = shop(somewhere("sqlite")), made(place)
    place.sql(CHANGES[place.database])
    with pytest.raises(AliconfError) as error:
        copy_store(store, after)
    code, message = refused(error.value, after)
    assert code == "ALI942"
    assert message.startswith("A would not have what was written to it: its digest is sha256:")
    with open_reader(after) as reader:
        assert list(reader.objects()) == []


def test_a_store_that_is_not_there_cannot_be_copied(somewhere: Callable[[Kind], Place]) -> None:
    store, there = target(somewhere("sqlite")), somewhere("sqlite")
    with pytest.raises(AliconfError) as error:
        copy_store(store, target(there))
    assert refused(error.value, store) == ("ALI928", "there is no connector store in A yet")
    assert error.value.findings[0].hint == (
        "There is nothing to copy: correct the URL FROM. A relative path starts at the project's "
        "root."
    )
    assert not there.file.exists()


def test_an_older_store_is_copied_and_the_copy_is_migrated(
    place: Place, somewhere: Callable[[Kind], Place]
) -> None:
    first = somewhere("sqlite")
    first.file.parent.mkdir()
    with closing(sqlite3.connect(first.file)) as connection:
        connection.executescript(OLD.read_text("utf-8"))
    moved = copy_store(target(first), target(place))
    assert moved.revision == "0001"
    with open_reader(target(place)) as reader:
        copied = list(reader.objects())
    migrate_store(target(first))
    with open_reader(target(first)) as reader:
        assert list(reader.objects()) == copied


@pytest.mark.parametrize("rows", [1, 20])
def test_an_interrupted_copy_leaves_nothing(
    rows: int, place: Place, somewhere: Callable[[Kind], Place]
) -> None:
    class Impatient:
        left = rows

        def begin(self, what: str, total: int | None = None) -> None:
            return

        def advance(self, amount: int = 1) -> None:
            self.left -= amount
            if not self.left:
                raise KeyboardInterrupt

    store, after = shop(somewhere("sqlite")), target(place)
    with pytest.raises(KeyboardInterrupt):
        copy_store(store, after, Impatient())
    assert tables_in(place) == set()
    copy_store(store, after)


@on("postgresql", "mariadb")
def test_nobody_applies_to_a_store_that_is_being_filled(
    place: Place, somewhere: Callable[[Kind], Place]
) -> None:
    store, after = shop(somewhere("sqlite")), made(place, timeout=1)
    found: list[str] = []

    class Meanwhile:
        def begin(self, what: str, total: int | None = None) -> None:
            return

        def advance(self, amount: int = 1) -> None:
            if not found:
                with pytest.raises(AliconfError) as error, hold(after, "shop"):
                    pass
                found.append(error.value.findings[0].code)

    copy_store(store, after, Meanwhile())
    assert found == ["ALI910"]
    assert everything(after) == everything(store)


def test_the_command_copies_without_a_project(
    place: Place, somewhere: Callable[[Kind], Place], tmp_path: Path
) -> None:
    first = somewhere("sqlite")
    store, after = shop(first), target(place, prefix="new_")
    urls = [f"sqlite:///{first.root.name}/.aliconf/connector.db", place.url_with(prefix="new_")]
    ended = aliconf("connector", "copy", *urls, cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert max(map(len, ended.out.splitlines())) <= 80
    words = " ".join(ended.out.split())
    rows = copy_store(store, target(somewhere("sqlite"))).rows
    assert words.startswith(
        f"Copied {first.root.name}/.aliconf/connector.db to {after.display}. TABLE ROWS "
        + " ".join(f"{name} {count}" for name, count in rows.items())
        + f" total {sum(rows.values())} Connector c-"
    )
    assert words.endswith(
        "The copy has the same id: what was planned for the one can be applied to the other. Let "
        "`spec.connector` in aliconf.yaml name the copy before anybody applies again."
    )
    assert everything(after) == everything(store)


def test_a_copy_into_a_file_does_not_take_the_place_of_a_server(
    place: Place, tmp_path: Path
) -> None:
    store = shop(place)
    url = f"sqlite:///{place.file}" if place.database == "sqlite" else place.url
    ended = aliconf("connector", "copy", url, "sqlite:///mine.db", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert max(map(len, ended.out.splitlines()[3:])) <= 80
    assert " ".join(ended.out.split("\n\n")[-1].split()) == (
        "The copy has the same id: what was planned for the one can be applied to the other. Let "
        "`spec.connector` in aliconf.yaml name the copy before anybody applies again."
        if store.embedded
        else "The copy is as the server's store is now, and has the same id. It is for one person, "
        "to look at or to try something on: leave `spec.connector` in aliconf.yaml as it is where "
        "others apply, because what is applied to a file does not reach them."
    )


URLS = {
    ("sqlit:///a", "sqlite:///b"): "FROM: connector URLs of the scheme 'sqlit' are not supported",
    ("sqlite:///a", "sqlite://"): "TO: the connector URL names no file",
    ("sqlite:///a", "mariadb://u:hunter2@h/d"): "TO: the connector URL is not "
    "USER@HOST:PORT/DATABASE after its scheme",
    ("sqlite:///a", "sqlite:///b"): "FROM: there is no connector store in a yet",
}


@pytest.mark.parametrize("urls", URLS)
def test_a_wrong_url_is_named(urls: tuple[str, str], tmp_path: Path) -> None:
    ended = aliconf("connector", "copy", *urls, cwd=tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines()[0].partition(": ")[2] == URLS[urls]
    assert "hunter2" not in ended.err
    assert list(tmp_path.iterdir()) == []


def first_line(cwd: Path, *urls: str) -> tuple[str, str]:
    """The code and the message of a refused copy."""
    ended = aliconf("connector", "copy", *urls, cwd=cwd)
    assert (ended.code, ended.out) == (1, ""), ended.err
    found = re.match(r"error\[(ALI\d+)\]: (.*?)\n  →", ended.err, re.DOTALL)
    assert found, ended.err
    return found[1], " ".join(found[2].split())


@on("postgresql", "mariadb")
def test_a_refusal_says_which_of_the_two_stores_it_is_about(
    place: Place,
    somewhere: Callable[[Kind], Place],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from_file, empty = somewhere("sqlite"), somewhere("sqlite")
    file, new = shared_url(from_file), shared_url(empty)
    shop(from_file)
    variable = password_variable(place.database) if place.database != "sqlite" else ""
    there = place.url
    unset = there.replace(variable, "NOT_SET")
    not_set = "the secret reference ${env:NOT_SET} cannot be resolved"
    for argument, urls in {"FROM": (unset, new), "TO": (file, unset)}.items():
        code, message = first_line(place.root, *urls)
        assert (code, message.partition(": the env")[0]) == ("ALI933", f"{argument}: {not_set}")
    with place.new_user(
        "USAGE ON SCHEMA public" if place.database == "postgresql" else "CREATE ON {database}.*"
    ) as user:
        lacks = "the user of the connector store"
        code, message = first_line(place.root, file, place.url_of(user))
        assert (code, message.startswith(f"TO: {lacks}")) == ("ALI927", True), message
        shop(place)
        code, message = first_line(place.root, place.url_of(user), new)
        assert (code, message.startswith(f"FROM: {lacks}")) == ("ALI927", True), message
    code, message = first_line(place.root, file, there)
    assert (code, message.startswith("TO: ")) == ("ALI939", True)
    monkeypatch.setenv(variable, "wrong")
    for argument, urls in {"FROM": (there, new), "TO": (file, there)}.items():
        code, message = first_line(place.root, *urls)
        assert (code, message.startswith(f"{argument}: the server of the ")) == ("ALI923", True)
    assert not empty.file.exists()
