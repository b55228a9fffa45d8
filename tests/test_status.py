"""``aliconf status`` on stores that apply made and that administrators changed."""

from __future__ import annotations

import contextlib
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from aliconf.cli.connect import reader_of
from aliconf.cli.project import open_project
from aliconf.cli.status import waiting_changes
from aliconf.report import status_data, status_text
from aliconf.report.style import Style
from aliconf.report.table import width
from aliconf.status.overview import Status
from aliconf.status.read import read_status
from tests.command import aliconf, sql, write
from tests.shops import ACCOUNT, CAMPAIGN, PRICING, PROJECT, TEMPLATE, shop, store

FILES = Path(__file__).parent / "files" / "status"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TABLES = ("registration", "policy", "account", "listing_template", "campaign")

MORE = """
    apiVersion: aliconf/v1
    kind: PricingPolicy
    metadata: {name: black-friday}
    spec: {title: Black Friday -20 %, adjustments: [{decreaseByPercent: 20}]}
    ---
    apiVersion: aliconf/v1
    kind: InventoryPolicy
    metadata: {name: minus-five}
    spec: {title: Stock minus five, safetyStock: 5}
    ---
    apiVersion: aliconf/v1
    kind: OrderPolicy
    metadata: {name: paid}
    spec: {title: Paid orders, createOrders: true}
    ---
    apiVersion: aliconf/v1
    kind: Account
    metadata: {name: fr}
    spec: {title: Shop FR, region: FR, storeView: fr, currency: EUR, orderPolicy: paid}
    ---
    apiVersion: aliconf/v1
    kind: ListingTemplate
    metadata: {name: shoes}
    spec:
      title: Shoes
      accounts: [es, fr]
      categoryId: 200000343
      query: {attribute: type, equals: shoe}
      priority: 50
      inventoryPolicy: minus-five
      perAccount: {fr: {pricingPolicy: markup}}
    ---"""
MORE += CAMPAIGN
MORE += """\
    ---
    apiVersion: aliconf/v1
    kind: Campaign
    metadata: {name: bags-in-spring}
    spec:
      title: Bags in spring
      accounts: [es, fr]
      query: {attribute: type, equals: bag}
      active: {from: "2027-03-20T00:00:00Z", until: "2027-04-01T00:00:00Z"}
      pricingPolicy: black-friday
      inventoryPolicy: minus-five
    ---
    apiVersion: aliconf/v1
    kind: Campaign
    metadata: {name: summer}
    spec:
      title: Summer
      accounts: [es]
      active: {from: "2026-06-01T00:00:00Z", until: "2026-09-01T00:00:00Z"}
      pricingPolicy: black-friday
"""


def applied(root: Path, **changes: str | None) -> Path:
    """A shop whose configuration was applied, at a time and on a connector that are always the same."""
    ended = aliconf("apply", "--yes", cwd=shop(root, **changes))
    assert ended.code == 0, ended.err
    times = "created_at = '2026-10-02T08:00:00Z', updated_at = '2026-11-03T09:30:00Z'"
    sql(
        store(root),
        *(f"UPDATE {table} SET {times}" for table in TABLES),
        "UPDATE aliconf_connector SET id = 'c-7f31aa00'",
    )
    return root


def status_of(root: Path) -> Status:
    """The status at a fixed moment."""
    with contextlib.chdir(root):
        project = open_project(Path())
        project.configuration.now = NOW
        with reader_of(project) as reader:
            waiting = waiting_changes(project, reader)
            return read_status(project.configuration, reader, waiting, "connector.db")


def lines_after(text: str, heading: str) -> str:
    """One section of a status."""
    return next(part for part in text.split("\n\n") if part.startswith(heading)).rstrip("\n") + "\n"


def test_before_the_first_apply_it_says_so_and_what_is_to_do(tmp_path: Path) -> None:
    ended = aliconf("status", cwd=shop(tmp_path))
    assert ended.out == dedent("""\
        shop · no connector yet at .aliconf/connector.db
        Nothing was applied yet. The configuration has 9 changes to apply.

        TO DO (1)
          configuration  9 changes to apply                                 aliconf plan
        """)
    assert (ended.code, ended.err) == (0, "")
    assert not store(tmp_path).parent.exists()


