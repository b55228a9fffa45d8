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
from sqlalchemy.exc import DBAPIError

from aliconf.connector.names import Names
from aliconf.connector.reader import Stored, open_reader
from aliconf.connector.schema import tables
from aliconf.connector.shapes import shapes
from aliconf.model.base import canonical
from aliconf.model.kinds import KINDS
from tests.databases.fixtures import on, on_servers
from tests.databases.places import Place, RefusedError
from tests.stores import Content as Wanted
from tests.stores import file_of, filled, reading, refused, store_at, stored, writer

TIMES = ("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z")


def at_fixed_times(place: Place) -> None:
    filled = ("registration", "policy", "account", "listing_template", "campaign")
    times = f"created_at = '{TIMES[0]}', updated_at = '{TIMES[1]}'"
    place.sql(*(f"UPDATE {table} SET {times}" for table in filled))


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


@on_servers
def test_a_database_without_a_store_is_refused_and_stays_empty(place: Place) -> None:
    store = store_at(place)

    def read() -> None:
        with open_reader(store):
            pass

    assert refused(read) == ("ALI928", f"there is no connector store in {store.display} yet")
    place.sql("CREATE TABLE account (id INTEGER)")  # nothing has taken the name


def test_every_kind_is_read_in_dependency_order_with_its_complete_body(place: Place) -> None:
    filled(place)
    place.sql(
        "DELETE FROM policy_default WHERE policy = 'default'",
        "DELETE FROM policy WHERE system_generated",
        "UPDATE account SET authorized_at = '2026-11-23T12:00:00Z'",
    )
    at_fixed_times(place)
    with reading(place) as reader:
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
                "ES",
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


def test_two_stores_have_different_ids_of_the_documented_form(place: Place) -> None:
    ids = set()
    for prefix in ("one_", "two_"):
        url = place.url_with(prefix=prefix)
        with writer(place, url=url):
            pass
        with reading(place, url) as reader:
            ids.add(reader.connector_id)
    assert len(ids) == 2
    for connector_id in ids:
        assert connector_id.startswith("c-")
        assert len(bytes.fromhex(connector_id[2:])) == 4


def test_a_reader_cannot_write(place: Place) -> None:
    before = stored(filled(place))
    with reading(place) as reader:
        reader.defaults()
        connection: Any = reader
        with pytest.raises(DBAPIError, match=r"(?i)read-?\s?only"):
            connection._connection.exec_driver_sql("DELETE FROM campaign")
    assert stored(place) == before


@on("sqlite")
def test_a_reader_leaves_the_file_as_it_is(place: Place) -> None:
    filled(place)
    before = place.file.read_bytes()
    stored(place)
    assert place.file.read_bytes() == before


def test_everything_that_one_reader_reads_is_one_state(place: Place) -> None:
    """Somebody deletes meanwhile: in a file that has to wait, on a server the reader does not
    see it."""
    filled(place)
    with reading(place) as reader:
        objects = reader.objects()
        first = next(objects)
        if place.database == "sqlite":
            with pytest.raises(RefusedError, match="database is locked"):
                place.sql("PRAGMA busy_timeout = 100", "DELETE FROM campaign")
        else:
            place.sql("DELETE FROM campaign")
        assert (first.kind, [found.kind for found in objects][-1]) == ("Registration", "Campaign")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("body = 'not JSON {'", "not JSON {"),
        ("body = '[1, 2]'", "[1, 2]"),
        ("body = '12'", "12"),
        ("body = ''", ""),
        ("body = '\"\\ud800\"'", '"\\ud800"'),
        ('body = \'{"note":"\\ud800"}\'', '{"note":"\\ud800"}'),
        (f"body = '{'[' * 100000}'", "[" * 100000),
        (
            'body = \' { "b" : 1.50, "a":null, "title":"mine" } \'',
            '{"a":null,"b":1.5,"title":"Markup 12 %"}',
        ),
        ("body = '{}', title = 'Straße'", '{"title":"Straße"}'),
    ],
    ids=lambda value: value[:40],
)
def test_a_body_that_an_administrator_broke_is_read_as_it_stands(
    place: Place, change: str, text: str
) -> None:
    filled(place)
    place.sql(f"UPDATE policy SET {change} WHERE name = 'markup'")
    assert stored(place)["PricingPolicy", "markup"].body_text == text


@on("sqlite")
def test_bytes_that_are_no_text_are_read_as_they_stand(place: Place) -> None:
    """A column of SQLite takes what its type does not say."""
    filled(place)
    place.sql("UPDATE policy SET body = CAST(x'fffe' AS BLOB) WHERE name = 'markup'")
    assert stored(place)["PricingPolicy", "markup"].body_text == "\ufffd\ufffd"


def test_a_column_without_a_place_in_the_body_leaves_the_body_as_it_stands(place: Place) -> None:
    filled(place)
    place.sql("UPDATE campaign SET body = '{\"active\": 5}'")
    assert stored(place)["Campaign", "black-friday"].body_text == '{"active": 5}'


def test_broken_labels_are_read_as_they_stand(place: Place) -> None:
    filled(place)
    place.sql("UPDATE account SET labels = 'eu'")
    assert stored(place)["Account", "es"].labels_text == "eu"


def test_names_are_compared_and_sorted_by_their_bytes(place: Place) -> None:
    filled(place)
    names = ["A", "a", "a ", "a-b", "ab", "ä"]
    place.sql(
        *(
            "INSERT INTO policy (kind, name, title, created_at, updated_at) "
            f"VALUES ('ImagePolicy', '{name}', '{name}', '', '')"
            for name in reversed(names)
        )
    )
    assert [name for kind, name in stored(place) if kind == "ImagePolicy"] == [
        *names[:-1],
        "default",
        "ä",
    ]
    place.sql("UPDATE policy SET title = 'new' WHERE name = 'a' OR title = 'a'")
    found = stored(place)
    assert [found["ImagePolicy", name].title for name in names] == ["A", "new", *names[2:]]


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


def test_the_region_is_in_its_column_and_nowhere_else(place: Place) -> None:
    with writer(place) as opened:
        opened.create("Account", "xx", Wanted({"title": "X", "region": "QZ", "storeView": "v"}))
        opened.delete("Account", "xx", stored(place)["Account", "xx"].body_text)
    found = [
        (name, column.name)
        for name, table in tables(Names()).metadata.tables.items()
        for column in table.columns
        for (value,) in place.rows(f"SELECT {column.name} FROM {name}")
        if "QZ" in str(value)
    ]
    assert found == [("account", "region")]


def output_of(script: str) -> str:
    root = Path(__file__).parent.parent
    return subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=root
    ).stdout


def test_importing_the_reader_loads_no_database_library() -> None:
    script = (
        "import sys, aliconf.connector.reader\n"
        "print(sorted({'sqlalchemy', 'alembic', 'sqlite3'} & set(sys.modules)))"
    )
    assert output_of(script) == "[]\n"


def test_reading_a_store_does_not_load_alembic(place: Place) -> None:
    filled(place)
    script = f"""
import sys
from pathlib import PosixPath
from tests.databases.address import Address
from tests.databases.places import Place
from tests.stores import stored
print(len(stored({place!r})), sorted({{'sqlalchemy', 'alembic'}} & set(sys.modules)))
"""
    assert output_of(script) == "10 ['sqlalchemy']\n"
