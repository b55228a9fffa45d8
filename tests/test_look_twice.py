"""What is allowed in a plan and probably not meant, and what follows from applying it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import shops
from tests.command import aliconf, write
from tests.shops import ACCOUNT, PRICING, PROJECT, TEMPLATE, shop

CAMPAIGN = """
    apiVersion: aliconf/v1
    kind: PricingPolicy
    metadata: {name: black-friday}
    spec:
      title: Black Friday
      adjustments:
        - increaseByPercent: 12
        - decreaseByPercent: 20
    ---"""
CAMPAIGN += shops.CAMPAIGN.replace("2026", "2126")


UNGUARDED = PROJECT.rstrip() + "\n      guardrails: {maximumUpdates: 100}\n"


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def planned(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aliconf("plan", "--format", "json", cwd=root).out)
    return found


def seconds(root: Path) -> list[tuple[str, str]]:
    """Code and message of what wants a second look."""
    findings = planned(root)["findings"]
    return [
        (finding["code"], finding["message"])
        for finding in findings
        if finding["code"] in {"ALI350", "ALI351", "ALI352"}
    ]


def repeated(policy: str) -> tuple[str, str]:
    """What is told where the campaign repeats a number of the policy that it stands in for."""
    return "ALI351", (
        "Campaign/black-friday starts at 2126-11-26 23:00 UTC with PricingPolicy/black-friday, "
        "which repeats `adjustments[0].increaseByPercent: 12`: it is not changed, while that of "
        f"PricingPolicy/{policy}, which it stands in for, becomes 15"
    )


def applied(root: Path) -> Path:
    assert aliconf("apply", "--yes", cwd=root).code == 0
    return root


@pytest.mark.parametrize("title", ["Markup 12 %", "Markup 12.0 %", "12,0% on top", "SKU-12"])
def test_a_title_with_the_old_number_is_told(title: str, tmp_path: Path) -> None:
    applied(shop(tmp_path))
    edit(tmp_path, "pricing.yaml", "title: Markup", f"title: {title}")
    applied(tmp_path)
    edit(tmp_path, "pricing.yaml", "increaseByPercent: 12", "increaseByPercent: 15")
    words = f'the title still says "{title}", and `adjustments[0].increaseByPercent` becomes 15'
    assert seconds(tmp_path) == [("ALI350", words)]


@pytest.mark.parametrize("title", ["Markup 15 %", "Markup 2012", "Markup 1,2 %", "M12", "Markup"])
def test_a_title_with_another_number_is_not_told(title: str, tmp_path: Path) -> None:
    applied(shop(tmp_path))
    edit(tmp_path, "pricing.yaml", "title: Markup", f"title: {title}")
    edit(tmp_path, "pricing.yaml", "increaseByPercent: 12", "increaseByPercent: 15")
    assert seconds(tmp_path) == []


def test_a_campaign_that_repeats_the_number_is_told_until_it_follows(tmp_path: Path) -> None:
    write(tmp_path, {"campaign.yaml": CAMPAIGN})
    applied(shop(tmp_path))
    assert seconds(tmp_path) == []
    edit(tmp_path, "pricing.yaml", "increaseByPercent: 12", "increaseByPercent: 15")
    assert seconds(tmp_path) == [repeated("markup")]
    edit(tmp_path, "campaign.yaml", "increaseByPercent: 12", "increaseByPercent: 15")
    assert seconds(tmp_path) == []


def test_a_campaign_may_stand_in_for_the_policy_of_one_account_only(tmp_path: Path) -> None:
    """The policy that a template has for one account is met by campaigns for that account."""
    french = ACCOUNT.replace("es", "fr").replace("ES", "FR")
    own = PRICING.replace("markup", "french").replace("Markup", "French")
    template = TEMPLATE.replace("[es]", "[es, fr]").rstrip()
    write(tmp_path, {"campaign.yaml": CAMPAIGN, "fr.yaml": french})
    write(tmp_path, {"french.yaml": own.replace("default: true", "default: false")})
    template += "\n      perAccount: {fr: {pricingPolicy: french}}\n"
    applied(shop(tmp_path, template=template))
    edit(tmp_path, "french.yaml", "increaseByPercent: 12", "increaseByPercent: 15")
    assert seconds(tmp_path) == []  # the campaign is for es

    edit(tmp_path, "campaign.yaml", "accounts: [es]", "accounts: [es, fr]")
    assert seconds(tmp_path) == [repeated("french")]


@pytest.mark.parametrize(("many", "rest"), [(8, ""), (9, "1 more title"), (10, "2 more titles")])
def test_of_many_old_titles_eight_are_told_one_by_one(many: int, rest: str, tmp_path: Path) -> None:
    for number in range(many):
        policy = PRICING.replace("markup", f"p{number}").replace("Markup", f"P{number} with 12 %")
        write(tmp_path, {f"p{number}.yaml": policy.replace("default: true", "default: false")})
    applied(shop(tmp_path, aliconf=UNGUARDED))
    for number in range(many):
        edit(tmp_path, f"p{number}.yaml", "increaseByPercent: 12", "increaseByPercent: 15")
    told = [finding for finding in planned(tmp_path)["findings"] if finding["code"] == "ALI350"]
    assert [finding["message"] for finding in told] == [
        *(
            f'the title still says "P{number} with 12 %", and `adjustments[0].increaseByPercent` '
            "becomes 15"
            for number in range(8)
        ),
        *([f"{rest} with the old number"] if rest else []),
    ]
    assert [finding["location"]["file"] if finding["location"] else None for finding in told] == [
        *(f"p{number}.yaml" for number in range(8)),
        *([None] if rest else []),
    ]


def test_of_many_campaigns_eight_are_told_one_by_one(tmp_path: Path) -> None:
    policy, campaign = CAMPAIGN.split("---")
    write(tmp_path, {"policy.yaml": policy})
    for number in range(9):
        one = campaign.replace("{name: black-friday}", f"{{name: c{number}}}")
        one = one.replace("title: Black Friday", f"title: C{number}\n      priority: {number + 1}")
        write(tmp_path, {f"c{number}.yaml": one})
    applied(shop(tmp_path))
    edit(tmp_path, "pricing.yaml", "increaseByPercent: 12", "increaseByPercent: 15")
    assert [(code, words.partition(" starts")[0]) for code, words in seconds(tmp_path)] == [
        *(("ALI351", f"Campaign/c{number}") for number in range(8)),
        ("ALI351", "1 more campaign with the old number"),
    ]


def test_a_default_that_moves_names_who_took_it_and_not_who_is_new(tmp_path: Path) -> None:
    applied(shop(tmp_path))
    assert seconds(tmp_path) == []
    other = (tmp_path / "pricing.yaml").read_text(encoding="utf-8")
    edit(tmp_path, "pricing.yaml", "default: true", "default: false")
    other = other.replace("name: markup", "name: outlet").replace("title: Markup", "title: Outlet")
    template = (tmp_path / "template.yaml").read_text(encoding="utf-8")
    template = template.replace("everything", "new").replace("Everything", "New")
    write(tmp_path, {"outlet.yaml": other, "new.yaml": template})
    edit(tmp_path, "new.yaml", "all: []", "attribute: sku\n    equals: x")
    words = (
        "the default PricingPolicy moves from PricingPolicy/markup to PricingPolicy/outlet: "
        "1 object gets another policy "
        "(ListingTemplate/everything)"
    )
    assert seconds(tmp_path) == [("ALI352", words)]


def test_prices_wait_where_the_synchronization_is_off(tmp_path: Path) -> None:
    quiet = """
        apiVersion: aliconf/v1
        kind: SynchronizationPolicy
        metadata: {name: quiet}
        spec: {title: Quiet, default: true, pricesAndInventory: false}
    """
    write(tmp_path, {"quiet.yaml": quiet})
    applied(shop(tmp_path))
    edit(tmp_path, "pricing.yaml", "increaseByPercent: 12", "increaseByPercent: 15")
    assert planned(tmp_path)["takesEffect"] == [
        {
            "what": "prices",
            "policy": "SynchronizationPolicy/quiet",
            "schedule": None,
            "synchronized": False,
            "accounts": ["es"],
        }
    ]
    text = " ".join(aliconf("plan", cwd=tmp_path).out.split())
    assert (
        "Takes effect: when applied; prices of Account/es wait: SynchronizationPolicy/quiet "
        "does not synchronize them. Undo: `git revert` the commits, then plan and apply. Plan:"
    ) in text


def test_the_command_of_a_plan_applies_exactly_this(tmp_path: Path) -> None:
    shop(tmp_path)
    data = planned(tmp_path)
    assert data["apply"] == f"aliconf apply --digest {data['digest']}"
    applies = data["apply"].split()[1:]
    edit(tmp_path, "pricing.yaml", "12", "15")
    assert aliconf(*applies, cwd=tmp_path).code == 1
    edit(tmp_path, "pricing.yaml", "15", "12")
    assert aliconf(*applies, cwd=tmp_path).code == 0
    after = planned(tmp_path)
    assert (after["apply"], after["undo"], after["takesEffect"]) == (None, None, [])