def test_an_empty_project_is_told_what_to_declare(tmp_path: Path) -> None:
    write(tmp_path, {"aliconf.yaml": PROJECT.partition("    spec:")[0]})
    ended = aliconf("status", cwd=tmp_path)
    assert ended.out == dedent("""\
        shop · no connector yet at .aliconf/connector.db
        Nothing was applied yet. There is nothing to apply.

        TO DO (4)
          system check       cron, memory limit, execution time not declared
                                                                          aliconf doctor
          registration       declare one: `kind: Registration`
                                                            aliconf explain Registration
          accounts           declare one: `kind: Account`        aliconf explain Account
          listing templates  declare one: `kind: ListingTemplate`
                                                         aliconf explain ListingTemplate
        """)
    assert (ended.code, ended.err) == (0, "")


def test_after_an_apply_everything_is_there_and_valid(tmp_path: Path) -> None:
    ended = aliconf("status", cwd=applied(tmp_path))
    assert ended.out == dedent("""\
        shop · connector c-7f31aa00 at .aliconf/connector.db
        The connector is as the configuration says.

        ACCOUNTS (1)
          NAME  TITLE    REGION  STORE VIEW  CONNECTED  ORDERS    SYNC
          es    Shop ES  ES      es          No         default*  default*
          * the default policy

        POLICIES (6: 6 VALID)
          TITLE               NAME        TYPE       DEF  CREATED     UPDATED     STATUS
          Default Image Pol…  default  ~  image      yes  2026-10-02  2026-11-03  VALID
          Default Inventory…  default  ~  inventory  yes  2026-10-02  2026-11-03  VALID
          Markup              markup      pricing    yes  2026-10-02  2026-11-03  VALID
          Default Pricing P…  default  ~  pricing         2026-10-02  2026-11-03  VALID
          Default Order Pol…  default  ~  order      yes  2026-10-02  2026-11-03  VALID
          Default Synchroni…  default  ~  sync       yes  2026-10-02  2026-11-03  VALID
          ~ not managed by aliconf

        LISTING TEMPLATES (1)
          NAME        ACCOUNTS  IMAGE     PRICING  INVENTORY  ACTIVE
          everything  es        default*  markup*  default*   always
          * the default policy

        TO DO (1)
          authorization  es: nothing is uploaded; authorization comes with a later
                         version
        """)
    assert (ended.code, ended.err) == (0, "")


def test_campaigns_stand_beside_the_templates_whose_policies_they_replace(tmp_path: Path) -> None:
    text = status_text.render(status_of(applied(tmp_path, more=MORE)), Style())
    assert lines_after(text, "LISTING TEMPLATES") == dedent("""\
        LISTING TEMPLATES (2)
          NAME        ACCOUNTS  IMAGE     PRICING          INVENTORY   ACTIVE
          everything  es        default*  markup*          default*    always
            black-friday replaces pricing (active now)
            bags-in-spring replaces pricing and inventory (to come; products of its
              query)
          shoes       es, fr    default*  markup*, markup  minus-five  always
            black-friday replaces pricing (active now; in es)
          * the default policy
        """)
    assert lines_after(text, "CAMPAIGNS") == dedent("""\
        CAMPAIGNS (3: 1 active now, 1 to come, 1 over)
          NAME            REPLACES       STATE       FROM (UTC)         UNTIL (UTC)
          black-friday    pricing: bla…  active now  26 Nov 23:00       30 Nov 23:00
          bags-in-spring  pricing: bla…  to come     20 Mar 2027 00:00  1 Apr 2027 00:00
          summer          pricing: bla…  over        1 Jun 00:00        1 Sep 00:00
          no room for ACCOUNTS
        """)


