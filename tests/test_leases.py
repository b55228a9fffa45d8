"""Leases: one apply of a project at a time, and none that stays locked."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aliconf.cli.durations import longer, shown
from aliconf.connector import errors
from aliconf.connector.holder import Holder, is_gone, process, this_holder
from aliconf.connector.inspection import inspect_store
from aliconf.connector.lease import hold, take_away
from aliconf.connector.reader import open_reader
from aliconf.connector.urls import Target
from aliconf.connector.writer import open_writer
from aliconf.findings import AliconfError
from tests.command import aliconf, clean_environment, write
from tests.databases.fixtures import on, on_servers
from tests.databases.places import Place
from tests.shops import PRICING, REGISTRATION
from tests.stores import MARKUP, Content, Hand, Step
from tests.teams import hand, made, project_at, shop_at, unwrapped
from tests.test_json_docs import documented, keys

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z")
ELSEWHERE = replace(this_holder(), name="ops@ci-7", url="https://ci.example/7", process="")


def projects(store: Target) -> list[str]:
    with open_reader(store) as reader:
        return [lease.project for lease in reader.leases()]


def refusal(error: AliconfError) -> tuple[str, str]:
    (finding,) = error.findings
    return finding.code, TIME.sub("<time>", finding.message)


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


def waiting(place: Place, *command: str) -> tuple[subprocess.Popen[str], str]:
    """A command that has to wait, and its first words on stderr, which say for what."""
    process = subprocess.Popen(
        [sys.executable, "-m", "aliconf", *command],
        cwd=place.root,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    return process, process.stderr.readline()


def expire(place: Place) -> None:
    """As if the lease's holder had been dead for long."""
    place.sql("UPDATE aliconf_lease SET expires_at = '2026-01-01T00:00:00.000Z'")


def test_a_lease_is_there_while_it_is_held_and_gone_afterwards(place: Place) -> None:
    store = made(place)
    with hold(store, "shop"):
        assert projects(store) == ["shop"]
    assert projects(store) == []


def test_a_second_apply_of_a_project_is_refused_and_another_projects_is_not(place: Place) -> None:
    store = made(place)
    with hold(store, "shop", holder=ELSEWHERE):
        with pytest.raises(AliconfError) as error, hold(store, "shop"):
            pass
        with hold(store, "outlet"):
            assert projects(store) == ["outlet", "shop"]
    assert refusal(error.value) == (
        "ALI935",
        f"another apply of the project shop is under way in {store.display}: ops@ci-7 "
        "(https://ci.example/7), since <time>",
    )


def test_who_waits_is_told_for_whom_and_goes_on_when_the_lease_is_released(place: Place) -> None:
    store = made(place)
    told = []
    with hold(store, "shop", holder=ELSEWHERE) as first:

        def waiting(lease: object, seconds: float) -> None:
            told.append((lease, seconds))
            first.release()

        with hold(store, "shop", wait=30, waiting=waiting):
            assert projects(store) == ["shop"]
    ((lease, seconds),) = told
    assert getattr(lease, "who", "") == "ops@ci-7 (https://ci.example/7)"
    assert 0 < seconds <= store.lease


def test_a_lease_that_expired_is_taken_over_and_its_holder_cannot_write_any_more(
    place: Place,
) -> None:
    store = made(place)
    with hold(store, "shop", holder=ELSEWHERE) as first:
        expire(place)
        with hold(store, "shop"), open_writer(store, first) as writer:
            with pytest.raises(AliconfError) as error:
                Hand(writer, store).create("PricingPolicy", "markup", Content(MARKUP))
            assert projects(store) == ["shop"]
    assert error.value.findings[0].code == "ALI936"
    assert place.rows("SELECT count(*) FROM policy") == [(0,)]
    assert place.rows("SELECT count(*) FROM journal") == [(0,)]


