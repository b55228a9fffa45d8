"""The database itself refuses to change an account's region, however plain SQL puts it."""

from __future__ import annotations

import pytest

from aliconf.connector import migrate
from aliconf.connector.triggers import CHANGED, RESERVED
from tests.connections import target, writing
from tests.databases.fixtures import marked
from tests.databases.places import Place, RefusedError

KEPT = [("es", "ES"), ("fr", "FR"), ("gone", "ES")]
COLUMNS = "(name, title, region, store_view, created_at, updated_at)"


def insert(name: str, region: str, verb: str = "INSERT", end: str = "") -> str:
    return (
        f"{verb} INTO account {COLUMNS} VALUES "
        f"('{name}', 'T', {region}, 'default', '2026-11-23T10:00:00Z', '2026-11-23T10:00:00Z') {end}"
    )


EVERYWHERE = {
    "UPDATE account SET region = 'FR' WHERE name = 'es'": CHANGED,
    "UPDATE account SET region = 'es' WHERE name = 'es'": CHANGED,
    "UPDATE account SET region = '' WHERE name = 'es'": CHANGED,
    "UPDATE account SET region = NULL WHERE name = 'es'": CHANGED,
    "UPDATE account SET region = 'FR'": CHANGED,
    "UPDATE account SET name = 'new', region = 'FR' WHERE name = 'es'": CHANGED,
    "UPDATE account SET region = 'FR' WHERE name = 'gone'": CHANGED,
    insert("es", "'FR'"): RESERVED,
    insert("gone", "'FR'"): RESERVED,
}
ELSE = {
    "sqlite": {
        insert("es", "'FR'", "REPLACE"): RESERVED,
        insert("gone", "'FR'", "INSERT OR REPLACE"): RESERVED,
        insert("es", "'FR'", "INSERT OR IGNORE"): RESERVED,
        insert(
            "es", "'FR'", end="ON CONFLICT (name) DO UPDATE SET region = excluded.region"
        ): RESERVED,
        insert("es", "'ES'", end="ON CONFLICT (name) DO UPDATE SET region = 'FR'"): CHANGED,
        "UPDATE OR REPLACE account SET name = 'es' WHERE name = 'fr'": RESERVED,
        "UPDATE OR IGNORE account SET region = 'FR' WHERE name = 'es'": CHANGED,
    },
    "postgresql": {
        insert(
            "es", "'FR'", end="ON CONFLICT (name) DO UPDATE SET region = excluded.region"
        ): RESERVED,
        insert("es", "'ES'", end="ON CONFLICT (name) DO UPDATE SET region = 'FR'"): CHANGED,
        insert("es", "'FR'", end="ON CONFLICT DO NOTHING"): RESERVED,
    },
    "mariadb": {
        insert("es", "'FR'", "REPLACE"): RESERVED,
        insert("gone", "'FR'", "REPLACE"): RESERVED,
        insert("es", "'FR'", "INSERT IGNORE"): RESERVED,
        insert("es", "'FR'", end="ON DUPLICATE KEY UPDATE region = VALUES(region)"): RESERVED,
        insert("es", "'ES'", end="ON DUPLICATE KEY UPDATE region = 'FR'"): CHANGED,
        "UPDATE IGNORE account SET region = NULL WHERE name = 'es'": CHANGED,
        "UPDATE account a JOIN account b SET a.region = b.region WHERE b.name = 'fr'": CHANGED,
    },
}


@pytest.fixture
def accounts(place: Place) -> Place:
    store = target(place)
    with writing(store) as connection:
        migrate.create(connection, store.names)
    place.sql(
        insert("es", "'ES'"),
        insert("fr", "'FR'"),
        insert("gone", "'ES'"),
        "UPDATE account SET deleted_at = '2026-11-23T10:00:00Z' WHERE name = 'gone'",
    )
    return place


def test_no_statement_changes_a_region(accounts: Place) -> None:
    for statement, message in {**EVERYWHERE, **ELSE[accounts.database]}.items():
        with pytest.raises(RefusedError) as error:
            accounts.sql(statement)
        assert message in str(error.value), statement
        assert accounts.rows("SELECT name, region FROM account ORDER BY name") == KEPT, statement


@pytest.mark.parametrize("place", marked("mariadb"), indirect=True)
def test_a_session_that_is_not_strict_changes_no_region_either(accounts: Place) -> None:
    for statement, message in {**EVERYWHERE, **ELSE["mariadb"]}.items():
        with pytest.raises(RefusedError) as error:
            accounts.sql("SET SESSION sql_mode = ''", statement)
        assert message in str(error.value), statement
    assert accounts.rows("SELECT name, region FROM account ORDER BY name") == KEPT


def test_everything_else_of_an_account_may_change(accounts: Place) -> None:
    accounts.sql(
        "UPDATE account SET title = 'New', region = 'ES' WHERE name = 'es'",
        "UPDATE account SET name = 'spain' WHERE name = 'es'",
        "DELETE FROM account WHERE name = 'gone'",
        insert("gone", "'IT'"),
    )
    assert accounts.rows("SELECT name, region, title FROM account ORDER BY name") == [
        ("fr", "FR", "T"),
        ("gone", "IT", "T"),
        ("spain", "ES", "New"),
    ]
