"""``--quiet`` and ``--verbose``: what they leave out and add, and what they never change."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from aliconf import __version__
from aliconf.cli.main import cli
from aliconf.cli.progress import Display, shown
from aliconf.cli.verbosity import Verbosity
from aliconf.connector.lease import hold
from tests import shops
from tests.command import Ended, aliconf, aliconf_process, sql, write
from tests.connections import target
from tests.databases.places import Place
from tests.shops import shop, store

WRONG_PRICING = shops.PRICING.replace("increaseByPercent: 12", "increaseByPercent: -12")
CHECK_FAILS = shops.PROJECT.replace("756M", "128M").replace("cron: true", "cron: false")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shop(tmp_path)


@pytest.fixture
def applied(root: Path) -> Path:
    assert aliconf("apply", "--yes", cwd=root).code == 0
    return root


def quietly(root: Path, *arguments: str) -> Ended:
    """The same before the command and after it."""
    before = aliconf("-q", *arguments, cwd=root)
    after = aliconf(*arguments, "--quiet", cwd=root)
    assert (before.code, untimed(before.out), before.err) == (
        after.code,
        untimed(after.out),
        after.err,
    )
    return after


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new))


def every_command(group: click.Group, words: Sequence[str] = ()) -> list[tuple[str, ...]]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append((*words, name))
        if isinstance(command, click.Group):
            found += every_command(command, (*words, name))
    return found


@pytest.mark.parametrize("words", every_command(cli), ids=" ".join)
@pytest.mark.parametrize(("one", "other"), [("-q", "--verbose"), ("--quiet", "-v")])
def test_every_command_takes_either_and_not_both(
    words: tuple[str, ...], one: str, other: str, tmp_path: Path
) -> None:
    for option in (one, other):
        assert aliconf(*words, option, "--help", cwd=tmp_path).code == 0
    for line in ((one, *words, other), (*words, one, other), (other, one, *words)):
        ended = aliconf(*line, cwd=tmp_path)
        assert ended.err.endswith("Error: --quiet and --verbose exclude each other.\n")
        assert (ended.code, ended.out) == (64, "")


def test_only_the_help_of_aliconf_lists_them(tmp_path: Path) -> None:
    assert aliconf("--help", cwd=tmp_path).out.count("--quiet") == 1
    for words in every_command(cli):
        assert "--quiet" not in aliconf(*words, "--help", cwd=tmp_path).out


def test_quiet_is_silent_where_all_is_well(applied: Path) -> None:
    for line in (
        ("validate",),
        ("fmt",),
        ("fmt", "--check"),
        ("status",),
        ("doctor",),
        ("drift",),
        ("lease", "list"),
        ("lease", "release"),
        ("connector", "check"),
        ("connector", "init"),
        ("connector", "migrate"),
        ("connector", "backup", "backup.gz"),
        ("schema", "--write", "schemas"),
    ):
        assert quietly(applied, *line) == Ended(0, "", ""), line
    assert (applied / "backup.gz").exists()
    assert (applied / "schemas" / "aliconf.schema.json").exists()


def test_what_quiet_prints_of_a_plan_and_of_an_apply(root: Path) -> None:
    assert quietly(root, "plan") == Ended(0, "Plan: 4 to create, 5 generated.\n", "")
    assert aliconf("apply", "--yes", "-q", cwd=root) == Ended(
        0, "Apply: 9 done, 0 failed, 0 not tried.\n", ""
    )
    assert quietly(root, "plan") == Ended(0, "Plan: no changes.\n", "")
    assert quietly(root, "apply", "--yes") == Ended(0, "Plan: no changes.\n", "")


def test_a_quiet_plan_for_review_is_written_as_ever_and_applied(applied: Path) -> None:
    edit(applied, "pricing.yaml", "12", "15")
    assert quietly(applied, "plan", "--out", "plan.json", "--detailed-exitcode") == Ended(
        2, "Plan: 1 to update.\n", ""
    )
    assert aliconf("apply", "plan.json", "-q", cwd=applied) == Ended(
        0, "Apply: 1 done, 0 failed, 0 not tried.\n", ""
    )


def test_what_is_asked_about_is_shown(applied: Path) -> None:
    edit(applied, "pricing.yaml", "12", "15")
    loud = aliconf("apply", cwd=applied)
    assert "PricingPolicy/markup" in loud.out
    assert quietly(applied, "apply") == loud


def test_a_quiet_apply_shows_what_failed(applied: Path) -> None:
    edit(applied, "pricing.yaml", "12", "15")
    edit(applied, "template.yaml", "title: Everything", "title: All")
    refuses = "CREATE TRIGGER refuses BEFORE UPDATE ON policy BEGIN SELECT RAISE(ABORT, 'no'); END"
    sql(store(applied), refuses)
    loud = aliconf("apply", "--yes", cwd=applied)
    ended = aliconf("apply", "--yes", "-q", cwd=applied)
    assert ended.out == (
        "failed    ~ PricingPolicy/markup\nApply: 0 done, 1 failed, 1 not tried.\n"
    )
    assert (ended.code, ended.err) == (1, loud.err)


def test_a_quiet_validate_has_the_errors_alone(root: Path) -> None:
    edit(root, "aliconf.yaml", "ALI431: off", "ALI431: warning")
    (root / "template.yaml").unlink()
    warned = aliconf("validate", cwd=root)
    assert warned.out.endswith("\n1 warning in 4 documents\n")
    assert quietly(root, "validate") == Ended(0, "", "")
    assert quietly(root, "validate", "--strict") == Ended(1, warned.out, "")

    write(root, {"pricing.yaml": WRONG_PRICING})
    ended = quietly(root, "validate")
    assert re.findall(r"^\S+: (\w+)\[", ended.out, re.MULTILINE) == ["error"]
    assert ended.out.endswith("\n1 error, 1 warning in 4 documents\n")
    assert ended.code == 1


def test_a_refusal_has_the_errors_alone(root: Path) -> None:
    edit(root, "aliconf.yaml", "ALI431: off", "ALI431: warning")
    (root / "template.yaml").unlink()
    write(root, {"pricing.yaml": WRONG_PRICING})
    assert aliconf("plan", cwd=root).err.endswith("\n\n1 error, 1 warning (-v lists all)\n")
    for command in (("plan",), ("apply", "--yes"), ("render",)):
        ended = quietly(root, *command)
        assert re.findall(r"^\S+: (\w+)\[", ended.err, re.MULTILINE) == ["error"]
        assert (ended.code, ended.out) == (1, "")


def test_a_quiet_plan_shows_what_apply_will_refuse(tmp_path: Path) -> None:
    write(shop(tmp_path), shops.policies(20))
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    for number in range(15):
        (tmp_path / f"p{number}.yaml").unlink()
    loud = aliconf("plan", cwd=tmp_path)
    ended = quietly(tmp_path, "plan")
    assert ended.code == loud.code == 1
    assert ended.out.startswith(
        "aliconf.yaml:5:1: error[ALI521]: 15 of 24 objects would be deleted"
    )
    assert ended.out.endswith("\n\nPlan: 15 to delete. 2 errors.\n")
    assert loud.out.endswith(f"\n\n{ended.out}")


def test_a_quiet_status_has_what_is_not_as_it_should_be(applied: Path) -> None:
    edit(applied, "pricing.yaml", "12", "15")
    assert quietly(applied, "status") == Ended(0, "The configuration has 1 change to apply.\n", "")
    sql(store(applied), "UPDATE policy SET body = 'x' WHERE name = 'markup'")
    ended = quietly(applied, "status")
    assert ended.code == 1
    assert re.findall(r"^(\S+ is INVALID):", ended.out, re.MULTILINE) == [
        "PricingPolicy/markup is INVALID"
    ]
    assert quietly(applied, "status", "--summary").out.splitlines()[0].split() == (
        [
            "Authorization",
            "not",
            "authorized",
            "es:",
            "nothing",
            "is",
            "uploaded;",
            "authorization",
            "comes",
        ]
    )


def test_a_quiet_doctor_has_the_checks_that_fail(root: Path) -> None:
    write(root, {"aliconf.yaml": CHECK_FAILS})
    assert quietly(root, "doctor") == Ended(
        1,
        "Cron: declared disabled, required enabled\n"
        "Memory limit: declared 128M, required at least 512M\n",
        "",
    )


def test_quiet_drift_and_import(applied: Path) -> None:
    sql(store(applied), "UPDATE policy SET body = REPLACE(body, '\"12\"', '\"15\"')")
    assert quietly(applied, "drift") == Ended(2, "Drift: 1 changed.\n", "")
    assert quietly(applied, "import", "--drift", "--dry-run") == Ended(
        0, "1 value in 1 file would be written.\n", ""
    )
    loud = aliconf("import", "--drift", cwd=applied)
    assert "+" in loud.out
    assert quietly(applied, "import", "--drift") == loud
    assert aliconf("import", "--drift", "--yes", "-q", cwd=applied) == Ended(
        0, "1 value in 1 file written.\n", ""
    )


def test_quiet_fmt_prints_what_was_asked_for(root: Path) -> None:
    edit(root, "pricing.yaml", "title: Markup", "title:   Markup")
    diff = aliconf("fmt", "--diff", cwd=root)
    assert quietly(root, "fmt", "--diff") == Ended(0, diff.out, "")
    assert quietly(root, "fmt", "--check") == Ended(1, "would format pricing.yaml\n", "")
    assert quietly(root, "fmt") == Ended(0, "", "")
    assert (root / "pricing.yaml").read_text() == textwrap.dedent(shops.PRICING).lstrip()
    (root / "pricing.yaml").write_text("apiVersion: aliconf/v1\na: [\n")
    ended = quietly(root, "fmt")
    assert ended.err.startswith("pricing.yaml:")
    assert "left unchanged" not in ended.err
    assert ended.code == 1


def test_a_quiet_history_has_a_line_for_each_apply(applied: Path) -> None:
    edit(applied, "pricing.yaml", "12", "15")
    assert aliconf("apply", "--yes", cwd=applied).code == 0
    ended = quietly(applied, "history")
    assert re.sub(r"\d{4}\S+Z", "<when>", ended.out) == (
        "   2  <when>  complete, 1 of 1\n   1  <when>  complete, 9 of 9\n"
    )
    loud = aliconf("history", "show", "2", cwd=applied)
    assert loud.out == quietly(applied, "history", "show", "2").out + (
        "\nThe way back: this apply was not made from a git repository. To go back, write\n"
        "the values before the arrows into the files again, and apply.\n"
    )


def test_a_quiet_init_writes_and_says_nothing(tmp_path: Path) -> None:
    assert aliconf("init", "-q", "new", "--email", "ops@shop.example", cwd=tmp_path) == Ended(
        0, "", ""
    )
    assert aliconf("validate", "-q", cwd=tmp_path / "new") == Ended(0, "", "")


@pytest.mark.parametrize(
    "line",
    [
        ("validate", "--format", "json"),
        ("validate", "--format", "sarif"),
        ("validate", "--format", "junit"),
        ("validate", "--format", "gitlab"),
        ("validate", "--format", "github"),
        ("validate", "--format", "markdown"),
        ("plan", "--format", "json"),
        ("plan", "--format", "markdown"),
        ("plan", "--format", "html"),
        ("status", "--format", "json"),
        ("drift", "--format", "json"),
        ("doctor", "--format", "json"),
        ("history", "--format", "json"),
        ("history", "show", "1", "--format", "json"),
        ("lease", "list", "--format", "json"),
        ("connector", "check", "--format", "json"),
        ("render", "--origins"),
        ("explain", "ALI302"),
        ("schema", "Account"),
        ("completion", "bash"),
    ],
    ids=" ".join,
)
def test_what_is_for_machines_is_always_the_same(line: tuple[str, ...], applied: Path) -> None:
    edit(applied, "aliconf.yaml", "ALI215: off", "ALI215: warning")
    write(applied, {**shops.policies(1)})
    usual = aliconf(*line, cwd=applied)
    assert usual.out
    assert untimed(quietly(applied, *line).out) == untimed(usual.out)
    verbose = aliconf(*line, "-v", cwd=applied)
    assert (verbose.code, untimed(verbose.out)) == (usual.code, untimed(usual.out))


def untimed(text: str) -> str:
    return re.sub(
        r'"now": "[^"]*"|"clockAhead": [^\s,]*|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z', "", text
    )


def test_what_is_refused_to_a_machine_is_the_same(root: Path) -> None:
    (root / "pricing.yaml").write_text("a: [\n")
    for command in ("plan", "validate"):
        line = (command, "--format", "json")
        assert quietly(root, *line) == aliconf(*line, cwd=root)


def test_files_are_the_same(root: Path) -> None:
    for name, options in (("usual", []), ("quiet", ["-q"])):
        also = [f"--also=text={name}.txt", f"--also=json={name}.json"]
        aliconf("validate", *also, *options, cwd=root)
        summary = root / f"{name}.md"
        summary.touch()
        environment = {"GITHUB_STEP_SUMMARY": str(summary)}
        aliconf("plan", *options, cwd=root, environment=environment)
    for kind in ("txt", "json", "md"):
        assert (root / f"quiet.{kind}").read_text() == (root / f"usual.{kind}").read_text() != ""


def test_quiet_work_has_no_progress_however_long_it_takes() -> None:
    moments = iter(range(0, 10_000, 60))
    quiet = Verbosity(lambda: float(next(moments)))
    quiet.choose("quiet")
    stream = io.StringIO()
    display = Display(stream, terminal=False, says=quiet)
    display.begin("reading files", 10)
    for _ in range(10):
        display.advance()
    assert stream.getvalue() == ""


def told(ended: Ended) -> list[str]:
    """The lines of a verbose run without their seconds."""
    lines = ended.err.splitlines()
    assert all(re.match(r" {0,8}\d+\.\d{3} s  \S", line) for line in lines), ended.err
    plain = [re.sub(r"^ *\d+\.\d{3} s  ", "", line) for line in lines]
    return [re.sub(r" in \d+\.\d{3} s$", " in <time>", line) for line in plain]


BEGIN = f"aliconf {__version__}, Python {sys.version.partition(' ')[0]}"


def test_a_verbose_plan_and_apply_say_what_they_do(root: Path) -> None:
    read = [
        BEGIN,
        "reading files: 5 in <time>",
        f"project shop: {root}/aliconf.yaml, no git commit",
        "read 5 documents in 5 files, skipped 0 other YAML files",
        "checking documents: 5 in <time>",
        "connector .aliconf/connector.db",
    ]
    plan = aliconf("-v", "plan", cwd=root)
    assert told(plan) == [
        *read,
        "there is no store yet",
        "normalizing documents: 4 in <time>",
        "comparing objects: 4 in <time>",
    ]
    assert plan.out == aliconf("plan", cwd=root).out
    aliconf("apply", "--yes", cwd=root)
    edit(root, "pricing.yaml", "12", "15")
    lines = told(aliconf("apply", "--yes", "--verbose", cwd=root))
    connector = re.compile(r"opened it: c-[0-9a-f]{8}")
    assert lines[:7] == [*read, "took the lease of the project shop"]
    assert lines[7] == "connector .aliconf/connector.db"
    assert connector.fullmatch(lines[8])
    assert lines[9:12] == [
        "reading objects of the connector: 9 in <time>",
        "normalizing documents: 4 in <time>",
        "comparing objects: 4 in <time>",
    ]
    assert lines[-2:] == [
        "applying changes: 1 in <time>",
        "releasing the lease of the project shop",
    ]


def test_verbose_says_which_commit(root: Path) -> None:
    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "One")
    commit = git("rev-parse", "HEAD")[:7]
    assert told(aliconf("-v", "doctor", cwd=root))[2] == (
        f"project shop: {root}/aliconf.yaml, commit {commit}"
    )
    edit(root, "pricing.yaml", "12", "15")
    assert told(aliconf("-v", "doctor", cwd=root))[2] == (
        f"project shop: {root}/aliconf.yaml, commit {commit} with uncommitted changes"
    )


def test_verbose_says_which_environment_and_overlays(root: Path) -> None:
    write(
        root,
        {
            "aliconf.yaml": f"{shops.PROJECT.rstrip()}\n"
            "      environments:\n"
            "        test: {overlays: ['overlays/*.yaml']}\n"
            "        live: {connector: 'sqlite:///live.db'}\n",
            "overlays/a.yaml": shops.PRICING.replace("12", "15"),
            "overlays/b.yaml": """
                apiVersion: aliconf/v1
                kind: ListingTemplate
                metadata: {name: everything}
                absent: true
            """,
            "other.yaml": "kind: ConfigMap\napiVersion: v1\n",
        },
    )
    assert told(aliconf("render", "-v", "-e", "test", cwd=root))[3:7] == [
        "read 5 documents in 5 files, skipped 1 other YAML file",
        "environment test, overlays: overlays/*.yaml",
        "overlay overlays/a.yaml: changes 1 document",
        "overlay overlays/b.yaml: changes 1 document",
    ]
    assert "environment live, overlays: none" in told(aliconf("plan", "-ve", "live", cwd=root))
    lines = told(aliconf("drift", "-ve", "test", cwd=root))
    assert lines[1:] == [
        f"project shop: {root}/aliconf.yaml, no git commit",
        "read 1 document in 1 file, skipped 0 other YAML files",
        "environment test, overlays: overlays/*.yaml",
        "connector .aliconf/connector.db",
        "there is no store yet",
    ]


def test_a_verbose_refusal_says_how_far_it_came(root: Path) -> None:
    write(root, {"pricing.yaml": WRONG_PRICING})
    usual, ended = aliconf("plan", cwd=root), aliconf("plan", "-v", cwd=root)
    assert ended.err.endswith(usual.err)
    assert told(Ended(1, "", ended.err.removesuffix(usual.err)))[-1] == (
        "checking documents: 5 in <time>"
    )


def test_a_name_cannot_steer_the_terminal_of_who_asks(tmp_path: Path) -> None:
    root = shop(tmp_path / "a\x1b[31m")
    assert told(aliconf("doctor", "-v", cwd=root))[2] == (
        f"project shop: {tmp_path}/a\\x1b[31m/aliconf.yaml, no git commit"
    )


def test_a_verbose_run_goes_on_where_nobody_can_read_it(root: Path) -> None:
    out, end = os.pipe()
    os.close(out)
    ended = subprocess.run(
        [sys.executable, "-m", "aliconf", "-v", "plan"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=end,
        text=True,
        check=False,
    )
    os.close(end)
    assert (ended.returncode, ended.stdout) == (0, aliconf("plan", cwd=root).out)


def test_outside_of_a_command_as_much_is_said_as_usual() -> None:
    with shown() as display:
        display.begin("reading files", 1)
    assert not Verbosity().quiet
    assert not Verbosity().verbose


def test_the_start_of_a_verbose_run_imports_no_more(root: Path) -> None:
    script = "import sys; from aliconf.cli.main import main\ntry: main(sys.argv[1:])\nfinally: print('imported:', *sys.modules)"
    found = [
        set(
            subprocess.run(
                [sys.executable, "-c", script, *line],
                cwd=root,
                capture_output=True,
                text=True,
                check=True,
            )
            .stdout.partition("imported:")[2]
            .split()
        )
        for line in (
            ["completion", "bash"],
            ["-q", "completion", "bash"],
            ["-v", "completion", "bash"],
        )
    ]
    ours = [
        {name for name in one if name.partition(".")[0] != "click"} - sys.stdlib_module_names
        for one in found
    ]
    assert ours[0] == ours[1]
    assert ours[2] - ours[0] == {"aliconf.report", "aliconf.report.style"}


BROKEN = """\
import os
try:
    {}[os.environ["GEHEIM"]]
