"""No value of a secret is in any output, in the store or in a crash report, whatever happens."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from aliconf.connector.names import Names
from aliconf.connector.schema import tables
from aliconf.connector.vault import Vault
from tests import shops
from tests.command import Ended, aliconf, write
from tests.databases.places import Place
from tests.vaults import ACCOUNT, KEY, VALUES, key, shop, with_key

NEXT = {**VALUES, "APP_KEY": "geheim-key-8812", "APP_SECRET": "geheim-secret-1177"}
REKEYED = {**NEXT, "ALICONF_KEY": key("two"), "OLD_KEY": KEY}
PLANTED = [KEY, key("two"), *(value for value in VALUES.values()), *NEXT.values()]


class Seen:
    """Everything that commands print, and all that they leave behind."""

    def __init__(self, place: Place, crashes: Path) -> None:
        self.place = place
        self.crashes = crashes
        self.text: list[str] = []

    def run(self, *arguments: str, code: int = 0, **environment: str) -> Ended:
        ended = aliconf(*arguments, cwd=self.place.root, environment=environment)
        assert ended.code == code, (arguments, ended.out, ended.err)
        self.text += [ended.out, ended.err]
        self.look()
        return ended

    def look(self) -> None:
        names = [table.name for table in tables(Names()).metadata.sorted_tables]
        assert "aliconf_secret" in names
        for name in names:
            self.text += map(repr, self.place.rows(f"SELECT * FROM {name}"))
        files = [*self.crashes.iterdir()]
        if self.place.database == "sqlite":
            files += [file for file in self.place.file.parent.iterdir() if file.is_file()]
        self.text += [file.read_bytes().decode("latin-1") for file in files]

    def planted(self) -> list[str]:
        return [value for value in PLANTED if any(value in text for text in self.text)]


@pytest.fixture
def seen(
    place: Place, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Seen:
    crashes = tmp_path_factory.mktemp("crashes")
    monkeypatch.setattr(tempfile, "tempdir", str(crashes))
    return Seen(place, crashes)


def test_no_command_shows_or_leaves_a_value(seen: Seen) -> None:
    root = shop(seen.place)
    seen.run("apply", "--yes", **VALUES)
    seen.run("plan", **NEXT)
    seen.run("plan", "--full", "--format", "json", **NEXT)
    seen.run("apply", "--yes", "--full", **NEXT)
    seen.run("status", **NEXT)
    seen.run("status", "--format", "json", **NEXT)
    seen.run("validate", "--format", "json", **NEXT)
    seen.run("lease", "list", **NEXT)
    seen.run("connector", "check", **NEXT)
    seen.run("connector", "check", "--format", "json", **NEXT)
    seen.run("plan", code=1, **{**NEXT, "ALICONF_KEY": key("two")})
    seen.run("connector", "backup", "store.backup", **NEXT)
    seen.text.append((root / "store.backup").read_bytes().decode("latin-1"))
    seen.run("connector", "rekey", "--old", "${env:OLD_KEY}", **REKEYED)
    seen.run("connector", "rekey", "--old", KEY, code=64, **REKEYED)
    seen.run("connector", "rekey", "--old", "${env:APP_SECRET}", code=1, **REKEYED)
    write(root, {"aliconf.yaml": with_key(seen.place).replace("ALICONF_KEY", "APP_SECRET")})
    seen.run("plan", code=1, **REKEYED)
    assert seen.planted() == []


def test_what_is_planted_would_be_found(seen: Seen) -> None:
    """The search sees what is in the store and in files."""
    shop(seen.place)
    seen.run("apply", "--yes", **VALUES)
    seen.place.sql(f"UPDATE account SET title = '{VALUES['APP_KEY']}'")
    (seen.crashes / "report.txt").write_text(f"value: {VALUES['APP_SECRET']}")
    seen.look()
    assert set(seen.planted()) == {VALUES["APP_KEY"], VALUES["APP_SECRET"]}


@pytest.mark.parametrize("step", ["encrypt", "decrypt"])
def test_no_crash_shows_a_value(seen: Seen, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shop(seen.place)
    seen.run("apply", "--yes", **VALUES)
    before = seen.place.rows("SELECT * FROM aliconf_secret ORDER BY field")

    def broken(self: Vault, *values: object) -> str:
        raise RuntimeError(f"a defect near {VALUES['APP_SECRET']}, {NEXT['APP_SECRET']}, {values}")

    write(root, {"account.yaml": ACCOUNT.replace("Shop ES", "Shop Spain")})
    monkeypatch.setattr(Vault, step, broken)
    ended = seen.run("apply", "--yes", code=70, **NEXT)
    assert "error[ALI900]" in ended.err
    assert len([*seen.crashes.iterdir()]) == 1
    assert seen.place.rows("SELECT * FROM aliconf_secret ORDER BY field") == before
    assert seen.planted() == []


@pytest.mark.parametrize("table", ["aliconf_secret", "journal", "account"])
def test_no_failure_of_the_database_shows_a_value(seen: Seen, table: str) -> None:
    root = shop(seen.place)
    seen.run("apply", "--yes", **VALUES)
    before = seen.place.rows("SELECT * FROM aliconf_secret ORDER BY field")
    for when in ("INSERT", "UPDATE"):
        seen.place.sql(*refusing(seen.place, table, when))
    write(root, {"account.yaml": ACCOUNT.replace("Shop ES", "Shop Spain")})
    ended = seen.run("apply", "--yes", code=1, **NEXT)
    assert "error[ALI916]" in ended.err
    assert seen.place.rows("SELECT * FROM aliconf_secret ORDER BY field") == before
    if table == "aliconf_secret":
        seen.run("connector", "rekey", "--old", "${env:OLD_KEY}", code=1, **REKEYED)
        assert seen.place.rows("SELECT * FROM aliconf_secret ORDER BY field") == before
    assert seen.planted() == []


def refusing(place: Place, table: str, when: str) -> list[str]:
    """Triggers that an administrator added: they refuse every change of rows."""
    name = f"no_{when.lower()}_{table}"
    head = f"CREATE TRIGGER {name} BEFORE {when} ON {table}"
    if place.database == "sqlite":
        return [f"{head} BEGIN SELECT raise(ABORT, 'no more'); END"]
    if place.database == "mariadb":
        signal = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more'"
        return [f"{head} FOR EACH ROW {signal}"]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no more: %', NEW; END $$",
        f"{head} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def test_a_file_that_holds_more_than_a_key_is_not_shown(seen: Seen) -> None:
    root = shop(seen.place)
    (root / "key").write_text(f"{KEY}\n{VALUES['APP_SECRET']}\n")
    text = with_key(seen.place).replace("${env:ALICONF_KEY}", "${file:key}")
    write(root, {"aliconf.yaml": text, "pricing.yaml": shops.PRICING})
    ended = aliconf("plan", cwd=root, environment=VALUES)
    assert "error[ALI943]: what ${file:key} names cannot be used as an encryption" in ended.err
    assert not [value for value in PLANTED if value in ended.out + ended.err]
