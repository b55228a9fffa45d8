"""``aliconf connector check``: what it sees of a store, and that it changes nothing."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aliconf.connector import migrate
from aliconf.connector.inspected_server import Server
from aliconf.connector.inspection import Inspection, inspect_store, look_at_clock
from aliconf.connector.lease import hold
from aliconf.connector.urls import Target
from tests.command import aliconf
from tests.connections import target, writing
from tests.databases.fixtures import on, on_servers
from tests.databases.places import Place
from tests.stores import MARKUP, Content, Step, fill, store_at
from tests.teams import hand, made, project_at, shop_at
from tests.test_connector_backup import OLD, backup_of
from tests.test_json_docs import documented, keys

PRODUCT = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}


def shop(place: Place, **options: str | int) -> Target:
    store = made(place, **options)
    with hand(store) as writer:
        fill(writer)
    return store


def findings(store: Target) -> list[tuple[str, str, str]]:
    """Code, severity and message, with STORE for the store's name."""
    return [
        (one.code, one.severity.value, one.message.replace(store.display, "STORE"))
        for one in inspect_store(store).findings
    ]


def test_a_sound_store_has_no_finding_and_is_not_changed(place: Place) -> None:
    store = shop(place, prefix="shop_")
    before = backup_of(store)[1].digest
    seen = inspect_store(store)
    assert seen.findings == []
    assert (seen.documented, seen.guards, seen.may_apply) == (True, (), True)
    assert seen.server.product == PRODUCT[place.database]
    assert [(one.kind, one.project, one.objects) for one in seen.objects] == [
        ("Registration", "shop", 1),
        ("ImagePolicy", None, 1),
        ("InventoryPolicy", None, 1),
        ("PricingPolicy", "shop", 1),
        ("PricingPolicy", None, 1),
        ("OrderPolicy", None, 1),
        ("SynchronizationPolicy", None, 1),
        ("Account", "shop", 1),
        ("ListingTemplate", "shop", 1),
        ("Campaign", "shop", 1),
    ]
    assert backup_of(store)[1].digest == before


def test_what_an_administrator_broke_is_found(place: Place) -> None:
    store = shop(place)
    off, on_again = {
        "sqlite": ("SELECT 1", "SELECT 1"),
        "postgresql": (
            "ALTER TABLE policy_default DISABLE TRIGGER ALL; ALTER TABLE policy DISABLE TRIGGER ALL",
            "SELECT 1",
        ),
        "mariadb": ("SET foreign_key_checks = 0", "SET foreign_key_checks = 1"),
    }[place.database]
    place.sql(
        off,
        "DELETE FROM policy WHERE kind = 'OrderPolicy'",
        "UPDATE policy SET body = '[1]' WHERE name = 'markup'",
        "UPDATE account SET labels = 'none'",
        on_again,
    )
    assert findings(store) == [
        ("ALI948", "error", "the default OrderPolicy is OrderPolicy/default, which is not there"),
        (
            "ALI950",
            "error",
            "2 objects cannot be read, because body or labels are no JSON object: "
            "PricingPolicy/markup, Account/es",
        ),
    ]


def test_a_missing_column_is_found(place: Place) -> None:
    store = shop(place)
    place.sql("ALTER TABLE campaign DROP COLUMN priority")
    assert findings(store) == [
        (
            "ALI912",
            "error",
            "STORE is not a usable connector store: its tables are not as documented: the table "
            "campaign has no column priority",
        )
    ]


def test_a_missing_trigger_is_found(place: Place) -> None:
    store = shop(place)
    on_table = " ON account" if place.database == "postgresql" else ""
    place.sql(f"DROP TRIGGER account_region_fixed{on_table}")
    message = (
        "the trigger account_region_fixed is missing or disabled in STORE: plain SQL can change "
        "the region of an account"
    )
    assert findings(store) == [("ALI949", "error", message)]


@on("mariadb")
def test_a_table_without_transactions_is_found(place: Place) -> None:
    store = shop(place)
    place.sql("ALTER TABLE journal ENGINE = Aria")
    assert [(code, message.partition(": its ")[2]) for code, _, message in findings(store)] == [
        (
            "ALI912",
            "tables are not as documented: the table journal has the engine Aria and not InnoDB, "
            "so no transactions",
        )
    ]


READ = {"postgresql": "SELECT ON ALL TABLES IN SCHEMA public", "mariadb": "SELECT ON {database}.*"}
WRITE = {
    "postgresql": "INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public",
    "mariadb": "INSERT, UPDATE, DELETE ON {database}.*",
}
COUNT = "USAGE ON SEQUENCE journal_id_seq"


# One of the rights to write, so that the user is not one of those who only plan.
UPDATE = {
    "postgresql": "UPDATE ON ALL TABLES IN SCHEMA public",
    "mariadb": "UPDATE ON {database}.*",
}


