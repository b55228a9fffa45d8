"""How stores are made and brought up to date: whole, once, and whatever happens in the middle."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, event, inspect, text

from aliconf.connector import migrate, schema, triggers
from aliconf.connector.names import Names
from aliconf.connector.prepare import make_store
from aliconf.connector.state import state
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError
from tests.command import aliconf
from tests.connections import target, writing
from tests.databases.fixtures import on, on_servers
from tests.databases.places import Place
from tests.stores import killed
from tests.teams import made, shop_at

OPTIONS = {
    "alone": {},
    "prefix": {"prefix": "shop_"},
    "schema": {"schema": "order"},
    "both": {"schema": "order", "prefix": "shop_"},
}
OLD = Path(__file__).parent / "files" / "stores" / "0001.sql"


@pytest.fixture(params=OPTIONS)
def store(request: pytest.FixtureRequest, place: Place) -> Target:
    options = OPTIONS[request.param]
    if "schema" in options and place.database != "postgresql":
        options = {"prefix": f"{request.param}_"}
    return target(place, **options)


def upgrade(connection: Connection, names: Names, revision: str) -> None:
    """Migrations up to a revision, as an older aliconf has run them."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", migrate.SCRIPTS)
    config.attributes["connection"] = connection
    config.attributes["names"] = names
    command.upgrade(config, revision)


def catalogue(connection: Connection, names: Names) -> list[tuple[Any, ...]]:
    """Everything that the database knows of the tables, in its own words."""
    ours = [names.table(name) for added in schema.ADDED.values() for name in added]
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type IN ('table', 'index')")
        )
    elif connection.dialect.name == "mariadb":
        return [
            tuple(connection.execute(text(f"SHOW CREATE TABLE `{name}`")).one()) for name in ours
        ]
    else:
        rows = connection.execute(
            text("""
            SELECT c.relname, 'column', a.attname, a.attnum, format_type(atttypid, atttypmod),
              attnotnull, pg_get_expr(d.adbin, d.adrelid), l.collname
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            LEFT JOIN pg_collation l ON l.oid = a.attcollation
            WHERE c.relkind = 'r' AND a.attnum > 0
              AND c.relnamespace::regnamespace NOT IN ('pg_catalog', 'information_schema')
            UNION ALL
            SELECT conrelid::regclass::text, 'constraint', conname, 0, pg_get_constraintdef(oid),
              false, NULL, NULL
            FROM pg_constraint
            WHERE connamespace::regnamespace NOT IN ('pg_catalog', 'information_schema')
            """)
        )
    return sorted((tuple(row) for row in rows if "aliconf_version" not in str(row[0])), key=repr)


def test_migrations_make_exactly_the_tables_of_the_metadata(store: Target) -> None:
    tables = schema.tables(store.names)
    with writing(store) as connection:
        migrate.create(connection, store.names)
    with writing(store) as connection:
        migrated = catalogue(connection, store.names)
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": tables.version,
                "version_table_schema": store.names.schema,
                "compare_type": True,
                "include_schemas": store.names.schema is not None,
                "include_name": lambda name, kind, _: (
                    kind != "schema" or name == store.names.schema
                ),
            },
        )
        assert compare_metadata(context, tables.metadata) == []
        tables.metadata.drop_all(connection)
        tables.metadata.create_all(connection)
        assert catalogue(connection, store.names) == migrated


def test_a_created_store_is_current_with_one_id_and_guarded_regions(store: Target) -> None:
    with writing(store) as connection:
        assert state(connection, store) == ("empty", "")
        migrate.create(connection, store.names)
    with writing(store) as connection:
        assert state(connection, store) == ("current", schema.REVISIONS[-1])
        assert len(rows_of(connection, store, "aliconf_connector")) == 1
        assert triggers.missing_triggers(connection, store.names) == ()


def test_what_is_made_already_stays_as_it_is(store: Target) -> None:
    with writing(store) as connection:
        migrate.create(connection, store.names)
        before = rows_of(connection, store, "aliconf_connector")
    for again in (migrate.create, migrate.migrate):
        with writing(store) as connection:
            again(connection, store.names)
            assert rows_of(connection, store, "aliconf_connector") == before


