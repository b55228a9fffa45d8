"""How much one plan may change, whatever it calls the change, and how a refusal is lifted."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection
from pathlib import Path
from textwrap import dedent

import pytest

from tests import shops
from tests.command import aliconf, sql, write
from tests.shops import shop, store
from tests.test_apply import answered

MINIMUM = "\n      minimum: 9\n"


def shop_of(root: Path, policies: int, guardrails: str = "{}") -> Path:
    """A shop with so many pricing policies and three other objects, applied."""
    limits = f"{shops.PROJECT}      guardrails: {guardrails}\n"
    write(shop(root, aliconf=limits), shops.policies(policies - 1))
    assert aliconf("apply", "--yes", cwd=root).code == 0
    return root


def change(root: Path, numbers: Collection[int], how: str = "update", more: str = MINIMUM) -> None:
    """Change ``minimum`` of these policies, and move or adopt them as well."""
    moved = []
    for number in numbers:
        text = shops.policies(number + 1)[f"p{number}.yaml"]
        if how == "move":
            text = text.replace(f"name: p{number}", f"name: new{number}")
            moved.append(f"{{kind: PricingPolicy, from: p{number}, to: new{number}}}")
        elif how == "adopt":
            sql(store(root), f"update policy set managed_by = null where name = 'p{number}'")
        write(root, {f"p{number}.yaml": text.rstrip() + more})
    if moved:
        project = root / "aliconf.yaml"
        project.write_text(f"{project.read_text()}  moved: [{', '.join(moved)}]\n")


def refusals(root: Path) -> list[tuple[str, str, str]]:
    """Code, name and message of each that the plan has; apply refuses exactly where there is one."""
    data = json.loads(aliconf("plan", "--format", "json", cwd=root).out)
    found = [
        (finding["code"], finding["object"], finding["message"])
        for finding in data["findings"]
        if finding["severity"] == "error"
    ]
    ended = aliconf("apply", "--yes", cwd=root)
    assert ended.code == bool(found)
    assert all(f"error[{code}]: {message}" in unbroken(ended.err) for code, _, message in found)
    return found


def unbroken(text: str) -> str:
    """The text without the subject that a finding without a place has before its message."""
    return re.sub(r"(error\[ALI5\d\d\]: )(?:all|\w+Policy): ", r"\1", text)


WAYS = pytest.mark.parametrize(
    ("how", "words"),
    [
        ("update", ""),
        ("move", " ({} as they move)"),
        ("adopt", " ({} as they are adopted)"),
    ],
)


@WAYS
def test_exactly_the_limit_may_be_updated_in_any_way(tmp_path: Path, how: str, words: str) -> None:
    change(shop_of(tmp_path, 10), range(3), how)
    shown = aliconf("plan", cwd=tmp_path).out
    assert "\nGuardrails: 3 of 13 objects updated (limit 30 %); 3 of 10 PricingPolicy" in shown
    assert refusals(tmp_path) == []


@WAYS
def test_one_more_than_the_limit_is_refused_in_any_way(
    tmp_path: Path, how: str, words: str
) -> None:
    change(shop_of(tmp_path, 10), range(4), how)
    words = words.format(4)
    assert refusals(tmp_path) == [
        ("ALI520", "all", f"4 of 13 objects would be updated{words}, 31 % (limit 30 %)"),
        (
            "ALI520",
            "PricingPolicy",
            f"4 of 10 PricingPolicy objects would be updated{words}, 40 % (limit 30 %)",
        ),
    ]


def test_the_ways_are_counted_together(tmp_path: Path) -> None:
    shop_of(tmp_path, 20)
    change(tmp_path, range(3))
    change(tmp_path, range(3, 5), "move")
    change(tmp_path, range(5, 7), "adopt")
    assert refusals(tmp_path) == [
        (
            "ALI520",
            "all",
            "7 of 23 objects would be updated (2 as they move, 2 as they are adopted), "
            "30.435 % (limit 30 %)",
        ),
        (
            "ALI520",
            "PricingPolicy",
            "7 of 20 PricingPolicy objects would be updated (2 as they move, 2 as they are "
            "adopted), 35 % (limit 30 %)",
        ),
    ]


@pytest.mark.parametrize(
    ("how", "plan"), [("move", "11 to move"), ("adopt", "no changes, 11 to adopt as they are")]
)
def test_a_plain_rename_and_a_plain_adoption_are_no_updates(
    tmp_path: Path, how: str, plan: str
) -> None:
    change(shop_of(tmp_path, 12), range(11), how, more="\n")
    shown = aliconf("plan", cwd=tmp_path).out
    assert shown.splitlines()[-1] == f"Plan: {plan}."
    assert "Guardrails" not in shown
    assert refusals(tmp_path) == []


def test_plain_adoptions_do_not_make_the_part_smaller(tmp_path: Path) -> None:
    shop_of(tmp_path, 30)
    change(tmp_path, range(15), "adopt", more="\n")
    change(tmp_path, range(15, 20))
    assert refusals(tmp_path) == [
        (
            "ALI520",
            "PricingPolicy",
            "5 of 15 PricingPolicy objects would be updated, 33 % (limit 30 %)",
        )
    ]


def test_what_the_connector_will_generate_is_no_update(tmp_path: Path) -> None:
    """It is not there yet when it is adopted with other values."""
    own = shops.PRICING.replace("name: markup", "name: default")
    shop(tmp_path, aliconf=f"{shops.PROJECT}      guardrails: {{minimumObjects: 1}}\n", pricing=own)
    assert ">" in aliconf("plan", cwd=tmp_path).out
    assert refusals(tmp_path) == []


@pytest.mark.parametrize(("minimum", "names"), [(12, ["all"]), (13, [])])
def test_the_limits_count_from_the_smallest_number_of_objects(
    tmp_path: Path, minimum: int, names: list[str]
) -> None:
    """Of nine policies and three other objects."""
    shop_of(tmp_path, 9, f"{{minimumObjects: {minimum}}}")
    change(tmp_path, range(8))
    assert [name for _, name, _ in refusals(tmp_path)] == names


@pytest.mark.parametrize(("minimum", "names"), [(9, ["PricingPolicy"]), (10, [])])
def test_a_kind_counts_from_the_smallest_number_as_well(
    tmp_path: Path, minimum: int, names: list[str]
) -> None:
    """All together it is exactly the limit: three of twelve objects, and of nine policies more."""
    shop_of(tmp_path, 9, f"{{minimumObjects: {minimum}, maximumUpdates: 25}}")
    change(tmp_path, range(3))
    assert [name for _, name, _ in refusals(tmp_path)] == names


@pytest.mark.parametrize(("gone", "names"), [(3, []), (4, ["all", "PricingPolicy"])])
def test_deletes_have_a_limit_of_their_own(tmp_path: Path, gone: int, names: list[str]) -> None:
    shop_of(tmp_path, 10, "{maximumUpdates: 0}")
    for number in range(gone):
        (tmp_path / f"p{number}.yaml").unlink()
    assert [(code, name) for code, name, _ in refusals(tmp_path)] == [
        ("ALI521", name) for name in names
    ]


def test_a_limit_of_nothing_refuses_one_update(tmp_path: Path) -> None:
    shop_of(tmp_path, 10, "{maximumUpdates: 0, maximumDeletes: 100}")
    change(tmp_path, [0])
    assert [(code, name) for code, name, _ in refusals(tmp_path)] == [
        ("ALI520", "all"),
        ("ALI520", "PricingPolicy"),
    ]


def test_the_hint_has_what_lifts_the_refusal(tmp_path: Path) -> None:
    change(shop_of(tmp_path, 19), range(6))
    ended = aliconf("apply", "--yes", cwd=tmp_path)
    assert (ended.code, ended.err) == (
        1,
        dedent("""\
            aliconf.yaml:13:3: error[ALI520]: 6 of 19 PricingPolicy objects would be updated, 32 % (limit 30 %)
             13 |   guardrails: {}
                |   ^^^^^^^^^^
              → If that is meant, lift it for one apply with
                --allow ALI520=PricingPolicy --reason "WHY"
                or raise `guardrails.maximumUpdates` in the project.
            """),
    )
    pasted = [
        argument
        for line in ended.err.splitlines()
        if line.strip().startswith("--allow")
        for argument in shlex.split(line)
    ]
    ended = aliconf("apply", "--yes", *pasted, cwd=tmp_path)
    assert (ended.code, ended.err.splitlines()[-1]) == (
        64,
        "Error: --reason is what the journal keeps: say why.",
    )
    pasted[-1] = "winter"
    ended = aliconf("apply", "--yes", *pasted, cwd=tmp_path)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "Apply: 6 done, 0 failed, 0 not tried.")


def test_the_name_of_all_lifts_that_alone(tmp_path: Path) -> None:
    change(shop_of(tmp_path, 12), range(8))
    why = ("--reason", "winter")
    ended = aliconf("apply", "--yes", "--allow", "ALI520=all", *why, cwd=tmp_path)
    assert re.findall(r"error\[(\S+)\]: (\d+ of \d+)", ended.err) == [("ALI520", "8 of 12")]
    ended = aliconf("apply", "--yes", "--allow", "ALI520=All", *why, cwd=tmp_path)
    assert ended.err == dedent("""\
        error[ALI538]: --allow ALI520=All lifts nothing: this plan has no such refusal
          → This plan has these: ALI520=all, ALI520=PricingPolicy.
        """)
    both = ("--allow", "ALI520=all", "--allow", "ALI520=PricingPolicy")
    assert aliconf("apply", "--yes", *both, *why, cwd=tmp_path).code == 0


def test_a_refused_plan_tells_the_command_that_lifts_what_refuses_it(tmp_path: Path) -> None:
    change(shop_of(tmp_path, 12), range(8))
    ended = aliconf("plan", "--out", "plan.json", "--also", "markdown=plan.md", cwd=tmp_path)
    lifts = '--allow ALI520=all --allow ALI520=PricingPolicy --reason "WHY"'
    data = json.loads((tmp_path / "plan.json").read_text())
    assert (ended.code, data["apply"], ended.err) == (
        1,
        f"aliconf apply --digest {data['digest']} {lifts}",
        f"Wrote plan.json. `aliconf apply plan.json {lifts}` applies exactly this plan,\n"
        f"{data['digest']}.\n",
    )
    assert [
        line
        for line in (tmp_path / "plan.md").read_text().splitlines()
        if line.startswith(("**`apply`", "**Apply"))
    ] == [
        "**`apply` refuses this plan as it is**: `ALI520`",
        f"**Apply**: `{data['apply']}` applies exactly this plan, with the reason in the place of "
        "WHY. It is refused where the configuration or the connector has moved since.",
    ]
    pasted = [word.replace("WHY", "winter") for word in shlex.split(data["apply"])[1:]]
    assert aliconf(*pasted, cwd=tmp_path).code == 0


def test_of_a_plan_that_nobody_can_lift_it_is_told_that_apply_refuses_it(tmp_path: Path) -> None:
    shop(tmp_path, aliconf=shops.PROJECT.partition("      systemCheck")[0])
    ended = aliconf("plan", "--out", "plan.json", "--also", "markdown=plan.md", cwd=tmp_path)
    data = json.loads((tmp_path / "plan.json").read_text())
    no = "pply refuses this plan (ALI702), and no option lifts that."
    assert (ended.code, data["apply"], ended.err) == (
        0,
        None,
        f"Wrote plan.json, {data['digest']}.\nA{no}\n",
    )
    markdown = (tmp_path / "plan.md").read_text()
    assert f"\n\n**Apply**: a{no}\n\n" in markdown
    assert "aliconf apply" not in markdown
    code, seen = answered(tmp_path, b"", command="plan")
    assert (code, seen.splitlines()[-1]) == (0, f"\x1b[2mA{no}\x1b[0m")
