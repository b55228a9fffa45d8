"""VALID and INVALID: what an administrator wrote into the store, and what the rules say of it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.command import aliconf, sql
from tests.shops import shop, store

DEEP = '{"not":' * 300 + '{"all":[]}' + "}" * 300


@pytest.fixture
def root(tmp_path: Path) -> Path:
    ended = aliconf("apply", "--yes", cwd=shop(tmp_path))
    assert ended.code == 0, ended.err
    return tmp_path


def errors_of(root: Path, name: str) -> list[str]:
    """Code and message of what is wrong with an object; the others have to be VALID."""
    ended = aliconf("status", "--format", "json", cwd=root)
    assert ended.err == ""
    data = json.loads(ended.out)
    kinds = ("registrations", "policies", "accounts", "listingTemplates", "campaigns")
    found = {
        f"{item['kind']}/{item['name']}": [
            f"{error['code']} {error['message']}" for error in item["errors"]
        ]
        for kind in kinds
        for item in data[kind]
    }
    wanted = found.pop(name)
    assert [errors for errors in found.values() if errors] == []
    assert (ended.code, data["valid"]) == ((1, False) if wanted else (0, True))
    return wanted


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ("{}", []),
        (' { "adjustments" : [ ] } ', []),
        ('{"default":true,"basedOn":"gone"}', []),
        ('{"note":null}', ["ALI112 unknown key 'note'"]),
        ("", ["ALI114 its body is not a JSON object"]),
        ("not JSON {", ["ALI114 its body is not a JSON object"]),
        ("{a: yaml}", ["ALI114 its body is not a JSON object"]),
        ("[1, 2]", ["ALI114 its body is not a JSON object"]),
        ("12", ["ALI114 its body is not a JSON object"]),
        ('{"note":"\\ud800"}', ["ALI114 its body is not a JSON object"]),
        ('{"adjustment":[]}', ["ALI112 unknown key 'adjustment'"]),
        ('{"adjustments":5}', ["ALI114 adjustments: expected a list, found a whole number"]),
        ('{"minimum":"9","maximum":"1"}', ["ALI310 minimum 9 is more than maximum 1"]),
        (
            '{"priceAttribute":"\\u0085\\u2028\\u007f"}',
            ["ALI117 priceAttribute: '\\x85\\u2028\\x7f' is malformed"],
        ),
        ('{"minimum":NaN}', ["ALI114 minimum: expected a number, found a text"]),
        ('{"minimum":1e999}', ["ALI114 minimum: expected a number, found a text"]),
        (
            '{"minimum":' + "9" * 500 + "}",
            [
                "ALI404 minimum is 9999999999999999999999999999999999999…; at most 18 digits are kept"
            ],
        ),
        ('{"query":' + DEEP + "}", ["ALI104 nested deeper than 100 levels"]),
    ],
)
def test_a_pricing_policy_s_body_is_judged_as_a_document_would_be(
    root: Path, body: str, errors: list[str]
) -> None:
    quoted = body.replace("'", "''")
    sql(store(root), f"UPDATE policy SET body = '{quoted}' WHERE name = 'markup'")
    assert errors_of(root, "PricingPolicy/markup") == errors


@pytest.mark.parametrize(
    ("change", "name", "errors"),
    [
        (
            "UPDATE account SET store_view = 'admin'",
            "Account/es",
            ["ALI205 storeView: admin is Magento's back end, not a store view"],
        ),
        (
            "UPDATE account SET labels = '[]'",
            "Account/es",
            ["ALI114 its labels are not a JSON object"],
        ),
        (
            "UPDATE account SET labels = '{\"a\":1}'",
            "Account/es",
            ["ALI114 metadata.labels.a: expected a text, found a whole number"],
        ),
        (
            "UPDATE account SET order_policy = 'gone'",
            "Account/es",
            ["ALI204 no OrderPolicy is named 'gone'"],
        ),
        (
            "UPDATE policy SET name = 'Not A Name' WHERE name = 'markup'",
            "PricingPolicy/Not A Name",
            ["ALI117 metadata.name: 'Not A Name' is malformed"],
        ),
        (
            "UPDATE listing_template SET body = '{}'",
            "ListingTemplate/everything",
            ["ALI113 accounts is missing", "ALI113 query is missing"],
        ),
        (
            "UPDATE registration SET accept_terms = 0",
            "Registration/main",
            ["ALI207 acceptTerms must be true, not false"],
        ),
        (
            "DELETE FROM registration",
            "Account/es",
            ["ALI210 an account needs a Registration, and there is none"],
        ),
    ],
)
def test_what_is_no_policy_is_judged_too(
    root: Path, change: str, name: str, errors: list[str]
) -> None:
    sql(store(root), change)
    assert errors_of(root, name) == errors


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
KEYS = st.sampled_from(["adjustments", "minimum", "margin", "rounding", "salePrice", "title"])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None
)
@given(body=st.dictionaries(KEYS | st.text(), JSON).map(json.dumps) | st.text())
def test_no_body_stops_the_status(root: Path, body: str) -> None:
    connection = sqlite3.connect(store(root))
    with connection:
        connection.execute(
            "UPDATE policy SET body = ? WHERE name = 'markup'",
            (body.encode("utf-8", "surrogatepass"),),
        )
    connection.close()
    ended = aliconf("status", cwd=root)
    assert ended.err == ""
    assert ended.code in (0, 1)
    assert ("INVALID" in ended.out) == (ended.code == 1)