def test_stores_with_and_without_a_prefix_share_a_database(place: Place) -> None:
    stores = [target(place), target(place, prefix="a_"), target(place, prefix="b_")]
    for store in stores:
        with writing(store) as connection:
            assert state(connection, store) == ("empty", "")
            migrate.create(connection, store.names)
    ids = set()
    for store in stores:
        with writing(store) as connection:
            assert state(connection, store) == ("current", schema.REVISIONS[-1])
            ids.update(rows_of(connection, store, "aliconf_connector"))
    assert len(ids) == 3


@on("postgresql")
def test_a_store_is_in_the_first_schema_whatever_the_next_one_holds(place: Place) -> None:
    store = target(place)
    with writing(store) as connection:
        migrate.create(connection, store.names)
    place.sql("CREATE SCHEMA aliconf AUTHORIZATION aliconf")
    with writing(store) as connection:
        assert state(connection, store) == ("empty", "")
        migrate.create(connection, store.names)
        assert inspect(connection).get_table_names("aliconf") == inspect(
            connection
        ).get_table_names("public")


def rows_of(connection: Connection, store: Target, name: str) -> list[tuple[Any, ...]]:
    table = next(
        table
        for table in schema.tables(store.names).metadata.sorted_tables
        if table.name == store.names.table(name)
    )
    return sorted(map(tuple, connection.execute(table.select())), key=repr)


# Missing triggers


def test_a_missing_trigger_is_named(place: Place) -> None:
    store = target(place, prefix="shop_")
    with writing(store) as connection:
        assert triggers.missing_triggers(connection, store.names) == (
            "shop_account_region_fixed",
            "shop_account_region_reserved",
        )
        migrate.create(connection, store.names)
    on_table = " ON shop_account" if place.database == "postgresql" else ""
    place.sql(f"DROP TRIGGER shop_account_region_fixed{on_table}")
    with writing(store) as connection:
        assert triggers.missing_triggers(connection, store.names) == ("shop_account_region_fixed",)


@on("postgresql")
def test_a_disabled_trigger_is_missing(place: Place) -> None:
    store = target(place)
    with writing(store) as connection:
        migrate.create(connection, store.names)
    place.sql("ALTER TABLE account DISABLE TRIGGER account_region_reserved")
    with writing(store) as connection:
        assert triggers.missing_triggers(connection, store.names) == ("account_region_reserved",)


# Broken off


class BrokenOff(BaseException):
    """Like a kill, it lets nobody clean up."""


