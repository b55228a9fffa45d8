"""What is allowed in a plan and probably not meant, and what follows from applying it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import aliconf, write
from tests.shops import shop

CAMPAIGN = """
    apiVersion: aliconf/v1
    kind: PricingPolicy
    metadata: {name: black-friday}
    spec:
      title: Black Friday
      adjustments:
        - increaseByPercent: 12
        - decreaseByPercent: 20
    ---
    apiVersion: aliconf/v1
    kind: Campaign
    metadata: {name: black-friday}
    spec:
      title: Black Friday
      accounts: [es]
      active: {from: "2126-11-27T00:00:00+01:00", until: "2126-12-01T00:00:00+01:00"}
      pricingPolicy: black-friday
"""


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
    words = (
        "Campaign/black-friday starts at 2126-11-26 23:00 UTC with PricingPolicy/black-friday, "
        "which repeats `adjustments[0].increaseByPercent: 12`: it is not changed, while that of "
        "PricingPolicy/markup, which it stands in for, becomes 15"
    )
    assert seconds(tmp_path) == [("ALI351", words)]
    edit(tmp_path, "campaign.yaml", "increaseByPercent: 12", "increaseByPercent: 15")
    assert seconds(tmp_path) == []


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
        "the default PricingPolicy moves from markup to outlet: 1 object gets another policy "
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
        "Takes effect: when applied; prices of the account es wait: SynchronizationPolicy/quiet "
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
