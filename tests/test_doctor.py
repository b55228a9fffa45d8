"""``aliconf doctor``: the declared system check."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from aliconf.config.load import load
from aliconf.report import doctor_text
from aliconf.report.style import Style
from aliconf.report.table import width
from aliconf.status.diagnosis import diagnose
from tests.command import aliconf, write


def project(root: Path, system_check: str = "") -> Path:
    text = """
        apiVersion: aliconf/v1
        kind: Project
        metadata:
          name: shop
        spec:
          guardrails: {}
    """
    if system_check:
        text += f"      systemCheck: {system_check}\n"
    return write(root, {"aliconf.yaml": text})


def test_a_passing_check_is_shown_with_who_declared_it(tmp_path: Path) -> None:
    check = (
        "{cron: true, memoryLimit: 756M, maxExecutionTime: 60, by: operations, on: '2026-11-02'}"
    )
    ended = aliconf("doctor", cwd=project(tmp_path, check))
    assert ended.out == dedent("""\
        System check of shop: declared by operations on 2026-11-02 (aliconf.yaml:7:3)

          PARAMETER       REQUIRED       DECLARED  CHECK PASSED
          Cron            enabled        enabled   Yes
          Memory limit    at least 512M  756M      Yes
          Execution time  at least 60 s  60 s      Yes

        3 of 3 checks passed. Declared, not probed: this version of aliconf does not
        look at the host itself.
        """)
    assert (ended.code, ended.err) == (0, "")


def test_what_fails_and_what_is_not_declared_says_what_to_do(tmp_path: Path) -> None:
    check = "{cron: false, memoryLimit: 256M}"
    ended = aliconf("doctor", cwd=project(tmp_path, check))
    assert ended.out == dedent("""\
        System check of shop: declared (aliconf.yaml:7:3)

          PARAMETER       REQUIRED       DECLARED  CHECK PASSED
          Cron            enabled        disabled  No
          Memory limit    at least 512M  256M      No
          Execution time  at least 60 s  –         not declared

        Cron: declared disabled, required enabled
          → Run `bin/magento cron:install` as the owner of Magento's files. Then declare
            what you see there.

        Memory limit: declared 256M, required at least 512M
          → Set `memory_limit = 512M` or more in `pub/.user.ini` or in the FPM pool; the
            PHP of the command line has limits of its own, often none. Then declare what
            you see there.

        Execution time: not declared, required at least 60 s
          → The web server's PHP reads `max_execution_time` in `pub/.user.ini` or in the
            FPM pool; the PHP of the command line has limits of its own, often none.
            Declare what you see: `systemCheck.maxExecutionTime` in aliconf.yaml.

        0 of 3 checks passed. Declared, not probed: this version of aliconf does not
        look at the host itself.
        """)
    assert (ended.code, ended.err) == (1, "")


def test_without_a_declaration_it_says_where_to_look_at_the_width_of_the_terminal(
    tmp_path: Path,
) -> None:
    document = load(project(tmp_path)).project
    assert document is not None
    text = doctor_text.render(diagnose(document), Style(width=40))
    assert text == dedent("""\
        System check of shop: nothing is
          declared

          PARAMETER       DECLARED  CHECK PASSED
          Cron            –         not declared
          Memory limit    –         not declared
          Execution time  –         not declared

        Cron: not declared, required enabled
          → Where it is, the crontab of the
            owner of Magento's files has a block
            `#~ MAGENTO START`, and the table
            `cron_schedule` has recent
            `finished_at` times. Declare what
            you see: `systemCheck.cron` in
            aliconf.yaml.

        Memory limit: not declared, required at
          least 512M
          → The web server's PHP reads
            `memory_limit` in `pub/.user.ini` or
            in the FPM pool; the PHP of the
            command line has limits of its own,
            often none. Declare what you see:
            `systemCheck.memoryLimit` in
            aliconf.yaml.

        Execution time: not declared, required
          at least 60 s
          → The web server's PHP reads
            `max_execution_time` in
            `pub/.user.ini` or in the FPM pool;
            the PHP of the command line has
            limits of its own, often none.
            Declare what you see:
            `systemCheck.maxExecutionTime` in
            aliconf.yaml.

        0 of 3 checks passed. Declared, not
        probed: this version of aliconf does not
        look at the host itself.
        """)
    assert max(map(width, text.splitlines())) <= 40


@pytest.mark.parametrize(
    ("key", "value", "declared", "passed"),
    [
        ("memoryLimit", "756M", "756M", True),
        ("memoryLimit", "1G", "1G", True),
        ("memoryLimit", "524288k", "512M", True),
        ("memoryLimit", "536870912", "512M", True),
        ("memoryLimit", "'536870911'", "536870911", False),
        ("memoryLimit", "511M", "511M", False),
        ("memoryLimit", "-1", "-1 (no limit)", True),
        ("memoryLimit", "0", "0", False),
        ("maxExecutionTime", "60", "60 s", True),
        ("maxExecutionTime", "59", "59 s", False),
        ("maxExecutionTime", "0", "0 (no limit)", True),
        ("cron", "true", "enabled", True),
        ("cron", "false", "disabled", False),
    ],
)
def test_values_are_judged_as_php_reads_them(
    tmp_path: Path, key: str, value: str, declared: str, passed: bool
) -> None:
    ended = aliconf("doctor", "--format", "json", cwd=project(tmp_path, f"{{{key}: {value}}}"))
    checks = {check["parameter"]: check for check in json.loads(ended.out)["checks"]}
    assert (checks[key]["declared"], checks[key]["passed"]) == (declared, passed)
    assert ended.code == 1  # the other two are not declared


def test_json_has_every_value(tmp_path: Path) -> None:
    check = "{cron: true, memoryLimit: 256M, by: operations, on: '2026-11-02'}"
    ended = aliconf("doctor", "--format", "json", cwd=project(tmp_path, check))
    files = "in `pub/.user.ini` or in the FPM pool"
    own = "the PHP of the command line has limits of its own, often none."
    assert json.loads(ended.out) == {
        "format": "aliconf/doctor",
        "version": 1,
        "project": "shop",
        "passed": False,
        "probed": False,
        "by": "operations",
        "on": "2026-11-02",
        "location": {
            "file": "aliconf.yaml",
            "line": 7,
            "column": 3,
            "endColumn": 14,
            "text": f"  systemCheck: {check}",
        },
        "checks": [
            {
                "parameter": "cron",
                "title": "Cron",
                "required": "enabled",
                "declared": "enabled",
                "passed": True,
                "where": "Where it is, the crontab of the owner of Magento's files has a block "
                "`#~ MAGENTO START`, and the table `cron_schedule` has recent `finished_at` "
                "times.",
                "remedy": None,
            },
            {
                "parameter": "memoryLimit",
                "title": "Memory limit",
                "required": "at least 512M",
                "declared": "256M",
                "passed": False,
                "where": f"The web server's PHP reads `memory_limit` {files}; {own}",
                "remedy": f"Set `memory_limit = 512M` or more {files}; {own}",
            },
            {
                "parameter": "maxExecutionTime",
                "title": "Execution time",
                "required": "at least 60 s",
                "declared": None,
                "passed": None,
                "where": f"The web server's PHP reads `max_execution_time` {files}; {own}",
                "remedy": f"Set `max_execution_time = 60` or more {files}; {own}",
            },
        ],
    }
    assert (ended.code, ended.err) == (1, "")


def test_a_value_that_is_none_of_php_s_is_reported_and_not_taken_for_absent(tmp_path: Path) -> None:
    ended = aliconf("doctor", cwd=project(tmp_path, "{memoryLimit: 0.5G}"))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == dedent("""\
        aliconf.yaml:7:30: error[ALI117]: systemCheck.memoryLimit: not a memory_limit of PHP, such as 756M, 1G, 536870912 or -1
         7 |   systemCheck: {memoryLimit: 0.5G}
           |                              ^^^^
        """)


def test_an_include_that_matches_nothing_is_no_reason_to_refuse(tmp_path: Path) -> None:
    project(tmp_path, "{cron: true, memoryLimit: -1, maxExecutionTime: 0}")
    text = (tmp_path / "aliconf.yaml").read_text()
    (tmp_path / "aliconf.yaml").write_text(f"{text}  include: [policies/*.yaml]\n")
    assert aliconf("validate", cwd=tmp_path).code == 1
    assert aliconf("doctor", cwd=tmp_path).code == 0


def test_without_a_project_only_its_own_file_is_reported(tmp_path: Path) -> None:
    write(tmp_path, {"aliconf.yaml": "kind: [", "policy.yaml": "apiVersion: aliconf/v1\nkind: x\n"})
    ended = aliconf("doctor", cwd=tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert "aliconf.yaml:" in ended.err
    assert "policy.yaml" not in ended.err


def test_other_files_may_be_wrong(tmp_path: Path) -> None:
    check = "{cron: true, memoryLimit: -1, maxExecutionTime: 0}"
    write(project(tmp_path, check), {"policy.yaml": "apiVersion: aliconf/v1\nkind: Polcy\n"})
    assert aliconf("doctor", cwd=tmp_path).code == 0