def broken_off(store: Target, action: Any, statement: int) -> bool:
    """Stop an action before its n-th statement, or before COMMIT; False where it has fewer."""
    count = 0

    def stop(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == statement:
            raise BrokenOff

    try:
        with writing(store) as connection:
            event.listen(connection, "before_cursor_execute", stop)
            event.listen(connection, "commit", stop)
            action(connection, store.names)
    except BrokenOff:
        return True
    return False


def every(place: Place) -> int:
    """How many statements from one break to the next: without transactions each of them counts."""
    return 1 if place.database == "mariadb" else 6


def test_a_creation_that_is_broken_off_anywhere_is_completed(place: Place) -> None:
    with writing(target(place, prefix="whole_")) as connection:
        migrate.create(connection, Names(prefix="whole_"))
    statement = 1
    while broken_off(store := target(place, prefix=f"k{statement}_"), migrate.create, statement):
        with writing(store) as connection:
            found, _ = state(connection, store, resuming=True)
            # MariaDB's store is complete before its lock is released.
            assert found in {"empty", "unfinished", "current"}
            migrate.create(connection, store.names)
        with writing(store) as connection:
            assert state(connection, store) == ("current", schema.REVISIONS[-1])
            assert len(rows_of(connection, store, "aliconf_connector")) == 1
            assert triggers.missing_triggers(connection, store.names) == ()
        statement += every(place)
    assert statement > 20


KILLED = """
import os, signal
from sqlalchemy import event
from aliconf.connector import migrate
from tests.connections import target, writing
from tests.databases.address import Address
from tests.databases.places import Place

PLACE = {place}
count = 0

def kill(*_):
    global count
    count += 1
    if count == 16:
        os.kill(os.getpid(), signal.SIGKILL)

store = target(PLACE)
with writing(store) as connection:
    event.listen(connection, "before_cursor_execute", kill)
    migrate.create(connection, store.names)
"""


def test_a_creation_whose_process_is_killed_is_completed(place: Place) -> None:
    store = target(place)
    killed(place.root, f"from pathlib import PosixPath\n{KILLED.format(place=place)}")
    with writing(store) as connection:
        expected = "unfinished" if place.database == "mariadb" else "empty"
        assert state(connection, store, resuming=True) == (expected, "")
        migrate.create(connection, store.names)
    with writing(store) as connection:
        assert state(connection, store) == ("current", schema.REVISIONS[-1])
        assert len(rows_of(connection, store, "aliconf_connector")) == 1
        assert triggers.missing_triggers(connection, store.names) == ()


def test_a_store_that_lost_its_version_and_has_no_rows_is_completed(place: Place) -> None:
    store = made(place)
    place.sql("DELETE FROM aliconf_version", "DELETE FROM aliconf_connector")
    assert make_store(store)
    with writing(store) as connection:
        assert state(connection, store) == ("current", schema.REVISIONS[-1])
        assert len(rows_of(connection, store, "aliconf_connector")) == 1
        assert triggers.missing_triggers(connection, store.names) == ()


@on("mariadb")
def test_a_half_made_store_is_refused_until_its_creation_goes_on(place: Place) -> None:
    store = target(place)
    assert broken_off(store, migrate.create, 14)
    with writing(store) as connection:
        with pytest.raises(AliconfError) as error:
            state(connection, store)
        (finding,) = error.value.findings
        assert (finding.code, finding.message, finding.hint) == (
            "ALI929",
            f"the connector store {store.display} is half made: its table aliconf_version is "
            "empty; there are account, aliconf_connector, registration",
            "Its tables have no rows. If another aliconf is making the store just now, let it "
            "finish; else run aliconf connector init, which goes on with it.",
        )
        assert state(connection, store, resuming=True) == ("unfinished", "")


def test_a_migration_that_is_broken_off_anywhere_is_carried_on(place: Place) -> None:
    statement = 1
    while True:
        store = target(place, prefix=f"k{statement}_")
        kept = older(store)
        if not broken_off(store, migrate.migrate, statement):
            break
        with writing(store) as connection:
            assert state(connection, store)[0] in {"older", "current"}
            migrate.migrate(connection, store.names)
        with writing(store) as connection:
            assert state(connection, store) == ("current", schema.REVISIONS[-1])
            assert objects(connection, store) == kept
            assert triggers.missing_triggers(connection, store.names) == ()
        statement += every(place)
    assert statement > 8


def older(store: Target) -> list[list[tuple[Any, ...]]]:
    """Make a store of the first revision; what is in it."""
    tables = schema.tables(store.names)
    times = {"created_at": "2026-11-23T10:00:00Z", "updated_at": "2026-11-23T10:00:00Z"}
    with writing(store) as connection:
        upgrade(connection, store.names, "0001")
        connection.execute(
            tables.connector.insert().values(id="c-00000001", created_at=times["created_at"])
        )
        connection.execute(
            tables.account.insert().values(
                name="es", title="España", region="ES", store_view="es_es", **times
            )
        )
        return objects(connection, store)


def objects(connection: Connection, store: Target) -> list[list[tuple[Any, ...]]]:
    return [rows_of(connection, store, name) for name in schema.ADDED["0001"]]


@pytest.mark.parametrize("action", [migrate.create, migrate.migrate])
def test_of_several_at_once_one_makes_the_store(place: Place, action: Any) -> None:
    store = target(place, timeout=60)
    if action is migrate.migrate:
        older(store)

    def make(_: int) -> None:
        with writing(store) as connection:
            action(connection, store.names)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, range(4)))
    with writing(store) as connection:
        assert state(connection, store) == ("current", schema.REVISIONS[-1])
        assert len(rows_of(connection, store, "aliconf_connector")) == 1