def changed_by_an_administrator(root: Path) -> Path:
    applied(root, more=MORE)
    sql(
        store(root),
        # what cannot be read, has an unknown key, a wrong type, or breaks a rule
        "UPDATE policy SET body = 'not JSON {' WHERE name = 'black-friday'",
        "UPDATE policy SET body = json_set(body, '$.safetyStok', 3) WHERE name = 'minus-five'",
        "UPDATE policy SET body = json_set(body, '$.adjustments', 5) WHERE name = 'markup'",
        "UPDATE policy SET body = json_set(body, '$.maximum', '1', '$.minimum', '9')"
        " WHERE name = 'default' AND kind = 'PricingPolicy'",
        "UPDATE listing_template SET pricing_policy = 'gone' WHERE name = 'everything'",
        "UPDATE account SET labels = '[' WHERE name = 'fr'",
        # what is right, and somebody else's
        "UPDATE policy SET managed_by = 'outlet' WHERE name = 'paid'",
        "INSERT INTO policy (kind, name, title, body, created_at, updated_at) VALUES ('OrderPolicy',"
        " 'by-hand', 'By hand', '{\"createOrders\":false}', '2026-11-20T10:00:00Z',"
        " '2026-11-21T10:00:00Z')",
        "UPDATE account SET authorized_at = '2026-11-23T10:00:00Z' WHERE name = 'es'",
        "DELETE FROM policy_default WHERE kind = 'OrderPolicy'",
    )
    return root


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("summary", [False, True], ids=["tables", "summary"])
def test_what_an_administrator_changed_is_judged_and_names_the_way_out(
    tmp_path: Path, columns: int, summary: bool
) -> None:
    status = status_of(changed_by_an_administrator(tmp_path))
    style = Style(width=columns)
    text = status_text.summary(status, style) if summary else status_text.render(status, style)
    expected = FILES / f"changed-{'summary-' if summary else ''}{columns}.txt"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(text)
    assert text == expected.read_text()
    wide = [line for line in text.splitlines() if width(line) > columns]
    assert [line for line in wide if "→ aliconf " not in line] == []  # a command stays whole


def test_json_has_everything(tmp_path: Path) -> None:
    text = status_data.to_json(status_of(changed_by_an_administrator(tmp_path))) + "\n"
    expected = FILES / "changed.json"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(text)
    assert text == expected.read_text()


def test_objects_that_apply_will_adopt_as_they_are_wait_for_it(tmp_path: Path) -> None:
    root = shop(tmp_path)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    sql(store(root), "UPDATE policy SET managed_by = NULL WHERE name = 'markup'")
    line = "  configuration  1 object to adopt                                  aliconf plan"
    assert line in aliconf("status", cwd=root).out.splitlines()
    step = "  Configuration      waiting         1 object to adopt              aliconf plan"
    assert step in aliconf("status", "--summary", cwd=root).out.splitlines()
    data = json.loads(aliconf("status", "--format", "json", cwd=root).out)
    assert data["configuration"]["adoptions"] == 1


def test_json_of_a_store_that_does_not_exist_has_the_same_keys(tmp_path: Path) -> None:
    ended = aliconf("status", "--format", "json", cwd=shop(tmp_path))
    data = json.loads(ended.out)
    assert data.keys() == json.loads((FILES / "changed.json").read_text()).keys()
    assert data["connector"] == {
        "location": ".aliconf/connector.db",
        "id": None,
        "exists": False,
    }
    assert data["configuration"] == {
        "changes": 9,
        "adoptions": 0,
        "errors": 0,
        "refusals": [],
    }
    assert (ended.code, ended.err) == (0, "")


def test_an_invalid_object_ends_with_1_whatever_is_shown(tmp_path: Path) -> None:
    root = changed_by_an_administrator(tmp_path)
    for option in ((), ("--summary",), ("--all",), ("--format", "json")):
        ended = aliconf("status", *option, cwd=root)
        assert (ended.code, ended.err) == (1, "")


def test_titles_are_cut_by_their_width_and_cannot_steer_the_terminal(tmp_path: Path) -> None:
    root = applied(tmp_path)
    sql(
        store(root),
        "UPDATE policy SET title = 'とても長い名前のポリシーです、本当に' WHERE name = 'markup'",
        "UPDATE policy SET title = char(27) || '[2Jred' || char(10) || 'alert'"
        " WHERE kind = 'OrderPolicy'",
    )
    text = status_text.render(status_of(root), Style())
    assert lines_after(text, "POLICIES") == dedent("""\
        POLICIES (6: 6 VALID)
          TITLE               NAME        TYPE       DEF  CREATED     UPDATED     STATUS
          Default Image Pol…  default  ~  image      yes  2026-10-02  2026-11-03  VALID
          Default Inventory…  default  ~  inventory  yes  2026-10-02  2026-11-03  VALID
          とても長い名前の…   markup      pricing    yes  2026-10-02  2026-11-03  VALID
          Default Pricing P…  default  ~  pricing         2026-10-02  2026-11-03  VALID
          \\x1b[2Jred alert    default  ~  order      yes  2026-10-02  2026-11-03  VALID
          Default Synchroni…  default  ~  sync       yes  2026-10-02  2026-11-03  VALID
          ~ not managed by aliconf
        """)


