"""Findings as JUnit, GitLab's code quality and Markdown, and the files of ``--also``."""

from __future__ import annotations

import json
import os
import stat
import string
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliconf.findings import Finding, Location, Related, Severity
from aliconf.report import plan_html
from aliconf.report.findings_data import to_github, to_sarif
from aliconf.report.findings_gitlab import to_gitlab
from aliconf.report.findings_junit import to_junit
from aliconf.report.findings_markdown import bullet
from tests.command import Ended, aliconf, write
from tests.shops import PRICING, shop

WRONG = PRICING.replace("increaseByPercent: 12", "increaseByPercent: [12]")


def validate(root: Path, *options: str, **environment: str) -> Ended:
    return aliconf("validate", *options, cwd=root, environment=environment)


def same(text: str) -> str:
    return text


Element = tuple[str, dict[str, str], str, list[Any]]


def parsed(xml: str) -> Element:
    """Name, attributes, text and children of the root, as a strict reader of XML has them."""
    stack: list[Element] = [("", {}, "", [])]

    def start(name: str, attributes: dict[str, str]) -> None:
        stack.append((name, attributes, "", []))

    def data(text: str) -> None:
        name, attributes, before, children = stack[-1]
        stack[-1] = (name, attributes, before + text, children)

    def end(_: str) -> None:
        element = stack.pop()
        stack[-1][3].append(element)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = data
    parser.Parse(xml.encode(), True)
    (root,) = stack[0][3]
    return root


def test_junit_has_a_case_for_each_document_and_fails_those_with_errors(tmp_path: Path) -> None:
    ended = validate(shop(tmp_path, pricing=WRONG), "--format", "junit")
    assert ended == Ended(
        1,
        """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="aliconf" tests="5" failures="1" errors="0">
  <testsuite name="aliconf validate" tests="5" failures="1" errors="0" skipped="0">
    <testcase classname="aliconf.yaml" name="Project/shop"/>
    <testcase classname="account.yaml" name="Account/es"/>
    <testcase classname="pricing.yaml" name="PricingPolicy/markup">
      <failure message="ALI114 adjustments[0].increaseByPercent: expected a number, found a list" type="ALI114">pricing.yaml:9:26: error[ALI114]: adjustments[0].increaseByPercent: expected a number, found a list
  → Such as `increaseByPercent: 12`. Percent added to the price.</failure>
    </testcase>
    <testcase classname="registration.yaml" name="Registration/main"/>
    <testcase classname="template.yaml" name="ListingTemplate/everything"/>
  </testsuite>
</testsuites>
""",
        "",
    )


def test_junit_counts_warnings_as_failures_where_validate_fails_for_them(tmp_path: Path) -> None:
    unused = PRICING.replace("markup", "unused").replace("Markup", "Unused")
    shop(tmp_path, more=unused.replace("default: true", "default: false"))
    project = (tmp_path / "aliconf.yaml").read_text().replace("ALI215: off", "ALI215: warning")
    (tmp_path / "aliconf.yaml").write_text(project)

    told = validate(tmp_path, "--format", "junit")
    failed = validate(tmp_path, "--format", "junit", "--strict")

    assert (told.code, parsed(told.out)[1]["failures"]) == (0, "0")
    assert "<system-out>more.yaml:4:9: warning[ALI215]" in told.out
    assert (failed.code, parsed(failed.out)[1]["failures"]) == (1, "1")


def test_a_refusal_is_a_report_of_its_format(tmp_path: Path) -> None:
    for shape in ("junit", "gitlab", "markdown", "json", "sarif"):
        ended = validate(tmp_path, "--format", shape, "--also", f"{shape}=report")
        assert (ended.code, ended.err) == (1, ""), ended
        assert "ALI121" in ended.out
        assert (tmp_path / "report").read_text() == ended.out


ANY = st.text(st.characters(exclude_categories=[]), max_size=30)
FINDINGS = st.lists(
    st.builds(
        Finding,
        st.sampled_from(["ALI101", "ALI302"]),
        st.sampled_from(Severity),
        ANY,
        st.none() | st.builds(Location, ANY, st.integers(1, 9)),
        ANY,
        st.sampled_from(["", "Account/es"]) | ANY,
        st.lists(st.builds(Related, ANY, st.builds(Location, ANY)), max_size=1).map(tuple),
    ),
    max_size=6,
)