@on("postgresql", "mariadb")
def test_who_has_waited_long_enough_for_another_creation_is_told(place: Place) -> None:
    store = target(place, timeout=1)
    with writing(store) as first:
        migrate.create(first, store.names)
        if place.database == "mariadb":
            first.execute(text("SELECT GET_LOCK(CONCAT('aliconf ', MD5(DATABASE())), 0)"))
        with pytest.raises(AliconfError) as error, writing(store) as second:
            migrate.create(second, store.names)
    assert error.value.findings[0].code == "ALI910"


# Rights


@on("mariadb")
def test_a_creation_without_the_right_to_make_triggers_leaves_nothing(place: Place) -> None:
    rights = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES ON {database}.*"
    with place.new_user(rights) as user:
        store = target(place, user, prefix="shop_")
        with pytest.raises(AliconfError) as error, writing(store) as connection:
            migrate.create(connection, store.names)
        assert error.value.findings[0].code == "ALI927"
    assert place.rows("SHOW TABLES") == []


@on("postgresql")
def test_a_schema_that_may_not_be_created_is_named_with_the_right(place: Place) -> None:
    with place.new_user() as user:
        store = target(place, user, schema="team")
        with pytest.raises(AliconfError) as error, writing(store) as connection:
            migrate.create(connection, store.names)
        (finding,) = error.value.findings
        assert (finding.code, finding.message, finding.hint) == (
            "ALI927",
            f"the database {place.name} has no schema team, and the user {user} may not create it",
            f"Let an administrator run in that database:\nCREATE SCHEMA team AUTHORIZATION {user};",
        )
        place.sql(finding.hint.partition("\n")[2])
        with writing(store) as connection:
            migrate.create(connection, store.names)
            assert state(connection, store)[0] == "current"


@on_servers
def test_init_of_an_older_store_changes_nothing_and_says_how_to_upgrade_it(place: Place) -> None:
    store = target(place)
    with writing(store) as connection:
        migrate.create(connection, store.names, "0001")
    ended = aliconf("connector", "init", cwd=shop_at(place))
    assert (ended.code, ended.out) == (1, "")
    assert f"error[ALI918]: the connector store {store.display} has schema version 0001" in (
        ended.err
    )
    assert "→ Run aliconf connector migrate" in ended.err
    with writing(store) as connection:
        assert state(connection, store) == ("older", "0001")


# SQLite's first stores


@on("sqlite")
def test_an_older_store_with_objects_loses_nothing(place: Place) -> None:
    store = target(place)
    with closing(sqlite3.connect(place.file)) as old:
        old.executescript(OLD.read_text(encoding="utf-8"))
    with writing(store) as connection:
        assert state(connection, store) == ("older", "0001")
        before = objects(connection, store)
        migrate.migrate(connection, store.names)
    with writing(store) as connection:
        assert state(connection, store) == ("current", schema.REVISIONS[-1])
        assert objects(connection, store) == before
        assert [len(rows) for rows in before] == [1, 1, 2, 6, 1, 1, 5, 12]


@on("sqlite")
def test_an_older_store_becomes_what_a_new_one_is(place: Place, tmp_path: Path) -> None:
    described = []
    for name in ("old", "new"):
        root = tmp_path / name
        root.mkdir()
        here = Place("sqlite", root)
        store = target(here)
        if name == "old":
            with closing(sqlite3.connect(here.file)) as old:
                old.executescript(OLD.read_text(encoding="utf-8"))
        with writing(store) as connection:
            migrate.create(connection, store.names)
            rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master"))
            described.append(sorted((kind, name, (sql or "").split()) for kind, name, sql in rows))
    assert described[0] == described[1]


def test_alembic_is_not_imported_for_a_store_that_is_current(tmp_path: Path) -> None:
    store = target(Place("sqlite", tmp_path))
    with writing(store) as connection:
        migrate.create(connection, store.names)
    script = f"""
import sys
from pathlib import Path
from aliconf.connector import engine, migrate, urls
from aliconf.connector.state import state
store = urls.target({str(Place("sqlite", tmp_path).url)!r}, Path({str(tmp_path)!r}), str)
with engine.connected(store, "ro") as connection, engine.transaction(connection, store):
    print(state(connection, store), sorted({{"alembic", "mako"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert done.stdout == "('current', '0002') []\n"
