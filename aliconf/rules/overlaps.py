"""Which of many documents may be about the same product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from aliconf.config.documents import LoadedDocument
from aliconf.rules.queries import Demand

Window = tuple[datetime, datetime]
"""From, and until (exclusive)."""

NAMED: Final = 3
"""So many of the others are named; with hundreds of equal templates, nobody reads them all."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A document that wants the products of a query, at any time or in a window."""

    document: LoadedDocument
    demand: Demand
    window: Window | None = None

    def meets(self, other: Claim) -> bool:
        if self.window and other.window:
            (start, end), (other_start, other_end) = self.window, other.window
            if end <= other_start or other_end <= start:
                return False
        return not self.demand.is_disjoint(other.demand)


@dataclass(slots=True)
class Group:
    """Claims of equal rank.

    An index keeps thousands of disjoint ones from being compared in pairs.
    """

    claims: list[Claim] = field(default_factory=list)
    _by_value: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    """By attribute and value, the claims that take the value."""
    _indifferent: dict[str, list[int]] = field(default_factory=dict)
    """By attribute, the claims that take any value."""

    def add(self, claim: Claim) -> list[Claim]:
        """Earlier claims that the new one meets, at most `NAMED` of them."""
        values = {
            name: needs.allowed
            for name, needs in claim.demand.attributes.items()
            if needs.allowed is not None
        }
        met: list[Claim] = []
        for index in self._candidates(values):
            if claim.meets(self.claims[index]):
                met.append(self.claims[index])
                if len(met) == NAMED:
                    break
        self._insert(claim, values)
        return met

    def _candidates(self, values: dict[str, frozenset[str]]) -> Iterable[int]:
        """The claims that are not disjoint by the attribute that tells most of them apart."""
        fewest: Iterable[int] = range(len(self.claims))
        least = len(self.claims)
        for name, allowed in values.items():
            if name not in self._by_value:
                continue
            by_value = self._by_value[name]
            lists = [by_value.get(value, ()) for value in allowed] + [self._indifferent[name]]
            count = sum(map(len, lists))
            if count < least:
                fewest, least = sorted({index for part in lists for index in part}), count
        return fewest

    def _insert(self, claim: Claim, values: dict[str, frozenset[str]]) -> None:
        index = len(self.claims)
        for name in values.keys() - self._by_value.keys():
            self._by_value[name] = {}
            self._indifferent[name] = list(range(index))
        for name, by_value in self._by_value.items():
            if name not in values:
                self._indifferent[name].append(index)
            for value in values.get(name, ()):
                by_value.setdefault(value, []).append(index)
        self.claims.append(claim)
