"""Backups: a file that is whole or refused, and the store that comes back from it."""

from __future__ import annotations

import gzip
import io
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aliconf.connector.backup import Backup
from aliconf.connector.lease import hold
from aliconf.connector.prepare import make_store, migrate_store
from aliconf.connector.reader import open_reader
from aliconf.connector.transfer import Moved, back_up, restore
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError
from tests.command import Ended, aliconf, aliconf_process, clean_environment
from tests.connections import target
from tests.databases.fixtures import on
from tests.databases.places import Place
from tests.databases.programs import KINDS, Kind
from tests.stores import MARKUP, Content, filled, store_at
from tests.teams import hand, made, shop_at

OLD = Path(__file__).parent / "files" / "stores" / "0001.sql"
CHANGES = {
    re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z"): "TIME",
    re.compile(r"\bc-[0-9a-f]{8}\b"): "ID",
    re.compile(r"sha256:[0-9a-f]{64}"): "DIGEST",
    re.compile(r"\b\S+@\S+, since"): "WHO, since",
}


def comparable(text: str, place: Place) -> str:
    text = text.replace(target(place).display, "STORE")
    for changing, word in CHANGES.items():
        text = changing.sub(word, text)
    return text


def backup_of(store: Target) -> tuple[bytes, Moved]:
    stream = io.BytesIO()
    moved = back_up(store, stream)
    return stream.getvalue(), moved


def opened(data: bytes) -> Backup:
    return Backup(io.BytesIO(data), "FILE")


def why(data: bytes) -> str:
    """Why a file is refused, before anything is restored."""
    with pytest.raises(AliconfError) as error:
        opened(data).verify()
    (finding,) = error.value.findings
    assert finding.code == "ALI938"
    return finding.message


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return backup_of(store_at(filled(tmp_path_factory.mktemp("small"))))[0]


def test_a_backup_comes_back_on_every_database(
    place: Place, new_place: Callable[[Kind, Path], Place], tmp_path: Path
) -> None:
    store = made(place, prefix="one_")
    with hand(store) as writer:
        writer.create("PricingPolicy", "markup", Content(MARKUP, default=True))
    data, moved = backup_of(store)
    digests = [moved.digest]
    for kind in KINDS:
        after = target(new_place(kind, tmp_path / kind_directory(tmp_path, kind)), prefix="two_")
        assert restore(opened(data), after).rows == moved.rows
        digests.append(backup_of(after)[1].digest)
        with open_reader(store) as one, open_reader(after) as other:
            assert list(one.objects()) == list(other.objects())
            assert one.connector_id == other.connector_id
    assert len(set(digests)) == 1


def kind_directory(root: Path, kind: str) -> str:
    (root / f"to-{kind}").mkdir()
    return f"to-{kind}"


def test_a_backup_that_was_cut_off_anywhere_is_refused(small: bytes) -> None:
    reasons = {why(small[:length]) for length in range(len(small))}
    assert reasons == {
        "FILE ends in the middle: it was cut off when it was written or copied",
        "FILE is no backup of a connector store: it has no content",
        "FILE is no backup of a connector store: it is not compressed by gzip",
    }


def digest_or_codes(data: bytes) -> object:
    try:
        return opened(data).verify().digest
    except AliconfError as error:
        return [finding.code for finding in error.findings]


def test_a_backup_with_a_changed_byte_is_refused_or_the_same(small: bytes) -> None:
    whole = opened(small).verify().digest
    passed = set()
    for position in range(len(small)):
        for mask in (0x01, 0x80, 0xFF):
            data = bytearray(small)
            data[position] ^= mask
            found = digest_or_codes(bytes(data))
            assert found in (whole, ["ALI938"])
            if found == whole:
                passed.add(position)
    # What gzip says of its own time and system is no content, nor are the bits that fill a byte.
    assert len(passed) < 20


def test_a_backup_with_more_behind_it_is_refused(small: bytes) -> None:
    assert why(small + small) == "FILE is damaged: there is more after its end"
    assert why(small + b"more").startswith("FILE is damaged: its compression is broken (")


def rewritten(data: bytes, change: Callable[[list[bytes]], object]) -> bytes:
    """The same lines but for a change, compressed anew."""
    lines = gzip.decompress(data).splitlines(keepends=True)
    change(lines)
    return gzip.compress(b"".join(lines))


def changed(lines: list[bytes], number: int, **values: object) -> None:
    found = {**json.loads(lines[number]), **values}
    text = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    lines[number] = text.encode() + b"\n"


def row_of(lines: list[bytes], text: bytes) -> int:
    return next(number for number, line in enumerate(lines) if line.startswith(text))


