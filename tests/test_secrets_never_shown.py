"""No value of a secret is in any output, in the store or in a crash report, whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aliconf.connector.lease import hold
from aliconf.connector.names import Names
from aliconf.connector.schema import tables
from tests import shops, teams
from tests.command import Ended, aliconf, aliconf_process, write
from tests.connections import target
from tests.databases.fixtures import on, on_servers
from tests.databases.places import Place, password_variable
from tests.databases.programs import KINDS
from tests.planted import ROUNDS, Shop, Source, fields, forms, found, written_into
from tests.teams import shop_at
from tests.vaults import ACCOUNT, KEY, VALUES, key, shop, with_key

NEXT = {**VALUES, "APP_KEY": "geheim-key-8812", "APP_SECRET": "geheim-secret-1177"}
REKEYED = {**NEXT, "ALICONF_KEY": key("two"), "OLD_KEY": KEY}
PLANTED = [KEY, key("two"), *(value for value in VALUES.values()), *NEXT.values()]
HERE = ("-e", "here")
COMMIT = ("-c", "user.name=Ann", "-c", "user.email=ann@shop.example", "commit", "-q")

BROKEN = '''
"""A broken library: it ends what calls it, in a way that depends on ``BROKEN``."""
import os, signal

class AESGCM:
    def __init__(self, key):
        self._key = key

    def encrypt(self, nonce, value, bound):
        if os.environ["BROKEN"] == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise RuntimeError(f"cannot encrypt {value!r} with {self._key!r}")

    def decrypt(self, nonce, value, bound):
        try:
            raise KeyError(self._key)
        except KeyError as error:
            raise RuntimeError(f"cannot decrypt with {self._key!r}") from error
'''

INVALID_TAG = "class InvalidTag(Exception): pass\n"


class Seen:
    """Everything that commands print, and all that they leave behind."""

    def __init__(self, place: Place, crashes: Path, marks: list[str]) -> None:
        self.place = place
        self.crashes = crashes
        self.marks = marks
        self.contents: list[bytes] = []

    def run(
        self,
        *arguments: str,
        code: int = 0,
        environment: Mapping[str, str] | None = None,
        process: bool = False,
    ) -> Ended:
        command = aliconf_process if process else aliconf
        ended = command(*arguments, cwd=self.place.root, environment=environment)
        assert ended.code == code, (arguments, ended.out, ended.err)
        self.contents += [ended.out.encode(), ended.err.encode()]
        return ended

    def look(self) -> None:
        """At what is there now: every file, every row."""
        names = [table.name for table in tables(Names()).metadata.sorted_tables]
        assert "aliconf_secret" in names
        if self.place.database != "sqlite":  # whose file is among the others
            for name in names:
                rows = self.place.rows(f"SELECT * FROM {name}")
                self.contents += [repr(row).encode() for row in rows]
                self.contents += [str(value).encode() for row in rows for value in row]
        for directory in (self.place.root, self.crashes):
            files = [file for file in directory.rglob("*") if file.is_file()]
            self.contents += [file.read_bytes() for file in files]

    def planted(self) -> set[str]:
        self.look()
        return found(self.marks, self.contents)


@pytest.fixture
def crashes(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path_factory.mktemp("crashes")
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    return directory


@pytest.fixture
def seen(place: Place, crashes: Path) -> Seen:
    return Seen(place, crashes, PLANTED)


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets")


def test_every_field_of_a_secret_type_is_planted() -> None:
    assert {*fields(None)} == {field for which in range(ROUNDS) for field in fields(which)}
    assert len(fields(None)) == len({*fields(None)}) >= 16


def every_shop() -> list[Any]:
    """Each field from a variable and from a file; on the servers from one of them."""
    every = [(source, which) for source in ("env", "file") for which in range(ROUNDS)]
    of_servers = [("env", 0), ("file", 1)]
    return [
        pytest.param(kind, *one, marks=getattr(pytest.mark, kind), id=f"{kind}-{one[0]}-{one[1]}")
        for kind in KINDS
        for one in (every if kind == "sqlite" else of_servers)
    ]


@pytest.mark.parametrize(("place", "source", "which"), every_shop(), indirect=["place"])
def test_no_command_shows_or_leaves_a_value_of_any_field(
    place: Place, source: Source, which: int, crashes: Path, outside: Path
) -> None:
    planted = Shop(place.root, outside, teams.shared_url(place), source, which)
    passwords = [] if place.address is None else [place.address.password]
    seen = Seen(place, crashes, [*planted.marks(), *passwords])
    root = place.root
    summary = root / "summary.md"
    summary.touch()

    def run(*arguments: str, code: int = 0) -> Ended:
        environment = {**values, "GITHUB_STEP_SUMMARY": str(summary)}
        return seen.run(*arguments, code=code, environment=environment)

    values = planted.environment("old")
    if place.database != "sqlite":
        run("connector", "init", *HERE)
    every_reader(run, "json")
    run("apply", "--yes", *HERE)

    values = planted.environment("new", keys="old")
    before_the_rotation = run("plan", *HERE)
    assert before_the_rotation.out.endswith("Plan: 1 to update.\n")
    assert "authorization" in before_the_rotation.out
    every_reader(run, "text")
    run("plan", *HERE, "--full", "-v", "--out", "plan.json", "--also", "html=plan.html")
    run("plan", *HERE, "--format", "json", "--also", "markdown=plan.md", "--also", "text=plan.txt")
    run("apply", *HERE, "-v", "plan.json")

    place.sql("UPDATE account SET title = 'By hand'")
    run("drift", *HERE, code=2)
    run("drift", *HERE, "-v", "--format", "json", code=2)
    run("import", *HERE, "--drift", "--yes")
    run("import", *HERE, "--all", "--into", "all", "--yes")
    run("history", *HERE)
    for shape in ("text", "json"):
        run("history", *HERE, "show", "2", "--format", shape)

    run("connector", "check", *HERE, "-v")
    run("connector", "check", *HERE, "--format", "json")
    run("connector", "backup", *HERE, "store.backup")
    away = f"postgresql://shops:{planted.reference('PLANTED_0')}@127.0.0.1:1/shops"
    run("connector", "copy", "-v", teams.shared_url(place), away, code=1)
    run("connector", "copy", teams.shared_url(place), "sqlite:///copy.db")
    run("plan", "-v", "-e", "live", code=1)
    run("plan", "-e", "live", "--format", "json", code=1)
    run("connector", "check", "-e", "live", code=1)
    seen.look()

    values = planted.environment("new")
    run("plan", *HERE, code=1)
    with hold(target(place), "shop"):
        run("lease", "list", *HERE)
        run("lease", "list", *HERE, "--format", "json")
        run("apply", "--yes", *HERE, code=1)
        seen.look()
    (secret,) = [one for one in planted.secrets if one.steps == ("encryptionKey",)]
    values = planted.environment("new", OLD_KEY=secret.value("old"))
    run("connector", "rekey", *HERE, "--old", secret.value("old"), code=64)
    wrong = next(one for one in planted.secrets if not one.is_key)
    run("connector", "rekey", *HERE, "--old", planted.reference(wrong), code=1)
    run("connector", "rekey", "-v", *HERE, "--old", planted.reference("OLD_KEY"))
    run("apply", "--yes", *HERE)
    run("status", *HERE)

    assert summary.read_text()
    assert [*(root / "all").iterdir()]
    assert seen.planted() == set()


def every_reader(run: Any, shape: str) -> None:
    """What reads a project and changes nothing."""
    for form in ("text", "json", "markdown", "github", "gitlab", "junit", "sarif"):
        run("validate", "--format", form)
    run("validate", "-v")
    run("fmt", "--diff")
    run("render", *HERE, "--origins")
    run("render", "-e", "live", "--origins", "-v")
    run("doctor", "--format", shape)
    run("status", *HERE, "--format", shape)
    run("status", *HERE, "--summary")
    run("plan", *HERE, "--format", shape, "--full", "--unmanaged")
    run("drift", *HERE, "--format", shape)
    run("lease", "list", *HERE, "--format", shape)
    run("history", *HERE, "--format", shape)


STORED = [(kind, steps) for kind, steps in fields(None) if kind != "Project"]
WRITTEN = {
    spot: written
    for field, (kind, steps) in enumerate(STORED)
    for number, (spot, written) in enumerate(written_into(kind, steps, "geheim77old").items())
    if number == 0 or number % len(STORED) == field
}
"""The value of each field, and each odd spot in one of the fields, which are hidden alike."""


@on("sqlite")
@pytest.mark.parametrize("number", range(len(WRITTEN)), ids=WRITTEN)
def test_no_command_shows_or_writes_what_somebody_wrote_into_the_store(
    place: Place, crashes: Path, number: int
) -> None:
    """The store and its backups have it; nothing that is shown or written for people has.

    Every other time of a field the document names secrets.
    """
    (kind, value), named = [*WRITTEN.values()][number], number % 2 == 0
    assert kind == "Account", "the shop has secrets in no other kind"
    root = place.root
    authorization = "      authorization: {appKey: '${env:A}', appSecret: '${env:B}'}\n"
    shop_at(place, account=shops.ACCOUNT + (authorization if named else ""))
    write(root, {".gitignore": ".aliconf/\nout/\n", "out/summary.md": ""})
    for line in (["init", "-q", "-b", "main"], ["add", "."], [*COMMIT, "-m", "One"]):
        subprocess.run(["git", *line], cwd=root, check=True)
    seen = Seen(place, crashes, ["geheim77old"])

    def run(*arguments: str) -> Ended:
        environment = {"GITHUB_STEP_SUMMARY": str(root / "out/summary.md")}
        ended = aliconf(*arguments, cwd=root, environment=environment)
        assert ended.code in {0, 1, 2}, (arguments, ended.err)
        seen.contents += [ended.out.encode(), ended.err.encode()]
        return ended

    def leak() -> None:
        ((text,),) = place.rows("SELECT body FROM account")
        body = value if isinstance(value, str) else json.dumps(merged(json.loads(text), value))
        place.sql(f"UPDATE account SET body = '{body}', title = 'By hand'")

    assert run("apply", "--yes").code == 0
    leak()
    also = [f"{shape}=out/plan.{shape}" for shape in ("json", "markdown", "html")]
    files = ["--out", "out/plan", *(part for one in also for part in ("--also", one))]
    run("plan", "--full", "--unmanaged", "-v", "--since", "main", *files)
    for shape in ("text", "json"):
        run("drift", "-v", "--format", shape)
        run("status", "-v", "--format", shape)
        run("connector", "check", "-v", "--format", shape)
    run("status", "--summary")
    run("status", "--all")
    run("import", "--drift", "--dry-run")
    run("import", "--drift", "--yes")
    (root / "account.yaml").rename(root / "out/account.yaml")
    (root / "template.yaml").rename(root / "out/template.yaml")
    run("import", "--all", "--dry-run", "-v")
    run("import", "--all", "--into", "all", "--yes")
    shutil.rmtree(root / "all", ignore_errors=True)
    run("plan", "--full", "--format", "json")
    (root / "out/account.yaml").rename(root / "account.yaml")
    (root / "out/template.yaml").rename(root / "template.yaml")
    subprocess.run(["git", "checkout", "-q", "."], cwd=root, check=True)

    saved = run("plan", "--out", "out/plan")
    assert "~ Account/es" in saved.out
    applied = run("apply", "-v", "out/plan")
    assert applied.code == 0, applied.err
    leak()
    applied = run("apply", "--yes")
    assert "~ Account/es" in applied.out
    assert applied.code == 0, applied.err
    leak()
    run("apply", "out/plan")
    for apply in ("1", "2", "3"):
        run("history", "show", apply, "-v")
        shown = run("history", "show", apply, "--format", "json")
    assert [change["name"] for change in json.loads(shown.out)["changes"]] == ["es"]
    store = place.file.parent
    files = [file for file in root.rglob("*") if file.is_file() and file.parent != store]
    assert root / "out/plan.html" in files
    assert (root / "out/summary.md").read_text()
    seen.contents += [file.read_bytes() for file in files]
    assert [*crashes.iterdir()] == []
    assert found(seen.marks, seen.contents) == set()


def merged(body: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """A body with more in it, one level deep."""
    inner = {
        key: {**body.get(key, {}), **value} if isinstance(value, dict) else value
        for key, value in more.items()
    }
    return {**body, **inner}


@on_servers
def test_a_server_that_refuses_the_password_does_not_make_it_known(
    place: Place, crashes: Path
) -> None:
    assert place.address is not None
    wrong = place.url.replace(password_variable(place.address.kind), "WRONG")
    assert wrong != place.url
    project = shops.PROJECT.replace("spec:", f"spec:\n      connector: {wrong}", 1)
    shops.shop(place.root, aliconf=project, account=None, template=None)
    seen = Seen(place, crashes, ["geheim00old"])
    environment = {"WRONG": 'geheim00old"ö/%&+<\\ geheim00old'}
    for line in (
        ("plan", "-v"),
        ("apply", "--yes", "-v"),
        ("status", "--format", "json"),
        ("drift",),
        ("connector", "check", "-v"),
        ("connector", "init"),
        ("connector", "copy", wrong, "sqlite:///copy.db"),
        ("connector", "copy", "sqlite:///copy.db", wrong),
    ):
        ended = seen.run(*line, code=1, environment=environment)
        assert "ALI9" in ended.err + ended.out
    assert found(seen.marks, seen.contents) == set()


@pytest.mark.parametrize("verbose", [[], ["-v"]], ids=["usual", "verbose"])
@pytest.mark.parametrize("when", ["encrypting", "decrypting", "killed"])
def test_no_crash_shows_a_value(seen: Seen, when: str, verbose: list[str], outside: Path) -> None:
    """A library is broken, and says what it was given; or the machine stops in the middle."""
    root = shop(seen.place)
    seen.run("apply", "--yes", environment=VALUES)
    before = seen.place.rows("SELECT * FROM aliconf_secret ORDER BY field")
    write(root, {"account.yaml": ACCOUNT.replace("Shop ES", "Shop Spain")})
    library = {"hazmat/primitives/ciphers/aead.py": BROKEN, "exceptions.py": INVALID_TAG}
    for package in ("", "hazmat/", "hazmat/primitives/", "hazmat/primitives/ciphers/"):
        library[f"{package}__init__.py"] = ""
    write(outside / "cryptography", library)
    if when != "decrypting":  # as if there were nothing to compare with
        seen.place.sql("DELETE FROM aliconf_secret")
        before = []
    broken = {
        **NEXT,
        "BROKEN": when,
        "TMPDIR": str(seen.crashes),
        "PYTHONPATH": f"{outside}{os.pathsep}{Path.cwd()}",
    }
    killed = when == "killed"
    code = -signal.SIGKILL if killed else 70
    ended = seen.run(*verbose, "apply", "--yes", code=code, environment=broken, process=True)
    assert ("error[ALI900]" in ended.err) is not killed
    assert ("Traceback" in ended.err) is (not killed and bool(verbose))
    assert len([*seen.crashes.iterdir()]) == (not killed)
    seen.look()
    assert seen.place.rows("SELECT * FROM aliconf_secret ORDER BY field") == before
    assert seen.planted() == set()


@pytest.mark.parametrize("form", sorted(forms("geheim-key-5391")))
def test_what_is_planted_would_be_found_in_any_form(form: bytes, seen: Seen) -> None:
    (seen.crashes / "report.txt").write_bytes(b"value: " + form + b".")
    assert found(["geheim-key-5391", "geheim-key-8812"], [b"value: " + form + b"."]) == {
        "geheim-key-5391"
    }


def test_what_is_planted_would_be_found_in_the_store_and_in_files(seen: Seen) -> None:
    shop(seen.place)
    seen.run("apply", "--yes", environment=VALUES)
    assert seen.planted() == set()
    seen.place.sql(f"UPDATE account SET title = '{VALUES['APP_KEY']}'")
    (seen.crashes / "report.txt").write_text(f"value: {VALUES['APP_SECRET']}")
    assert seen.planted() == {VALUES["APP_KEY"], VALUES["APP_SECRET"]}


@pytest.mark.parametrize("table", ["aliconf_secret", "journal", "account"])
def test_no_failure_of_the_database_shows_a_value(seen: Seen, table: str) -> None:
    root = shop(seen.place)
    seen.run("apply", "--yes", environment=VALUES)
    before = seen.place.rows("SELECT * FROM aliconf_secret ORDER BY field")
    for when in ("INSERT", "UPDATE"):
        seen.place.sql(*refusing(seen.place, table, when))
    write(root, {"account.yaml": ACCOUNT.replace("Shop ES", "Shop Spain")})
    ended = seen.run("apply", "--yes", code=1, environment=NEXT)
    assert "error[ALI916]" in ended.err
    assert seen.place.rows("SELECT * FROM aliconf_secret ORDER BY field") == before
    if table == "aliconf_secret":
        rekey = ("connector", "rekey", "--old", "${env:OLD_KEY}")
        seen.run(*rekey, code=1, environment=REKEYED)
        assert seen.place.rows("SELECT * FROM aliconf_secret ORDER BY field") == before
    assert seen.planted() == set()


def refusing(place: Place, table: str, when: str) -> list[str]:
    """Triggers that an administrator added: they refuse every change of rows."""
    name = f"no_{when.lower()}_{table}"
    head = f"CREATE TRIGGER {name} BEFORE {when} ON {table}"
    if place.database == "sqlite":
        return [f"{head} BEGIN SELECT raise(ABORT, 'no more'); END"]
    if place.database == "mariadb":
        signals = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more'"
        return [f"{head} FOR EACH ROW {signals}"]
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
    ended = seen.run("plan", code=1, environment=VALUES)
    assert "error[ALI943]: what ${file:key} names cannot be used as an encryption" in ended.err
    assert found(PLANTED, seen.contents) == set()


def test_a_reference_in_a_field_of_another_type_stays_the_text_that_it_is(seen: Seen) -> None:
    pricing = shops.PRICING.replace("title: Markup", "title: ${env:APP_SECRET}").replace(
        "name: markup", "name: markup\n      labels: {team: '${file:secret}'}"
    )
    root = shop(seen.place, pricing=pricing)
    (root / "secret").write_text(VALUES["APP_KEY"])
    assert seen.run("validate", environment=VALUES).out == "no findings in 5 documents\n"
    assert '"${env:APP_SECRET}"' in seen.run("plan", environment=VALUES).out
    seen.run("apply", "--yes", "-v", environment=VALUES)
    rows = seen.place.rows("SELECT title, labels FROM policy WHERE name = 'markup'")
    assert [(title, str(labels)) for title, labels in rows] == [
        ("${env:APP_SECRET}", '{"team":"${file:secret}"}')
    ]
    (root / "secret").unlink()
    assert seen.planted() == set()


NOT_THERE = {
    "${env:NOT_SET}": "the environment variable NOT_SET is not set",
    "${file:not/there}": "not/there: No such file or directory",
}


@pytest.mark.parametrize("reference", NOT_THERE)
@pytest.mark.parametrize(
    ("file", "field", "place"),
    [
        ("account", "appKey: ${env:APP_KEY}", "account.yaml:11:13"),
        ("account", "appSecret: ${env:APP_SECRET}", "account.yaml:12:16"),
        ("aliconf", "encryptionKey: ${env:ALICONF_KEY}", "aliconf.yaml:7:18"),
        ("aliconf", "connector: sqlite:///.aliconf/connector.db", "aliconf.yaml:6:14"),
    ],
    ids=["appKey", "appSecret", "encryptionKey", "connector"],
)
def test_a_reference_that_names_nothing_is_refused_at_its_place(
    tmp_path: Path, file: str, field: str, place: str, reference: str
) -> None:
    root = shop(Place("sqlite", tmp_path))
    path, name = root / f"{file}.yaml", field.partition(":")[0]
    url = f"postgresql://shop:{reference}@127.0.0.1:1/shop"
    value = f'"{url}"' if name == "connector" else f'"{reference}"'
    text = path.read_text()
    assert field in text
    path.write_text(text.replace(field, f"{name}: {value}"))
    for command in ("validate", "fmt"):  # which resolve none
        assert aliconf(command, cwd=root).code == 0
    ended = aliconf("apply", "--yes", cwd=root, environment=VALUES)
    assert ended.err.splitlines()[0] == (
        f"{place}: error[ALI933]: the secret reference {reference} cannot be resolved: "
        f"{NOT_THERE[reference]}"
    )
    assert ended.code == 1
    assert not (root / ".aliconf" / "connector.db").exists()
