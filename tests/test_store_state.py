"""Whose tables a database has, and whether they are a whole store: the same on all three."""

from __future__ import annotations

import pytest

from aliconf.connector import migrate, schema
from aliconf.connector.fill import refuse_content
from aliconf.connector.prepare import make_store, migrate_store
from aliconf.connector.state import state, store_tables
from aliconf.connector.triggers import CHANGED
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError
from tests.connections import target, writing
from tests.databases.fixtures import on
from tests.databases.places import Place

VERSION = schema.REVISIONS[-1]
OTHERS = {
    "sqlite": "a file of its own",
    "postgresql": "a schema (?schema=NAME) or a prefix (?prefix=NAME_) of its own",
    "mariadb": "a prefix of its own (?prefix=NAME_)",
}


def refused(store: Target, *, resuming: bool = False) -> tuple[str, str, str]:
    with pytest.raises(AliconfError) as error, writing(store) as connection:
        state(connection, store, resuming=resuming)
    (finding,) = error.value.findings
    return finding.code, finding.message, finding.hint


def found(store: Target, *, resuming: bool = False) -> tuple[str, str]:
    with writing(store) as connection:
        return state(connection, store, resuming=resuming)


def created(store: Target) -> Target:
    with writing(store) as connection:
        migrate.create(connection, store.names)
    return store


def test_another_programs_database_is_refused_without_a_prefix(place: Place) -> None:
    place.sql(*(f"CREATE TABLE {name} (id INTEGER)" for name in ("account", "zebra", "invoice")))
    store = target(place)
    code, message, _ = refused(store)
    assert (code, message) == (
        "ALI914",
        f"{store.display} belongs to another program: it has 3 tables (account, invoice, zebra) "
        "and none of aliconf's",
    )
    assert found(target(place, prefix="shop_")) == ("empty", "")


@on("postgresql")
def test_a_schema_keeps_a_store_apart_from_another_program(place: Place) -> None:
    place.sql("CREATE TABLE zebra (id INTEGER)", "CREATE SCHEMA team AUTHORIZATION aliconf")
    place.sql("CREATE TABLE team.lion (id INTEGER)")
    store = target(place, schema="team")
    assert found(store) == ("empty", "")
    assert found(created(store)) == ("current", VERSION)


def test_a_store_with_a_prefix_is_pointed_out_to_who_forgot_it(place: Place) -> None:
    created(target(place, prefix="shop_"))
    store = target(place)
    assert refused(store) == (
        "ALI914",
        f"{store.display} has no connector store without a prefix, but 12 other tables "
        "(shop_account, shop_aliconf_connector, shop_aliconf_lease, …)",
        "It has a connector store with the prefix shop_: ?prefix=shop_ in the connector URL means "
        "that one. A new store needs a prefix of its own.",
    )


def test_a_prefix_under_which_another_program_has_tables_is_refused(place: Place) -> None:
    place.sql("CREATE TABLE shop_account (id INTEGER)", "CREATE VIEW shop_journal AS SELECT 1 AS a")
    store = target(place, prefix="shop_")
    assert refused(store) == (
        "ALI929",
        f"{store.display} has tables under the names of a connector store's, but not its "
        "shop_aliconf_version: there are shop_account, shop_journal",
        f"If they are another program's, give the connector {OTHERS[place.database]}. If they are "
        "a connector store that has lost shop_aliconf_version, restore a backup.",
    )


def test_a_store_without_a_version_and_without_rows_can_be_completed(place: Place) -> None:
    store = created(target(place, prefix="shop_"))
    place.sql("DELETE FROM shop_aliconf_version", "DELETE FROM shop_aliconf_connector")
    place.sql("DROP TABLE shop_journal")
    assert refused(store) == (
        "ALI929",
        f"the connector store {store.display} is half made: its table shop_aliconf_version is "
        "empty; there are shop_account, shop_aliconf_connector, shop_aliconf_lease, …",
        "Its tables have no rows. If another aliconf is making the store just now, let it finish; "
        "else run aliconf connector init, which goes on with it.",
    )
    assert found(store, resuming=True) == ("unfinished", "")