def test_a_pipe_gets_no_colour_and_force_color_some(tmp_path: Path) -> None:
    applied(tmp_path)
    plain = aliconf("status", cwd=tmp_path)
    coloured = aliconf("status", cwd=tmp_path, environment={"FORCE_COLOR": "1"})
    assert "\x1b" not in plain.out
    assert "\x1b[32mVALID\x1b[0m" in coloured.out
    assert re.sub(r"\x1b\[\d+m", "", coloured.out) == plain.out


def test_long_tables_are_cut_unless_all_is_asked_for(tmp_path: Path) -> None:
    root = applied(tmp_path)
    rows = ", ".join(
        f"('ImagePolicy', 'p{number:02}', 'Policy {number:02}', '{{}}', '2026', '2026')"
        for number in range(25)
    )
    sql(
        store(root),
        f"INSERT INTO policy (kind, name, title, body, created_at, updated_at) VALUES {rows}",
    )
    short, full = (aliconf("status", *more, cwd=root).out for more in ([], ["--all"]))
    assert [line for line in short.splitlines() if "more" in line] == [
        "  … 11 more: aliconf status --all"
    ]
    assert lines_after(short, "POLICIES").count("VALID\n") == 20
    assert lines_after(full, "POLICIES").count("VALID\n") == 31


def test_the_reasons_of_many_invalid_objects_are_cut_too(tmp_path: Path) -> None:
    root = applied(tmp_path)
    rows = ", ".join(
        f"('ImagePolicy', 'p{number:02}', 'Policy {number:02}', '[]', '2026', '2026')"
        for number in range(25)
    )
    sql(
        store(root),
        f"INSERT INTO policy (kind, name, title, body, created_at, updated_at) VALUES {rows}",
    )
    ended = aliconf("status", cwd=root)
    assert ended.out.endswith("  … 6 more: aliconf status --all\n")
    assert "TO DO (26)" in ended.out
    assert ended.code == 1


def test_a_configuration_with_errors_does_not_hide_the_connector(tmp_path: Path) -> None:
    root = applied(tmp_path)
    write(root, {"template.yaml": TEMPLATE.replace("title", "titel")})
    ended = aliconf("status", cwd=root)
    heading, *_, to_do = ended.out.split("\n\n")
    assert heading == dedent("""\
        shop · connector c-7f31aa00 at .aliconf/connector.db
        The configuration has 2 errors.""")
    assert to_do == dedent("""\
        TO DO (2)
          configuration  2 errors: nothing can be applied               aliconf validate
          authorization  es: nothing is uploaded; authorization comes with a later
                         version
        """)
    assert (ended.code, ended.err) == (0, "")


def test_changes_that_wait_and_a_plan_that_is_refused_are_to_do(tmp_path: Path) -> None:
    root = applied(tmp_path)
    write(root, {"pricing.yaml": PRICING.replace("12", "15")})
    assert lines_after(aliconf("status", cwd=root).out, "TO DO") == dedent("""\
        TO DO (2)
          configuration  1 change to apply                                  aliconf plan
          authorization  es: nothing is uploaded; authorization comes with a later
                         version
        """)
    write(root, {"account.yaml": ACCOUNT.replace("region: ES", "region: FR")})
    assert lines_after(aliconf("status", cwd=root).out, "TO DO") == dedent("""\
        TO DO (2)
          configuration  refused: Account/es: the region of an account never changes: ES
                         in the connector, FR here [ALI501]                 aliconf plan
          authorization  es: nothing is uploaded; authorization comes with a later
                         version
        """)


