"""Whether two queries are disjoint for certain: no product can match both.

Certain are contradictory values that both require of one attribute, and categories that one
requires and the other excludes. Everything else may overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import reduce
from typing import TYPE_CHECKING, TypeVar

from aliconf.model.numbers import plain

if TYPE_CHECKING:
    from aliconf.model.queries import Query

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a product must have in one attribute."""

    allowed: frozenset[str] | None = None
    """One of these values; None for any."""
    excluded: frozenset[str] = frozenset()
    above: Decimal | None = None
    below: Decimal | None = None

    def both(self, other: Needs) -> Needs:
        return Needs(
            _optional(frozenset.intersection, self.allowed, other.allowed),
            self.excluded | other.excluded,
            _optional(max, self.above, other.above),
            _optional(min, self.below, other.below),
        )

    def either(self, other: Needs) -> Needs:
        """What is needed in any case."""
        values = self.allowed, other.allowed
        lows, highs = (self.above, other.above), (self.below, other.below)
        return Needs(
            None if None in values else frozenset().union(*(value or () for value in values)),
            self.excluded & other.excluded,
            None if None in lows else _optional(min, *lows),
            None if None in highs else _optional(max, *highs),
        )

    def contradicts(self, other: Needs) -> bool:
        """Whether no value fits both."""
        if self.allowed is None and other.allowed is None:
            return _apart(self, other) or _apart(other, self)
        together = self.both(other)
        return not any(together.admits(value) for value in together.allowed or ())

    def admits(self, value: str) -> bool:
        """Whether a value may fit: text is not compared with numbers."""
        if value in self.excluded:
            return False
        number = _number(value)
        if number is None:
            return True
        return (self.above is None or number > self.above) and (
            self.below is None or number < self.below
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """What a product must have to match a query, as far as that can be said."""

    attributes: dict[str, Needs] = field(default_factory=dict)
    categories: tuple[frozenset[int], ...] = ()
    """Of each of these sets the product is in one category or below."""
    outside: frozenset[int] = frozenset()
    """Categories that it is not in, nor below."""

    def both(self, other: Demand) -> Demand:
        attributes = dict(self.attributes)
        for name, needs in other.attributes.items():
            attributes[name] = attributes[name].both(needs) if name in attributes else needs
        return Demand(attributes, self.categories + other.categories, self.outside | other.outside)

    def either(self, other: Demand) -> Demand:
        shared = self.attributes.keys() & other.attributes.keys()
        categories: tuple[frozenset[int], ...] = ()
        if self.categories and other.categories:
            categories = (self.categories[0] | other.categories[0],)
        return Demand(
            {name: self.attributes[name].either(other.attributes[name]) for name in shared},
            categories,
            self.outside & other.outside,
        )

    def is_disjoint(self, other: Demand) -> bool:
        shared = self.attributes.keys() & other.attributes.keys()
        return (
            any(self.attributes[name].contradicts(other.attributes[name]) for name in shared)
            or any(one <= other.outside for one in self.categories)
            or any(one <= self.outside for one in other.categories)
        )


EVERYTHING = Demand()


def demand(query: Query | None) -> Demand:
    """What a query demands; of no query, nothing."""
    return EVERYTHING if query is None else _demand(query, matches=True)


def _demand(query: Query, *, matches: bool) -> Demand:
    """What follows for a product that matches the query, or that does not."""
    if query.not_ is not None:
        return _demand(query.not_, matches=not matches)
    if query.all_ is not None:
        return _combined(query.all_, matches=matches, every=matches)
    if query.any_ is not None:
        return _combined(query.any_, matches=matches, every=not matches)
    if query.in_category is not None:
        ids = frozenset(query.in_category)
        return Demand(categories=(ids,)) if matches else Demand(outside=ids)
    needs = _comparison(query, matches=matches)
    return Demand({query.attribute: needs}) if query.attribute and needs else EVERYTHING


def _combined(queries: Sequence[Query], *, matches: bool, every: bool) -> Demand:
    parts = [_demand(query, matches=matches) for query in queries]
    if every:
        return reduce(Demand.both, parts, EVERYTHING)
    return reduce(Demand.either, parts) if parts else EVERYTHING


def _comparison(query: Query, *, matches: bool) -> Needs | None:
    operator = query.operator
    if operator in {"equals", "notEquals"}:
        value = query.equals if operator == "equals" else query.not_equals
        values = frozenset({_folded(value)}) if value is not None else frozenset()
    else:
        values = frozenset(_folded(value) for value in (query.in_ or query.not_in or ()))
    if operator in {"equals", "in"}:
        return Needs(allowed=values) if matches else Needs(excluded=values)
    if operator in {"notEquals", "notIn"}:
        return Needs(excluded=values) if matches else Needs(allowed=values)
    if operator == "greaterThan" and matches:
        return Needs(above=query.greater_than)
    if operator == "lessThan" and matches:
        return Needs(below=query.less_than)
    return None


def _folded(value: str | bool) -> str:
    """One text for values that Magento may take for equal: case, 12 and 12.0, true and 1."""
    if isinstance(value, bool):
        return str(int(value))
    number = _number(value)
    return value.strip().casefold() if number is None else plain(number)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _apart(low: Needs, high: Needs) -> bool:
    """Whether the one ends where the other begins, or before."""
    return low.below is not None and high.above is not None and high.above >= low.below


def _optional(combine: Callable[[T, T], T], one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return other if one is None else one
    return combine(one, other)