def test_a_lease_that_was_taken_away_lets_nobody_write(place: Place) -> None:
    store = made(place)
    with hold(store, "shop", holder=ELSEWHERE) as first, open_writer(store, first) as writer:
        lease = take_away(store, "shop")
        assert lease
        assert lease.who == "ops@ci-7 (https://ci.example/7)"
        with pytest.raises(AliconfError) as error:
            writer.begin([Step("create", "PricingPolicy", "markup", Content(MARKUP))])
    assert refusal(error.value) == (
        "ALI936",
        f"the lease of the project shop in {store.display} was lost: it was released",
    )
    assert take_away(store, "shop") is None


def test_the_release_of_a_lost_lease_leaves_the_next_holders_alone(place: Place) -> None:
    store = made(place)
    with hold(store, "shop", holder=ELSEWHERE) as first:
        expire(place)
        with hold(store, "shop"):
            first.release()
            assert projects(store) == ["shop"]


def test_a_lease_is_renewed_as_long_as_it_is_held(place: Place) -> None:
    store = made(place, lease=1)
    with hold(store, "shop") as lease:
        before = place.rows("SELECT expires_at FROM aliconf_lease")
        while place.rows("SELECT expires_at FROM aliconf_lease") == before:
            time.sleep(0.1)
        with open_writer(store, lease) as writer:
            Hand(writer, store).create("PricingPolicy", "markup", Content(MARKUP))


