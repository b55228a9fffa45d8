"""Small projects that tests begin with."""

from __future__ import annotations

import re
from pathlib import Path

from tests.command import write

PROJECT = """
    apiVersion: aliconf/v1
    kind: Project
    metadata:
      name: shop
    spec:
      systemCheck:
        cron: true
        memoryLimit: 756M
        maxExecutionTime: 60
      rules:
        ALI215: off
        ALI431: off
"""
"""A project whose tests are not about unused policies and accounts without a template."""
REGISTRATION = """
    apiVersion: aliconf/v1
    kind: Registration
    metadata:
      name: main
    spec:
      email: ops@shop.example
      acceptTerms: true
"""
ACCOUNT = """
    apiVersion: aliconf/v1
    kind: Account
    metadata:
      name: es
    spec:
      title: Shop ES
      region: ES
      storeView: es
      currency: EUR
"""
PRICING = """
    apiVersion: aliconf/v1
    kind: PricingPolicy
    metadata:
      name: markup
    spec:
      title: Markup
      default: true
      adjustments:
        - increaseByPercent: 12
"""
TEMPLATE = """
    apiVersion: aliconf/v1
    kind: ListingTemplate
    metadata:
      name: everything
    spec:
      title: Everything
      accounts: [es]
      categoryId: 200000343
      query:
        all: []
"""
CAMPAIGN = """
    apiVersion: aliconf/v1
    kind: Campaign
    metadata: {name: black-friday}
    spec:
      title: Black Friday
      accounts: [es]
      active: {from: "2026-11-27T00:00:00+01:00", until: "2026-12-01T00:00:00+01:00"}
      pricingPolicy: black-friday
"""
"""Of a pricing policy that is not one of the shop's."""
NEW_PRICES = """
Not touched: 3 unchanged (--full lists them); 5 unmanaged (--unmanaged lists
  them); the region of every account (1).
Takes effect: when applied; with the next synchronization of prices (the
  connector's own rhythm, SynchronizationPolicy/default).
Undo: `git revert` the commits, then plan and apply.
"""
"""How a plan ends that gives the shop's pricing policy other values."""
SHOP = {
    "aliconf.yaml": PROJECT,
    "registration.yaml": REGISTRATION,
    "account.yaml": ACCOUNT,
    "pricing.yaml": PRICING,
    "template.yaml": TEMPLATE,
}


def shop(root: Path, **changes: str | None) -> Path:
    """The small shop; ``pricing="…"`` replaces a file, ``pricing=None`` leaves it out."""
    files = dict(SHOP)
    for name, text in changes.items():
        file = f"{name}.yaml"
        if text is None:
            files.pop(file)
        else:
            files[file] = text
    return write(root, files)


def store(root: Path) -> Path:
    return root / ".aliconf" / "connector.db"


def one_id(text: str) -> str:
    """A text with the same connector's id in the place of that of its store."""
    return re.sub(r"\bc-[0-9a-f]{8}\b", "c-7f31a2b4", text)


def policies(amount: int) -> dict[str, str]:
    """Files with one pricing policy each: ``p0`` and so on."""
    text = PRICING.replace("default: true", "default: false")
    return {
        f"p{index}.yaml": text.replace("markup", f"p{index}").replace("Markup", f"P{index}")
        for index in range(amount)
    }
