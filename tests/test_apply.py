"""Apply: asks, does, reports, and carries on after whatever stopped it."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest

from aliconf.apply.run import apply_plan
from aliconf.connector import schema
from tests import shops
from tests.command import Ended, aliconf, aliconf_process, clean_environment, write
from tests.databases.places import Place, RefusedError
from tests.databases.programs import KINDS, Kind
from tests.shops import shop, store
from tests.stores import (
    inserts_again,
    journal,
    no_inserts,
    reading,
    store_at,
    stored,
    writer,
)
from tests.teams import made, planned, project_at, shop_at


@pytest.fixture
def made_shop(place: Place) -> Place:
    """The small shop at a store with no object in it; an embedded one is not made yet."""
    if place.database != "sqlite":
        made(place)
    shop_at(place)
    return place


def results(place: Place) -> list[tuple[str, str, str]]:
    """The journal, without messages."""
    return [(action, name, result) for action, name, result, _ in journal(place)]


def nothing_left(place: Place) -> bool:
    return aliconf("plan", "--detailed-exitcode", cwd=place.root).code == 0


def test_apply_reports_each_change_and_journals_it(made_shop: Place) -> None:
    ended = aliconf("apply", "--yes", cwd=made_shop.root)
    assert ended.code == 0
    assert ended.err == ""
    assert ended.out.split("Plan: 4 to create, 5 generated.\n")[1] == dedent("""\
        done      + Registration/main
        done      + PricingPolicy/markup
        done      + Account/es
        done      + ImagePolicy/default
        done      + InventoryPolicy/default
        done      + PricingPolicy/default
        done      + OrderPolicy/default
        done      + SynchronizationPolicy/default
        done      + ListingTemplate/everything
        Apply: 9 done, 0 failed, 0 not tried.
        """)
    assert results(made_shop) == [
        ("create", "Registration/main", "done"),
        ("create", "PricingPolicy/markup", "done"),
        ("create", "Account/es", "done"),
        ("generate", "ImagePolicy/default", "done"),
        ("generate", "InventoryPolicy/default", "done"),
        ("generate", "PricingPolicy/default", "done"),
        ("generate", "OrderPolicy/default", "done"),
        ("generate", "SynchronizationPolicy/default", "done"),
        ("create", "ListingTemplate/everything", "done"),
    ]


def test_an_empty_plan_asks_nothing_and_changes_nothing(made_shop: Place) -> None:
    aliconf("apply", "--yes", cwd=made_shop.root)

    def content() -> list[object]:
        with reading(made_shop) as reader:
            return [*reader.objects(), reader.defaults(), journal(made_shop)]

    before = content()
    ended = aliconf("apply", cwd=made_shop.root)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "Plan: no changes.")
    assert content() == before
    if made_shop.database == "sqlite":
        file = made_shop.file.read_bytes()
        aliconf("apply", cwd=made_shop.root)
        assert made_shop.file.read_bytes() == file


def test_the_next_step_keeps_the_options_that_were_used(tmp_path: Path) -> None:
    root = tmp_path / "a shop"
    root.mkdir()
    shop(root)
    ended = aliconf_process("-C", "a shop", "apply", "--wait", "300s", "--full", cwd=tmp_path)
    assert ended.code == 1
    assert " ".join(ended.err.split()).endswith(
        "run `aliconf --directory 'a shop' apply --yes --full --wait 5m`."
    )


def test_without_a_terminal_apply_needs_yes(tmp_path: Path) -> None:
    ended = aliconf_process("apply", cwd=shop(tmp_path))
    assert ended.code == 1
    assert ended.err == dedent("""\
        error[ALI922]: apply asks before it changes anything, and there is nobody to ask
          → Look at the plan, then run `aliconf apply --yes`.
        """)
    assert not store(tmp_path).exists()


def answered(
    root: Path, answer: bytes, environment: dict[str, str] | None = None, command: str = "apply"
) -> tuple[int, str]:
    """Run a command on a pseudo-terminal and type an answer at its question, if it asks one."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "aliconf", *command.split()],
        cwd=root,
        env=clean_environment({"TERM": "xterm", "COLUMNS": "80", **(environment or {})}),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    seen = b""
    typed = False
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if not select.select([leader], [], [], 1)[0]:
            continue
        try:
            read = os.read(leader, 65536)
        except OSError:
            break  # Linux's way to say that the other side is closed
        if not read:
            break
        seen += read
        if not typed and b"[y/N]" in seen:
            os.write(leader, answer)
            typed = True
    os.close(leader)
    return process.wait(), seen.decode()


