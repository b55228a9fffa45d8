"""What every command does with its streams, with the machine and with Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aliconf.cli.output import in_ci
from aliconf.config.write import replace_file, try_to_replace
from tests.command import aliconf, aliconf_process, clean_environment, write
from tests.shops import policies, shop
from tests.test_against import commit, git

FULL = Path("/dev/full")
READ = [
    ("validate",),
    ("fmt", "--diff"),
    ("plan",),
    ("status",),
    ("doctor",),
    ("explain", "ALI302"),
    ("schema",),
    ("--help",),
    ("validate", "--help"),
]
WRITES_TO_A_FULL_DISK = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")


def shell(script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A line of shell in which ``aliconf`` is this one."""
    start = f'aliconf() {{ {sys.executable} -m aliconf "$@"; }}\n'
    return subprocess.run(
        ["bash", "-c", start + script],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@WRITES_TO_A_FULL_DISK
@pytest.mark.parametrize("arguments", READ, ids=" ".join)
def test_a_full_disk_is_the_machines_fault(arguments: tuple[str, ...], tmp_path: Path) -> None:
    root = shop(tmp_path)
    if arguments[0] == "fmt":
        (root / "aliconf.yaml").write_text((root / "aliconf.yaml").read_text() + "\n\n")
    ended = shell(f"aliconf {' '.join(arguments)} >/dev/full", root)
    assert ended.stderr.splitlines()[:2] == [
        "error[ALI901]: standard output: No space left on device",
        "  → See where the output goes: is there room, and may it be written?",
    ]
    assert ended.returncode == 1


def test_no_room_for_temporary_files_is_not_blamed_on_the_output(tmp_path: Path) -> None:
    root = shop(tmp_path)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root)
    (root / "account.yaml").write_text((root / "account.yaml").read_text() + "# changed\n")
    ended = shell("ulimit -f 0; aliconf validate --against main", root)
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        1,
        "",
        "error[ALI901]: there is no directory that takes temporary files\n"
        "  → Name one in TMPDIR. In a container with a read-only root, mount one:\n"
        "    `--tmpfs /tmp`.\n",
    )


@WRITES_TO_A_FULL_DISK
def test_without_any_place_for_words_the_exit_code_remains(tmp_path: Path) -> None:
    assert shell("aliconf validate >/dev/full 2>&1", shop(tmp_path)).returncode == 1
    assert shell("aliconf explain ALI999 2>/dev/full", tmp_path).returncode == 1


@pytest.mark.parametrize("arguments", READ, ids=" ".join)
def test_closed_streams_change_nothing_else(arguments: tuple[str, ...], tmp_path: Path) -> None:
    root = shop(tmp_path)
    usual = aliconf(*arguments, cwd=root)
    ended = shell(f"aliconf {' '.join(arguments)} <&- >&-", root)
    assert (ended.returncode, ended.stderr) == (usual.code, usual.err)
    assert shell(f"aliconf {' '.join(arguments)} <&- >&- 2>&-", root).returncode == usual.code


def test_apply_without_a_standard_input_has_no_terminal_to_ask(tmp_path: Path) -> None:
    ended = shell("aliconf apply <&-", shop(tmp_path))
    assert ended.stderr.startswith("error[ALI922]")
    assert ended.returncode == 1