@given(FINDINGS, st.booleans())
def test_junit_is_well_formed_and_its_counts_are_those_of_its_cases(
    findings: list[Finding], strict: bool
) -> None:
    documents = [("account.yaml", "Account/es"), ("account.yaml", "Account/fr")]
    name, counts, _, (suite,) = parsed(to_junit(findings, documents, same, strict=strict))
    cases = suite[3]
    failures = [child for case in cases for child in case[3] if child[0] == "failure"]
    assert (name, suite[0], {case[0] for case in cases}) == (
        "testsuites",
        "testsuite",
        {"testcase"},
    )
    for attributes in (counts, suite[1]):
        assert (attributes["tests"], attributes["failures"]) == (
            str(len(cases)),
            str(len(failures)),
        )
    assert all(case[1]["name"] and case[1]["classname"] for case in cases)
    assert all([child[0] for child in case[3]].count("failure") <= 1 for case in cases)
    assert {key for case in cases for key in case[1]} == {"classname", "name"}
    assert all(set(child[1]) <= {"message", "type"} for case in cases for child in case[3])
    named = [(case[1]["classname"], case[1]["name"]) for case in cases]
    assert len(named) >= 2
    text = "".join(child[2] for case in cases for child in case[3])
    assert text.count("error[") + text.count("warning[") + text.count("note[") >= len(findings)


def test_gitlab_gives_the_keys_that_merge_requests_read(tmp_path: Path) -> None:
    ended = validate(shop(tmp_path, pricing=WRONG), "--format", "gitlab")
    (issue,) = json.loads(ended.out)
    assert len(issue.pop("fingerprint")) == 64
    assert issue == {
        "description": "PricingPolicy/markup: adjustments[0].increaseByPercent: expected a number, "
        "found a list. Such as `increaseByPercent: 12`. Percent added to the price.",
        "check_name": "ALI114",
        "severity": "critical",
        "location": {"path": "pricing.yaml", "lines": {"begin": 9}},
    }


def test_gitlab_paths_are_from_the_root_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    root = tmp_path / "shops" / "moda"
    root.mkdir(parents=True)
    shop(root, pricing=WRONG)
    for place, options in (
        (root, []),
        (tmp_path, ["-C", "shops/moda"]),
        (root.parent, ["-C", "moda"]),
    ):
        ended = aliconf(*options, "validate", "--format", "gitlab", cwd=place)
        assert json.loads(ended.out)[0]["location"]["path"] == "shops/moda/pricing.yaml"


def test_a_fingerprint_stays_when_lines_move_and_goes_with_its_cause(tmp_path: Path) -> None:
    def fingerprints() -> list[str]:
        issues = json.loads(validate(tmp_path, "--format", "gitlab").out)
        return [issue["fingerprint"] for issue in issues]

    shop(tmp_path, pricing=WRONG, more=WRONG.replace("markup", "other"))
    before = fingerprints()
    text = (tmp_path / "pricing.yaml").read_text()
    (tmp_path / "pricing.yaml").write_text(f"# one\n# two\n{text}")
    assert fingerprints() == before
    (tmp_path / "pricing.yaml").write_text(text.replace("[12]", "12"))
    assert set(fingerprints()) < set(before)


@given(FINDINGS)
def test_fingerprints_are_unique_also_of_equal_findings(findings: list[Finding]) -> None:
    issues = json.loads(to_gitlab([*findings, *findings], "aliconf.yaml", same))
    assert len(issues) == 2 * len(findings)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    assert {issue["severity"] for issue in issues} <= {"critical", "minor", "info"}
    assert all(set(issue["fingerprint"]) <= set(string.hexdigits) for issue in issues)


def test_several_reports_of_one_run_are_each_what_format_prints(tmp_path: Path) -> None:
    shop(tmp_path, pricing=WRONG)
    shapes = ("text", "json", "markdown", "github", "gitlab", "junit", "sarif")
    options = [part for shape in shapes for part in ("--also", f"{shape}={shape}.out")]
    ended = validate(tmp_path, *options)
    assert ended == validate(tmp_path)
    for shape in shapes:
        assert (tmp_path / f"{shape}.out").read_text() == validate(tmp_path, "--format", shape).out


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    shop(tmp_path)
    (tmp_path / "directory").mkdir()
    (tmp_path / "read-only").write_text("before")
    (tmp_path / "read-only").chmod(0o444)
    (tmp_path / "loop").symlink_to("loop")
    before = sorted(tmp_path.rglob("*"))
    names = ("good", "missing/report", "directory", "read-only", "loop", "x" * 300)
    ended = validate(tmp_path, *(part for name in names for part in ("--also", f"json={name}")))
    assert (ended.code, ended.out) == (1, "")
    for name in names[1:]:
        assert f"error[ALI955]: {name} cannot be written: " in ended.err
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "read-only").read_text() == "before"
    as_json = json.loads(validate(tmp_path, "--format", "json", "--also", "json=loop").out)
    assert [finding["code"] for finding in as_json["findings"]] == ["ALI955"]