@pytest.mark.parametrize(("answer", "code", "changed"), [(b"y\n", 0, True), (b"\n", 1, False)])
def test_on_a_terminal_apply_asks(tmp_path: Path, answer: bytes, code: int, changed: bool) -> None:
    ended, seen = answered(shop(tmp_path), answer)
    assert ended == code
    assert "Apply these changes? [y/N]: " in seen
    assert store(tmp_path).exists() is changed
    assert ("Nothing was changed." in seen) is not changed


@pytest.mark.parametrize(("answer", "adopted"), [(b"y\n", True), (b"\n", False)])
def test_before_it_adopts_what_is_as_it_should_be_apply_asks_as_well(
    tmp_path: Path, answer: bytes, adopted: bool
) -> None:
    assert aliconf("apply", "--yes", cwd=shop(tmp_path)).code == 0
    with closing(sqlite3.connect(store(tmp_path))) as connection:
        connection.execute("UPDATE policy SET managed_by = NULL WHERE name = 'markup'")
        connection.commit()
        ended, seen = answered(tmp_path, answer)
        assert "Adopt these objects? [y/N]: " in seen
        query = "SELECT managed_by FROM policy WHERE name = 'markup'"
        owner = connection.execute(query).fetchone()[0]
    assert (ended, owner) == ((0, "shop") if adopted else (1, None))
    assert ("Apply: 1 done, 0 failed" in seen) is adopted
    assert ("Nothing was changed." in seen) is not adopted


def test_the_first_account_needs_a_declared_system_check(tmp_path: Path) -> None:
    write(
        shop(tmp_path),
        {"aliconf.yaml": "apiVersion: aliconf/v1\nkind: Project\nmetadata: {name: shop}\n"},
    )
    planned = aliconf("plan", cwd=tmp_path)
    assert planned.code == 0
    assert "warning[ALI701]" in planned.out
    ended = aliconf("apply", "--yes", cwd=tmp_path)
    assert ended.code == 1
    assert "the first account cannot be onboarded" in ended.err
    assert not store(tmp_path).exists()


@pytest.mark.parametrize("body", ["{oops", "[1]", "null"])
def test_an_account_whose_body_was_broken_by_hand_is_written_anew_in_its_region(
    made_shop: Place, body: str
) -> None:
    root = made_shop.root
    assert aliconf("apply", "--yes", cwd=root).code == 0
    made_shop.sql(f"UPDATE account SET body = '{body}'")
    planned = json.loads(aliconf("plan", "--format", "json", cwd=root).out)
    (change,) = planned["changes"]
    assert (change["action"], change["kind"]) == ("update", "Account")
    assert "region" not in {field["path"] for field in change["fields"]}
    assert "ALI509" not in {finding["code"] for finding in planned["findings"]}
    assert aliconf("apply", "--yes", cwd=root).code == 0
    assert json.loads(aliconf("plan", "--format", "json", cwd=root).out)["changes"] == []
    assert aliconf("drift", cwd=root).code == 0


def test_a_failure_ends_the_run_and_the_next_apply_carries_on(made_shop: Place) -> None:
    for file in ("account.yaml", "template.yaml"):
        (made_shop.root / file).unlink()
    assert aliconf("apply", "--yes", cwd=made_shop.root).code == 0
    shop_at(made_shop)
    no_inserts(made_shop, "account", "no")
    ended = aliconf("apply", "--yes", cwd=made_shop.root)
    assert ended.code == 1
    assert ended.out.split("generated.\n")[1] == dedent("""\
        failed    + Account/es
        not tried + ImagePolicy/default
        not tried + InventoryPolicy/default
        not tried + PricingPolicy/default
        not tried + OrderPolicy/default
        not tried + SynchronizationPolicy/default
        not tried + ListingTemplate/everything
        Apply: 0 done, 1 failed, 6 not tried.
        Nothing else was changed; the next apply carries on from here.
        """)
    assert results(made_shop)[-1] == ("create", "Account/es", "failed")
    inserts_again(made_shop, "account")
    assert aliconf("apply", "--yes", cwd=made_shop.root).code == 0
    assert nothing_left(made_shop)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_apply_between_two_changes(made_shop: Place, number: signal.Signals) -> None:
    (made_shop.root / "template.yaml").unlink()
    write(made_shop.root, shops.policies(80))  # few enough to be made one by one
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "aliconf", "apply", "--yes"],
        cwd=made_shop.root,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("done"):
            process.send_signal(number)
            break
    out, err = process.communicate()
    assert process.returncode == 130
    assert err == ""
    last = out.splitlines()[-2]
    assert last.startswith("Interrupted: ")
    assert ", 0 failed, " in last
    done = int(last.split()[1])
    assert 0 < done < 80
    assert len(journal(made_shop)) == done
    assert aliconf("apply", "--yes", cwd=made_shop.root).code == 0
    assert nothing_left(made_shop)