def test_a_store_without_a_version_but_with_rows_is_never_completed(place: Place) -> None:
    store = created(target(place))
    place.sql("DELETE FROM aliconf_version")
    for resuming in (False, True):
        assert refused(store, resuming=resuming) == (
            "ALI929",
            f"the connector store {store.display} is half made: its table aliconf_version is "
            "empty; there are account, aliconf_connector, aliconf_lease, …, and aliconf_connector "
            "has rows",
            f"Restore a backup of the store, or give the connector {OTHERS[place.database]}.",
        )


def test_a_store_with_two_versions_is_refused(place: Place) -> None:
    store = created(target(place))
    place.sql("INSERT INTO aliconf_version VALUES ('0001')")
    code, message, _ = refused(store)
    assert code == "ALI929"
    assert "is half made: its table aliconf_version names 2 versions; there are " in message


@pytest.mark.parametrize(
    ("dropped", "message"),
    [
        (["journal"], "its table journal is not there"),
        (["aliconf_run", "journal"], "its tables aliconf_run, journal are not there"),
    ],
)
def test_a_store_that_has_lost_tables_is_refused(
    place: Place, dropped: list[str], message: str
) -> None:
    store = created(target(place))
    place.sql(*(f"DROP TABLE {name}" for name in dropped))
    assert refused(store) == (
        "ALI929",
        f"the connector store {store.display} has schema version {VERSION}, but {message}",
        f"Restore a backup of the store, or give the connector {OTHERS[place.database]}.",
    )


def test_a_store_of_a_newer_schema_is_refused_whatever_its_tables_are(place: Place) -> None:
    store = created(target(place))
    place.sql("UPDATE aliconf_version SET version_num = '0099'", "DROP TABLE journal")
    assert refused(store) == (
        "ALI913",
        f"the connector store {store.display} has schema version 0099; this aliconf knows up to "
        f"{VERSION}",
        "Upgrade aliconf to the version that wrote the store.",
    )


def test_an_older_store_is_older_also_with_tables_of_a_broken_migration(place: Place) -> None:
    store = created(target(place))
    place.sql("UPDATE aliconf_version SET version_num = '0001'", "DROP TABLE aliconf_secret")
    assert found(store) == ("older", "0001")
    with writing(store) as connection:
        migrate.migrate(connection, store.names)
    assert found(store) == ("current", VERSION)


@on("mariadb", "postgresql")
def test_looking_at_a_store_takes_two_queries(place: Place) -> None:
    from sqlalchemy import event

    store = created(target(place))
    queries: list[str] = []
    with writing(store) as connection:
        event.listen(
            connection, "before_cursor_execute", lambda *event: queries.append(str(event[2]))
        )
        state(connection, store)
    assert len(queries) == 2


# Names that other things have

