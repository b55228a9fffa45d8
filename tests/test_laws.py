"""Laws of plan and apply, over configurations that hypothesis makes, on all three databases."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import shops
from tests.command import aliconf
from tests.databases.fixtures import on, on_servers
from tests.databases.places import Place
from tests.teams import made

NAMES = st.sampled_from(["default", "alpha", "beta", "gamma"])
AMOUNT = st.decimals("0.01", "90", places=2).map(str)
AMOUNTS = st.one_of(AMOUNT, st.fixed_dictionaries({"EUR": AMOUNT}))
ADJUSTMENT = st.one_of(
    st.fixed_dictionaries({"increaseByPercent": st.integers(1, 80)}),
    st.fixed_dictionaries({"multiplyBy": st.decimals("1.01", "3", places=2).map(str)}),
    st.fixed_dictionaries({"increaseByAmount": AMOUNTS}),
)
SPECS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "PricingPolicy": st.fixed_dictionaries(
        {},
        optional={
            "priceAttribute": st.sampled_from(["price", "ali_price"]),
            "adjustments": st.lists(ADJUSTMENT, max_size=3),
            "maximum": st.integers(91, 1000),
            "minimum": AMOUNT,
            "rounding": st.fixed_dictionaries(
                {"mode": st.sampled_from(["up", "nearest"]), "ending": st.just("0.99")}
            ),
        },
    ),
    "InventoryPolicy": st.fixed_dictionaries(
        {},
        optional={
            "safetyStock": st.integers(0, 50),
            "percentage": st.integers(1, 100),
            "updateEvery": st.sampled_from(["5m", "60m", "1h", "24h"]),
            "outOfStock": st.sampled_from(["sendZero", "unlist"]),
        },
    ),
    "ImagePolicy": st.fixed_dictionaries(
        {}, optional={"maxImages": st.integers(1, 6), "gallery": st.sampled_from(["all", "none"])}
    ),
    "OrderPolicy": st.fixed_dictionaries(
        {"createOrders": st.just(True)},
        optional={
            "allowOutOfStock": st.booleans(),
            "statusMapping": st.fixed_dictionaries(
                {}, optional={"RISK_CONTROL": st.sampled_from([None, "holded"])}
            ),
        },
    ),
    "SynchronizationPolicy": st.fixed_dictionaries({}, optional={"orders": st.booleans()}),
}


@st.composite
def policies(draw: st.DrawFn, kind: str) -> list[dict[str, Any]]:
    """Policies of one kind: at most one is the default, and some are based on an earlier one."""
    names = draw(st.lists(NAMES, unique=True, max_size=4))
    default = draw(st.sampled_from([None, *names]))
    found: list[dict[str, Any]] = []
    for name in names:
        spec = draw(SPECS[kind])
        title = f"Default {kind.removesuffix('Policy')} Policy" if name == "default" else name
        spec = {"title": title, **spec}
        if name == default:
            spec["default"] = True
        if found and draw(st.booleans()):
            spec["basedOn"] = draw(st.sampled_from(found))["metadata"]["name"]
        labels = draw(st.dictionaries(st.sampled_from(["team", "season"]), st.just("a")))
        protect = draw(st.booleans())
        found.append(
            {
                "apiVersion": "aliconf/v1",
                "kind": kind,
                "metadata": {"name": name, "labels": labels},
                "lifecycle": {"protect": protect},
                "spec": spec,
            }
        )
    return found


CONFIGURATION = st.tuples(*(policies(kind) for kind in SPECS)).map(
    lambda kinds: [document for documents in kinds for document in documents]
)
PROJECT = shops.PROJECT.replace(
    "rules:", "guardrails: {maximumUpdates: 100, maximumDeletes: 100}\n      rules:"
)


PLACES = count()


def connector(place: Place) -> str:
    """A new store with no object in it."""
    prefix = f"law{next(PLACES)}_"
    made(place, prefix=prefix)
    return place.url_with(prefix=prefix)


def put(root: Path, documents: list[dict[str, Any]], url: str) -> None:
    project = PROJECT.replace("spec:", f"spec:\n      connector: {url}")
    shops.shop(root, pricing=yaml.safe_dump_all(documents), aliconf=project)


def plan(root: Path) -> dict[str, Any]:
    ended = aliconf("plan", "--format", "json", cwd=root)
    assert ended.code == 0, ended.out + ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


def apply(root: Path) -> None:
    ended = aliconf("apply", "--yes", cwd=root)
    assert ended.code == 0, ended.out + ended.err


def after_apply_a_plan_is_empty(place: Place, configurations: list[list[dict[str, Any]]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        url = connector(replace(place, root=root))
        for documents in configurations:
            put(root, documents, url)
            planned = plan(root)
            apply(root)
            after = plan(root)
            assert after["changes"] == []
            kept = {item["name"] for item in after["protected"]}
            assert kept >= {item["name"] for item in planned["protected"]}


LAW = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@on("sqlite")
@settings(LAW, max_examples=20)
@given(first=CONFIGURATION, second=CONFIGURATION)
def test_after_apply_a_plan_is_empty_whatever_was_there_before(
    place: Place, first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    after_apply_a_plan_is_empty(place, [first, second, first])


@on_servers
@settings(LAW, max_examples=4)
@given(first=CONFIGURATION, second=CONFIGURATION)
def test_after_apply_a_plan_is_empty_on_servers_too(
    place: Place, first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    """Fewer examples: what the databases do is the same for each."""
    after_apply_a_plan_is_empty(place, [first, second, first])