@pytest.mark.parametrize("arguments", READ, ids=" ".join)
def test_a_reader_that_leaves_ends_the_command_in_silence(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    root = shop(tmp_path)
    if arguments[0] == "fmt":
        (root / "aliconf.yaml").write_text((root / "aliconf.yaml").read_text() + "\n\n")
    out, end = os.pipe()
    os.close(out)
    ended = subprocess.run(
        [sys.executable, "-m", "aliconf", *arguments],
        cwd=root,
        env=clean_environment(),
        stdout=end,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(end)
    assert (ended.returncode, ended.stderr) == (128 + signal.SIGPIPE, b"")


def test_schema_names_the_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a directory")
    ended = aliconf("schema", "--write", "taken/below", cwd=tmp_path)
    assert ended.err.startswith("error[ALI901]: taken/below/")
    assert ended.err.splitlines()[0].endswith(": Not a directory")
    assert (ended.code, ended.out) == (1, "")


REFUSED = [
    ("validate", "--format", "json", "no-such-file.yaml"),
    ("status", "--format", "json"),
    ("doctor", "--format", "json"),
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_json_is_an_object_on_standard_output_whatever_is_refused(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    root = shop(tmp_path) if arguments[0] == "validate" else tmp_path
    refused = aliconf(*[word for word in arguments if word not in ("--format", "json")], cwd=root)
    ended = aliconf(*arguments, cwd=root)
    data = json.loads(ended.out)
    assert (data["format"], data["version"]) == ("aliconf/findings", 1)
    assert data["summary"] == {"documents": None, "errors": 1, "warnings": 0, "notes": 0}
    (finding,) = data["findings"]
    assert f"error[{finding['code']}]: {finding['message']}" in refused.err
    assert (ended.code, ended.err) == (1, "") == (refused.code, refused.out)


def test_github_and_sarif_tell_what_is_refused(tmp_path: Path) -> None:
    github = aliconf("validate", "--format", "github", "no-such-file.yaml", cwd=shop(tmp_path))
    assert github.out == (
        "::error title=ALI107::no-such-file.yaml: no such file or directory%0ACheck the path.\n"
    )
    sarif = aliconf("validate", "--format", "sarif", "no-such-file.yaml", cwd=tmp_path)
    assert [result["ruleId"] for result in json.loads(sarif.out)["runs"][0]["results"]] == [
        "ALI107"
    ]
    assert (github.code, github.err, sarif.code, sarif.err) == (1, "", 1, "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("1", True), ("woodpecker", True)]
    + [(value, False) for value in ("", " ", "0", "false", "False", "no", "off")],
)
def test_ci_is_what_says_so(value: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", value)
    assert in_ci() is expected
    monkeypatch.delenv("CI")
    assert in_ci() is False


def heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_at_a_question_says_that_nothing_was_changed(tmp_path: Path) -> None:
    mine, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "aliconf", "init"],
        cwd=tmp_path,
        env=clean_environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        # Who runs the tests in the background may have them ignore Ctrl-C.
        preexec_fn=heed_ctrl_c,
    )
    os.close(theirs)
    shown = b""
    while b"Name of the project" not in shown:
        shown += os.read(mine, 1024)
    code = None
    while code is None:  # a signal just before the child waits for its input is seen after it
        child.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = child.wait(timeout=5)
    shown = os.read(mine, 1024)
    os.close(mine)
    assert shown.decode().endswith("\r\nInterrupted. Nothing was changed.\r\n")
    assert code == 130
    assert list(tmp_path.iterdir()) == []


PROGRESS = """
from aliconf.cli.output import progress
from pathlib import Path
for number in range(3):
    progress(f"change {number}")
    Path(f"done-{number}").touch()
"""


@pytest.mark.parametrize(
    ("output", "reason"), [("| true", "Broken pipe"), (">/dev/full", "No space left on device")]
)
def test_work_goes_on_when_nothing_shows_it_any_more(
    output: str, reason: str, tmp_path: Path
) -> None:
    script = f"import time; time.sleep(0.3)\n{PROGRESS}"
    ended = subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$0" -c "$1" {output}', sys.executable, script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == (
        f"standard output: {reason}. The work goes on without it; "
        "`aliconf status` shows the result.\n"
    )
    assert ended.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["done-0", "done-1", "done-2"]


@pytest.mark.parametrize("output", ["| head -1", "2>&1 | head -1", ">&- 2>&-"])
def test_apply_finishes_when_nobody_reads_what_it_does(output: str, tmp_path: Path) -> None:
    root = write(shop(tmp_path), policies(20))
    ended = shell(f"set -o pipefail; aliconf apply --yes {output}", root)
    assert ended.returncode == 0, ended.stderr
    assert aliconf("plan", "--detailed-exitcode", cwd=root).code == 0


def test_a_plan_that_is_refused_is_an_object_of_findings(tmp_path: Path) -> None:
    root = shop(tmp_path, account="apiVersion: aliconf/v1\nkind: Account\n")
    ended = aliconf("plan", "--format", "json", cwd=root)
    assert json.loads(ended.out)["format"] == "aliconf/findings"
    assert (ended.code, ended.err) == (1, "")


def test_a_new_file_has_the_mode_of_new_files_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    new, old = tmp_path / "new", tmp_path / "old"
    old.write_text("before")
    old.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to("old")
    replace_file(new, b"now")
    replace_file(link, b"after")
    assert (new.read_bytes(), new.stat().st_mode) == (b"now", ordinary.stat().st_mode)
    assert (old.read_bytes(), stat.S_IMODE(old.stat().st_mode)) == (b"after", 0o640)
    assert link.is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"ordinary", "new", "old", "link"}


def test_a_read_only_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    path.chmod(0o444)
    with pytest.raises(PermissionError):
        replace_file(path, b"after")
    assert path.read_text() == "before"


def test_a_file_that_cannot_be_made_is_named_and_not_the_one_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "file"
    for refuse in (try_to_replace, lambda path: replace_file(path, b"after")):
        with pytest.raises(FileNotFoundError) as found:
            refuse(path)
        assert found.value.filename == str(path)


def test_process_and_call_print_the_same(tmp_path: Path) -> None:
    root = shop(tmp_path)
    assert aliconf_process("validate", cwd=root) == aliconf("validate", cwd=root)
