"""Progress on standard error: on terminals of two widths, in a pipe, and where it is broken."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import sys
import termios
from pathlib import Path

import click
import pytest

from aliconf.cli.main import cli
from aliconf.cli.output import before_any_change
from aliconf.cli.progress import Display, lines, shown
from aliconf.cli.verbosity import Verbosity
from aliconf.config.load import load
from aliconf.report.progress_text import ASCII, Work, as_bar, as_line
from benchmarks.generate import documents, write
from tests.command import Ended, aliconf, aliconf_process


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Looks:
    """A clock by which half a second goes by between two looks at it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 0.5
        return self.now


class Terminal:
    """A pseudo-terminal of some columns: what is written to it is read from its other end."""

    def __init__(self, columns: int) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.stream = os.fdopen(theirs, "w", encoding="utf-8")

    def raw(self) -> str:
        """All that was written."""
        self.stream.close()
        data = b""
        try:
            while part := os.read(self.ours, 65536):
                data += part
        except OSError:  # how Linux says that the other end is closed
            os.close(self.ours)
        return data.decode()

    def written(self) -> list[str]:
        """Each drawing without the return and the clearing of the line around it."""
        *drawings, after = self.raw().split("\x1b[K")
        assert after == ""
        assert all(drawing[0] == "\r" for drawing in drawings)
        return [drawing[1:] for drawing in drawings]


