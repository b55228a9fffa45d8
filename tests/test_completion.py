"""Completion in shells: their own programs ask, as they do when somebody presses the tab key."""

from __future__ import annotations

import os
import pty
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from aliconf.cli.main import COMMANDS
from aliconf.model.kinds import KINDS
from aliconf.rules.pages import codes
from tests.command import aliconf, aliconf_process, clean_environment, write
from tests.test_imports import HEAVY, MODELS, among, imported

PROJECT = """
    apiVersion: aliconf/v1
    kind: Project
    metadata:
      name: shop
    spec:
      environments:
        staging: {}
        production: {}
        no: {}
"""
TELL = """\
#!/bin/sh
if [ -n "$_ALICONF_COMPLETE" ]; then exec {python} -m aliconf "$@"; fi
echo "ran: $*."
"""
"""A program that completes as aliconf does, and otherwise only tells how it was called."""
OF_PLANS = {"aliconf.plan"}
OF_APPLIES = {"aliconf.apply"}
MACHINES = ("json", "markdown", "github", "gitlab", "junit", "sarif")
COMMON = ["-q", "--quiet", "-v", "--verbose", "-h", "--help"]


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A project, and a program `aliconf` for the shells in it."""
    write(tmp_path, {"aliconf.yaml": PROJECT})
    program = tmp_path / "bin" / "aliconf"
    program.parent.mkdir()
    program.write_text(TELL.format(python=shlex.quote(sys.executable)))
    program.chmod(0o755)
    return tmp_path


def environment(there: Path, **more: str) -> Mapping[str, str]:
    path = f"{there / 'bin'}{os.pathsep}{os.environ['PATH']}"
    python = f"{Path.cwd()}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    return clean_environment({"PATH": path, "PYTHONPATH": python, **more})


def bash(there: Path, line: str) -> list[str]:
    """What bash offers for the last word of a line; nothing is printed beside it."""
    words = line.split(" ")
    script = f"""
        {aliconf("completion", "bash", cwd=there).out}
        COMP_WORDS=({" ".join(shlex.quote(word) for word in words)})
        COMP_CWORD={len(words) - 1}
        compopt() {{ [ "$2" = nospace ] || COMPREPLY=("(compopt $*)"); }}
        $(complete -p aliconf | sed 's/.* -F \\([^ ]*\\) .*/\\1/') aliconf
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    ended = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=there,
        env=environment(there),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""
    return ended.stdout.split()


