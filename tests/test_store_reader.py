"""Reading a connector store."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliconf.connector.names import Names
from aliconf.connector.reader import Stored
from aliconf.connector.shapes import shapes
from aliconf.model.base import canonical
from aliconf.model.kinds import KINDS
from tests.stores import URL, administrator, file_of, filled, reading, stored, writer
from tests.stores import Content as Wanted

TIMES = ("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z")


def at_fixed_times(root: Path) -> None:
    tables = ("registration", "policy", "account", "listing_template", "campaign")
    times = f"created_at = '{TIMES[0]}', updated_at = '{TIMES[1]}'"
    administrator(root, *(f"UPDATE {table} SET {times}" for table in tables))


def test_a_store_that_does_not_exist_reads_as_empty_and_is_not_created(tmp_path: Path) -> None:
    with reading(tmp_path) as reader:
        assert not reader.exists
        assert reader.connector_id == ""
        assert not reader.defaults_generated
        assert list(reader.objects()) == []
        assert reader.defaults() == {}
        assert reader.reserved() == {}
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_reads_as_a_store_that_does_not_exist(tmp_path: Path) -> None:
    file_of(tmp_path).parent.mkdir()
    file_of(tmp_path).touch()
    with reading(tmp_path) as reader:
        assert not reader.exists
        assert reader.connector_id == ""


def test_every_kind_is_read_in_dependency_order_with_its_complete_body(tmp_path: Path) -> None:
    filled(tmp_path)
    administrator(
        tmp_path,
        "DELETE FROM policy_default WHERE policy = 'default'",
        "DELETE FROM policy WHERE system_generated",
        "UPDATE account SET authorized_at = '2026-11-23T12:00:00Z'",
    )
    at_fixed_times(tmp_path)
    with reading(tmp_path) as reader:
        assert reader.exists
        assert reader.defaults_generated
        assert reader.defaults() == {"PricingPolicy": "markup"}
        assert reader.reserved() == {}
        assert list(reader.objects()) == [
            Stored(
                "Registration",
                "merchant",
                "",
                '{"acceptTerms":true,"email":"shop@example.com"}',
                "{}",
                False,
                "shop",
                False,
                *TIMES,
            ),
            Stored(
                "PricingPolicy",
                "markup",
                "Markup 12 %",
                '{"adjustments":[{"increaseByPercent":"12"}],"title":"Markup 12 %"}',
                "{}",
                False,
                "shop",
                False,
                *TIMES,
            ),
            Stored(
                "Account",
                "es",
                "Spain",
                '{"region":"ES","storeView":"es_es","title":"Spain"}',
                '{"market":"eu"}',
                False,
                "shop",
                False,
                *TIMES,
                "2026-11-23T12:00:00Z",
            ),
            Stored(
                "ListingTemplate",
                "shoes",
                "Shoes",
                '{"accounts":["es"],"categoryId":200000343,"pricingPolicy":"markup","priority":100,'
                '"query":{"all":[]},"title":"Shoes"}',
                "{}",
                True,
                "shop",
                False,
                *TIMES,
            ),
            Stored(
                "Campaign",
                "black-friday",
                "Black Friday",
                '{"accounts":["es"],"active":{"from":"2026-11-26T23:00:00Z",'
                '"until":"2026-11-30T23:00:00Z"},"pricingPolicy":"markup","priority":100,'
                '"title":"Black Friday"}',
                "{}",
                False,
                "shop",
                False,
                *TIMES,
            ),
        ]


def test_the_kinds_are_those_of_the_model_in_its_order() -> None:
    assert list(shapes(Names())) == [kind for kind in KINDS if kind != "Project"]


def test_two_stores_have_different_ids_of_the_documented_form(tmp_path: Path) -> None:
    ids = set()
    for name in ("one", "two"):
        with writer(tmp_path / name):
            pass
        with reading(tmp_path / name) as reader:
            ids.add(reader.connector_id)
    assert len(ids) == 2
    for connector_id in ids:
        assert connector_id.startswith("c-")
        assert len(bytes.fromhex(connector_id[2:])) == 4


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    filled(tmp_path)
    before = file_of(tmp_path).read_bytes()
    with reading(tmp_path) as reader:
        reader.defaults()
        connection: Any = reader
        with pytest.raises(Exception, match="attempt to write a readonly database"):
            connection._connection.exec_driver_sql("DELETE FROM campaign")
    assert file_of(tmp_path).read_bytes() == before


def test_everything_that_one_reader_reads_is_one_state(tmp_path: Path) -> None:
    filled(tmp_path)
    with reading(tmp_path) as reader:
        objects = reader.objects()
        first = next(objects)
        with pytest.raises(subprocess.CalledProcessError) as refused:
            administrator(tmp_path, "PRAGMA busy_timeout = 100", "DELETE FROM campaign")
        assert "database is locked" in refused.value.stderr
        assert (first.kind, [found.kind for found in objects][-1]) == ("Registration", "Campaign")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("UPDATE policy SET body = 'not JSON {'", "not JSON {"),
        ("UPDATE policy SET body = '[1, 2]'", "[1, 2]"),
        ("UPDATE policy SET body = '12'", "12"),
        ("UPDATE policy SET body = ''", ""),
        ("UPDATE policy SET body = '\"\\ud800\"'", '"\\ud800"'),
        ('UPDATE policy SET body = \'{"note":"\\ud800"}\'', '{"note":"\\ud800"}'),
        ("UPDATE policy SET body = CAST(x'fffe' AS BLOB)", "\ufffd\ufffd"),
        ("UPDATE policy SET body = replace(hex(zeroblob(50000)), '0', '[')", "[" * 100000),
        (
            'UPDATE policy SET body = \' { "b" : 1.50, "a":null, "title":"mine" } \'',
            '{"a":null,"b":1.5,"title":"Markup 12 %"}',
        ),
        ("UPDATE policy SET body = '{}', title = 'Straße'", '{"title":"Straße"}'),
    ],
)
def test_a_body_that_an_administrator_broke_is_read_as_it_stands(
    tmp_path: Path, change: str, text: str
) -> None:
    filled(tmp_path)
    administrator(tmp_path, f"{change} WHERE name = 'markup'")
    assert stored(tmp_path)["PricingPolicy", "markup"].body_text == text


def test_a_column_without_a_place_in_the_body_leaves_the_body_as_it_stands(tmp_path: Path) -> None:
    filled(tmp_path)
    administrator(tmp_path, "UPDATE campaign SET body = '{\"active\": 5}'")
    assert stored(tmp_path)["Campaign", "black-friday"].body_text == '{"active": 5}'


def test_broken_labels_are_read_as_they_stand(tmp_path: Path) -> None:
    filled(tmp_path)
    administrator(tmp_path, "UPDATE account SET labels = 'eu'")
    assert stored(tmp_path)["Account", "es"].labels_text == "eu"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(
    kind=st.sampled_from(list(shapes(Names()))),
    rest=st.dictionaries(st.text(min_size=1, max_size=4), JSON, max_size=4),
    data=st.data(),
)
def test_columns_and_body_together_are_the_body_that_was_stored(
    kind: str, rest: dict[str, Any], data: st.DataObject
) -> None:
    shape = shapes(Names())[kind]
    body = {key: value for key, value in rest.items() if (key,) not in shape.columns.values()}
    body.pop("active", None)
    for path in shape.columns.values():
        if data.draw(st.booleans()):
            place = body
            for key in path[:-1]:
                place = place.setdefault(key, {})
            place[path[-1]] = data.draw(st.text(max_size=5))
    values = shape.values(body)
    row = ["name", "title", values.pop("body"), "{}", 0, None, 0, *TIMES, None, *values.values()]
    assert shape.stored(row).body_text == canonical(body)
    assert not {key for (key,) in (p for p in shape.columns.values() if len(p) == 1)} & set(
        json.loads(row[2])
    )


def test_the_region_is_in_its_column_and_nowhere_else(tmp_path: Path) -> None:
    with writer(tmp_path) as opened:
        opened.create("Account", "xx", Wanted({"title": "X", "region": "QZ", "storeView": "v"}))
        opened.delete("Account", "xx", stored(tmp_path)["Account", "xx"].body_text)
    tables = administrator(tmp_path, "SELECT name FROM sqlite_master WHERE type = 'table'")
    found = [
        (table, column)
        for (table,) in tables
        for (_, column, *_) in administrator(tmp_path, f"PRAGMA table_info({table})")
        if administrator(tmp_path, f"SELECT 1 FROM {table} WHERE {column} LIKE '%QZ%'")
    ]
    assert found == [("account", "region")]


def output_of(script: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout


def test_importing_the_reader_loads_no_database_library() -> None:
    script = (
        "import sys, aliconf.connector.reader\n"
        "print(sorted({'sqlalchemy', 'alembic', 'sqlite3'} & set(sys.modules)))"
    )
    assert output_of(script) == "[]\n"


def test_reading_a_store_does_not_load_alembic(tmp_path: Path) -> None:
    filled(tmp_path)
    script = (
        "import sys, pathlib\n"
        "from aliconf.connector.reader import open_reader\n"
        "from aliconf.connector.urls import target\n"
        f"with open_reader(target({URL!r}, pathlib.Path({str(tmp_path)!r}))) as reader:\n"
        "    list(reader.objects())\n"
        "print('sqlalchemy' in sys.modules, 'alembic' in sys.modules)"
    )
    assert output_of(script) == "True False\n"