class Recorder:
    """What was begun, how many steps it was said to have, and how many were told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int | None, int]] = []

    def begin(self, what: str, total: int | None = None) -> None:
        self.told.append((what, total, 0))

    def advance(self, amount: int = 1) -> None:
        what, total, done = self.told[-1]
        self.told[-1] = (what, total, done + amount)


def work(display: Display, clock: Clock, seconds: float, steps: int, amount: int = 1) -> None:
    for _ in range(steps):
        clock.now += seconds / steps
        display.advance(amount)


def run_of(clock: Clock) -> click.Context:
    """Around what belongs to one run of a command, which begins now."""
    return click.Context(cli, obj=Verbosity(clock))


def on_terminal(columns: int, total: int | None) -> list[str]:
    """What a terminal shows of work that takes ten seconds and is looked at every second."""
    terminal, clock = Terminal(columns), Clock()
    display = Display(terminal.stream, terminal=True, says=Verbosity(clock))
    display.begin("reading files", total)
    work(display, clock, 10, 10, 10_000)
    display.clear()
    return terminal.written()


def test_a_terminal_of_80_columns_has_a_bar_with_all_that_is_known() -> None:
    assert on_terminal(80, 100_000) == [
        "reading files  ██░░░░░░░░░░░░░░░░░░░░░░   10,000 of 100,000   10 %",
        "reading files  ████░░░░░░░░░░░░░░░░░░░░   20,000 of 100,000   20 %  8 s left",
        "reading files  ███████░░░░░░░░░░░░░░░░░   30,000 of 100,000   30 %  7 s left",
        "reading files  █████████░░░░░░░░░░░░░░░   40,000 of 100,000   40 %  6 s left",
        "reading files  ████████████░░░░░░░░░░░░   50,000 of 100,000   50 %  5 s left",
        "reading files  ██████████████░░░░░░░░░░   60,000 of 100,000   60 %  4 s left",
        "reading files  ████████████████░░░░░░░░   70,000 of 100,000   70 %  3 s left",
        "reading files  ███████████████████░░░░░   80,000 of 100,000   80 %  2 s left",
        "reading files  █████████████████████░░░   90,000 of 100,000   90 %  1 s left",
        "reading files  ████████████████████████  100,000 of 100,000  100 %",
        "",
    ]


def test_a_terminal_of_40_columns_has_the_numbers_that_fit() -> None:
    assert on_terminal(40, 100_000) == [
        "reading files   10 %",
        *[f"reading files   {n}0 %  {10 - n} s left" for n in range(2, 10)],
        "reading files  100 %",
        "",
    ]


@pytest.mark.parametrize("width", range(20, 200))
def test_a_bar_fits_any_width_from_20_columns(width: int) -> None:
    for what in ("reading files", "reading objects of the connector"):
        for done in (1, 99_999, 100_000, 100_001):
            for total in (100_000, None):
                assert len(as_bar(Work(what, done, total, 7_200), width)) <= width


def test_work_without_a_known_end_shows_what_is_done() -> None:
    assert on_terminal(40, None) == [
        *[f"reading files  {n}0,000" for n in range(1, 11)],
        "",
    ]


def test_a_pipe_gets_a_line_every_ten_seconds() -> None:
    stream, clock = io.StringIO(), Clock()
    display = Display(stream, terminal=False, says=Verbosity(clock))

    display.begin("reading files", 100_000)
    work(display, clock, 25, 100, 1_000)
    display.begin("reading objects of the connector")
    work(display, clock, 10, 40, 250)
    display.clear()

    assert stream.getvalue() == (
        "reading files: 40,000 of 100,000 (40 %), 15 s left\n"
        "reading files: 80,000 of 100,000 (80 %), 5 s left\n"
        "reading objects of the connector: 5,000\n"
    )


@pytest.mark.parametrize("is_terminal", [True, False])
def test_work_of_less_than_a_second_shows_nothing(is_terminal: bool) -> None:
    terminal, clock = Terminal(80), Clock()
    display = Display(terminal.stream, terminal=is_terminal, says=Verbosity(clock))

    for what in ("reading files", "checking documents"):
        display.begin(what, 100)
        work(display, clock, 0.49, 100)
    display.clear()

    assert terminal.written() == []


def test_parts_of_work_that_take_a_second_together_show_the_last_of_them() -> None:
    terminal, clock = Terminal(80), Clock()
    display = Display(terminal.stream, terminal=True, says=Verbosity(clock))

    for what in ("reading objects of the connector", "comparing objects"):
        display.begin(what, 100)
        work(display, clock, 0.6, 6, 10)
    display.clear()

    assert terminal.written() == [
        "comparing objects  ███████████░░░░░░░░░░░░░░░░░   40 of 100   40 %",
        "comparing objects  ██████████████░░░░░░░░░░░░░░   50 of 100   50 %",
        "comparing objects  ████████████████░░░░░░░░░░░░   60 of 100   60 %",
        "",
    ]


def test_a_bar_names_the_next_work_before_its_first_step_is_done() -> None:
    terminal, clock = Terminal(40), Clock()
    display = Display(terminal.stream, terminal=True, says=Verbosity(clock))

    display.begin("reading files", 100)
    work(display, clock, 1, 1, 100)
    display.begin("checking documents", 100)

    assert terminal.written() == [
        "reading files  100 of 100  100 %",
        "checking documents    0 of 100    0 %",
    ]


def test_a_bar_is_drawn_at_most_ten_times_a_second() -> None:
    terminal, clock = Terminal(80), Clock()
    display = Display(terminal.stream, terminal=True, says=Verbosity(clock))

    display.begin("reading files", 4096)
    work(display, clock, 2, 4096)

    assert len(terminal.written()) == 10


def test_lines_come_every_ten_seconds_however_short_each_work_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, clock = io.StringIO(), Clock()
    monkeypatch.setattr(sys, "stderr", stream)

    with run_of(clock):
        for what in ("reading files", "checking documents", "comparing objects"):
            with shown() as display:
                display.begin(what, 80)
                work(display, clock, 8, 16, 5)

    assert stream.getvalue() == (
        "checking documents: 20 of 80 (25 %), 6 s left\n"
        "comparing objects: 40 of 80 (50 %), 4 s left\n"
    )


def test_work_that_begins_when_a_line_is_due_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, clock = io.StringIO(), Clock()
    monkeypatch.setattr(sys, "stderr", stream)

    with run_of(clock):
        clock.now += 12
        with shown() as display:
            display.begin("reading objects of the connector")
        clock.now += 9
        with shown() as display:
            display.begin("comparing objects", 80)
        clock.now += 1
        with shown() as display:
            display.begin("applying changes", 80)

    assert stream.getvalue() == (
        "reading objects of the connector: 0\napplying changes: 0 of 80 (0 %)\n"
    )


def test_the_first_second_of_a_run_alone_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, clock = Terminal(40), Clock()
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)

    with run_of(clock):
        for what in ("reading files", "checking documents", "comparing objects"):
            with shown() as display:
                display.begin(what, 100)
                work(display, clock, 0.8, 2, 50)

    assert terminal.written() == [
        "checking documents   50 of 100   50 %",
        "checking documents  100 of 100  100 %",
        "",
        "comparing objects    0 of 100    0 %",
        "comparing objects   50 of 100   50 %",
        "comparing objects  100 of 100  100 %",
        "",
    ]


def test_the_time_that_a_person_takes_to_answer_is_not_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, clock = io.StringIO(), Clock()
    monkeypatch.setattr(sys, "stderr", stream)

    with run_of(clock):
        with before_any_change():
            clock.now += 60
        with lines("applying changes", 12) as line:
            for _ in range(12):
                clock.now += 1
                line("")

    assert stream.getvalue() == "applying changes: 10 of 12 (83 %), 2 s left\n"


PLANNED = [
    "checking documents: 0 of 16 (0 %)",
    "normalizing documents: 1 of 16 (6 %)",
    "comparing objects: 5 of 15 (33 %), 5 s left",
]
APPLIED = [*PLANNED, "applying changes: 6 of 20 (30 %), 7 s left"]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["plan"], PLANNED),
        (["apply", "--yes"], APPLIED),
        (["apply", "--yes", "--quiet"], []),
    ],
)
def test_a_command_in_ci_has_a_line_every_ten_seconds_of_all_its_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], told: list[str]
) -> None:
    write(tmp_path, documents(16))
    aliconf("connector", "init", cwd=tmp_path)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("CI", "1")

    line = ["--directory", str(tmp_path), *command]
    cli.main(line, prog_name="aliconf", standalone_mode=False, obj=Verbosity(Looks()))

    assert stream.getvalue().splitlines() == told


def test_an_encoding_without_blocks_gets_ascii() -> None:
    work = Work("reading files", 30, 100, 60)

    assert as_bar(work, 60, ASCII) == "reading files  ###----------   30 of 100   30 %  3 min left"


@pytest.mark.parametrize(
    ("done", "seconds", "text"),
    [
        (500, 1.9, "copying: 500 of 1,000 (50 %)"),
        (19, 60, "copying: 19 of 1,000 (1 %)"),
        (500, 59.1, "copying: 500 of 1,000 (50 %), 1 min left"),
        (100, 60, "copying: 100 of 1,000 (10 %), 9 min left"),
        (100, 3600, "copying: 100 of 1,000 (10 %), 9.0 h left"),
        (1000, 3600, "copying: 1,000 of 1,000 (100 %)"),
    ],
)
def test_the_time_left_is_told_once_it_can_be(done: int, seconds: float, text: str) -> None:
    assert as_line(Work("copying", done, 1000, seconds)) == text


def test_lines_on_the_same_terminal_take_the_place_of_the_bar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal, clock = Terminal(60), Clock()
    monkeypatch.setattr(sys, "stdout", terminal.stream)
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    monkeypatch.setenv("TERM", "xterm")

    with run_of(clock), lines("applying changes", 3) as line:
        for name in ("one", "two", "three"):
            clock.now += 0.9
            line(f"+ {name}")

    assert terminal.raw() == (
        "+ one\r\n"
        "+ two\r\n"
        "\rapplying changes  ████████░░░░░  2 of 3   66 %\x1b[K"
        "\r\x1b[K+ three\r\n"
        "\rapplying changes  █████████████  3 of 3  100 %\x1b[K"
        "\r\x1b[K"
    )


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_a_terminal_without_a_person_gets_lines(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    terminal, clock = Terminal(60), Clock()
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)

    with run_of(clock), shown() as display:
        display.begin("reading files", 4)
        work(display, clock, 11, 2)

    assert terminal.raw() == "reading files: 2 of 4 (50 %), 11 s left\r\n"


def test_a_broken_pipe_does_not_stop_the_work() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    clock = Clock()

    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        display = Display(stream, terminal=False, says=Verbosity(clock))
        display.begin("reading files", 100)
        work(display, clock, 60, 100)
        display.clear()


def test_validate_of_many_files_is_silent_when_it_is_fast(tmp_path: Path) -> None:
    write(tmp_path, documents(200))

    assert aliconf_process("validate", cwd=tmp_path) == Ended(
        0, "no findings in 200 documents\n", ""
    )


def test_load_tells_how_many_files_it_found_and_has_read(tmp_path: Path) -> None:
    write(tmp_path, documents(200))
    terminal = Recorder()

    load(tmp_path, progress=terminal)

    assert terminal.told == [("reading files", 200, 200)]


def test_load_tells_of_included_files_only(tmp_path: Path) -> None:
    write(tmp_path, documents(200))
    project = tmp_path / "aliconf.yaml"
    project.write_text(
        "apiVersion: aliconf/v1\nkind: Project\nmetadata: {name: agency}\n"
        "spec: {include: [registration.yaml, 'shop-0001/*.yaml', '*/account.yaml']}\n"
    )
    recorder = Recorder()

    configuration = load(tmp_path, progress=recorder)

    read = configuration.files - 1
    assert recorder.told == [("reading files", read, read)]
