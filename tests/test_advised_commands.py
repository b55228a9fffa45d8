"""What is advised in a project with environments names the one that was chosen."""

from __future__ import annotations

import contextvars
import re
import shlex
import sqlite3
from pathlib import Path

import click
import pytest

from aliconf.cli.main import cli
from aliconf.findings import with_environment, work_in
from tests.command import aliconf, write
from tests.teams import unwrapped
from tests.test_environments import shop

_COMMAND = re.compile(
    r"(?<![-\w/.])aliconf ((?:connector |lease )?[a-z]+(?: --?[a-z]+(?: staging)?| FILE)*)"
)
_HARMLESS = ("plan", "drift", "status", "history", "import")
REVIEWED = "    live:\n      requireReviewedPlan: true\n"


@pytest.fixture
def drifted(tmp_path: Path) -> Path:
    """A shop whose staging store was changed by hand, and whose configuration was, too."""
    root = shop(tmp_path)
    assert aliconf("apply", "-e", "staging", "--yes", cwd=root).code == 0
    with sqlite3.connect(root / "staging.db") as store:
        store.execute("""UPDATE policy SET body = REPLACE(body, '"5"', '"7"')""")
        store.execute("DELETE FROM listing_template WHERE name = 'everything'")
    text = (root / "shop.yaml").read_text()
    write(root, {"shop.yaml": text.replace("title: French", "title: Frankreich")})
    return root


def advised(text: str) -> list[list[str]]:
    """The commands in a text, as the shell would take them."""
    words = " ".join(text.split())
    return [shlex.split(found) for found in _COMMAND.findall(words)]


def parsed(arguments: list[str]) -> dict[str, object]:
    """The parameters of the command that a command line is for; raises where it is wrong."""
    command: click.Command = cli
    context: click.Context | None = None
    while isinstance(command, click.Group):
        context = command.make_context("aliconf", arguments, parent=context)
        rest = [*context._protected_args, *context.args]
        if not rest:
            return context.params
        _, found, arguments = command.resolve_command(context, rest)
        assert found is not None
        command = found
    return command.make_context("aliconf", arguments, parent=context).params


@pytest.mark.parametrize(
    "arguments",
    [
        ("drift",),
        ("status",),
        ("status", "--summary"),
        ("status", "--format", "json"),
        ("plan",),
        ("import", "--drift", "--dry-run"),
        ("apply",),
    ],
)
def test_every_command_that_is_advised_can_be_run(
    drifted: Path, arguments: tuple[str, ...]
) -> None:
    ended = aliconf(*arguments, "-e", "staging", cwd=drifted)
    assert "ALI920" not in ended.out + ended.err
    found = [words for words in advised(ended.out + ended.err) if words[0] != "explain"]
    for words in found:
        assert words[0] in {"doctor", "validate"} or parsed(words)["environment"] == "staging"
        if words[0] in _HARMLESS:
            again = aliconf(*words, cwd=drifted)
            assert "ALI920" not in again.out + again.err, words
    if arguments[0] in {"drift", "status"}:
        assert found


def test_a_refusal_advises_the_environment_that_it_is_about(drifted: Path) -> None:
    text = (drifted / "aliconf.yaml").read_text()
    write(drifted, {"aliconf.yaml": text.replace("    live:\n", REVIEWED)})
    ended = aliconf("apply", "-e", "live", "--yes", cwd=drifted)
    assert "`aliconf plan -e live` shows the one of now." in ended.err.replace("\n    ", " ")


def test_an_apply_of_an_environment_is_shown_with_the_option_in_either_place(
    drifted: Path,
) -> None:
    shown = aliconf("history", "show", "1", "-e", "staging", cwd=drifted)
    assert shown.code == 0
    assert shown == aliconf("history", "-e", "staging", "show", "1", cwd=drifted)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("Run aliconf connector init, then", "Run aliconf connector init -e live, then"),
        ("`aliconf plan --out FILE`", "`aliconf plan -e live --out FILE`"),
        ("`aliconf plan --out FILE -e live`", "`aliconf plan --out FILE -e live`"),
        ("`aliconf apply --environment live`", "`aliconf apply --environment live`"),
        ("`aliconf explain ALI101`", "`aliconf explain ALI101`"),
        ("`aliconf history show 3`", "`aliconf history show -e live 3`"),
        ("`aliconf -C 'a b' plan`", "`aliconf -C 'a b' plan -e live`"),
    ],
)
def test_commands_that_work_on_an_environment_get_it_once(text: str, there: str) -> None:
    assert with_environment(text, "live") == there
    assert with_environment(text, "") == text


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("`aliconf plan --out FILE`", "`aliconf -C 'a b' plan -e live --out FILE`"),
        ("`aliconf validate`, then `aliconf fmt`", None),
        ("`aliconf init` makes one", "`aliconf -C 'a b' init` makes one"),
        ("the workflow of `aliconf init --ci`", "the workflow of `aliconf init --ci`"),
        ("`aliconf explain ALI101`", "`aliconf explain ALI101`"),
        ("`aliconf -C 'a b' plan -e live`", "`aliconf -C 'a b' plan -e live`"),
    ],
)
def test_commands_that_work_on_another_directory_get_it_once(text: str, there: str | None) -> None:
    def said() -> str:
        work_in("'a b'")
        return with_environment(with_environment(text, "live"), "live")

    expected = text.replace("aliconf ", "aliconf -C 'a b' ") if there is None else there
    assert contextvars.copy_context().run(said) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ("drift",),
        ("status",),
        ("status", "--format", "json"),
        ("plan", "--format", "markdown"),
        ("plan", "--out", "plan.json"),
    ],
)
def test_what_is_advised_works_on_the_directory_that_was_given(
    drifted: Path, arguments: tuple[str, ...]
) -> None:
    here = drifted / "elsewhere"
    here.mkdir()
    ended = aliconf("-C", "..", *arguments, "-e", "staging", cwd=here)
    text = unwrapped(ended.out + ended.err).replace("### aliconf plan", "")
    found = re.findall(r"(?<![-\w/.])aliconf ((?:-C \S+ )?[a-z]+)", text)
    advice = {words for words in found if words != "explain"}
    assert advice
    assert {words for words in advice if not words.startswith("-C .. ")} == set()


def test_a_refusal_advises_the_directory_that_it_is_about(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    for command in ("plan", "fmt"):
        ended = aliconf("-C", "shop", command, cwd=tmp_path)
        assert "`aliconf -C shop init`" in ended.err
        assert "`aliconf init`" in aliconf("-C", ".", command, cwd=tmp_path).err