def test_a_killed_apply_leaves_whole_changes_and_the_next_one_completes(made_shop: Place) -> None:
    (made_shop.root / "template.yaml").unlink()
    write(made_shop.root, shops.policies(1500))
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "aliconf", "apply", "--yes"],
        cwd=made_shop.root,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("done"):
            process.kill()
            break
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert aliconf("apply", "--yes", cwd=made_shop.root).code == 0
    assert nothing_left(made_shop)
    assert made_shop.rows("SELECT count(*) FROM policy WHERE managed_by = 'shop'") == [(1501,)]
    assert len(journal(made_shop)) == 1501 + 1 + 1 + 5


COMMANDS = [["plan"], ["apply", "--yes"], ["status"]]


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_file_that_is_no_store_is_refused_and_unchanged(
    tmp_path: Path, command: list[str]
) -> None:
    aliconf("apply", "--yes", cwd=shop(tmp_path))
    store(tmp_path).write_bytes(b"this is no database" * 100)
    before = store(tmp_path).read_bytes()
    write(tmp_path, {"pricing.yaml": shops.PRICING.replace("12", "15")})
    ended = aliconf(*command, cwd=tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert "error[ALI912]" in ended.err
    assert "→ " in ended.err
    assert store(tmp_path).read_bytes() == before


def test_a_store_that_cannot_be_used_is_refused_and_unchanged(made_shop: Place) -> None:
    aliconf("apply", "--yes", cwd=made_shop.root)
    before = stored(made_shop)
    write(made_shop.root, {"pricing.yaml": shops.PRICING.replace("12", "15")})
    made_shop.sql("UPDATE aliconf_version SET version_num = '9999'")
    for command in COMMANDS:
        ended = aliconf(*command, cwd=made_shop.root)
        assert (ended.code, ended.out) == (1, "")
        assert "error[ALI913]" in ended.err
        assert "aliconf.yaml:6:14" in ended.err
        assert "→ " in ended.err
    made_shop.sql(f"UPDATE aliconf_version SET version_num = '{schema.REVISIONS[-1]}'")
    assert stored(made_shop) == before


def test_the_database_of_another_program_is_refused_and_unchanged(place: Place) -> None:
    place.sql("CREATE TABLE wordpress (id INTEGER)")
    shop_at(place)
    for command in COMMANDS:
        ended = aliconf(*command, cwd=place.root)
        assert (ended.code, ended.out) == (1, "")
        assert "error[ALI914]" in ended.err
        assert "aliconf.yaml:6:14" in ended.err
    with pytest.raises(RefusedError):
        place.rows("SELECT 1 FROM aliconf_version")


def test_a_locked_store_is_refused_and_unchanged(tmp_path: Path) -> None:
    aliconf("apply", "--yes", cwd=shop(tmp_path))
    write(
        tmp_path,
        {
            "pricing.yaml": shops.PRICING.replace("12", "15"),
            "aliconf.yaml": shops.PROJECT.replace(
                "spec:", "spec:\n      connector: sqlite:///.aliconf/connector.db?timeout=0.1"
            ),
        },
    )
    before = store(tmp_path).read_bytes()
    holder = sqlite3.connect(store(tmp_path), isolation_level=None)
    try:
        holder.execute("begin exclusive")
        ended = aliconf("apply", "--yes", cwd=tmp_path)
    finally:
        holder.rollback()
        holder.close()
    assert ended.code == 1
    assert "error[ALI910]" in ended.err
    assert store(tmp_path).read_bytes() == before


def test_a_plan_that_was_overtaken_is_refused_as_stale(made_shop: Place) -> None:
    """Somebody changes the object while apply waits for its answer."""
    aliconf("apply", "--yes", cwd=made_shop.root)
    write(made_shop.root, {"pricing.yaml": shops.PRICING.replace("12", "15")})
    plan = planned(made_shop.root)
    made_shop.sql("UPDATE policy SET title = 'By hand' WHERE name = 'markup'")
    with writer(made_shop) as opened:
        outcome = apply_plan(plan, opened.writer, progress=lambda *_: None, stopped=lambda: False)
    assert [(change.id, result.value) for change, result in outcome.results] == [
        ("PricingPolicy/markup", "failed")
    ]
    assert [finding.code for finding in outcome.findings] == ["ALI917"]


HAND = (
    "INSERT INTO policy (kind, name, title, body, created_at, updated_at) "
    "VALUES ('PricingPolicy', 'by-hand', 'By hand', '{}', '2026-11-23T10:00:00Z', "
    "'2026-11-23T10:00:00Z')"
)
ADOPTED = shops.PRICING.replace("name: markup", "name: by-hand").replace("Markup", "By hand")
MOVED = "spec:\n      moved: [{kind: PricingPolicy, from: markup, to: margin}]"


def a_life(place: Place) -> list[str]:
    """What plan, apply and status say of a shop, from its first apply to its last."""
    said: list[str] = []
    project = project_at(place)

    def step(*statements: str, **changes: str | None) -> None:
        if statements:
            place.sql(*statements)
        for name, text in changes.items():
            (place.root / f"{name}.yaml").unlink(missing_ok=True)
            if text is not None:
                write(place.root, {f"{name}.yaml": text})
        for command in (
            ["plan", "--format", "json"],
            ["apply", "--yes"],
            ["plan", "--detailed-exitcode"],
            ["status", "--format", "json"],
        ):
            ended = aliconf(*command, cwd=place.root)
            text = f"{ended.code}\n{ended.out}{ended.err}"
            text = text.replace(store_at(place).display, "CONNECTOR")
            text = re.sub(r"c-[0-9a-f]{8}", "c-ID", text)
            text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
            text = re.sub(r"sha256:[0-9a-f]{64}", "DIGEST", text)  # of the connector, too
            said.append(re.sub(r"CONNECTOR\s+\(", "CONNECTOR (", text))

    step()
    step(pricing=shops.PRICING.replace("12", "15"))
    step("UPDATE listing_template SET priority = 7, title = 'Drifted ñ'", HAND)
    step("UPDATE policy_default SET policy = 'default' WHERE kind = 'PricingPolicy'")
    step(adopted=ADOPTED.replace("default: true", "default: false"))
    step(
        pricing=shops.PRICING.replace("name: markup", "name: margin"),
        aliconf=project.replace("spec:", MOVED, 1),
    )
    step(
        pricing=shops.PRICING.replace("name: markup", "name: margin").replace("Markup", "By hand"),
        adopted=ADOPTED.replace("default: true", "default: false").replace("By hand", "Markup"),
    )
    step(account=shops.ACCOUNT.replace("region: ES", "region: IT"))
    step(account=None, template=None, adopted=None)
    step(account=shops.ACCOUNT.replace("region: ES", "region: IT"))
    step(account=shops.ACCOUNT, pricing=None, aliconf=project)
    return said


def test_the_life_of_a_shop_is_the_same_on_every_database(
    tmp_path: Path, new_place: Callable[[Kind, Path], Place]
) -> None:
    lives = {}
    for kind in KINDS:
        root = tmp_path / kind
        root.mkdir()
        place = new_place(kind, root)
        if kind != "sqlite":
            made(place)
        shop_at(place)
        lives[kind] = [*a_life(place), str(results(place))]
    codes = [said.partition("\n")[0] for said in lives["sqlite"]]
    fine, refused = ["0", "0", "0", "0"], ["1", "1", "1", "0"]
    assert codes[:-1] == [*fine * 7, *refused, *fine, *refused, *fine]
    for kind in ("postgresql", "mariadb"):
        for number, (theirs, ours) in enumerate(zip(lives[kind], lives["sqlite"], strict=True)):
            if number > 1:  # until the first apply, a file does not exist and a database does
                assert theirs == ours, f"{kind}, command {number}"


def test_apply_prints_the_same_in_a_pipe_without_colour(tmp_path: Path) -> None:
    in_a_pipe = aliconf_process("plan", cwd=shop(tmp_path))
    coloured = aliconf_process("plan", cwd=tmp_path, environment={"FORCE_COLOR": "1"})
    assert "\x1b[" not in in_a_pipe.out
    assert "\x1b[32m+\x1b[0m" in coloured.out
    assert isinstance(in_a_pipe, Ended)


def test_in_ci_apply_never_asks_even_on_a_terminal(tmp_path: Path) -> None:
    aliconf("apply", "--yes", cwd=shop(tmp_path))
    write(tmp_path, {"pricing.yaml": shops.PRICING.replace("12", "15")})
    ended, seen = answered(tmp_path, b"y\n", {"CI": "true"})
    assert ended == 1
    assert "[y/N]" not in seen
    assert "error[ALI922]" in seen


def test_apply_finishes_when_nobody_reads_its_output_any_more(tmp_path: Path) -> None:
    write(shop(tmp_path, template=None), shops.policies(30))
    command = f"{sys.executable} -u -m aliconf apply --yes | head -n 3"
    subprocess.run(
        ["sh", "-c", command],
        cwd=tmp_path,
        env=clean_environment(),
        check=True,
        capture_output=True,
    )
    assert aliconf("plan", "--detailed-exitcode", cwd=tmp_path).code == 0