def test_an_error_in_document_and_connector_is_corrected_in_the_document(tmp_path: Path) -> None:
    root = applied(tmp_path)
    wrong = PRICING + "      minimum: 9\n      maximum: 1\n"
    write(root, {"pricing.yaml": wrong})
    sql(
        store(root),
        "UPDATE policy SET body = json_set(body, '$.maximum', '1', '$.minimum', '9')"
        " WHERE name = 'markup'",
    )
    assert lines_after(aliconf("status", cwd=root).out, "TO DO") == dedent("""\
        TO DO (3)
          configuration  1 error: nothing can be applied                aliconf validate
          INVALID        PricingPolicy/markup: minimum 9 is more than maximum 1
                         [ALI310]; its document has an error, too
                         pricing.yaml:4; used by ListingTemplate/everything (default)
                                                                        aliconf validate
          authorization  es: nothing is uploaded; authorization comes with a later
                         version
        """)


@pytest.mark.parametrize(
    "rules",
    [
        "ALI310: 'off'",
        "ALI310: warning",
        "ignore: [{code: ALI310, path: pricing.yaml, reason: agreed}]",
        "ignore: [{code: ALI310, object: PricingPolicy/markup, reason: agreed}]",
    ],
)
def test_what_the_project_accepts_is_valid_in_the_connector_too(tmp_path: Path, rules: str) -> None:
    wrong = PRICING + "      minimum: 9\n      maximum: 1\n"
    project = PROJECT.partition("      rules:")[0] + f"      rules: {{{rules}}}\n"
    root = applied(tmp_path, aliconf=project, pricing=wrong)
    ended = aliconf("status", cwd=root)
    assert "POLICIES (6: 6 VALID)" in ended.out
    assert (ended.code, ended.err) == (0, "")


def test_a_failing_system_check_is_to_do_and_a_missing_one_only_before_the_first_account(
    tmp_path: Path,
) -> None:
    root = applied(tmp_path)
    undeclared = PROJECT.partition("    spec:")[0]
    write(root, {"aliconf.yaml": undeclared})
    assert "system check" not in aliconf("status", cwd=root).out
    write(
        root, {"aliconf.yaml": PROJECT.replace("756M", "256M").replace("cron: true", "cron: false")}
    )
    assert lines_after(aliconf("status", cwd=root).out, "TO DO") == dedent("""\
        TO DO (3)
          configuration  2 errors: nothing can be applied               aliconf validate
          system check   cron is disabled, not enabled; memory limit is 256M, not at
                         least 512M                                       aliconf doctor
          authorization  es: nothing is uploaded; authorization comes with a later
                         version
        """)


def test_the_summary_is_the_wizard_as_a_checklist(tmp_path: Path) -> None:
    root = shop(tmp_path, aliconf=PROJECT.replace("cron: true", "by: operations"))
    before = aliconf("status", "--summary", cwd=root)
    assert before.out == dedent("""\
        shop · no connector yet at .aliconf/connector.db
        Nothing was applied yet. The configuration has 9 changes to apply.

          Registration       missing         declared, not applied         aliconf apply
          System check       not checked     cron: not declared           aliconf doctor
          Accounts           missing         declared, not applied         aliconf apply
          Authorization      not authorized  no account yet
          Default policies   missing         generated with the first account
                                                                           aliconf apply
          Custom policies    waiting         declared, not applied         aliconf apply
          Listing templates  missing         declared, not applied         aliconf apply
          Campaigns          optional        none
          Objects valid      not checked     nothing is there yet
          Configuration      waiting         9 changes to apply             aliconf plan
        """)
    assert (before.code, before.err) == (0, "")
    after = aliconf("status", "--summary", cwd=applied(tmp_path, aliconf=PROJECT))
    assert after.out == dedent("""\
        shop · connector c-7f31aa00 at .aliconf/connector.db
        The connector is as the configuration says.

          Registration       done            main
          System check       done            declared; the host is not checked
          Accounts           done            es
          Authorization      not authorized  es: nothing is uploaded; authorization
                                             comes with a later version
          Default policies   done            one of each of 5 types
          Custom policies    done            1 policy
          Listing templates  done            everything
          Campaigns          optional        none
          Objects valid      done            9 of 9 VALID
          Configuration      done            applied
        """)
    assert (after.code, after.err) == (0, "")


