"""Another validator, given the JSON Schemas, says what the models say."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import regress
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import ValidationError

from aliconf.config.fields import is_unknown
from aliconf.config.merge import null_paths
from aliconf.model.base import body
from aliconf.model.kinds import KINDS, NULL_IS_A_VALUE, spec_from_body
from aliconf.model.schema import ANY, dashed, schemas, text
from tests.model_cases import FULL, SMALL, as_read, document

SCHEMAS = Path(__file__).parent.parent / "schemas"

MADE = schemas()


def validator(name: str) -> Draft7Validator:
    return Draft7Validator(MADE[name], format_checker=Draft7Validator.FORMAT_CHECKER)


VALIDATORS = {kind: validator(f"{dashed(kind)}.schema.json") for kind in KINDS}
ANY_KIND = validator(ANY)


def verdicts(raw: dict[str, Any]) -> tuple[bool, bool, bool]:
    """What the reader, the kind's schema and the schema of any document say."""
    of_kind = KINDS[raw["kind"]]
    nulls = null_paths(raw, NULL_IS_A_VALUE)  # no model sees them; the reader looks at their keys
    try:
        of_kind.model_validate(as_read(raw))
        model = not any(is_unknown(of_kind, path) for path in nulls)
    except ValidationError:
        model = False
    return model, VALIDATORS[raw["kind"]].is_valid(raw), ANY_KIND.is_valid(raw)


def test_the_committed_schemas_are_those_of_the_models() -> None:
    for name, schema in MADE.items():
        assert (SCHEMAS / name).read_text("utf-8") == text(schema)


def test_schemas_obey_their_own_draft() -> None:
    for schema in MADE.values():
        Draft7Validator.check_schema(schema)


def patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        yield from schema.get("patternProperties", {})
        for value in schema.values():
            yield from patterns(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from patterns(value)


def test_every_pattern_is_one_for_javascript_as_well() -> None:
    found = set(patterns(MADE[ANY]))
    assert found
    for pattern in found:
        regress.Regex(pattern, "u")
        re.compile(pattern)


def test_every_property_has_a_title_and_every_field_a_description() -> None:
    for name, schema in MADE.items():
        for owner, definition in {"": schema, **schema["definitions"]}.items():
            for key, one in definition.get("properties", {}).items():
                where = f"{name} {owner}.{key}"
                if name != ANY:
                    assert one["title"], where
                assert "description" in one or "const" in one, where


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("specs", [SMALL, FULL], ids=["small", "full"])
def test_what_a_kind_takes_passes_everywhere(kind: str, specs: dict[str, Any]) -> None:
    assert verdicts(document(kind, specs[kind])) == (True, True, True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_is_null_counts_as_absent_everywhere(kind: str) -> None:
    for key in FULL[kind]:
        without = {name: value for name, value in FULL[kind].items() if name != key}
        null = {**FULL[kind], key: None}
        expected = verdicts(document(kind, without))
        assert verdicts(document(kind, null)) == expected, key
        assert len(set(expected)) == 1, key


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("Registration", {"acceptTerms": False}),
    ("Registration", {"email": "shop"}),
    ("Registration", {"email": "a@b@example.com"}),
    ("Account", {"region": "Spian"}),
    ("Account", {"region": "es"}),
    ("Account", {"region": "SPAIN"}),
    ("Account", {"region": True}),
    ("Account", {"storeView": "admin"}),
    ("Account", {"storeView": "es-es"}),
    ("Account", {"currency": "eur"}),
    ("Account", {"authorization": {"appKey": "literal", "appSecret": "${env:A}"}}),
    ("Account", {"authorization": {"appKey": "${env:A}"}}),
    ("Account", {"storeview": "es"}),
    ("Account", {"orderPolicy": "Orders"}),
    ("ImagePolicy", {"maxImages": 7}),
    ("ImagePolicy", {"maxImages": 0}),
    ("ImagePolicy", {"maxImages": "6"}),
    ("ImagePolicy", {"formats": ["gif"]}),
    ("ImagePolicy", {"formats": []}),
    ("ImagePolicy", {"formats": ["jpg", "jpg"]}),
    ("ImagePolicy", {"maxFileSize": "5121KB"}),
    ("ImagePolicy", {"maxFileSize": "6MB"}),
    ("ImagePolicy", {"maxFileSize": "3 MB"}),
    ("ImagePolicy", {"defaultImage": "none.gif"}),
    ("ImagePolicy", {"background": "whitish"}),
    ("ImagePolicy", {"title": "  "}),
    ("InventoryPolicy", {"updateEvery": "4m"}),
    ("InventoryPolicy", {"updateEvery": "25h"}),
    ("InventoryPolicy", {"updateEvery": "2d"}),
    ("InventoryPolicy", {"updateEvery": "90s"}),
    ("InventoryPolicy", {"percentage": 0}),
    ("InventoryPolicy", {"percentage": 101}),
    ("InventoryPolicy", {"safetyStock": 1_000_000}),
    ("InventoryPolicy", {"safetyStock": -1}),
    ("InventoryPolicy", {"maximum": 1.5}),
    ("InventoryPolicy", {"threshold": {"value": 1, "sendAbove": 2}}),
    ("PricingPolicy", {"adjustments": [{"decreaseByPercent": 100}]}),
    ("PricingPolicy", {"adjustments": [{"decreaseByPercent": "100"}]}),
    ("PricingPolicy", {"adjustments": [{}]}),
    ("PricingPolicy", {"adjustments": [{"increaseByPercent": 1, "multiplyBy": 2}]}),
    ("PricingPolicy", {"adjustments": [{"multiplyBy": 0}]}),
    ("PricingPolicy", {"adjustments": [{"multiplyBy": "1e3"}]}),
    ("PricingPolicy", {"adjustments": {"multiplyBy": 2}}),
    ("PricingPolicy", {"minimum": 0}),
    ("PricingPolicy", {"minimum": "0.009"}),
    ("PricingPolicy", {"minimum": {}}),
    ("PricingPolicy", {"minimum": {"EUR": None}}),
    ("PricingPolicy", {"minimum": {"euro": 1}}),
    ("PricingPolicy", {"maximum": 100000.01}),
    ("PricingPolicy", {"maximum": "100000.01"}),
    ("PricingPolicy", {"rounding": {"step": 0.05, "ending": 0.99}}),
    ("PricingPolicy", {"rounding": {"ending": 1}}),
    ("PricingPolicy", {"salePrice": {"attribute": "a", "adjustments": [{"multiplyBy": 2}]}}),
    ("PricingPolicy", {"currency": {}}),
    ("OrderPolicy", {"createOrders": None}),
    ("OrderPolicy", {"createWhen": "PAID"}),
    ("OrderPolicy", {"orderNumber": {"prefix": "x" * 21}}),
    ("OrderPolicy", {"statusMapping": {"DONE": "complete"}}),
    ("OrderPolicy", {"statusMapping": {"FINISH": "complete"}}),
    ("OrderPolicy", {"statusMapping": {"IN_ISSUE": "on hold"}}),
    ("SynchronizationPolicy", {"schedule": {"orders": "61 * * * *"}}),
    ("SynchronizationPolicy", {"schedule": {"orders": "0 3 * *"}}),
    ("SynchronizationPolicy", {"schedule": {"orders": "0 3 * * 7"}}),
    ("SynchronizationPolicy", {"schedule": {"orders": "4m"}}),
    ("SynchronizationPolicy", {"observedAttributes": []}),
    ("ListingTemplate", {"accounts": []}),
    ("ListingTemplate", {"accounts": {"matchLabels": {}}}),
    ("ListingTemplate", {"query": {}}),
    ("ListingTemplate", {"query": {"all": [], "any": []}}),
    ("ListingTemplate", {"query": {"attribute": "a"}}),
    ("ListingTemplate", {"query": {"attribute": "a", "equals": 1, "contains": "x"}}),
    ("ListingTemplate", {"query": {"equals": 1}}),
    ("ListingTemplate", {"query": {"all": [], "equals": 1}}),
    ("ListingTemplate", {"query": {"not": [{"all": []}]}}),
    ("ListingTemplate", {"shippingLeadTimeDays": 31}),
    ("ListingTemplate", {"attributes": [{"name": "x"}]}),
    ("ListingTemplate", {"perAccount": {"es": {"title": "x"}}}),
    ("ListingTemplate", {"perAccount": {"E_S": {}}}),
    (
        "ListingTemplate",
        {"package": {"weightKg": 500.1, "lengthCm": 1, "widthCm": 1, "heightCm": 1}},
    ),
    ("Campaign", {"active": {"from": "2026-11-27", "until": "2026-12-01T00:00:00Z"}}),
    ("Campaign", {"active": {"from": "2026-11-27T00:00:00", "until": "2026-12-01T00:00:00Z"}}),
    ("Campaign", {"active": {"from": "2026-11-27T00:00:00Z"}}),
    ("Project", {"connector": "postgresql://aliconf:literal@db.example/shop"}),
    ("Project", {"connector": "mongodb://db.example/shop"}),
    ("Project", {"magento": {"url": "https://user:password@shop.example"}}),
    ("Project", {"magento": {"url": "https://a", "token": "${env:A}", "oauth": {}}}),
    ("Project", {"rules": {"ALI4": "off"}}),
    ("Project", {"rules": {"ALI414": "never"}}),
    ("Project", {"rules": {"ignore": [{"code": "ALI414", "reason": "x"}]}}),
    ("Project", {"systemCheck": {"memoryLimit": "0.5G"}}),
    ("Project", {"moved": [{"kind": "Project", "from": "a", "to": "b"}]}),
    ("Project", {"guardrails": {"maximumDeletes": 101}}),
    ("Project", {"exchangeRates": [{"from": "EUR", "to": "PLN", "rate": 0}]}),
]


@pytest.mark.parametrize(("kind", "keys"), WRONG, ids=lambda value: json.dumps(value)[:60])
def test_what_a_kind_refuses_fails_everywhere(kind: str, keys: dict[str, Any]) -> None:
    assert verdicts(document(kind, SMALL[kind] | keys)) == (False, False, False)


def test_another_program_agrees(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.json", tmp_path / "wrong.json"
    right.write_text(json.dumps(document("PricingPolicy", FULL["PricingPolicy"])))
    wrong.write_text(json.dumps(document("PricingPolicy", {"title": "x", "minimum": "0.001"})))
    schema = SCHEMAS / "aliconf.schema.json"
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema)]
    assert subprocess.run([*command, str(right)], capture_output=True, check=False).returncode == 0
    assert subprocess.run([*command, str(wrong)], capture_output=True, check=False).returncode == 1


VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 6, 7, 6.0, 0.01, 0.001, 99.99, 100, 999_999, 1_000_000, 1e10),
    *("", " ", "x", "X", "x-y", "x_y", "a.png", "ES", "UK", "Spain", "spain", "EUR", "0", "01"),
    *("0.01", "1.50", "-1", "1e3", "100", "100000.00", "5m", "24h", "25h", "1d", "0 3 * * *"),
    *(
        "3MB",
        "5121KB",
        "1G",
        "0.5G",
        "2026-11-27",
        "2026-11-27T00:00:00Z",
        "${env:A}",
        "a@b.example",
    ),
    *([], [None], ["x"], ["x", "x"], [1], [1, 1], [{}], {}, {"EUR": 1}, {"eur": 1}),
    *({"all": []}, {"attribute": "a", "equals": 1}, {"increaseByPercent": 1}),
]


@st.composite
def nearly(draw: st.DrawFn) -> dict[str, Any]:
    """A document with every key, of which some values were replaced and some keys taken away."""
    kind = draw(st.sampled_from(list(KINDS)))
    raw = copy.deepcopy(document(kind, FULL[kind]))
    for _ in range(draw(st.integers(1, 3))):
        holder: Any = raw["spec"]
        while isinstance(holder, dict | list) and holder:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            key = draw(st.sampled_from(keys))
            if isinstance(holder[key], dict | list) and holder[key] and draw(st.booleans()):
                holder = holder[key]
                continue
            if draw(st.booleans()):
                holder[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
            else:
                del holder[key]
            break
    return raw


@settings(max_examples=300, deadline=None)
@given(nearly())
def test_models_and_schemas_agree_on_documents_that_are_nearly_right(raw: dict[str, Any]) -> None:
    model, own, common = verdicts(raw)
    assert model == own == common


@settings(max_examples=150, deadline=None)
@given(nearly())
def test_a_body_that_is_read_back_is_the_same_body(raw: dict[str, Any]) -> None:
    raw["spec"].pop("basedOn", None)  # the connector keeps only bodies that rest on no other
    try:
        read = KINDS[raw["kind"]].model_validate(as_read(raw))
    except ValidationError:
        return
    stored = json.loads(json.dumps(body(read.spec)))
    assert body(spec_from_body(raw["kind"], stored)) == stored
