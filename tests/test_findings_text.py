"""Findings as people read them: the order, what is left out, and the source lines."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliconf.findings import Finding, Location, Severity
from aliconf.plan.changes import Plan
from aliconf.report import findings_text, plan_text
from aliconf.report.style import Style
from aliconf.report.table import width
from tests import shops
from tests.command import Ended, aliconf, write

ERROR = """\
pricing.yaml:9:26: error[ALI116]: adjustments[0].increaseByPercent is -12; it must be more than 0
 9 |     - increaseByPercent: -12
   |                          ^^^
  → Percent added to the price.
"""
MORE = "warning[ALI215]: 7 more like this (-v lists them)\n"


def policies(file: str, amount: int) -> str:
    """Documents that nothing uses."""
    return "---\n".join(
        "apiVersion: aliconf/v1\n"
        "kind: ImagePolicy\n"
        f"metadata: {{name: {file}-{number}}}\n"
        f"spec: {{title: {file} {number}}}\n"
        for number in range(amount)
    )


def unused(file: str, number: int) -> str:
    """The warning of one of them."""
    line, name = str(5 * number + 3), f"{file}-{number}"
    return f"""\
{file}.yaml:{line}:18: warning[ALI215]: nothing uses ImagePolicy/{name}
 {line} | metadata: {{name: {name}}}
 {" " * len(line)} |                  {"^" * len(name)}
  → Name it as imagePolicy of a listing template or campaign, make it the
    default, or remove it.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A shop with one error, whose file stands between those of many warnings."""
    files = {
        "aliconf.yaml": shops.PROJECT.replace("ALI215: off", "ALI215: warning"),
        "registration.yaml": shops.REGISTRATION,
        "account.yaml": shops.ACCOUNT,
        "template.yaml": shops.TEMPLATE,
        "pricing.yaml": shops.PRICING.replace("increaseByPercent: 12", "increaseByPercent: -12"),
    }
    write(tmp_path, files)
    (tmp_path / "images.yaml").write_text(policies("images", 4))
    (tmp_path / "stock.yaml").write_text(policies("stock", 8))
    return tmp_path


def heads(text: str) -> list[str]:
    """Place, severity and code of each finding."""
    return re.findall(r"^((?:\S+: )?(?:error|warning|note)\[\w+\])", text, re.MULTILINE)


def test_errors_stand_below_warnings_and_above_the_totals(root: Path) -> None:
    (root / "stock.yaml").unlink()
    blocks = [*(unused("images", number) for number in range(4)), ERROR]
    totals = "1 error, 4 warnings in 9 documents\n"
    assert aliconf("validate", cwd=root) == Ended(1, "\n".join([*blocks, totals]), "")


def test_of_many_warnings_of_a_code_the_first_are_shown_and_the_others_counted(root: Path) -> None:
    first = [*(unused("images", number) for number in range(4)), unused("stock", 0)]
    totals = "1 error, 12 warnings in 17 documents\n"
    brief = aliconf("validate", cwd=root)
    assert brief == Ended(1, "\n".join([*first, MORE, ERROR, totals]), "")

    others = [unused("stock", number) for number in range(1, 8)]
    every = "\n".join([*first, *others, ERROR, totals])
    assert aliconf("validate", "--verbose", cwd=root).out == every
    assert aliconf("validate", "--also", "text=report.txt", cwd=root) == brief
    assert (root / "report.txt").read_text() == brief.out


def test_programs_get_every_finding_in_the_order_of_the_files(root: Path) -> None:
    report = json.loads(aliconf("validate", "--format", "json", cwd=root).out)
    assert [(one["code"], one["location"]["file"]) for one in report["findings"]] == [
        *[("ALI215", "images.yaml")] * 4,
        ("ALI116", "pricing.yaml"),
        *[("ALI215", "stock.yaml")] * 8,
    ]


def test_one_more_than_the_first_is_shown_and_not_counted(root: Path) -> None:
    (root / "stock.yaml").write_text(policies("stock", 2))
    blocks = [*(unused("images", n) for n in range(4)), unused("stock", 0), unused("stock", 1)]
    totals = "1 error, 6 warnings in 11 documents\n"
    assert aliconf("validate", cwd=root).out == "\n".join([*blocks, ERROR, totals])


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["render"]], ids=" ".join)
def test_a_refusal_shows_the_errors_and_counts_the_warnings(command: list[str], root: Path) -> None:
    refused = f"{ERROR}\n1 error, 12 warnings (-v lists all)\n"
    assert aliconf(*command, cwd=root) == Ended(1, "", refused)
    every = aliconf(*command, "-v", cwd=root).err
    assert len(heads(every)) == 13
    assert every.endswith(f"\n\n{ERROR}\n1 error, 12 warnings\n")


def test_a_refusal_in_a_file_is_the_same_and_one_for_programs_has_all(root: Path) -> None:
    ended = aliconf("plan", "--also", "text=plan.txt", "--also", "json=plan.json", cwd=root)
    assert (root / "plan.txt").read_text() == ended.err
    assert len(json.loads((root / "plan.json").read_text())["findings"]) == 13


def test_several_errors_have_a_total_and_a_single_one_has_none(root: Path) -> None:
    for name in ("images.yaml", "stock.yaml"):
        (root / name).unlink()
    assert aliconf("plan", cwd=root) == Ended(1, "", ERROR)
    template = shops.TEMPLATE.replace("title:", "titel:")
    write(root, {"template.yaml": template})
    ended = aliconf("plan", cwd=root)
    assert heads(ended.err) == [
        "pricing.yaml:9:26: error[ALI116]",
        "template.yaml:5:1: error[ALI113]",
        "template.yaml:6:3: error[ALI112]",
    ]
    assert ended.err.endswith("\n\n3 errors\n")


def finding(number: int, severity: Severity, message: str = "") -> Finding:
    return Finding("ALI204", severity, message or f"there is no Account/a{number}")


def test_errors_are_alike_only_in_the_same_words() -> None:
    each = [finding(number, Severity.ERROR) for number in range(9)]
    assert findings_text.render(each, Style()) == "\n".join(
        f"error[ALI204]: there is no Account/a{number}\n" for number in range(9)
    )
    same = [finding(number, Severity.ERROR, "there is no Account/es") for number in range(1009)]
    assert findings_text.render(same, Style(colour=True)) == "\n".join(
        [
            *["\x1b[31merror[ALI204]\x1b[0m: there is no Account/es\n"] * 5,
            "\x1b[31merror[ALI204]\x1b[0m: 1,004 more like this (-v lists them)\n",
        ]
    )


def test_notes_warnings_and_errors_follow_one_another_each_in_their_order() -> None:
    mixed = [finding(number, list(Severity)[number % 3]) for number in range(6)]
    assert heads(findings_text.render(mixed, Style())) == [
        *["note[ALI204]"] * 2,
        *["warning[ALI204]"] * 2,
        *["error[ALI204]"] * 2,
    ]


def test_the_summary_of_a_plan_counts_what_somebody_has_to_look_at() -> None:
    found = tuple(finding(number, list(Severity)[number % 3]) for number in range(8))
    assert plan_text.summary(Plan("shop", "connector.db", "", (), findings=found)) == (
        "Plan: no changes. 3 errors, 3 warnings."
    )


def test_a_plan_that_will_be_refused_ends_with_why_and_with_the_totals(tmp_path: Path) -> None:
    write(shops.shop(tmp_path), shops.policies(20))
    assert aliconf("apply", "--yes", cwd=tmp_path).code == 0
    for number in range(15):
        (tmp_path / f"p{number}.yaml").unlink()
    text = (tmp_path / "account.yaml").read_text()
    (tmp_path / "account.yaml").write_text(text.replace("storeView: es", "storeView: es_new"))

    ended = aliconf("plan", cwd=tmp_path)

    assert heads(ended.out) == [
        "account.yaml:8:14: warning[ALI509]",
        "aliconf.yaml:5:1: error[ALI521]",
        "aliconf.yaml:5:1: error[ALI521]",
    ]
    assert ended.out.index("\nNot touched: ") < ended.out.index("error[ALI521]")
    assert ended.out.endswith("\n\nPlan: 1 to update, 15 to delete. 2 errors, 1 warning.\n")


URL = "postgresql://aliconf:${env:PASSWORD}@database.warehouse.example.com:5432/onboarding"
LINE = f"  connector: {URL}?schema=shops_of_the_iberian_peninsula&sslmode=verify-full"


def excerpt(line: str, column: int, end: int, style: Style) -> list[str]:
    location = Location("aliconf.yaml", 6, column, end, line)
    one = Finding("ALI915", Severity.ERROR, "wrong", location)
    return findings_text.render([one], style).splitlines()[1:]


@pytest.mark.parametrize(
    ("column", "end", "room", "shown"),
    [
        pytest.param(
            3, 12, 80,
            [
                " 6 |   connector: postgresql://aliconf:${env:PASSWORD}@database.warehouse.examp…",
                "   |   ^^^^^^^^^",
            ],
            id="the beginning",
        ),
        pytest.param(
            98, 104, 80,
            [
                " 6 | …base.warehouse.example.com:5432/onboarding?schema=shops_of_the_iberian_pe…",
                "   |                                             ^^^^^^",
            ],
            id="the middle",
        ),
        pytest.param(
            14, 200, 60,
            [
                " 6 |   connector: postgresql://aliconf:${env:PASSWORD}@data…",
                "   |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
            ],
            id="more than the terminal",
        ),
        pytest.param(
            len(LINE) + 1, 0, 80,
            [
                " 6 | …5432/onboarding?schema=shops_of_the_iberian_peninsula&sslmode=verify-full",
                "   |                                                                           ^",
            ],
            id="behind the end",
        ),
    ],
)  # fmt: skip
def test_of_a_line_that_is_wider_than_the_terminal_the_part_at_the_caret_is_shown(
    column: int, end: int, room: int, shown: list[str]
) -> None:
    assert excerpt(LINE, column, end, Style(width=room)) == shown


def test_the_caret_stands_below_wide_and_invisible_characters() -> None:
    assert excerpt("title: 春のコレクション shoes", 17, 22, Style()) == [
        " 6 | title: 春のコレクション shoes",
        "   |                         ^^^^^",
    ]
    assert excerpt("title: a\x1b[2Jb", 8, 9, Style()) == [
        " 6 | title: a\\x1b[2Jb",
        "   |        ^",
    ]


@given(
    line=st.text("ab: 春\t\x07", min_size=1, max_size=200).filter(str.strip),
    column=st.integers(0, 199),
    length=st.integers(1, 50),
    room=st.integers(40, 120),
)
def test_no_excerpt_is_wider_than_the_terminal_and_its_caret_begins_where_the_place_does(
    line: str, column: int, length: int, room: int
) -> None:
    column = min(column, len(line) - 1)
    source, carets = excerpt(line, column + 1, column + 1 + length, Style(width=room))
    assert max(width(source), len(carets)) <= room
    columns = [character for character in source for _ in range(width(character))]
    marked = Style.printable(line[column].expandtabs(1))
    assert columns[carets.index("^")] in {marked[0], "…"}