def test_what_is_no_backup_is_said(small: bytes) -> None:
    no = "FILE is no backup of a connector store: "
    first_line = f"{no}its first line does not say aliconf/connector-backup"
    assert why(b"") == f"{no}it has no content"
    assert why(b"apiVersion: aliconf/v1\n") == f"{no}it is not compressed by gzip"
    assert why(gzip.compress(b"")) == first_line
    assert why(gzip.compress(b"hello\n")) == first_line
    assert why(gzip.compress(b'{"format":"aliconf/findings"}\n')) == first_line
    assert why(gzip.compress(b"[" * 100_000 + b"\n")) == first_line


def test_a_backup_of_a_newer_aliconf_is_said(small: bytes) -> None:
    def version(lines: list[bytes]) -> None:
        changed(lines, 0, version=2)

    def schema(lines: list[bytes]) -> None:
        changed(lines, 0, schema="0815")

    newer = "FILE is a backup of a newer aliconf: it has "
    assert why(rewritten(small, version)) == f"{newer}format version 2; this one knows up to 1"
    assert why(rewritten(small, schema)).startswith(f"{newer}schema version 0815; this one knows")


def header(**values: object) -> Callable[[list[bytes]], None]:
    return lambda lines: changed(lines, 0, **values)


def in_row(old: bytes, new: bytes) -> Callable[[list[bytes]], None]:
    """Another text in the row of an account."""

    def change(lines: list[bytes]) -> None:
        number = row_of(lines, b'["es",')
        lines[number] = lines[number].replace(old, new)

    return change


def without_row(lines: list[bytes]) -> None:
    del lines[row_of(lines, b'["es",')]


def short_row(lines: list[bytes]) -> None:
    lines[row_of(lines, b'["es",')] = b'["es"]\n'


def without_table(lines: list[bytes]) -> None:
    del lines[-2]


def other_order(lines: list[bytes]) -> None:
    lines[1:1] = [lines[-2]]


def without_end(lines: list[bytes]) -> None:
    lines[-1] = lines[-1].rstrip()


DIGEST = "its digest is sha256:… and not sha256:…, as it says"
DAMAGES = [
    (header(connector="shop"), "its header is not one"),
    (header(connector="c-00000000"), DIGEST),
    (in_row(b"Spain", b"Italy"), DIGEST),
    (without_row, "it has not the rows that it says at its end"),
    (short_row, "line 7 is no row of a table"),
    (without_table, "its table aliconf_secret is missing"),
    (other_order, "line 2 begins another table than it should"),
    (in_row(b",", b", "), "line 7 is not one of aliconf's"),
    (in_row(b"Spain", b"\\ud83d"), "line 7 is not one of aliconf's"),
    (in_row(b'"Spain"', b'{"base64":"?"}'), "line 7 has a value that is none"),
    (without_end, "a line has no end"),
]


@pytest.mark.parametrize(("change", "reason"), DAMAGES)
def test_what_does_not_belong_together_is_damaged(
    change: Callable[[list[bytes]], None], reason: str, small: bytes
) -> None:
    said = re.sub("[0-9a-f]{64}", "…", why(rewritten(small, change)))
    assert said == f"FILE is damaged: {reason}"


def test_a_damaged_backup_changes_nothing(place: Place, small: bytes) -> None:
    store = made(place)
    with open_reader(store) as reader:
        before = reader.connector_id
    with pytest.raises(AliconfError):
        restore(opened(small[:-40]), store)
    with open_reader(store) as reader:
        assert reader.connector_id == before


def old_store(root: Path) -> Target:
    store = store_at(root)
    assert store.path is not None
    store.path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(store.path)) as connection:
        connection.executescript(OLD.read_text("utf-8"))
    return store


@pytest.mark.parametrize("empty", [False, True])
def test_a_backup_of_an_older_schema_is_restored_and_migrated(
    empty: bool, place: Place, tmp_path: Path
) -> None:
    old = old_store(tmp_path / "old")
    data, moved = backup_of(old)
    assert moved.revision == "0001"
    store = made(place) if empty else target(place)
    assert restore(opened(data), store).digest == moved.digest
    assert migrate_store(store) == ("0002", "0002")
    migrate_store(old)
    assert backup_of(store)[1].digest == backup_of(old)[1].digest


def test_a_backup_is_one_state_while_somebody_applies(place: Place) -> None:
    store = made(place)
    with hold(store, "shop"):
        _, moved = backup_of(store)
    assert [lease.project for lease in moved.under_way] == ["shop"]


TABLES = """\
  TABLE              ROWS
  aliconf_connector  1
  registration       1
  account            0
  policy             1
  listing_template   0
  campaign           0
  policy_default     1
  journal            2
  aliconf_run        1
  aliconf_secret     0
  total              7
"""


@pytest.fixture
def shop(place: Place) -> Path:
    """A project that was applied."""
    root = shop_at(place, account=None, template=None)
    if place.database != "sqlite":
        make_store(target(place))
    ended = aliconf("apply", "--yes", cwd=root)
    assert ended.code == 0, ended.err
    return root