AN_INDEX = ["CREATE TABLE orders (id INTEGER)", "CREATE INDEX shop_account ON orders (id)"]
FUNCTION = (
    "CREATE FUNCTION shop_account_region_fixed() RETURNS {} LANGUAGE plpgsql AS $$ BEGIN {}; END $$"
)
OTHERS_TRIGGER = {
    "sqlite": "CREATE TRIGGER shop_account_region_fixed BEFORE UPDATE ON orders "
    "BEGIN SELECT RAISE(ABORT, 'theirs'); END",
    "mariadb": "CREATE TRIGGER shop_account_region_fixed BEFORE UPDATE ON orders FOR EACH ROW "
    "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'theirs'",
}
CLASHES = {
    "sqlite": {
        "index shop_account of the table orders": AN_INDEX,
        "index SHOP_JOURNAL_of_object of the table orders": [
            "CREATE TABLE orders (id INTEGER)",
            "CREATE INDEX SHOP_JOURNAL_of_object ON orders (id)",
        ],
        "table shop_journal_of_object": ["CREATE TABLE shop_journal_of_object (id INTEGER)"],
        "view Shop_Account": ["CREATE VIEW Shop_Account AS SELECT 1 AS id"],
        "trigger shop_account_region_fixed of the table orders": [
            "CREATE TABLE orders (id INTEGER)",
            OTHERS_TRIGGER["sqlite"],
        ],
    },
    "postgresql": {
        "index shop_account": AN_INDEX,
        "sequence shop_aliconf_lease": ["CREATE SEQUENCE shop_aliconf_lease"],
        "sequence shop_journal_id_seq": ["CREATE SEQUENCE shop_journal_id_seq"],
        "table shop_journal_of_object": ["CREATE TABLE shop_journal_of_object (id INTEGER)"],
        "table shop_aliconf_version_pkc": ["CREATE TABLE shop_aliconf_version_pkc (id INTEGER)"],
        "type shop_account": ["CREATE TYPE shop_account AS (id INTEGER)"],
        "type shop_journal": ["CREATE TYPE shop_journal AS ENUM ('a')"],
        "function shop_account_region_fixed()": [FUNCTION.format("trigger", "RETURN NEW")],
    },
    "mariadb": {
        "trigger shop_account_region_fixed of the table orders": [
            "CREATE TABLE orders (id INTEGER)",
            OTHERS_TRIGGER["mariadb"],
        ],
        "foreign key shop_policy_default_policy of the table orders": [
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, parent INTEGER, CONSTRAINT "
            "shop_policy_default_policy FOREIGN KEY (parent) REFERENCES orders (id))",
        ],
    },
}


@pytest.mark.parametrize(
    ("place", "thing"),
    [
        pytest.param(kind, thing, marks=getattr(pytest.mark, kind), id=f"{kind}-{thing}")
        for kind, things in CLASHES.items()
        for thing in things
    ],
    indirect=["place"],
)
def test_whatever_has_a_name_of_the_store_is_refused_before_anything_is_made(
    place: Place, thing: str
) -> None:
    place.sql(*CLASHES[place.database][thing])
    store = target(place, prefix="shop_")
    before = parts(place)
    for makes in (make_store, refuse_content):
        with pytest.raises(AliconfError) as error:
            makes(store)
        (finding,) = error.value.findings
        assert (finding.code, finding.message, finding.hint) == (
            "ALI929",
            f"{store.display} has other things under names that a connector store needs: {thing}",
            "Nothing was made or changed. They are another program's or another user's: give the "
            f"connector {OTHERS[place.database]}, or let their owner rename them.",
        )
    assert parts(place) == before
    assert make_store(target(place, prefix="other_"))


