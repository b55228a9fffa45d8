"""The configurations whose apply is disturbed: from which state to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests import shops
from tests.command import write
from tests.databases.places import Place
from tests.teams import project_at

GENERATED = """
    apiVersion: aliconf/v1
    kind: {kind}
    metadata:
      name: default
    spec:
      title: {title}
"""
IMAGES = GENERATED.format(kind="ImagePolicy", title="Our images")
STOCK = GENERATED.format(kind="InventoryPolicy", title="Our stock") + "      safetyStock: 3\n"
CAMPAIGN = """
    apiVersion: aliconf/v1
    kind: Campaign
    metadata:
      name: winter
    spec:
      title: Winter
      accounts: [es]
      pricingPolicy: markup
      active:
        from: 2040-12-01T00:00:00+01:00
        until: 2041-01-01T00:00:00+01:00
"""
GUARDRAILS = "      guardrails: {maximumUpdates: 100, maximumDeletes: 100}\n"
MOVED = """
      moved:
        - {kind: Account, from: es, to: spain}
        - {kind: PricingPolicy, from: markup, to: extra}
"""
SPAIN = shops.ACCOUNT.replace("name: es", "name: spain")


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    before: Mapping[str, str]
    """The files of what is in the store at first; without any, the store is new."""
    after: Mapping[str, str]
    changes: int
    """That the apply makes, the generated policies included."""

    def begin(self, place: Place, **options: str | int) -> bool:
        """Write the files of the state before; False where there is none."""
        return self._write(place, self.before, options)

    def go_on(self, place: Place, **options: str | int) -> bool:
        """Write the files whose apply is disturbed."""
        return self._write(place, self.after, options)

    def _write(
        self, place: Place, files: Mapping[str, str], options: Mapping[str, str | int]
    ) -> bool:
        for file in place.root.glob("*.yaml"):
            file.unlink()
        project = project_at(place, **options) + GUARDRAILS
        texts = {**files, "aliconf.yaml": project + files.get("aliconf.yaml", "")}
        write(place.root, texts)
        return bool(files)


def _without_project(**changes: str | None) -> dict[str, str]:
    files = {name: text for name, text in shops.SHOP.items() if name != "aliconf.yaml"}
    for name, text in changes.items():
        files.pop(f"{name}.yaml", None)
        if text is not None:
            files[f"{name}.yaml"] = text
    return files


def policies(numbers: range, percent: int) -> dict[str, str]:
    """Pricing policies, in one file each hundred: quick to read, many to apply."""
    text = shops.PRICING.replace("default: true", "default: false").replace("12", str(percent))
    return {
        f"policies{start}.yaml": "---".join(
            text.replace("markup", f"p{number}").replace("Markup", f"P{number}")
            for number in numbers[start : start + 100]
        )
        for start in range(0, len(numbers), 100)
    }


ONBOARDING = Scene("onboarding", {}, _without_project(), changes=9)
"""Creates, generated defaults, pointers; on SQLite the store itself."""
MIXED = Scene(
    "mixed",
    _without_project(
        images=IMAGES,
        campaign=CAMPAIGN,
        spare=shops.PRICING.replace("markup", "spare")
        .replace("Markup", "Spare")
        .replace("default: true", "default: false"),
    ),
    _without_project(
        aliconf=None,
        account=SPAIN.replace("currency: EUR", "currency: USD"),
        stock=STOCK,
        pricing=shops.PRICING.replace("markup", "extra").replace("12", "15"),
        template=shops.TEMPLATE.replace("[es]", "[spain]").replace("Everything", "All of it"),
        campaign=CAMPAIGN.replace("[es]", "[spain]").replace(": markup", ": extra"),
        cheap=shops.PRICING.replace("markup", "cheap")
        .replace("Markup", "Cheap")
        .replace("default: true", "default: false"),
    )
    | {"aliconf.yaml": MOVED},
    changes=7,
)
"""Create, update, delete, adopt, release, and moves whose references follow."""
BATCH = Scene(
    "batch",
    _without_project() | policies(range(250), 12),
    _without_project() | policies(range(100, 700), 13),
    changes=700,
)
"""More than one transaction: 450 creates, 150 updates, 100 deletes."""
SCENES = (ONBOARDING, MIXED, BATCH)