def test_backup_and_restore_say_what_they_did(shop: Path, place: Place) -> None:
    ended = aliconf("connector", "backup", "shop.backup", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    assert comparable(ended.out, place) == (
        "Wrote a backup of STORE\n  to shop.backup.\n\n"
        + TABLES
        + "\nConnector ID, schema version 0002. Digest of the content:\n  DIGEST\n"
    )
    assert (shop / "shop.backup").stat().st_mode & 0o777 == 0o600
    refused = aliconf("connector", "restore", "shop.backup", cwd=shop)
    assert (refused.code, refused.out) == (1, "")
    assert re.sub(r" *\n(?:  .*\n| \d? *\|.*\n)*", "\n", comparable(refused.err, place)) == (
        "aliconf.yaml:6:14: error[ALI939]: STORE has a connector store that is not empty: 6 rows "
        "(registration 1, policy 1, policy_default 1, …)\n"
    )


@on("sqlite")
def test_a_restored_project_has_nothing_to_plan(shop: Path, place: Place) -> None:
    aliconf("connector", "backup", "shop.backup", cwd=shop)
    place.file.unlink()
    ended = aliconf("connector", "restore", "shop.backup", cwd=shop)
    assert comparable(ended.out, place) == (
        "Restored STORE\n  from the backup of TIME, by aliconf 0.1.0, in shop.backup.\n\n"
        + TABLES
        + "\nConnector ID, schema version 0002. Digest of the file and the store:\n  DIGEST\n"
    )
    assert aliconf("plan", "--detailed-exitcode", cwd=shop).code == 0


@on("sqlite")
def test_a_backup_goes_through_pipes(shop: Path, place: Place) -> None:
    command = [sys.executable, "-m", "aliconf", "connector"]
    environment = clean_environment()
    done = subprocess.run(
        [*command, "backup", "-"], cwd=shop, capture_output=True, check=True, env=environment
    )
    assert done.stderr.decode().startswith(
        "Wrote a backup of .aliconf/connector.db\n  to standard output.\n"
    )
    assert opened(done.stdout).verify().rows["policy"] == 1
    place.file.unlink()
    ended = subprocess.run(
        [*command, "restore", "-"],
        cwd=shop,
        input=done.stdout,
        capture_output=True,
        check=True,
        env=environment,
    )
    assert b"in standard input.\n" in ended.stdout


@on("sqlite")
def test_a_backup_that_finds_no_room_leaves_the_old_one(shop: Path, place: Place) -> None:
    (shop / "shop.backup").write_bytes(b"\x1f\x8bold")
    before = sorted(shop.iterdir())
    command = f"ulimit -f 1; exec {sys.executable} -m aliconf connector backup shop.backup"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=shop,
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "error[ALI901]: shop.backup: File too large\n"
        "  → Make room or correct the permissions there, or use another place.\n",
    )
    assert (shop / "shop.backup").read_bytes() == b"\x1f\x8bold"
    assert sorted(shop.iterdir()) == before


@on("sqlite")
def test_a_backup_replaces_what_a_link_names(shop: Path, place: Place) -> None:
    (shop / "link").symlink_to("real")
    aliconf("connector", "backup", "link", cwd=shop)
    assert (shop / "link").is_symlink()
    first = (shop / "real").read_bytes()
    aliconf("connector", "backup", "link", cwd=shop)
    assert opened((shop / "real").read_bytes()).verify().digest == opened(first).verify().digest


@on("sqlite")
def test_files_that_cannot_be_used_are_named(shop: Path, place: Place) -> None:
    place_it = "  → Make room or correct the permissions there, or use another place.\n"
    name_it = "  → Name a file that aliconf connector backup has written.\n"

    def run(*arguments: str) -> Ended:
        return aliconf_process("connector", *arguments, cwd=shop)

    assert run("backup", "none/x").err == (
        f"error[ALI901]: none/x: No such file or directory\n{place_it}"
    )
    assert run("backup", ".").err == f"error[ALI901]: .: Is a directory\n{place_it}"
    (shop / "precious.txt").write_text("precious")
    assert run("backup", "precious.txt").err == (
        "error[ALI901]: precious.txt: this file is no backup, which a new one could take the "
        "place of\n  → Name another file, or remove this one.\n"
    )
    assert (shop / "precious.txt").read_text() == "precious"
    assert run("backup", ".aliconf/connector.db").err == (
        "error[ALI901]: .aliconf/connector.db: this is the connector store itself\n"
        "  → Name another file for its backup.\n"
    )
    assert run("restore", "none").err == (
        f"error[ALI938]: none cannot be read: No such file or directory\n{name_it}"
    )
    assert run("restore", ".").err == (
        f"error[ALI938]: . cannot be read: Is a directory\n{name_it}"
    )


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