@on_servers
def test_rights_that_are_missing_are_found_with_the_grants(place: Place) -> None:
    shop(place)
    with place.new_user(READ[place.database], UPDATE[place.database]) as user:
        store = target(place, user)
        seen = inspect_store(store)
        (finding,) = seen.findings
        assert (seen.may_apply, seen.only_reads) == (False, False)
        assert len(seen.objects) == 10
    assert (finding.code, finding.severity.value) == ("ALI927", "error")
    assert finding.message.replace(store.display, "STORE") == (
        "the user of the connector store STORE lacks a right: apply needs INSERT, DELETE on "
        "registration, account, policy, listing_template, campaign, aliconf_lease, "
        "aliconf_secret; INSERT on policy_default, journal, aliconf_run"
        + ("; USAGE on journal_id_seq" if place.database == "postgresql" else "")
    )
    if place.database == "mariadb":
        grants = (
            f"GRANT INSERT, DELETE ON {place.name}.* TO '{user}'@'%';\n"
            "Where the user's host is another than %, write that one."
        )
    else:
        grants = (
            f"GRANT INSERT, DELETE ON ALL TABLES IN SCHEMA public TO {user};\n"
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {user};"
        )
    assert finding.hint == f"Let an administrator run:\n{grants}"


@on_servers
def test_a_user_who_only_plans_is_told_what_that_is_enough_for(place: Place) -> None:
    shop(place)
    with place.new_user(READ[place.database]) as user:
        store = target(place, user)
        (finding,) = inspect_store(store).findings
        ended = aliconf("connector", "check", cwd=project_of(place, place.url_of(user)))
    assert ended.code == 0
    assert "\n  rights      to read all of it, none to change anything\n" in ended.out
    assert ended.out.endswith("\n1 note in the connector store\n")
    assert (finding.code, finding.severity.value) == ("ALI927", "note")
    assert finding.message.replace(store.display, "STORE") == (
        "the user of the connector store STORE may read all of it and change nothing: enough for "
        "plan, drift, status, history, lease list and connector backup, and not for apply"
    )
    if place.database == "mariadb":
        grants = (
            f"GRANT INSERT, UPDATE, DELETE ON {place.name}.* TO '{user}'@'%';\n"
            "Where the user's host is another than %, write that one."
        )
    else:
        grants = (
            f"GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user};\n"
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {user};"
        )
    assert finding.hint == (
        "Leave it so for a user who only plans. For one who applies, let an administrator run:\n"
        + grants
    )


@on_servers
def test_a_table_that_may_not_be_read_is_named_by_every_command_that_reads(place: Place) -> None:
    shop(place)
    database = f"{place.name}." if place.database == "mariadb" else ""
    some = ["account", "aliconf_version", "aliconf_connector", "aliconf_lease"]
    with place.new_user(*(f"SELECT ON {database}{name}" for name in some)) as user:
        root = project_of(place, place.url_of(user))
        for command in ("plan", "status", "drift", "history"):
            ended = aliconf(command, cwd=root)
            said = re.findall(r"error\[(ALI\d+)\]", ended.out + ended.err)
            assert (command, ended.code, said) == (command, 1, ["ALI927"])


@on_servers
def test_the_rights_that_are_said_are_enough(place: Place) -> None:
    shop(place)
    rights = [READ[place.database], WRITE[place.database]]
    with place.new_user(*rights, *([COUNT] if place.database == "postgresql" else [])) as user:
        store = target(place, user)
        assert inspect_store(store).findings == []
        with hand(store) as writer:
            writer.create("PricingPolicy", "new", Content({**MARKUP, "title": "New"}))


@on_servers
def test_a_user_who_may_not_even_read_is_told_once(place: Place) -> None:
    shop(place)
    some = {"postgresql": "SELECT ON account", "mariadb": "SELECT ON {database}.account"}
    with place.new_user(some[place.database]) as user:
        ended = aliconf("connector", "check", cwd=project_of(place, place.url_of(user)))
    assert ended.code == 1
    assert "Traceback" not in ended.out + ended.err
    assert re.findall(r"error\[(ALI\d+)\]", ended.out + ended.err) == ["ALI927"]
    if place.database == "mariadb":
        assert (
            "lacks a right: MariaDB shows it no aliconf_version, and hides what it has no right on"
        ) in ended.out


def project_of(place: Place, url: str) -> Path:
    document = project_at(place).replace(place.url, url)
    return shop_at(place, aliconf=document)


def test_who_applies_and_who_was_cut_off_is_said(place: Place) -> None:
    store = shop(place)
    with hand(store, "outlet") as writer:
        writer.writer.begin([Step("create", "PricingPolicy", "new", Content(MARKUP))])
    with hold(store, "shop"):
        found = findings(store)
    words = [re.sub(r"r-[0-9a-f]{8}|\S+@\S+|[-0-9T:.]+Z", "*", message) for _, _, message in found]
    assert [(code, severity) for code, severity, _ in found] == [
        ("ALI945", "note"),
        ("ALI946", "note"),
    ]
    assert words == [
        "an apply of the project shop is under way: * since *",
        "the apply * of the project outlet by * begun at *, was cut off",
    ]