def test_the_clock_of_the_holder_does_not_matter(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two holders whose clocks differ by hours: the database's counts."""
    store = made(place)
    real = time.time
    with hold(store, "shop", holder=ELSEWHERE):
        for hours in (-12, 12):
            monkeypatch.setattr(time, "time", lambda hours=hours: real() + 3600 * hours)
            with pytest.raises(AliconfError) as error, hold(store, "shop"):
                pass
            assert error.value.findings[0].code == "ALI935"
            assert projects(store) == ["shop"]


def test_a_process_of_this_machine_that_has_ended_holds_nothing() -> None:
    here, _, _ = this_holder().process.rpartition(" ")
    with sleeper() as child:
        alive = process(child.pid)
        assert alive.startswith(f"{here} {child.pid}:")
        assert not is_gone(alive)
        child.kill()
        child.wait()
    assert is_gone(alive)
    assert not is_gone("")
    assert not is_gone("another boot pid:[1] 1:1")


def test_the_lease_of_a_killed_process_is_taken_at_once_on_its_own_machine(place: Place) -> None:
    store = made(place)
    with sleeper() as child, hold(store, "shop", holder=Holder("ops", "", process(child.pid))):
        assert [lease.project for lease in inspect_store(store).leases] == ["shop"]
        child.kill()
        child.wait()
        assert inspect_store(store).leases == []
        with hold(store, "shop"):
            pass


def test_the_lease_of_a_killed_process_is_listed_and_marked_until_it_expires(place: Place) -> None:
    store = made(place)
    shop_at(place)
    with sleeper() as child, hold(store, "shop", holder=Holder("ops", "", process(child.pid))):
        child.kill()
        child.wait()
        listed = aliconf("lease", "list", cwd=place.root)
        brief = aliconf("-q", "lease", "list", cwd=place.root)
        data = json.loads(aliconf("lease", "list", "--format", "json", cwd=place.root).out)
        expire(place)
        later = aliconf("lease", "list", cwd=place.root)
    assert unwrapped(TIME.sub("<time>", listed.out)) == (
        "shop held by  ops since    <time> expires  <time> "
        "its process is gone; here it is free, other machines wait until it expires\n"
        f"It is <time> by the clock of {store.display}.\n"
    )
    assert brief.out == "shop  ops (its process is gone)\n"
    assert [(one["holder"], one["processGone"]) for one in data["leases"]] == [("ops", True)]
    assert unwrapped(later.out) == (
        f"No lease is held in {store.display}: nobody applies at present.\n"
    )


def test_sigterm_releases_the_lease_of_an_apply_that_waits_for_an_answer(place: Place) -> None:
    """It ends as after Ctrl-C, and nobody has to wait for its lease."""
    store = made(place)
    shop_at(place)
    with hold(store, "shop", holder=ELSEWHERE):
        process, first = waiting(place, "apply", "--yes", "--wait", "5m")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate()
    assert TIME.sub("<time>", first) == (
        "Waiting for the apply of ops@ci-7 (https://ci.example/7), which began at <time> …\n"
    )
    assert (process.returncode, out, err) == (130, "", "\nInterrupted.\n")
    assert projects(store) == []
    assert place.rows("SELECT count(*) FROM policy") == [(0,)]


SIGNALLED = """
import os, re, signal, sys, threading
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from aliconf.cli.main import main

_, when, statements, *arguments = sys.argv
commit, met, sent = DefaultDialect.do_commit, False, False


def strike():
    global sent
    if not sent and threading.current_thread() is threading.main_thread():
        sent = True
        os.kill(os.getpid(), signal.SIGTERM)


@event.listens_for(Engine, "before_cursor_execute" if when == "before" else "after_cursor_execute")
def executed(_1, _2, statement, *_rest):
    global met
    if re.match(statements, statement):
        met = True
        if when != "commit":
            strike()


def do_commit(dialect, connection):
    commit(dialect, connection)
    if met:
        strike()


DefaultDialect.do_commit = do_commit
main(arguments)
"""
MOMENTS = {
    "while it is taken": ("after", "INSERT INTO aliconf_lease", 0),
    "when it was taken": ("commit", "INSERT INTO aliconf_lease", 0),
    "while it plans": ("before", "SELECT policy", 0),
    "in the middle of the changes": ("after", "INSERT INTO policy ", 1),
    "before it is released": ("before", "DELETE FROM aliconf_lease", 6),
    "while it is released": ("after", "DELETE FROM aliconf_lease", 6),
}
"""Before or after which statement the signal comes, or after which commit, and how many policies
there are afterwards."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_sigterm_at_no_moment_of_an_apply_leaves_its_lease_behind(
    place: Place, moment: str
) -> None:
    when, statements, policies = MOMENTS[moment]
    made(place)
    shop_at(place)
    ended = subprocess.run(
        [sys.executable, "-c", SIGNALLED, when, statements, "apply", "--yes"],
        cwd=place.root,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 130, ended.stderr
    assert place.rows("SELECT project FROM aliconf_lease") == []
    assert place.rows("SELECT count(*) FROM policy") == [(policies,)]


def test_plan_and_status_need_no_lease_and_tell_of_the_apply_that_is_under_way(
    place: Place,
) -> None:
    store = made(place)
    shop_at(place)
    with hold(store, "shop", holder=ELSEWHERE):
        planned = aliconf("plan", cwd=place.root)
        assert aliconf("status", cwd=place.root).code == 0
    assert planned.code == 0
    assert "ALI945" in planned.out
    assert "ops@ci-7 (https://ci.example/7)" in planned.out


def test_lease_list_and_release_show_and_end_leases(place: Place) -> None:
    store = made(place)
    shop_at(place)
    nobody = aliconf("lease", "list", cwd=place.root)
    assert unwrapped(nobody.out) == (
        f"No lease is held in {store.display}: nobody applies at present.\n"
    )
    with hold(store, "outlet", holder=ELSEWHERE):
        listed = aliconf("lease", "list", cwd=place.root)
        data = json.loads(aliconf("lease", "list", "--format", "json", cwd=place.root).out)
        released = aliconf("lease", "release", "outlet", cwd=place.root)
    assert unwrapped(TIME.sub("<time>", listed.out)) == (
        "outlet held by  ops@ci-7 (https://ci.example/7) since    <time> "
        "expires  <time> unless it is renewed\n"
        f"It is <time> by the clock of {store.display}.\n"
    )
    assert TIME.sub("<time>", json.dumps(data)) == json.dumps(
        {
            "format": "aliconf/leases",
            "version": 1,
            "leases": [
                {
                    "project": "outlet",
                    "holder": "ops@ci-7",
                    "url": "https://ci.example/7",
                    "takenAt": "<time>",
                    "heartbeatAt": "<time>",
                    "expiresAt": "<time>",
                    "processGone": False,
                }
            ],
        }
    )
    assert set(keys(data)) - documented("aliconf lease list") - {"format", "version"} == set()
    assert unwrapped(TIME.sub("<time>", released.out)) == (
        "Released the lease of the project outlet: ops@ci-7 (https://ci.example/7), since <time>.\n"
    )
    assert aliconf("lease", "release", cwd=place.root).out == (
        "Nobody holds a lease of the project shop.\n"
    )


def test_apply_is_refused_while_another_runs_and_says_who_it_is(place: Place) -> None:
    store = made(place)
    shop_at(place)
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    write(place.root, {"pricing.yaml": PRICING.replace("12", "15")})
    with hold(store, "shop", holder=ELSEWHERE):
        ended = aliconf("apply", "--yes", cwd=place.root)
    assert ended.code == 1
    assert "error[ALI935]" in ended.err
    assert "ops@ci-7 (https://ci.example/7)" in ended.err
    assert "aliconf.yaml:6:" in ended.err
    assert aliconf("apply", "--yes", cwd=place.root).code == 0


@pytest.mark.parametrize(
    ("options", "step"),
    [
        ("--yes", "--yes --wait 5m"),
        ("--yes --wait 1s", "--yes --wait 5m"),
        ("--full --yes", "--yes --full --wait 5m"),
    ],
)
@on("sqlite")
def test_who_was_refused_is_told_to_wait_with_the_same_options(
    place: Place, options: str, step: str
) -> None:
    store = made(place)
    shop_at(place)
    with hold(store, "shop", holder=ELSEWHERE):
        ended = aliconf("apply", *options.split(), cwd=place.root)
    hint = re.sub(r"\d+ s;", "N s;", unwrapped(ended.err).rpartition(" → ")[2])
    assert hint == (
        f"Wait for it with `aliconf apply {step}`. If it is dead, its lease expires in N s; "
        "`aliconf lease release shop` takes it away at once.\n"
    )


@pytest.mark.parametrize(("waited", "advised"), [(0, "5m"), (299, "5m"), (300, "1h"), (9e4, "24h")])
def test_who_has_waited_in_vain_is_told_to_wait_longer(waited: float, advised: str) -> None:
    assert longer(waited) == advised


@pytest.mark.parametrize(("seconds", "text"), [(1, "1s"), (90, "90s"), (300, "5m"), (7200, "2h")])
def test_a_wait_is_shown_as_the_option_takes_it(seconds: float, text: str) -> None:
    assert shown(seconds) == text


# A transaction that has the row of the lease locked: an apply that hangs, or an administrator.


@contextmanager
def locked_row(place: Place) -> Iterator[Any]:
    """A second connection that holds the rows of all leases."""
    with closing(place.connect()) as other:
        other.cursor().execute("SELECT * FROM aliconf_lease FOR UPDATE")
        yield other


def freed(other: Any) -> None:
    other.cursor().execute("DELETE FROM aliconf_lease")
    other.commit()


@on_servers
def test_who_waits_for_a_lease_waits_for_its_locked_row_too(place: Place) -> None:
    store = made(place, timeout=1)
    told = []
    with hold(store, "shop", holder=ELSEWHERE), locked_row(place) as other:

        def waiting(lease: object, seconds: float) -> None:
            told.append((lease, 0 < seconds < 60))
            freed(other)

        with hold(store, "shop", wait=60, waiting=waiting):
            assert projects(store) == ["shop"]
    assert told == [(None, True)]


@on_servers
def test_a_row_that_stays_locked_is_waited_for_to_the_limit(place: Place) -> None:
    store = made(place, timeout=1)
    told = []
    with hold(store, "shop", holder=ELSEWHERE), locked_row(place):
        with (
            pytest.raises(AliconfError) as error,
            hold(store, "shop", wait=2, waiting=lambda lease, _: told.append(lease)),
        ):
            pass
        with pytest.raises(AliconfError) as at_once, hold(store, "shop", waiting=lambda *_: None):
            pass
    assert set(told) == {None}
    code, message = refusal(error.value)
    assert (code, re.sub(r"waited \d+ s", "waited N s", message)) == (
        "ALI910",
        f"the connector store {store.display} is locked by another program (waited N s)",
    )
    assert refusal(at_once.value) == (
        "ALI910",
        f"the connector store {store.display} is locked by another program (waited 1 s)",
    )


@on_servers
def test_a_release_waits_for_a_locked_row(place: Place) -> None:
    store = made(place, timeout=1)
    with hold(store, "shop", holder=ELSEWHERE), locked_row(place) as other:
        lease = take_away(store, "shop", lambda *_: other.rollback())
    assert lease
    assert lease.who == "ops@ci-7 (https://ci.example/7)"
    assert projects(store) == []


@on_servers
def test_a_release_gives_up_when_no_apply_can_hold_the_lock_any_more(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = made(place, timeout=1)
    with hold(store, "shop", holder=ELSEWHERE), locked_row(place):
        monkeypatch.setattr(errors, "longest_hang", lambda _: 0.0)
        with pytest.raises(AliconfError) as error:
            take_away(store, "shop")
    assert error.value.findings[0].code == "ALI910"


@on_servers
@pytest.mark.parametrize("command", ["apply --yes --wait 1m", "lease release"])
def test_who_waits_for_a_lock_is_told_so_and_goes_on_when_it_ends(
    place: Place, command: str
) -> None:
    store = made(place)
    shop_at(place, aliconf=project_at(place, timeout=1))
    with hold(store, "shop", holder=ELSEWHERE), locked_row(place) as other:
        process, first = waiting(place, *command.split())
        freed(other)
        _, err = process.communicate()
    assert re.sub(r"\d+ s", "N s", first) == (
        "The lease is locked by a transaction that has not ended: waiting for it for up to N s …\n"
    )
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("text", ["5", "m", "25h", "5 m", "-1s", "1d"])
def test_a_wait_that_is_no_time_is_wrong_usage(tmp_path: Path, text: str) -> None:
    ended = aliconf("apply", "--wait", text, cwd=tmp_path)
    assert ended.code == 64
    assert f"{text!r} is not a time such as 30s, 5m or 1h, at most 24h." in ended.err


@on_servers
def test_two_projects_apply_at_once(place: Place, tmp_path: Path) -> None:
    made(place)
    for name in ("shop", "outlet"):
        directory = tmp_path / name
        directory.mkdir()
        write(
            directory,
            {
                "aliconf.yaml": project_at(place, name),
                "registration.yaml": REGISTRATION.replace("name: main", f"name: {name}"),
                "pricing.yaml": PRICING.replace("default: true", "default: false")
                .replace("markup", f"{name}-markup")
                .replace("Markup", f"Markup of {name}"),
            },
        )
    with hold(made(place), "outlet", holder=ELSEWHERE):
        assert aliconf("apply", "--yes", cwd=tmp_path / "shop").code == 0
    assert aliconf("apply", "--yes", cwd=tmp_path / "outlet").code == 0
    assert place.rows("SELECT name, managed_by FROM policy ORDER BY name") == [
        ("outlet-markup", "outlet"),
        ("shop-markup", "shop"),
    ]


def test_the_hand_of_a_team_writes_under_a_lease(place: Place) -> None:
    store = made(place)
    with hand(store) as opened:
        opened.create("PricingPolicy", "markup", Content(MARKUP))
        assert projects(store) == ["shop"]
    assert projects(store) == []
