"""Whose tables a database has, and whether they are a whole store: the same on all three."""

from __future__ import annotations

import pytest

from aliconf.connector import migrate, schema
from aliconf.connector.state import state
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