def test_a_default_whose_policy_is_gone_is_none(tmp_path: Path) -> None:
    root = applied(tmp_path)
    sql(store(root), "DELETE FROM policy WHERE system_generated = 1")
    text = aliconf("status", cwd=root).out
    assert lines_after(text, "ACCOUNTS") == dedent("""\
        ACCOUNTS (1)
          NAME  TITLE    REGION  STORE VIEW  CONNECTED  ORDERS  SYNC
          es    Shop ES  ES      es          No         –       –
        """)
    assert lines_after(text, "LISTING TEMPLATES") == dedent("""\
        LISTING TEMPLATES (1)
          NAME        ACCOUNTS  IMAGE  PRICING  INVENTORY  ACTIVE
          everything  es        –      markup*  –          always
          * the default policy
        """)
    data = json.loads(aliconf("status", "--format", "json", cwd=root).out)
    assert data["accounts"][0]["orderPolicy"] == {"name": None, "default": True}


def test_what_the_configuration_declares_is_applied_again_and_not_edited(tmp_path: Path) -> None:
    named = TEMPLATE.replace("title:", "pricingPolicy: markup\n      title:")
    root = applied(tmp_path, template=named)
    sql(store(root), "DELETE FROM policy WHERE name = 'markup'")
    ended = aliconf("status", cwd=root)
    assert lines_after(ended.out, "TO DO") == dedent("""\
        TO DO (3)
          configuration  1 change to apply                                  aliconf plan
          INVALID        ListingTemplate/everything: no PricingPolicy is named 'markup'
                         [ALI204]; apply brings PricingPolicy/markup
                         template.yaml:4                                    aliconf plan
          authorization  es: nothing is uploaded; authorization comes with a later
                         version
        """)
    assert "no default among PricingPolicy: declared, not applied" in " ".join(
        aliconf("status", "--summary", cwd=root).out.split()
    )
    assert aliconf("apply", "--yes", cwd=root).code == 0
    assert aliconf("status", cwd=root).code == 0


def test_the_summary_tells_declared_campaigns_from_none(tmp_path: Path) -> None:
    summary = aliconf("status", "--summary", cwd=shop(tmp_path, more=MORE)).out
    assert [line.split() for line in summary.splitlines() if "Campaigns" in line] == [
        ["Campaigns", "waiting", "declared,", "not", "applied", "aliconf", "apply"]
    ]


def test_every_command_that_a_status_names_exists(tmp_path: Path) -> None:
    root = changed_by_an_administrator(tmp_path)
    shown = [aliconf("status", *more, cwd=root).out for more in ([], ["--summary"])]
    write(tmp_path / "other", {"aliconf.yaml": PROJECT.partition("    spec:")[0]})
    shown += [aliconf("status", *more, cwd=tmp_path / "other").out for more in ([], ["--summary"])]
    commands = set(re.findall(r"\baliconf ([a-z]+(?: [A-Z][\w.]+)?)", "\n".join(shown)))
    assert commands == {
        "doctor",
        "explain Account",
        "explain ListingTemplate",
        "explain OrderPolicy.default",
        "explain Registration",
        "plan",
        "status",
    }
    for command in commands:
        assert aliconf(*command.split(), "--help", cwd=root).code == 0
        if command.startswith("explain"):
            assert aliconf(*command.split(), cwd=root).code == 0


def test_of_several_environments_one_has_to_be_chosen(tmp_path: Path) -> None:
    root = shop(tmp_path, aliconf=PROJECT + "      environments: {staging: {}}\n")
    ended = aliconf("status", cwd=root)
    assert (ended.code, ended.out) == (1, "")
    assert "error[ALI920]: the project has environments (staging)" in ended.err


def test_a_project_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    root = shop(tmp_path, aliconf=PROJECT + "      connector: 5\n")
    ended = aliconf("status", cwd=root)
    assert (ended.code, ended.out) == (1, "")
    assert "error[ALI114]: connector: expected a text, found a whole number" in ended.err


def test_a_damaged_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    root = applied(tmp_path)
    store(root).write_bytes(b"this is no database" * 100)
    ended = aliconf("status", cwd=root)
    assert (ended.code, ended.out) == (1, "")
    assert "error[ALI912]" in ended.err
    assert store(root).read_bytes() == b"this is no database" * 100
