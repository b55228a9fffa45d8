"""Whoever lacks rights is told all that the command needs at once, and what is told is enough.

The statements are taken from the screen and run on the real servers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from aliconf.connector import migrate
from tests import shops
from tests.command import Ended, aliconf
from tests.connections import target, writing
from tests.databases.fixtures import on, on_servers, place_on
from tests.databases.places import Place
from tests.databases.server import Server
from tests.teams import edit, shop_at, unwrapped

STATEMENT = re.compile(r"^ {4}((?:GRANT|CREATE|SET) .*?;)$", re.MULTILINE | re.DOTALL)
READ = ("plan", "status", "drift", "history", "lease list", "connector backup {root}/b")
RIGHTS = {"plan": "SELECT", "apply": "SELECT, INSERT, UPDATE, DELETE"}
MAKE = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, TRIGGER"


def run(root: Path, command: str) -> Ended:
    return aliconf(*command.replace("{root}", str(root)).split(), cwd=root)


def advice(ended: Ended, code: str) -> list[str]:
    """The statements on a screen that refuses."""
    screen = ended.out + ended.err
    assert (ended.code, re.findall(r"error\[(ALI\d+)\]", screen)) == (1, [code]), screen
    found = [" ".join(one.split()) for one in STATEMENT.findall(screen)]
    assert found, screen
    return found


def shop_of(place: Place, user: str, prefix: str = "") -> Path:
    """The small shop, as that user sees it."""
    url = place.url_of(user, prefix=prefix) if prefix else place.url_of(user)
    return shop_at(
        place, aliconf=shops.PROJECT.replace("spec:", f"spec:\n      connector: {url}", 1)
    )


def closed(place: Place) -> None:
    """Nobody has rights in the database but its owner, as the README sets it up."""
    if place.database == "postgresql":
        place.sql(
            "REVOKE ALL ON SCHEMA public FROM PUBLIC", "GRANT ALL ON SCHEMA public TO aliconf"
        )


def filled(place: Place, prefix: str = "") -> None:
    root = shop_of(place, "aliconf", prefix)
    for command in ("connector init", "apply --yes"):
        ended = run(root, command)
        assert ended.code == 0, ended.err


def on_all(place: Place, rights: str, user: str) -> list[str]:
    """What is told of a store without a prefix."""
    if place.database == "mariadb":
        return [f"GRANT {rights} ON {place.name}.* TO '{user}'@'%';"]
    told = [
        f"GRANT USAGE ON SCHEMA public TO {user};",
        f"GRANT {rights} ON ALL TABLES IN SCHEMA public TO {user};",
    ]
    if "INSERT" in rights:
        told.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {user};")
    return told


def first_code(place: Place) -> str:
    """MariaDB does not let in who has no right in the database."""
    return {"postgresql": "ALI927", "mariadb": "ALI925"}[place.database]


@on_servers
@pytest.mark.parametrize("command", READ)
def test_who_may_only_connect_is_told_all_that_reading_needs(place: Place, command: str) -> None:
    filled(place)
    closed(place)
    with place.new_user() as user:
        root = shop_of(place, user)
        told = advice(run(root, command), first_code(place))
        assert told == on_all(place, RIGHTS["plan"], user)
        place.sql(*told)
        for reads in READ:
            ended = run(root, reads)
            assert (reads, ended.code) == (reads, 0), ended.err
        edit(root, "pricing.yaml", "12", "15")
        assert advice(run(root, "apply --yes"), "ALI927") == on_all(place, RIGHTS["apply"], user)


@on_servers
@pytest.mark.parametrize("command", ["apply --yes", "lease release"])
def test_who_may_only_connect_is_told_all_that_apply_needs(place: Place, command: str) -> None:
    filled(place)
    closed(place)
    with place.new_user() as user:
        root = shop_of(place, user)
        edit(root, "pricing.yaml", "12", "15")
        told = advice(run(root, command), first_code(place))
        assert told == on_all(place, RIGHTS["apply"], user)
        place.sql(*told)
        for changes in ("apply --yes", "lease release"):
            ended = run(root, changes)
            assert (changes, ended.code) == (changes, 0), ended.err


@on_servers
def test_who_may_read_is_told_all_that_apply_needs(place: Place) -> None:
    filled(place)
    closed(place)
    with place.new_user() as user:
        root = shop_of(place, user)
        place.sql(*on_all(place, RIGHTS["plan"], user))
        told = advice(run(root, "lease release"), "ALI927")
        assert told == on_all(place, RIGHTS["apply"], user)
        place.sql(*told)
        assert run(root, "connector check").out.endswith("\nno findings in the connector store\n")


@on_servers
@pytest.mark.parametrize("command", ["apply --yes", "lease release"])
def test_who_may_only_read_is_told_first_to_apply_as_another_user(
    place: Place, command: str
) -> None:
    filled(place)
    closed(place)
    with place.new_user() as user:
        root = shop_of(place, user)
        edit(root, "pricing.yaml", "12", "15")
        place.sql(*on_all(place, RIGHTS["plan"], user))
        ended = run(root, command)
    assert ended.code == 1
    hint = unwrapped(ended.err).partition(" → ")[2]
    assert hint.startswith(
        "Run this as the user who applies: one who may only read is meant to only plan. Or, if "
        "this user is to apply, let an administrator run: GRANT "
    )


@on_servers
def test_without_a_store_whoever_is_to_own_its_tables_is_to_make_it(place: Place) -> None:
    ended = run(shop_at(place), "plan")
    assert ended.code == 1
    assert unwrapped(ended.err).endswith(
        " → Run aliconf connector init, as the user who is to own its tables. If there should be "
        "one, correct the connector URL.\n"
    )


@on_servers
def test_who_makes_a_store_is_told_all_that_it_takes(place: Place) -> None:
    closed(place)
    with place.new_user() as user:
        root = shop_of(place, user)
        told = advice(run(root, "connector init"), first_code(place))
        if place.database == "postgresql":
            assert told == [f"GRANT USAGE, CREATE ON SCHEMA public TO {user};"]
        else:
            assert told == [
                f"CREATE DATABASE IF NOT EXISTS {place.name} CHARACTER SET utf8mb4;",
                f"GRANT {MAKE} ON {place.name}.* TO '{user}'@'%';",
            ]
        place.sql(*told)
        for command in ("connector init", "connector migrate", "apply --yes", "connector check"):
            ended = run(root, command)
            assert (command, ended.code) == (command, 0), ended.err


@on("mariadb")
@pytest.mark.parametrize("left_out", ["CREATE", "INDEX", "TRIGGER", "INSERT"])
def test_each_right_that_makes_a_store_is_needed(place: Place, left_out: str) -> None:
    rights = ", ".join(right for right in MAKE.split(", ") if right != left_out)
    with place.new_user(f"{rights} ON {{database}}.*") as user:
        told = advice(run(shop_of(place, user), "connector init"), "ALI927")
        assert told == [f"GRANT {MAKE} ON {place.name}.* TO '{user}'@'%';"]
    assert place.rows("SHOW TABLES") == []


@on_servers
def test_beside_others_only_the_tables_of_the_store_are_granted(place: Place) -> None:
    place.sql("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    filled(place, prefix="ali_")
    closed(place)
    with place.new_user() as user:
        root = shop_of(place, user, prefix="ali_")
        edit(root, "pricing.yaml", "12", "15")
        told = advice(run(root, "apply --yes"), first_code(place))
        assert "orders" not in " ".join(told)
        assert "*" not in " ".join(told)
        place.sql(*told)
        ended = run(root, "apply --yes")
        assert ended.code == 0, ended.err
        assert run(root, "connector check").out.endswith("\nno findings in the connector store\n")
        refusal = "permission denied" if place.database == "postgresql" else "command denied"
        connection = place.connect(user)
        try:
            with pytest.raises(Exception, match=refusal):
                connection.cursor().execute("SELECT * FROM orders")
        finally:
            connection.close()


@on("mariadb")
def test_a_store_with_a_prefix_is_made_with_rights_on_its_tables_alone(place: Place) -> None:
    place.sql("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    with place.new_user() as user:
        root = shop_of(place, user, prefix="ali_")
        told = advice(run(root, "connector init"), "ALI925")
        assert told[1] == f"GRANT {MAKE} ON {place.name}.ali_aliconf_version TO '{user}'@'%';"
        place.sql(*told)
        for command in ("connector init", "apply --yes", "connector check"):
            ended = run(root, command)
            assert (command, ended.code) == (command, 0), ended.err


@on("postgresql")
@pytest.mark.parametrize(
    ("command", "need"), [("plan", "plan"), ("apply --yes", "apply"), ("lease list", "plan")]
)
def test_who_may_not_even_connect_is_told_all_at_once(
    place: Place, command: str, need: str
) -> None:
    filled(place)
    closed(place)
    place.sql(f"REVOKE ALL ON DATABASE {place.name} FROM PUBLIC")
    with place.new_user() as user:
        root = shop_of(place, user)
        told = advice(run(root, command), "ALI925")
        connect = f"GRANT CONNECT ON DATABASE {place.name} TO {user};"
        assert told == [connect, *on_all(place, RIGHTS[need], user)]
        place.sql(*told)
        assert run(root, command).code == 0


@on("postgresql")
def test_who_migrates_the_tables_of_another_is_told_to_be_the_owner(place: Place) -> None:
    with writing(target(place)) as connection:
        migrate.create(connection, target(place).names, "0001")
    with place.new_user(
        "ALL ON ALL TABLES IN SCHEMA public", "USAGE, CREATE ON SCHEMA public"
    ) as user:
        ended = run(shop_of(place, user), "connector migrate")
    assert (ended.code, "error[ALI927]" in ended.err) == (1, True), ended.err
    assert "lacks a right: must be owner of" in ended.err
    assert ended.err.endswith(
        "  → Only the user who made the tables may change them: name that one in the\n"
        "    connector URL for this command. In psql, \\dt shows the owner of each table.\n"
    )
    assert run(shop_at(place), "connector migrate").code == 0


@on("mariadb")
def test_tables_that_mariadb_hides_are_no_store_that_was_lost(place: Place) -> None:
    place.sql("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    filled(place, prefix="ali_")
    for seen in ("orders", "ali_account", "ali_aliconf_version"):
        with place.new_user(f"SELECT ON {{database}}.{seen}") as user:
            root = shop_of(place, user, prefix="ali_")
            told = advice(run(root, "plan"), "ALI927")
            assert len(told) == 12
            place.sql(*told)
            assert run(root, "plan").code == 0


@on("mariadb")
def test_who_sees_all_of_mariadb_is_told_that_there_is_no_store(place: Place) -> None:
    place.sql("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    with place.new_user("SELECT ON {database}.*") as user:
        ended = run(shop_of(place, user, prefix="ali_"), "plan")
    assert "error[ALI928]" in ended.err


@on("mariadb")
def test_a_database_that_is_not_there_is_made_with_the_rights_in_it(place: Place) -> None:
    name = f"{place.name}_new"
    with place.new_user() as user:
        root = shop_at(
            place,
            aliconf=shops.PROJECT.replace(
                "spec:", f"spec:\n      connector: {place.url_of(user)}_new", 1
            ),
        )
        told = advice(run(root, "connector init"), "ALI925")
        place.sql(*told)
        try:
            ended = run(root, "connector init")
            assert ended.code == 0, ended.err
        finally:
            place.sql(f"DROP DATABASE {name}")


@pytest.mark.mariadb
def test_a_mariadb_with_a_binary_log_is_told_to_let_others_make_triggers(
    own_server: Callable[..., Server], tmp_path: Path
) -> None:
    place = place_on(own_server("mariadb", durable=False, options=["--log-bin"]), tmp_path)
    root = shop_of(place, "aliconf")
    told = advice(run(root, "connector init"), "ALI927")
    assert told == ["SET GLOBAL log_bin_trust_function_creators = 1;"]
    assert place.rows("SHOW TABLES") == []
    place.sql(*told)
    for command in ("connector init", "apply --yes", "connector check"):
        ended = run(root, command)
        assert (command, ended.code) == (command, 0), ended.err


@on("postgresql")
def test_who_may_not_use_the_language_of_the_triggers_is_told_what_gives_it(place: Place) -> None:
    place.sql("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC")
    with place.new_user("USAGE, CREATE ON SCHEMA public") as user:
        root = shop_of(place, user)
        told = advice(run(root, "connector init"), "ALI927")
        assert told == [f"GRANT USAGE ON LANGUAGE plpgsql TO {user};"]
        place.sql(*told)
        ended = run(root, "connector init")
        assert ended.code == 0, ended.err