def typed(there: Path, keys: str) -> str:
    """How an interactive bash calls aliconf when these keys are pressed, and then Enter."""
    (there / "rc").write_text(f"{aliconf('completion', 'bash', cwd=there).out}\nPS1='$ '\n")
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(
        ["bash", "--noprofile", "--rcfile", "rc", "-i"],
        cwd=there,
        env=environment(there, TERM="dumb", INPUTRC="/dev/null"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    seen = ""
    try:
        while "$ " not in seen:
            seen += os.read(ours, 4096).decode()
        os.write(ours, f"{keys}\n".encode())
        while "ran: " not in seen or "\n" not in seen.partition("ran: ")[2]:
            seen += os.read(ours, 4096).decode()
    finally:
        shell.kill()
        shell.wait()
        os.close(ours)
    assert "Traceback" not in seen
    return seen.partition("ran: ")[2].partition(".\r\n")[0]


def test_the_tab_key_completes_a_command_and_its_options(there: Path) -> None:
    assert typed(there, "aliconf val\t--str\t") == "validate --strict"


def test_the_tab_key_completes_an_environment(there: Path) -> None:
    assert typed(there, "aliconf -q plan -e prod\t--deta\t") == (
        "-q plan -e production --detailed-exitcode"
    )


def test_the_tab_key_completes_the_file_of_a_plan(there: Path) -> None:
    (there / "reviewed.json").write_text("{}")
    assert typed(there, "aliconf apply revi\t") == "apply reviewed.json"


def test_the_tab_key_completes_a_format_and_the_name_of_the_file_follows(there: Path) -> None:
    assert typed(there, "aliconf plan --also mark\tplan.md --deta\t") == (
        "plan --also markdown=plan.md --detailed-exitcode"
    )


def test_the_tab_key_completes_a_guardrail(there: Path) -> None:
    assert typed(there, "aliconf apply --allow ALI53\t--reas\t") == (
        "apply --allow ALI537 --reason"
    )


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("aliconf ", list(COMMANDS)),
        ("aliconf p", ["plan"]),
        (
            "aliconf -",
            [
                *("-q", "--quiet", "-v", "--verbose", "--version", "-V", "-C", "--directory"),
                *("-h", "--help"),
            ],
        ),
        ("aliconf render -", ["--origins", "-e", "--environment", *COMMON]),
        ("aliconf connector ", ["init", "migrate", "check", "copy", "backup", "restore", "rekey"]),
        ("aliconf connector check --f", ["--format"]),
        ("aliconf lease ", ["list", "release"]),
        ("aliconf lease list -", ["--format", "-e", "--environment", *COMMON]),
        ("aliconf history s", ["show"]),
        ("aliconf plan --format ", ["text", "json", "markdown", "html"]),
        ("aliconf plan -e ", ["staging", "production", "no"]),
        ("aliconf status --environment s", ["staging"]),
        ("aliconf plan -e x", []),
        ("aliconf explain ", [*KINDS, *codes()]),
        ("aliconf explain ALI30", [code for code in codes() if code.startswith("ALI30")]),
        ("aliconf explain ali302", ["ALI302"]),
        ("aliconf explain ALI302 Img", []),
        ("aliconf explain ALI302 Image", ["ImagePolicy"]),
        ("aliconf explain PricingPolicy.r", ["PricingPolicy.rounding"]),
        (
            "aliconf explain PricingPolicy.rounding.",
            [f"PricingPolicy.rounding.{name}" for name in ("mode", "step", "ending")],
        ),
        ("aliconf explain Nothing.", []),
        ("aliconf explain ..", []),
        ("aliconf schema Cam", ["Campaign"]),
        ("aliconf completion ", ["bash", "zsh", "fish"]),
        ("aliconf apply ", ["(compopt", "-o", "default)"]),
        ("aliconf validate --also markdown=x p", ["(compopt", "-o", "default)"]),
        ("aliconf import --into ", ["(compopt", "-o", "dirnames)"]),
        ("aliconf -C ", ["(compopt", "-o", "default)"]),
        ("aliconf history show ", []),
        ("aliconf plan --max-bytes x --allow -e ", ["staging", "production", "no"]),
        ("aliconf init --region Atlantis --f", []),
        ("aliconf apply --allow ", ["ALI520", "ALI521", "ALI537"]),
        ("aliconf apply --allow ALI520 --allow ali53", ["ALI537"]),
        ("aliconf apply --allow ALI2", []),
        ("aliconf plan --also m", ["markdown="]),
        ("aliconf plan --also json=plan.json --also h", ["html="]),
        (
            "aliconf validate --also ",
            [f"{name}=" for name in ("text", *MACHINES)],
        ),
        ("aliconf validate --also html", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bash_offers(line: str, offered: list[str], there: Path) -> None:
    if line.endswith(" -"):  # whose order differs between versions of click
        assert {*bash(there, line)} == {*offered}
    else:
        assert bash(there, line) == offered


def test_environments_are_those_of_the_directory_that_is_named(there: Path) -> None:
    write(there / "other", {"aliconf.yaml": PROJECT.replace("staging", "test")})
    assert bash(there, "aliconf -C other plan -e t") == ["test"]
    assert bash(there, "aliconf -C nowhere plan -e t") == []


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (PROJECT + "      include: [", []),
        (
            "kind: Registration\n---\n" + PROJECT.replace("\n    ", "\n"),
            ["staging", "production", "no"],
        ),
        (PROJECT.replace("\n    ", "\n") + "---\na: [\n", ["staging", "production", "no"]),
        ("kind: Project\nspec:\n  environments: 7\n", []),
        ("kind: Project\nspec: {environments: [a, {b: c}]}\n", []),
        ("kind: Project\nspec: []\n", []),
        ("- kind: Project\n", []),
        ("a: &a [*a]\n", []),
        ("\0", []),
        ("", []),
    ],
)
def test_a_file_that_cannot_be_read_completes_what_can_be(
    text: str, offered: list[str], there: Path
) -> None:
    (there / "aliconf.yaml").write_text(text)
    assert bash(there, "aliconf plan -e ") == offered


def test_no_file_completes_nothing(there: Path) -> None:
    (there / "aliconf.yaml").unlink()
    assert bash(there, "aliconf plan -e ") == []
    (there / "aliconf.yaml").mkdir()
    assert bash(there, "aliconf plan -e ") == []
    (there / "aliconf.yaml").rmdir()
    (there / "aliconf.yaml").write_bytes(b"kind: \xff")
    assert bash(there, "aliconf plan -e ") == []


@pytest.mark.parametrize(
    "question",
    [
        {"_ALICONF_COMPLETE": "bash_complete"},
        {"_ALICONF_COMPLETE": "bash_complete", "COMP_WORDS": "aliconf", "COMP_CWORD": "x"},
        {"_ALICONF_COMPLETE": "ksh_complete", "COMP_WORDS": "aliconf", "COMP_CWORD": "1"},
        {"_ALICONF_COMPLETE": "nonsense", "COMP_WORDS": "aliconf", "COMP_CWORD": "1"},
    ],
)
def test_a_question_that_no_shell_asks_has_no_answer(question: dict[str, str], there: Path) -> None:
    ended = aliconf_process(cwd=there, environment=question)
    assert (ended.out, ended.err) == ("", "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_the_script_and_ask(shell: str, there: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    (there / "script").write_text(aliconf("completion", shell, cwd=there).out)
    asking = {
        "zsh": "autoload -U compinit; compinit -u -D; source ./script; "
        "COMP_WORDS='aliconf plan -e ' COMP_CWORD=3 _ALICONF_COMPLETE=zsh_complete aliconf",
        "fish": "source ./script; complete --do-complete 'aliconf plan -e '",
    }[shell]
    ended = subprocess.run(
        [program, "-c", asking],
        cwd=there,
        env=environment(there, HOME=str(there)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert [word for word in ended.stdout.split() if word not in {"plain", "_"}] == [
        *("staging", "production", "no")
    ]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_words_for_shells_that_show_help_beside_them(shell: str, there: Path) -> None:
    asked = {
        "_ALICONF_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "aliconf pl",
        "COMP_CWORD": {"zsh": "1", "fish": "pl"}[shell],
    }
    ended = aliconf_process(cwd=there, environment=asked)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.split("\n", 2) == {
        "zsh": ["plain", "plan", f"{COMMANDS['plan']}\n"],
        "fish": [f"plain,plan\t{COMMANDS['plan']}", ""],
    }.get(shell)


@pytest.mark.parametrize(
    ("line", "unwanted"),
    [
        ("aliconf p", HEAVY | MODELS),
        ("aliconf connector ", HEAVY | MODELS),
        ("aliconf plan --", HEAVY - OF_PLANS),
        ("aliconf plan -e ", HEAVY - OF_PLANS),
        ("aliconf plan --also ", HEAVY - OF_PLANS),
        ("aliconf apply --allow ", HEAVY - OF_PLANS - OF_APPLIES),
        ("aliconf explain ALI30", HEAVY),
        ("aliconf explain PricingPolicy.", HEAVY),
    ],
)
def test_an_answer_imports_nothing_heavy(
    line: str, unwanted: set[str], there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_ALICONF_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    modules = imported(there)
    assert "click.shell_completion" in modules
    assert among(modules, unwanted) == []


def test_a_shell_without_a_script_is_wrong_usage(tmp_path: Path) -> None:
    ended = aliconf("completion", "ksh", cwd=tmp_path)
    assert ended.code == 64
    assert "'ksh' is not one of 'bash', 'zsh', 'fish'" in ended.err