def parts(place: Place) -> list[tuple[object, ...]]:
    """What is in the place, whoever made it."""
    return place.rows(
        {
            "sqlite": "SELECT name, sql FROM sqlite_master ORDER BY 1",
            "mariadb": "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = DATABASE() ORDER BY 1",
            "postgresql": "SELECT relname, '' FROM pg_class WHERE relnamespace = "
            "'public'::regnamespace UNION ALL SELECT proname, prosrc FROM pg_proc "
            "WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        }[place.database]
    )


@on("postgresql")
@pytest.mark.parametrize("returns", ["trigger", "integer"])
def test_another_owners_function_is_refused_as_well(place: Place, returns: str) -> None:
    """Whatever it says: only its owner may replace a function."""
    says = CHANGED if returns == "trigger" else ""
    place.sql(FUNCTION.format(returns, f"RAISE EXCEPTION '{says}'"))
    with pytest.raises(AliconfError) as error:
        make_store(target(place, prefix="shop_"))
    (finding,) = error.value.findings
    assert finding.code == "ALI929"
    assert finding.message.endswith(" needs: function shop_account_region_fixed()")


@on("postgresql")
def test_the_functions_that_a_dropped_store_has_left_are_taken_again(place: Place) -> None:
    store = created(target(place, prefix="shop_"))
    dropped = [*reversed(store_tables(store.names)), "shop_aliconf_version"]
    place.sql(*(f"DROP TABLE {name}" for name in dropped))
    assert make_store(store)
    place.sql(
        "CREATE FUNCTION shop_account_region_fixed(a integer) RETURNS integer AS "
        "'SELECT 1' LANGUAGE sql"
    )
    assert found(store) == ("current", VERSION)


def test_a_store_that_goes_on_being_made_does_not_clash_with_itself(place: Place) -> None:
    store = created(target(place, prefix="shop_"))
    place.sql("DELETE FROM shop_aliconf_version", "DELETE FROM shop_aliconf_connector")
    assert make_store(store)
    assert found(store) == ("current", VERSION)


def test_a_migration_does_not_replace_what_others_have_under_its_names(place: Place) -> None:
    store = target(place, prefix="shop_")
    with writing(store) as connection:
        migrate.create(connection, store.names, "0001")
    place.sql("CREATE TABLE orders (id INTEGER)", "CREATE INDEX shop_aliconf_run ON orders (id)")
    if place.database == "mariadb":  # whose indexes belong to their table
        assert migrate_store(store) == ("0001", VERSION)
        return
    with pytest.raises(AliconfError) as error:
        migrate_store(store)
    (finding,) = error.value.findings
    assert (finding.code, "index shop_aliconf_run" in finding.message) == ("ALI929", True)
    assert found(store) == ("older", "0001")


OTHERS_LEASES = {
    "of other columns": ["CREATE TABLE shop_aliconf_lease (id INTEGER)"],
    "a view": ["CREATE VIEW shop_aliconf_lease AS SELECT 1 AS id"],
    "with rows": [
        "CREATE TABLE shop_aliconf_lease AS SELECT 'p' AS project, 't' AS token, 'h' AS holder, "
        "'u' AS url, 'x' AS process, '1' AS taken_at, '2' AS heartbeat_at, '3' AS expires_at"
    ],
}


@pytest.mark.parametrize("thing", OTHERS_LEASES)
def test_a_migration_takes_no_table_of_another_program_for_its_own(
    place: Place, thing: str
) -> None:
    store = target(place, prefix="shop_")
    with writing(store) as connection:
        migrate.create(connection, store.names, "0001")
    place.sql(*OTHERS_LEASES[thing])
    before = parts(place)
    with pytest.raises(AliconfError) as error:
        migrate_store(store)
    (finding,) = error.value.findings
    assert (finding.code, finding.message, finding.hint) == (
        "ALI929",
        f"{store.display} has other things under names that a connector store needs: table "
        "shop_aliconf_lease",
        "Nothing was made or changed. They are another program's or another user's: give the "
        f"connector {OTHERS[place.database]}, or let their owner rename them.",
    )
    assert (parts(place), found(store)) == (before, ("older", "0001"))
    place.sql(f"DROP {'VIEW' if thing == 'a view' else 'TABLE'} shop_aliconf_lease")
    assert migrate_store(store) == ("0001", VERSION)


@on("mariadb")
def test_a_migration_goes_on_with_the_tables_of_one_that_was_broken_off(place: Place) -> None:
    store = created(target(place))
    place.sql("UPDATE aliconf_version SET version_num = '0001'", "DROP TABLE aliconf_secret")
    assert migrate_store(store) == ("0001", VERSION)
    assert found(store) == ("current", VERSION)


@on("mariadb")
def test_a_trigger_that_mariadb_hides_leaves_no_unguarded_store(place: Place) -> None:
    """Whoever has rights on the store's tables alone sees no other table's triggers."""
    place.sql("CREATE TABLE orders (id INTEGER)", OTHERS_TRIGGER["mariadb"])
    names = target(place, prefix="shop_").names
    with (
        place.new_user(
            *(
                f"ALL ON {{database}}.{name}"
                for name in ["shop_aliconf_version", *store_tables(names)]
            )
        ) as user,
        pytest.raises(AliconfError) as error,
    ):
        make_store(target(place, user, prefix="shop_").to("make"))
    (finding,) = error.value.findings
    assert (finding.code, finding.message, finding.hint) == (
        "ALI929",
        "the trigger shop_account_region_fixed of a connector store could not be made: another "
        "table in the database has it",
        "The tables that were made for the store were dropped again. Give the connector a prefix "
        "of its own (?prefix=NAME_).",
    )
    assert parts(place) == [("orders",)]
