"""Several processes apply at once, in rounds, while some of them are killed."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aliconf.connector.reader import open_reader
from tests import shops
from tests.command import Ended, write
from tests.connections import target
from tests.databases.places import SQLITE_URL, Place
from tests.faults import truth
from tests.faults.nursery import Nursery
from tests.faults.points import Fault
from tests.faults.scenes import GUARDRAILS
from tests.shops import PRICING
from tests.teams import made, project_at

POLICIES = 12
"""From which each round takes some: what is left out is deleted, what is new is created."""
MOMENTS = 300
"""One in so many points of an apply is where it is killed."""


@dataclass(slots=True)
class Count:
    applied: int = 0
    killed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)


class Member:
    """One who writes a configuration and applies it, again and again."""

    def __init__(self, place: Place, root: Path, project: str, number: int, seed: int) -> None:
        root.mkdir()
        self.root, self.project, self.number = root, project, number
        self._random = random.Random(seed)
        url = f"sqlite:///{place.file}" if place.database == "sqlite" else place.url
        self._document = project_at(place, project).replace(SQLITE_URL, url) + GUARDRAILS
        self.wanted: dict[str, str] = {}

    def new_round(self) -> None:
        """Another configuration."""
        percents = {
            f"{self.project}-{number}": str(self._random.randint(1, 50))
            for number in range(POLICIES)
            if self._random.random() < 0.7
        }
        text = PRICING.replace("default: true", "default: false")
        self.wanted = percents
        documents = [
            text.replace("markup", name)
            .replace("Markup", f"Title of {name}")
            .replace("12", percent)
            for name, percent in percents.items()
        ]
        registration = shops.REGISTRATION.replace("main", self.project)
        write(
            self.root,
            {
                "aliconf.yaml": self._document,
                "registration.yaml": registration,
                "policies.yaml": "---".join(documents) or "# none\n",
            },
        )

    def apply(self, nursery: Nursery, wait: str, *, mortal: bool) -> Ended:
        """One apply; of mortal ones every third is killed on its way."""
        fault = Fault()
        if mortal and self._random.random() < 1 / 3:
            fault = Fault(at=self._random.randint(1, MOMENTS), action="kill")
        waiting = ("--wait", wait) if wait else ()
        return nursery.aliconf("apply", "--yes", *waiting, cwd=self.root, fault=fault)


def apply_at_once(
    place: Place, nursery: Nursery, amount: int, seconds: float, *, together: bool
) -> Count:
    """``together``: all of the same project, waiting for each other; else each of its own."""
    made(place)
    members = [
        Member(place, place.root / f"m{n}", "shop" if together else f"shop{n}", n, seed=n)
        for n in range(amount)
    ]
    count, lock = Count(), threading.Lock()
    until = time.monotonic() + seconds

    def work(member: Member) -> None:
        while time.monotonic() < until:
            member.new_round()
            ended = member.apply(nursery, "5m" if together else "", mortal=True)
            with lock:
                _note(count, ended)

    threads = [threading.Thread(target=work, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count.losses += truth.lies(truth.look(place))
    _settle(place, nursery, members[:1] if together else members, count)
    return count


def _note(count: Count, ended: Ended) -> None:
    if ended.code == 0:
        count.applied += 1
    elif ended.code == -9:
        count.killed += 1
    elif ended.code == 1 and (codes := re.findall(r"error\[(ALI\d+)\]", ended.err)):
        count.refused.update(codes)
    else:
        count.losses.append(f"ended with {ended}")


def _settle(place: Place, nursery: Nursery, members: Sequence[Member], count: Count) -> None:
    """The last apply of each in peace: it completes what was cut off, and a plan is empty then."""
    for member in members:
        member.new_round()
        ended = member.apply(nursery, "", mortal=False)
        planned = nursery.aliconf("plan", cwd=member.root)
        if ended.code or "Plan: no changes." not in planned.out or "ALI946" in planned.out:
            count.losses.append(f"the last apply: {ended}, then {planned}")
    found = truth.look(place)
    count.losses += truth.lies(found)
    wanted = {
        name: (member.project, percent)
        for member in members
        for name, percent in member.wanted.items()
    }
    with open_reader(target(place)) as reader:
        there = {
            stored.name: (stored.owner, _percent(stored.body_text))
            for stored in reader.objects()
            if stored.kind == "PricingPolicy"
        }
    if there != wanted:
        count.losses.append(f"there is {there}, wanted {wanted}")
    if found.leases or any(run["finished_at"] is None for run in found.runs):
        count.losses.append(f"left open: {found.leases} {found.runs}")


def _percent(body: str) -> str:
    found = re.search(r'"increaseByPercent":"(\d+)"', body)
    return found[1] if found else body