def test_an_older_store_is_looked_at_as_far_as_it_goes(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    assert store.path is not None
    store.path.parent.mkdir()
    with closing(sqlite3.connect(store.path)) as connection:
        connection.executescript(OLD.read_text("utf-8"))
    seen = inspect_store(store)
    assert [finding.code for finding in seen.findings] == ["ALI918"]
    assert (seen.revision, seen.runs, len(seen.objects)) == ("0001", None, 10)


@on_servers
def test_an_older_store_on_a_server_is_not_taken_for_a_damaged_one(place: Place) -> None:
    with writing(target(place)) as connection:
        migrate.create(connection, target(place).names, "0001")
    seen = inspect_store(target(place))
    assert [finding.code for finding in seen.findings] == ["ALI918"]
    assert (seen.revision, seen.may_apply) == ("0001", True)
    with place.new_user(READ[place.database]) as user:
        reader = inspect_store(target(place, user))
    assert [finding.code for finding in reader.findings] == ["ALI918", "ALI927"]
    assert reader.only_reads


@pytest.mark.parametrize(("ahead", "words"), [(95.2, "95 s ahead of"), (-30.0, "30 s behind")])
def test_clocks_that_differ_are_said(ahead: float, words: str, tmp_path: Path) -> None:
    seen = Inspection(store_at(tmp_path), Server("SQLite", "3"), ahead)
    look_at_clock(seen)
    assert [(one.code, one.message) for one in seen.findings] == [
        ("ALI951", f"the clock of .aliconf/connector.db is {words} this machine's")
    ]


def test_where_there_is_no_store_nothing_is_made(place: Place) -> None:
    root = shop_at(place)
    ended = aliconf("connector", "check", cwd=root)
    assert ended.code == 1
    assert "error[ALI928]" in ended.out + ended.err
    if place.database == "sqlite":
        assert not place.file.exists()


def test_the_screen_says_all_of_it(place: Place) -> None:
    shop(place)
    ended = aliconf("connector", "check", cwd=shop_at(place))
    assert (ended.code, ended.err) == (0, "")
    assert max(map(len, ended.out.splitlines())) <= 80
    text = re.sub(r"c-[0-9a-f]{8}, made [-0-9T:]+Z", "ID, made TIME", ended.out)
    text = re.sub(r"(SQLite|PostgreSQL|MariaDB) [0-9.]+", r"\1 N", text)
    text = re.sub(r"(encryption  ).*\n", r"\1TLS\n", text)
    display = target(place).display
    assert text.replace(display, "STORE") == (
        "Connector store STORE\n\n"
        f"  server      {PRODUCT[place.database]} N\n"
        + SERVER[place.database].replace("DATABASE", place.name)
        + SCREEN
    )


SERVER = {
    "sqlite": "",
    "postgresql": """\
  encryption  TLS
  user        aliconf
  database    DATABASE, schema public
""",
    "mariadb": """\
  encryption  TLS
  user        aliconf@%
  database    DATABASE
""",
}
SCREEN = """\
  clock       the same as this machine's
  connector   ID, made TIME
  schema      version 0002
  tables      11, as documented
  regions     guarded by triggers
  rights      all that apply needs
  journal     10 rows of 0 applies
  applies     none under way

  KIND                   OBJECTS  MANAGED BY
  Registration           1        shop 1
  ImagePolicy            1        (unmanaged) 1
  InventoryPolicy        1        (unmanaged) 1
  PricingPolicy          2        shop 1, (unmanaged) 1
  OrderPolicy            1        (unmanaged) 1
  SynchronizationPolicy  1        (unmanaged) 1
  Account                1        shop 1
  ListingTemplate        1        shop 1
  Campaign               1        shop 1

no findings in the connector store
"""


def test_findings_stand_below_at_the_setting(place: Place) -> None:
    shop(place)
    root = shop_at(place)
    place.sql("DROP TABLE aliconf_run")
    ended = aliconf("connector", "check", cwd=root)
    assert (ended.code, ended.err) == (1, "")
    assert re.findall(r"^\S+: \S+ .*", ended.out, re.MULTILINE) == [
        f"aliconf.yaml:6:14: error[ALI929]: the connector store {target(place).display} has schema "
        "version 0002, but its table aliconf_run is not there"
    ]
    assert ended.out.endswith("\n1 error in the connector store\n")


def test_every_key_of_the_json_is_documented(place: Place) -> None:
    store = shop(place)
    root = shop_at(place)
    place.sql("UPDATE policy SET body = ''")
    with hand(store, "outlet") as writer:
        writer.writer.begin([])
    with hold(store, "shop"):
        ended = aliconf("connector", "check", "--format", "json", cwd=root)
    data = json.loads(ended.out)
    assert (ended.code, data["sound"]) == (1, False)
    assert set(keys(data)) - documented("aliconf connector check") - {"format", "version"} == set()


def test_a_backup_of_a_store_that_is_not_there_is_refused(place: Place, tmp_path: Path) -> None:
    root = shop_at(place)
    ended = aliconf("connector", "backup", "shop.backup", cwd=root)
    assert ended.code == 1
    assert ended.err.startswith("aliconf.yaml:6:14: error[ALI928]: there is no connector store in")
    assert not (root / "shop.backup").exists()
