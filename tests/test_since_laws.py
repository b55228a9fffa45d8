"""A law of ``plan --since``: of every change, what the branch edits is the branch's, what somebody
changed in the connector is drift, and the rest is not applied yet."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.command import aliconf, write
from tests.shops import shop
from tests.test_against import commit, git

NAMES = ("one", "two", "three")
Policy = dict[str, Any] | None
"""Values by their paths in a plan; None for an object that is not there."""
World = dict[str, Policy]

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "priceAttribute": st.sampled_from(["price", "msrp", "cost"]),
    "minimum": st.sampled_from(["1", "2"]),
    "adjustments": st.lists(st.sampled_from(["5", "7", "9"]), max_size=3).map(tuple),
    "rounding.ending": st.sampled_from(["0.95", "0.99"]),
    "metadata.labels.team": st.sampled_from([None, "a", "b"]),
}
FIRST: World = {
    name: {
        "priceAttribute": "price",
        "minimum": "1",
        "adjustments": ("5", "7"),
        "rounding.ending": "0.99",
        "metadata.labels.team": "a",
    }
    for name in NAMES[:2]
} | {"three": None}
EDITS = st.dictionaries(
    st.sampled_from(NAMES),
    st.none() | st.fixed_dictionaries({}, optional=VALUES),
    max_size=2,
)
"""None makes an object go, or come; values replace those that an object has."""


def after(world: World, edits: dict[str, dict[str, Any] | None]) -> World:
    found = dict(world)
    for name, values in edits.items():
        was = found[name]
        if values is None:
            found[name] = None if was is not None else dict(FIRST["one"] or {})
        elif was is not None:
            found[name] = {**was, **values}
    return found


def document(name: str, policy: dict[str, Any]) -> str:
    team = policy["metadata.labels.team"]
    adjustments = ", ".join(f"{{increaseByPercent: {by}}}" for by in policy["adjustments"])
    return (
        "apiVersion: aliconf/v1\nkind: PricingPolicy\n"
        f"metadata: {{name: {name}, labels: {{{f'team: {team}' if team else ''}}}}}\n"
        f"spec:\n  title: {name}\n  priceAttribute: {policy['priceAttribute']}\n"
        f"  minimum: {policy['minimum']}\n  adjustments: [{adjustments}]\n"
        f"  rounding: {{mode: up, ending: {policy['rounding.ending']}}}\n"
    )


def put(root: Path, world: World) -> None:
    for name, policy in world.items():
        (root / f"{name}.yaml").unlink(missing_ok=True)
        if policy is not None:
            write(root, {f"{name}.yaml": document(name, policy)})


def store(root: Path, world: World) -> None:
    """Make the connector what somebody else made of it."""
    with sqlite3.connect(root / ".aliconf" / "connector.db") as connection:
        for name, policy in world.items():
            if policy is None:
                connection.execute("DELETE FROM policy WHERE name = ?", [name])
                continue
            row = "SELECT body FROM policy WHERE name = ?"
            body = json.loads(connection.execute(row, [name]).fetchone()[0])
            body |= {key: policy[key] for key in ("priceAttribute", "minimum")}
            body["adjustments"] = [{"increaseByPercent": by} for by in policy["adjustments"]]
            body["rounding"]["ending"] = policy["rounding.ending"]
            team = policy["metadata.labels.team"]
            connection.execute(
                "UPDATE policy SET body = ?, labels = ? WHERE name = ?",
                [json.dumps(body), json.dumps({"team": team} if team else {}), name],
            )
    connection.close()


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("laws")
    git(root, "init", "--quiet")
    write(root, {".gitignore": ".aliconf/\n"})
    shop(root, pricing=None, account=None, template=None)
    put(root, FIRST)
    commit(root)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    return root


Told = tuple[str, list[str]]
"""The cause of a field, and those beside it."""
BODY = set(VALUES) - {"metadata.labels.team"}


class Seen(NamedTuple):
    then: Policy
    now: Policy
    live: Policy
    left: Policy

    def cause(self) -> str:
        """Of the object itself, where it comes or goes."""
        if (self.then is None) != (self.now is None):
            return "branch"
        return "drift" if (self.live is None) != (self.left is None) else "unapplied"

    def changed_by_hand(self) -> bool:
        """Whether somebody changed values of an object that is there."""
        if self.live is None or self.left is None:
            return False
        return any(self.live[key] != self.left[key] for key in BODY)

    def of(self, path: str) -> list[Told]:
        """What may be told of a field; of a list item by item where all have as many, or of the
        whole."""
        key, _, item = path.partition("]")[0].partition("[")
        values = [world and world.get(key) for world in self]
        told = [self.of_values(*values)]
        if item and len({len(value) if value else None for value in values}) == 1:
            told.append(self.of_values(*(value[int(item)] for value in values if value)))
        return told

    def of_values(self, then: Any, now: Any, live: Any, left: Any) -> Told:
        """The cause, and what the causes would be without it: those of the change from what is live
        to what was wanted at the merge base."""
        if self.live is None:  # the object is made, or made anew
            if self.then is None or then != now:
                return "branch", []
            missed = self.left is not None and then != left
            return self.cause(), ["unapplied"] if missed else []
        without = []
        if live != left and (self.then is None or live != then):
            without.append("drift")
        if self.then is not None and left != then and live != then:
            without.append("unapplied")
        if self.then is not None and then == now:
            return without[0], without[1:]
        return "branch", without


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(base=EDITS, mine=EDITS, others=EDITS)
def test_every_change_and_field_has_the_cause_that_its_edits_say(
    applied: Path,
    base: dict[str, dict[str, Any] | None],
    mine: dict[str, dict[str, Any] | None],
    others: dict[str, dict[str, Any] | None],
) -> None:
    then = after(FIRST, base)
    now = after(then, mine)
    others = {name: values for name, values in others.items() if FIRST[name] is not None}
    live = after(FIRST, others)
    with TemporaryDirectory() as temporary:
        root = shutil.copytree(applied, Path(temporary) / "shop")
        put(root, then)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--allow-empty", "--message", "Merged")
        git(root, "checkout", "--quiet", "-b", "feature")
        put(root, now)
        store(root, {name: live[name] for name in NAMES[:2]})
        ended = aliconf("plan", "--since", "main", "--format", "json", cwd=root)
    data = json.loads(ended.out)
    counts = dict.fromkeys(("branch", "unapplied", "drift"), 0)
    partly = 0
    also = Counter[str]()
    for change in data["changes"]:
        name = change["name"]
        seen = Seen(then[name], now[name], live[name], FIRST[name])
        causes = [field["cause"] for field in change["fields"]]
        beside = {cause for field in change["fields"] for cause in field["also"]}
        for field in change["fields"]:
            told = field["cause"], field["also"]
            assert told in seen.of(field["path"]), (name, field, seen)
        if change["action"] == "delete":
            expected = seen.cause()
            beside = {"drift"} if seen.changed_by_hand() and expected != "drift" else set()
        elif change["action"] == "create":
            edited = seen.then != seen.now
            expected = "branch" if edited else seen.cause()
            partly += edited and seen.then is not None
        else:
            expected = next(c for c in ("branch", "drift", "unapplied") if c in causes)
            partly += expected == "branch" and len(set(causes)) > 1
        assert change["cause"] == expected, (name, seen)
        assert change["also"] == [cause for cause in ("drift", "unapplied") if cause in beside]
        counts[expected] += 1
        also.update(beside)
        if seen.then == seen.now:
            assert "branch" not in {change["cause"], *causes}
    since = data["since"]
    assert {cause: since[cause] for cause in counts} == counts
    assert (since["partly"], since["behind"], since["unknown"]) == (partly, 0, 0)
    assert since["also"] == {"drift": also["drift"], "unapplied": also["unapplied"], "behind": 0}
    assert sum(counts.values()) == len(data["changes"])
