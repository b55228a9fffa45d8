"""``aliconf connector rekey``: all secrets under the new key, or all under the old one."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aliconf.connector.holder import this_holder
from aliconf.connector.lease import hold
from tests import shops
from tests.command import Ended, aliconf, clean_environment, write
from tests.connections import target
from tests.databases.places import Place
from tests.teams import project_at, shop_at, unwrapped
from tests.vaults import KEY, STORED, VALUES, applied, done, key, key_id, secrets, summary, with_key

NEW = key("two")
OLD = "${env:OLD_KEY}"
ROTATED = {**VALUES, "ALICONF_KEY": NEW, "OLD_KEY": KEY}
ELSEWHERE = replace(this_holder(), name="ops@ci-7", url="https://ci.example/7", process="")

KILLED = """
import os, signal, sys
from pathlib import Path
from aliconf.connector import rekey, vault

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def then_kill(work):
    def run(*arguments):
        work(*arguments)
        kill()
    return run

if sys.argv[1] == "before":
    rekey.delete_rows = kill
elif sys.argv[1] == "between":
    rekey.insert_rows = kill
else:
    rekey.insert_rows = then_kill(rekey.insert_rows)

from aliconf.cli.main import main
main(["connector", "rekey", "--old", "${env:OLD_KEY}"])
"""


def rekey(root: Path, environment: dict[str, str] = ROTATED, old: str = OLD) -> Ended:
    return aliconf("connector", "rekey", "--old", old, cwd=root, environment=environment)


def rows(place: Place) -> list[tuple[object, ...]]:
    return place.rows("SELECT * FROM aliconf_secret ORDER BY name, field")


def test_every_secret_is_under_the_new_key_and_nothing_is_left_to_apply(place: Place) -> None:
    root = applied(place)
    before = rows(place)
    ended = done(rekey(root))
    where = target(place).display
    assert unwrapped(ended.out) == f"Encrypted 2 secrets in {where} with the key {key_id(NEW)}.\n"
    assert secrets(place, NEW) == STORED
    assert [(*row[:4], row[6]) for row in rows(place)] == [(*row[:4], row[6]) for row in before]
    assert summary(root, ROTATED) == "Plan: no changes."
    assert place.rows("SELECT * FROM aliconf_lease") == []


def test_what_the_new_key_encrypted_already_is_left(place: Place) -> None:
    root = applied(place)
    done(rekey(root))
    before = rows(place)
    ended = done(rekey(root))
    assert unwrapped(ended.out).endswith(f"with the key {key_id(NEW)}; 2 were already.\n")
    assert rows(place) == before


def test_a_wrong_old_key_changes_nothing(place: Place) -> None:
    root = applied(place)
    before = rows(place)
    ended = rekey(root, {**ROTATED, "OLD_KEY": key("three")})
    assert ended.code == 1
    assert (
        f"error[ALI943]: the secrets in the connector store are encrypted with the key "
        f"{key_id(KEY)}, and --old names the key {key_id(key('three'))}\n"
    ) in ended.err
    assert rows(place) == before


def test_one_damaged_row_and_nothing_is_changed(place: Place) -> None:
    root = applied(place)
    place.sql("UPDATE aliconf_secret SET ciphertext = 'v1:AAAA' WHERE field LIKE '%Secret'")
    before = rows(place)
    ended = rekey(root)
    assert ended.code == 1
    assert (
        "error[ALI943]: the stored secret authorization.appSecret of Account/es cannot be "
        "decrypted: its row was changed or moved by hand\n"
    ) in ended.err
    assert rows(place) == before


@pytest.mark.parametrize("project", ["shop", "outlet"])
def test_it_is_refused_while_any_project_is_applied(place: Place, project: str) -> None:
    root = applied(place)
    before = rows(place)
    with hold(target(place), project, holder=ELSEWHERE):
        ended = rekey(root)
    assert ended.code == 1
    assert f"error[ALI935]: another apply of the project {project} is under way" in ended.err
    assert rows(place) == before


def test_an_apply_that_still_has_the_old_key_is_refused_afterwards(place: Place) -> None:
    root = applied(place)
    done(rekey(root))
    ended = aliconf("apply", "--yes", cwd=root, environment=VALUES)
    assert ended.code == 1
    assert "error[ALI943]" in ended.err
    assert secrets(place, NEW) == STORED


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_a_killed_rekey_leaves_all_secrets_under_the_old_key(place: Place, when: str) -> None:
    root = applied(place)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, when],
        cwd=root,
        env={**clean_environment(ROTATED), "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
    assert secrets(place) == STORED
    done(rekey(root))
    assert secrets(place, NEW) == STORED


def test_a_project_without_a_key_cannot_rekey(place: Place) -> None:
    root = applied(place)
    write(root, {"aliconf.yaml": project_at(place)})
    ended = rekey(root)
    assert ended.code == 1
    assert "aliconf.yaml:5:1: error[ALI943]: rekey needs an encryption key" in ended.err


def test_the_same_key_twice_is_no_change_of_the_key(place: Place) -> None:
    root = applied(place)
    ended = rekey(root, VALUES, "${env:ALICONF_KEY}")
    assert ended.code == 1
    assert "error[ALI943]: ${env:ALICONF_KEY} and ${env:ALICONF_KEY} name the same" in ended.err


def test_an_old_key_that_is_not_set_is_refused(place: Place) -> None:
    root = applied(place)
    ended = rekey(root, {**VALUES, "ALICONF_KEY": NEW})
    assert ended.code == 1
    assert "error[ALI933]: the secret reference ${env:OLD_KEY} cannot be resolved" in ended.err


def test_a_key_on_the_command_line_is_wrong_usage_and_not_repeated(place: Place) -> None:
    root = shop_at(place)
    ended = rekey(root, ROTATED, KEY)
    assert ended.code == 64
    assert "'--old': it is no secret reference." in ended.err
    assert KEY not in ended.out + ended.err


def test_a_store_that_is_not_there_is_refused(place: Place) -> None:
    root = shop_at(place, aliconf=with_key(place))
    ended = rekey(root)
    assert ended.code == 1
    assert "error[ALI928]" in ended.err


def test_a_store_without_secrets_has_nothing_to_change(place: Place) -> None:
    root = applied(place, account=shops.ACCOUNT)
    assert unwrapped(done(rekey(root)).out).startswith("Encrypted 0 secrets in ")