except KeyError as error:
    raise RuntimeError(f"no {error}") from error
"""
"""A library that is broken, and tells what it should not."""


def test_a_crash_has_its_traceback_where_it_is_asked_for(applied: Path) -> None:
    write(applied, {"broken/deepdiff.py": BROKEN})
    edit(applied, "pricing.yaml", "12", "15")
    environment = {
        "PYTHONPATH": f"{applied / 'broken'}{os.pathsep}{Path.cwd()}",
        "TMPDIR": str(applied),
        "GEHEIM": "hunter2geheim",
    }
    usual = aliconf_process("plan", cwd=applied, environment=environment)
    verbose = aliconf_process("plan", "-v", cwd=applied, environment=environment)
    assert usual.code == verbose.code == 70
    assert usual.err.startswith("error[ALI900]: a defect in aliconf (RuntimeError), not in your")

    lines, traceback = verbose.err.split("Traceback (most recent call last):\n", 1)
    assert told(Ended(70, "", lines))
    cause, both = traceback.split("\nwhich led to\n\nTraceback (most recent call last):\n")
    left_out = "(what it says is left out: it may hold values of yours)"
    assert cause == (
        f"  {applied}/broken/deepdiff.py:3 in <module>\n"
        '    {}[os.environ["GEHEIM"]]\n'
        f"builtins.KeyError {left_out}\n"
    )
    frames, error, end = both.partition(f"builtins.RuntimeError {left_out}\n")
    assert error
    assert " in plan_of\n" in frames
    assert frames.endswith('    raise RuntimeError(f"no {error}") from error\n')
    written = re.sub(r"\S+\.txt", "<file>", end)
    assert written == re.sub(r"\S+\.txt", "<file>", usual.err)

    reports = [file.read_text() for file in applied.glob("aliconf-crash-*.txt")]
    assert len(reports) == 2
    assert "hunter2geheim" not in "".join([usual.err, verbose.err, *reports])


def test_a_quiet_list_of_leases_has_a_line_for_each(applied: Path) -> None:
    with hold(target(Place("sqlite", applied)), "shop"):
        ended = quietly(applied, "lease", "list")
        assert re.fullmatch(r"shop  \S+@\S+\n", ended.out)
        assert (ended.code, ended.err) == (0, "")
