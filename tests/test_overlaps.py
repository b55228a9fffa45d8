"""Which queries may match one product: compared with products, and with every pair."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from aliconf.model.queries import Query
from aliconf.rules.overlaps import NAMED, Claim, Group
from aliconf.rules.queries import demand

VALUES = ["Acme", "acme ", "Bonita", "12", "12.0", "13", "true", True, False]
COMPARISONS = st.one_of(
    st.tuples(st.sampled_from(["equals", "notEquals"]), st.sampled_from(VALUES)),
    st.tuples(
        st.sampled_from(["in", "notIn"]),
        st.lists(st.sampled_from(VALUES), min_size=1, max_size=3),
    ),
    st.tuples(st.just("contains"), st.sampled_from(["a", "1"])),
    st.tuples(st.sampled_from(["greaterThan", "lessThan"]), st.sampled_from([11, 12, 13])),
)
ATTRIBUTES = st.builds(
    lambda attribute, comparison: {"attribute": attribute, comparison[0]: comparison[1]},
    st.sampled_from(["brand", "size"]),
    COMPARISONS,
)
CATEGORIES = st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True)
QUERIES = st.recursive(
    ATTRIBUTES | st.builds(lambda ids: {"inCategory": ids}, CATEGORIES),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
).map(Query.model_validate)
PRODUCTS = st.fixed_dictionaries(
    {
        "brand": st.sampled_from(["Acme", "ACME", "Bonita", "Cara", "12", "13", "1", "0", None]),
        "size": st.sampled_from(["11", "12", "12.0", "12.5", "13", "14", "Acme", "true", None]),
        "categories": st.frozensets(st.integers(1, 5), max_size=3),
    }
)


def matches(query: Query, product: dict[str, Any]) -> bool:
    """A reading of queries that is as generous with equal values as Magento may be."""
    if query.all_ is not None:
        return all(matches(part, product) for part in query.all_)
    if query.any_ is not None:
        return any(matches(part, product) for part in query.any_)
    if query.not_ is not None:
        return not matches(query.not_, product)
    if query.in_category is not None:
        return bool(set(query.in_category) & product["categories"])
    return compares(query, product[query.attribute])


def compares(query: Query, value: str | None) -> bool:
    if query.operator in {"equals", "in"}:
        wanted = [query.equals] if query.equals is not None else query.in_ or []
        return same(value) in map(same, wanted)
    if query.operator in {"notEquals", "notIn"}:
        wanted = [query.not_equals] if query.not_equals is not None else query.not_in or []
        return same(value) not in map(same, wanted)
    if query.operator == "contains":
        return value is not None and str(query.contains).casefold() in value.casefold()
    if value is None or not value.replace(".", "").isdigit():
        return False
    if query.greater_than is not None:
        return Decimal(value) > query.greater_than
    assert query.less_than is not None
    return Decimal(value) < query.less_than


def same(value: str | bool | None) -> object:
    if isinstance(value, bool):
        return Decimal(value)
    if value is not None and value.replace(".", "").isdigit():
        return Decimal(value)
    return value and value.strip().casefold()


@given(QUERIES, QUERIES, PRODUCTS)
def test_no_product_matches_two_queries_that_are_called_disjoint(
    one: Query, other: Query, product: dict[str, Any]
) -> None:
    if matches(one, product) and matches(other, product):
        assert not demand(one).is_disjoint(demand(other))


@given(QUERIES, QUERIES)
def test_being_disjoint_goes_both_ways(one: Query, other: Query) -> None:
    assert demand(one).is_disjoint(demand(other)) == demand(other).is_disjoint(demand(one))


@given(st.lists(QUERIES, max_size=12))
def test_the_index_finds_what_comparing_every_pair_finds(queries: list[Query]) -> None:
    claims = [Claim(cast(Any, object()), demand(query)) for query in queries]
    group = Group()
    found = {
        (claims.index(other), index)
        for index, claim in enumerate(claims)
        for other in group.add(claim)
    }
    expected: set[tuple[int, int]] = set()
    for index, claim in enumerate(claims):
        met = [i for i in range(index) if claims[i].meets(claim)]
        expected.update((i, index) for i in met[:NAMED])
    assert found == expected


def test_thousands_of_disjoint_templates_are_compared_with_few() -> None:
    """By the number of comparisons, not by the clock."""
    claims = [
        Claim(
            cast(Any, object()),
            demand(
                Query.model_validate(
                    {
                        "all": [
                            {"inCategory": [number % 7 + 1]},
                            {"attribute": "brand", "equals": f"b{number % 50}"},
                            {"attribute": "line", "equals": f"l{number}"},
                        ]
                    }
                )
            ),
        )
        for number in range(2000)
    ]
    group = Group()
    candidates = 0
    for claim in claims:
        values = {n: d.allowed for n, d in claim.demand.attributes.items() if d.allowed}
        candidates += len(list(group._candidates(values)))
        assert group.add(claim) == []
    assert candidates == 0