def test_no_report_takes_the_place_of_a_file_of_the_configuration(tmp_path: Path) -> None:
    """Not by another name, nor where the configuration is broken or another command asks."""
    shop(tmp_path)
    one = "kind: PricingPolicy\nmetadata: {name: one}\n"
    files = {
        "aliconf.lock.yaml": "{}\n",
        "broken.yml": "apiVersion: aliconf/v1\nspec: [\n",
        "notes.yaml": "just: notes\n",
        "of-others.yaml": "apiVersion: v1\nkind: ConfigMap\n",
        "one.conf": f"# Included\n---\napiVersion: aliconf/v1\n{one}",
        "overlay/one": one,
        "plan.md": "# Plan\n\n    kind: PricingPolicy\n",
    }
    write(tmp_path, files)
    (tmp_path / "link.json").symlink_to("overlay/one")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    names = ["aliconf.yaml", "./account.yaml", "overlay/../pricing.yaml", "aliconf.lock.yaml"]
    names += ["broken.yml", "one.conf", "overlay/one", "link.json"]
    for refused in (
        *(("validate", "--also", f"json={name}") for name in names),
        *(("plan", "--also", f"html={name}") for name in names),
        *(("plan", "--out", name, "--also", "json=report.json") for name in names),
    ):
        ended = aliconf(*refused, cwd=tmp_path)
        path = Path(refused[2].rpartition("=")[2])
        assert ended == Ended(
            1,
            "",
            f"error[ALI955]: {path} cannot be written: it is a file of a configuration, and "
            "nothing else may take its place\n  → Name another file.\n",
        )
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    (tmp_path / "broken.yml").unlink()
    for name in ("notes.yaml", "of-others.yaml", "plan.md", "plan.md", "notes.yaml"):
        assert validate(tmp_path, "--also", f"json={name}").code == 0
        assert json.loads((tmp_path / name).read_text())["summary"]["documents"] == 5


def test_a_report_takes_the_place_and_the_mode_of_the_one_before(tmp_path: Path) -> None:
    shop(tmp_path)
    (tmp_path / "report.json").write_text("x" * 100_000)
    (tmp_path / "report.json").chmod(0o640)
    (tmp_path / "link.json").symlink_to("report.json")
    assert validate(tmp_path, "--also", "json=link.json").code == 0
    assert json.loads((tmp_path / "report.json").read_text())["summary"]["documents"] == 5
    assert stat.S_IMODE((tmp_path / "report.json").stat().st_mode) == 0o640
    assert (tmp_path / "link.json").is_symlink()


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    ended = validate(shop(tmp_path), "--also", f"json={os.devnull}")
    assert ended.code == 0
    assert not Path(os.devnull).is_file()


SENTENCES = 'If that is meant, lift it with\n--allow ALI521=all --reason "WHY"\nor raise `limit`.'
TO_RUN = "Let an administrator run:\nGRANT SELECT ON `shop`.* TO 'me'@'%';"


