"""Apply: asks, does, reports, and carries on after whatever stopped it."""

from __future__ import annotations

import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest

from tests import shops
from tests.command import Ended, aliconf, aliconf_process, clean_environment, sql, write
from tests.shops import shop, store
from tests.stores import writer


def journal(root: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(store(root))) as connection:
        return connection.execute(
            "select action, kind || '/' || name, result from journal order by id"
        ).fetchall()


def test_apply_reports_each_change_and_journals_it(tmp_path: Path) -> None:
    ended = aliconf("apply", "--yes", cwd=shop(tmp_path))
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
    assert journal(tmp_path) == [
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


def test_an_empty_plan_asks_nothing_and_changes_nothing(tmp_path: Path) -> None:
    aliconf("apply", "--yes", cwd=shop(tmp_path))
    before = store(tmp_path).read_bytes()
    ended = aliconf("apply", cwd=tmp_path)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "Plan: no changes.")
    assert store(tmp_path).read_bytes() == before


def test_without_a_terminal_apply_needs_yes(tmp_path: Path) -> None:
    ended = aliconf_process("apply", cwd=shop(tmp_path))
    assert ended.code == 1
    assert ended.err == dedent("""\
        error[ALI922]: apply asks before it changes anything, and there is nobody to ask
          → Look at the plan, then run `aliconf apply --yes`.
        """)
    assert not store(tmp_path).exists()


def answered(
    root: Path, answer: bytes, environment: dict[str, str] | None = None
) -> tuple[int, str]:
    """Run apply on a pseudo-terminal and type an answer at its question."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "aliconf", "apply"],
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


def test_a_failure_ends_the_run_and_the_next_apply_carries_on(tmp_path: Path) -> None:
    aliconf("apply", "--yes", cwd=shop(tmp_path, account=None, template=None))
    shop(tmp_path)
    sql(
        store(tmp_path),
        "create trigger stop before insert on account begin select raise(abort, 'no'); end",
    )
    ended = aliconf("apply", "--yes", cwd=tmp_path)
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
    assert journal(tmp_path)[-1] == ("create", "Account/es", "failed")
    sql(store(tmp_path), "drop trigger stop")
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    assert aliconf("plan", "--detailed-exitcode", cwd=tmp_path).code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_apply_between_two_changes(tmp_path: Path, number: signal.Signals) -> None:
    write(shop(tmp_path, template=None), shops.policies(2000))
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "aliconf", "apply", "--yes"],
        cwd=tmp_path,
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
    assert 0 < done < 2000
    assert len(journal(tmp_path)) == done
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    assert aliconf("plan", "--detailed-exitcode", cwd=tmp_path).code == 0


def test_a_killed_apply_leaves_whole_changes_and_the_next_one_completes(tmp_path: Path) -> None:
    write(shop(tmp_path, template=None), shops.policies(1500))
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "aliconf", "apply", "--yes"],
        cwd=tmp_path,
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
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    assert aliconf("plan", "--detailed-exitcode", cwd=tmp_path).code == 0
    with closing(sqlite3.connect(store(tmp_path))) as connection:
        (policies_there,) = connection.execute(
            "select count(*) from policy where managed_by = 'shop'"
        ).fetchone()
    assert policies_there == 1501
    assert len(journal(tmp_path)) == 1501 + 1 + 1 + 5


def unusable(root: Path, name: str) -> None:
    path = store(root)
    if name == "corrupt":
        path.write_bytes(b"this is no database" * 100)
    elif name == "newer":
        sql(path, "update aliconf_version set version_num = '9999'")
    elif name == "another program's":
        path.unlink()
        sql(path, "create table wordpress (id integer)")
    else:
        raise AssertionError(name)


@pytest.mark.parametrize(
    ("name", "code"), [("corrupt", "ALI912"), ("newer", "ALI913"), ("another program's", "ALI914")]
)
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["status"]])
def test_a_store_that_cannot_be_used_is_refused_and_unchanged(
    tmp_path: Path, name: str, code: str, command: list[str]
) -> None:
    aliconf("apply", "--yes", cwd=shop(tmp_path))
    unusable(tmp_path, name)
    before = store(tmp_path).read_bytes()
    write(tmp_path, {"pricing.yaml": shops.PRICING.replace("12", "15")})
    ended = aliconf(*command, cwd=tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert f"error[{code}]" in ended.err
    assert "→ " in ended.err
    assert store(tmp_path).read_bytes() == before


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


def test_a_plan_that_was_overtaken_is_refused_as_stale(tmp_path: Path) -> None:
    """Somebody changes the object while apply waits for its answer."""
    aliconf("apply", "--yes", cwd=shop(tmp_path))
    write(tmp_path, {"pricing.yaml": shops.PRICING.replace("12", "15")})
    from aliconf.apply.run import apply_plan
    from aliconf.cli.connect import plan_of
    from aliconf.cli.project import Project
    from aliconf.config.load import load

    project = Project(load(tmp_path))
    os.environ.pop("CI", None)
    plan = plan_of(project)
    sql(
        store(tmp_path),
        "update policy set body = json_set(body, '$.maximum', '50') where name = 'markup'",
    )
    with writer(tmp_path) as opened:
        outcome = apply_plan(plan, opened.writer, progress=lambda *_: None, stopped=lambda: False)
    assert [(change.id, result.value) for change, result in outcome.results] == [
        ("PricingPolicy/markup", "failed")
    ]
    assert [finding.code for finding in outcome.findings] == ["ALI917"]


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