def test_what_is_to_be_pasted_has_a_line_of_its_own_in_every_report() -> None:
    lift, run = (
        Finding("ALI521", Severity.ERROR, "too much", None, hint) for hint in (SENTENCES, TO_RUN)
    )
    assert bullet(lift) == (
        "- `ALI521` error: too much<br>→ If that is meant, lift it with<br>"
        '`--allow ALI521=all --reason "WHY"`<br>or raise `limit`.'
    )
    assert bullet(run) == (
        "- `ALI521` error: too much<br>→ Let an administrator run:<br>"
        "``GRANT SELECT ON `shop`.* TO 'me'@'%';``"
    )
    page = plan_html.refused([lift, run], "shop")
    assert (
        '<span class="hint">→ If that is meant, lift it with<br>'
        "<code>--allow ALI521=all --reason &#34;WHY&#34;</code><br>or raise <code>limit</code>."
        "</span>"
    ) in page
    assert "<code>GRANT SELECT ON `shop`.* TO &#39;me&#39;@&#39;%&#39;;</code></span>" in page
    (suite,) = parsed(to_junit([lift], [], same))[3]
    ((_, _, _, ((_, _, failure, _),)),) = suite[3]
    assert failure.splitlines()[1:] == [
        "  → If that is meant, lift it with",
        '    --allow ALI521=all --reason "WHY"',
        "    or raise `limit`.",
    ]
    assert to_github([lift]) == (
        "::error title=ALI521::too much%0AIf that is meant, lift it with%0A"
        '--allow ALI521=all --reason "WHY"%0Aor raise `limit`.'
    )
    (issue,) = json.loads(to_gitlab([lift], "aliconf.yaml", same))
    (result,) = json.loads(to_sarif([lift], {}))["runs"][0]["results"]
    assert issue["description"] == result["message"]["text"] == f"too much. {SENTENCES}"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "yaml=x",
            "'yaml=x': the formats are text, json, markdown, github, gitlab, junit, sarif.",
        ),
        ("report", "'report': the formats are"),
        ("json", "'json': no file. Write json=FILE."),
        ("json=", "'json=': no file. Write json=FILE."),
    ],
)
def test_another_format_is_wrong_usage_and_lists_them(
    value: str, message: str, tmp_path: Path
) -> None:
    ended = validate(shop(tmp_path), "--also", value)
    assert (ended.code, ended.out) == (64, "")
    assert message in " ".join(ended.err.split())


def test_two_reports_in_one_file_are_wrong_usage(tmp_path: Path) -> None:
    ended = validate(shop(tmp_path), "--also", "json=out", "--also", "sarif=./out")
    assert (ended.code, ended.out) == (64, "")
    assert "'./out' is given twice." in ended.err


def test_the_summary_of_a_github_step_gets_findings_appended(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    write(tmp_path, {"summary.md": "before\n"})
    shop(tmp_path)
    assert validate(tmp_path, GITHUB_STEP_SUMMARY=str(summary)).code == 0
    assert summary.read_text() == "before\n", "nothing to say"
    shop(tmp_path, pricing=WRONG)
    printed = validate(tmp_path, GITHUB_STEP_SUMMARY=str(summary))
    assert printed == validate(tmp_path)
    assert summary.read_text() == f"before\n{validate(tmp_path, '--format', 'markdown').out}\n"


def test_a_summary_that_is_not_there_is_made(tmp_path: Path) -> None:
    shop(tmp_path, pricing=WRONG)
    summary = tmp_path / "summary.md"
    assert validate(tmp_path, GITHUB_STEP_SUMMARY=str(summary)) == validate(tmp_path)
    assert summary.read_text() == f"{validate(tmp_path, '--format', 'markdown').out}\n"


def test_a_summary_that_is_full_or_no_file_is_left_alone(tmp_path: Path) -> None:
    shop(tmp_path, pricing=WRONG)
    full = tmp_path / "full.md"
    full.write_text("x" * (1024 * 1024 - 100))
    expected = validate(tmp_path)
    for place in (full, Path(os.devnull)):
        assert validate(tmp_path, GITHUB_STEP_SUMMARY=str(place)) == expected
    assert full.stat().st_size == 1024 * 1024 - 100


def test_a_summary_that_cannot_be_written_fails_nothing_and_is_told(tmp_path: Path) -> None:
    shop(tmp_path, pricing=WRONG)
    expected, quiet = validate(tmp_path), validate(tmp_path, "--quiet")
    for place, name, reason in (
        (tmp_path, tmp_path, "is a directory"),
        (tmp_path / "no/x.md", tmp_path / "no/x.md", "No such file or directory"),
        (Path("\n/x.md"), "\n/x.md", "No such file or directory"),
    ):
        told = (
            f"warning[ALI955]: {name} cannot be written: {reason}\n"
            "  → The run goes on without it: see where GITHUB_STEP_SUMMARY leads, and whether\n"
            "    there is room.\n"
        )
        ended = validate(tmp_path, GITHUB_STEP_SUMMARY=str(place))
        assert ended == Ended(expected.code, expected.out, told)
        assert validate(tmp_path, "--quiet", GITHUB_STEP_SUMMARY=str(place)) == quiet
    assert not (tmp_path / "no").exists()
