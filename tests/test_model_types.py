"""The types that YAML writes as text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from aliconf.model.cron import Schedule
from aliconf.model.durations import Duration
from aliconf.model.numbers import Number, Scalar, SignedNumber, plain
from aliconf.model.phpmemory import UNLIMITED, MemoryLimit
from aliconf.model.ranges import decimals, integers
from aliconf.model.regions import CONFIRMED, NAMES, SPELLINGS, candidates, region
from aliconf.model.secrets import ConnectorUrl, SecretReference
from aliconf.model.sizes import MB, UpTo
from aliconf.model.text import Email
from aliconf.model.times import Date, Timestamp


def value(of: Any, written: object) -> Any:
    return TypeAdapter(of).validate_python(written)


def text(of: Any, written: object) -> Any:
    """What a body holds of it."""
    return TypeAdapter(of).dump_python(value(of, written), mode="json")


def refusal(of: Any, written: object) -> str:
    with pytest.raises(ValidationError) as caught:
        value(of, written)
    return str(caught.value.errors(include_url=False)[0]["type"])


@pytest.mark.parametrize(
    ("written", "minutes", "kept"),
    [
        ("5m", 5, "5m"),
        ("90m", 90, "90m"),
        ("120m", 120, "2h"),
        ("24h", 1440, "1d"),
        ("7d", 10080, "7d"),
    ],
)
def test_a_duration_is_kept_in_its_shortest_form(written: str, minutes: int, kept: str) -> None:
    assert value(Duration, written) == timedelta(minutes=minutes)
    assert text(Duration, written) == kept


@pytest.mark.parametrize(
    "written", ["90s", "0m", "05m", "1.5h", "2h30m", "2 h", "h", "", "2H", "5m\n"]
)
def test_what_is_no_duration_is_refused(written: str) -> None:
    assert refusal(Duration, written) == "duration"


def test_a_number_is_no_duration_and_no_schedule() -> None:
    assert refusal(Duration, 5) == "string_type"
    assert refusal(Schedule, 5) == "string_type"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("*/15 * * * *", "*/15 * * * *"),
        ("0 3 * * *", "0 3 * * *"),
        ("0,30 8-18/2 1,15 JAN-JUN MON-FRI", "0,30 8-18/2 1,15 JAN-JUN MON-FRI"),
        ("59 23 31 12 6", "59 23 31 12 6"),
        ("60m", "1h"),
        ("30d", "30d"),
    ],
)
def test_a_schedule_is_a_cron_expression_or_a_duration(written: str, kept: str) -> None:
    assert text(Schedule, written) == kept


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("60 * * * *", "cron"),
        ("* 24 * * *", "cron"),
        ("* * 0 * *", "cron"),
        ("* * 32 * *", "cron"),
        ("* * * 13 *", "cron"),
        ("* * * * 7", "cron"),
        ("* * * FOO *", "cron"),
        ("* * * mon *", "cron"),
        ("30-10 * * * *", "cron"),
        ("*/0 * * * *", "cron"),
        ("1- * * * *", "cron"),
        (", * * * *", "cron"),
        ("* * * *", "cron"),
        ("*  * * * *", "cron"),
        ("@daily", "cron"),
        ("4m", "out_of_bounds"),
        ("31d", "out_of_bounds"),
    ],
)
def test_what_cron_would_not_run_is_refused(written: str, kind: str) -> None:
    assert refusal(Schedule, written) == kind


SIZE = type("Size", (), {"__get_pydantic_core_schema__": UpTo(5 * MB).__get_pydantic_core_schema__})


@pytest.mark.parametrize(
    ("written", "size", "kept"),
    [
        ("3MB", 3 * MB, "3MB"),
        ("3072KB", 3 * MB, "3MB"),
        ("500KB", 512_000, "500KB"),
        ("5MB", 5 * MB, "5MB"),
    ],
)
def test_a_size_is_kept_in_its_shortest_form(written: str, size: int, kept: str) -> None:
    assert value(SIZE, written) == size
    assert text(SIZE, written) == kept


@pytest.mark.parametrize("written", ["3", "3M", "3mb", "0MB", "1.5MB", "3 MB"])
def test_what_is_no_size_is_refused(written: str) -> None:
    assert refusal(SIZE, written) == "size"
    assert refusal(SIZE, "5121KB") == "out_of_bounds"


@pytest.mark.parametrize(
    ("written", "limit", "kept"),
    [
        ("756M", 756 * 1024**2, "756M"),
        ("1G", 1024**3, "1G"),
        ("1g", 1024**3, "1G"),
        ("524288k", 512 * 1024**2, "512M"),
        (536870912, 536870912, "512M"),
        ("536870913", 536870913, "536870913"),
        (-1, UNLIMITED, "-1"),
        ("-1", UNLIMITED, "-1"),
        (0, 0, "0"),
    ],
)
def test_a_memory_limit_is_read_as_php_reads_it(written: object, limit: int, kept: str) -> None:
    assert value(MemoryLimit, written) == limit
    assert text(MemoryLimit, written) == kept


@pytest.mark.parametrize(
    "written", ["0.5G", "1T", "-2", "512MB", "", "M", True, -2, Decimal("1.5")]
)
def test_what_php_would_not_understand_is_refused(written: object) -> None:
    assert refusal(MemoryLimit, written) == "memory_limit"


def test_a_timestamp_is_kept_in_utc() -> None:
    assert value(Timestamp, "2026-11-27T00:00:00+01:00") == datetime(2026, 11, 26, 23, tzinfo=UTC)
    assert text(Timestamp, "2026-11-27T00:00:00+01:00") == "2026-11-26T23:00:00Z"
    assert text(Timestamp, "2026-11-26T23:00:00Z") == "2026-11-26T23:00:00Z"
    assert text(Timestamp, "2026-11-26T23:00:00.5Z") == "2026-11-26T23:00:00.500000Z"


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-27",
        "2026-11-27T00:00:00",
        "2026-11-27 00:00:00Z",
        "2026-11-27T24:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
    ],
)
def test_what_is_no_moment_is_refused(written: str) -> None:
    assert refusal(Timestamp, written) == "timestamp"


def test_a_date_is_a_day_of_the_calendar() -> None:
    assert value(Date, "2028-02-29") == date(2028, 2, 29)
    assert text(Date, "2028-02-29") == "2028-02-29"
    assert refusal(Date, "2026-02-29") == "date"
    assert refusal(Date, "29.02.2028") == "date"


def test_a_secret_reference_shows_where_the_secret_is_and_no_more() -> None:
    reference = value(SecretReference, "${env:APP_KEY}")
    assert reference == SecretReference("env", "APP_KEY")
    assert str(reference) == text(SecretReference, reference) == "${env:APP_KEY}"
    assert repr(reference) == "SecretReference(source='env', target='APP_KEY')"
    assert value(SecretReference, "${file:/run/a b.txt}") == SecretReference("file", "/run/a b.txt")


@pytest.mark.parametrize(
    "written", ["s3cr3t", "${APP_KEY}", "${env:}", "${env:A-B}", "${file:}", "a${env:A}"]
)
def test_a_literal_secret_is_refused(written: str) -> None:
    assert refusal(SecretReference, written) == "secret_literal"


@pytest.mark.parametrize(
    "written",
    [
        "sqlite:///.aliconf/connector.db",
        "sqlite:////var/lib/aliconf.db",
        "postgresql://db.example/shop",
        "postgresql+psycopg://aliconf@db.example:5432/shop?sslmode=require",
        "mariadb://aliconf:${env:DB_PASSWORD}@db.example/shop",
        "mysql+pymysql://aliconf:${file:/run/secrets/db}@127.0.0.1/shop",
        "postgresql://al%40example:${env:DB_PASSWORD}@[2001:db8::1]:5432/shop?prefix=staging_",
    ],
)
def test_the_url_of_a_connector_is_kept_as_it_is(written: str) -> None:
    assert text(ConnectorUrl, written) == written


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("postgresql://aliconf:literal@db.example/shop", "secret_literal"),
        ("postgresql://aliconf:lit@eral@db.example/shop", "secret_literal"),
        ("postgresql://db.example/shop?password=literal", "secret_literal"),
        ("mariadb://db.example/shop?timeout=2&passwd=literal", "secret_literal"),
        ("postgresql+asyncpg://db.example/shop", "connector_url"),
        ("postgresql://2001:db8::1/shop", "connector_url"),
        ("postgresql://a%4@db.example/shop", "connector_url"),
        ("postgresql:///shop", "connector_url"),
        ("sqlite://", "connector_url"),
        ("oracle://db.example/shop", "connector_url"),
        ("postgresql://db.example", "connector_url"),
        ("connector.db", "connector_url"),
        ("postgresql://aliconf:${DB_PASSWORD}@db.example/shop", "connector_url"),
        ("${env:ALICONF_CONNECTOR}", "misplaced_reference"),
        ("postgresql://${env:DB_USER}:${env:DB_PASSWORD}@db.example/shop", "misplaced_reference"),
        ("postgresql://${env:DB_USER}@db.example/shop", "misplaced_reference"),
        ("postgresql://aliconf:${env:DB_PASSWORD}@${env:DB_HOST}/shop", "misplaced_reference"),
        ("mariadb://aliconf:${env:DB_PASSWORD}@db.example/${env:DB_NAME}", "misplaced_reference"),
        ("sqlite:///${env:ALICONF_STORE}", "misplaced_reference"),
    ],
)
def test_a_url_without_a_store_or_with_a_password_is_refused(written: str, kind: str) -> None:
    assert refusal(ConnectorUrl, written) == kind


@pytest.mark.parametrize("written", ["a@example.com", "first.last+tag@mail.example.co.uk"])
def test_an_address_is_kept_as_it_is(written: str) -> None:
    assert text(Email, written) == written


@pytest.mark.parametrize(
    "written", ["a", "a@b", "@example.com", "a@", "a b@example.com", "a@-b.com", "a..b@example.com"]
)
def test_what_is_no_address_is_refused(written: str) -> None:
    assert refusal(Email, written) == "string_pattern_mismatch"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("ES", "ES"),
        ("Spain", "ES"),
        ("UK", "GB"),
        ("GB", "GB"),
        ("Korea", "KR"),
        ("South Korea", "KR"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Russia", "RU"),
        ("Czech Republic", "CZ"),
        ("Czechia", "CZ"),
        ("NO", "NO"),
    ],
)
def test_a_region_is_its_code(written: str, code: str) -> None:
    assert region(written) == code


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("Spian", "Spain"),
        ("es", "ES"),
        ("SPAIN", "Spain"),
        ("Frnace", "France"),
        ("XX", ""),
        ("", ""),
    ],
)
def test_what_is_no_region_is_refused_with_what_was_probably_meant(
    written: str, suggestion: str
) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        region(written)
    assert caught.value.context is not None
    assert caught.value.context["suggestion"] == suggestion
    assert caught.value.message() == f"{written} is not a country"


def test_the_table_of_regions_is_whole() -> None:
    assert len(NAMES) == 249
    assert len(set(NAMES.values())) == 249
    assert NAMES.keys() > CONFIRMED
    assert set(SPELLINGS.values()) == NAMES.keys()
    assert {region(code) for code in NAMES} == NAMES.keys()
    assert candidates("Nowhere at all") == []


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("12", "12"),
        ("12.0", "12"),
        ("12.50", "12.5"),
        ("1E+2", "100"),
        ("-0", "0"),
        ("1E-8", "0.00000001"),
    ],
)
def test_a_number_is_written_plainly(number: str, written: str) -> None:
    assert plain(Decimal(number)) == written


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (True, "decimal_parsing"),
        ("1e3", "decimal_parsing"),
        ("1_000", "decimal_parsing"),
        (" 1", "decimal_parsing"),
        ("01", "decimal_parsing"),
        (".5", "decimal_parsing"),
        ([], "decimal_type"),
        (-1, "greater_than_equal"),
        (Decimal("0.123456789"), "decimal_max_places"),
        (Decimal("1E+999999999"), "decimal_max_digits"),
        (Decimal("12345678901"), "decimal_whole_digits"),
        (Decimal("NaN"), "finite_number"),
    ],
)
def test_what_is_no_number_is_refused(written: object, kind: str) -> None:
    assert refusal(Number, written) == kind


def test_a_value_to_compare_with_is_text_or_a_boolean() -> None:
    assert [value(Scalar, one) for one in (12, Decimal("12.50"), "12", True)] == [
        "12",
        "12.5",
        "12",
        True,
    ]
    assert refusal(Scalar, [1]) == "string_type"
    for number in (10**18, Decimal("1E+999999999"), Decimal("-1E-999999999"), Decimal("Infinity")):
        assert refusal(Scalar, number) == "decimal_max_digits"


@given(st.integers(0, 20_000), st.integers(0, 20_000), st.integers(0, 25_000))
def test_a_pattern_of_integers_takes_those_of_the_range(low: int, high: int, number: int) -> None:
    low, high = sorted((low, high))
    expression = re.compile(integers(low, high))
    for one in (number, low - 1, low, high, high + 1):
        assert bool(expression.fullmatch(str(one))) == (low <= one <= high)
    assert not expression.fullmatch(f"0{high}")


FRACTIONS = st.text("0123456789", max_size=8).map(lambda digits: f".{digits}" if digits else "")


@given(
    low=st.sampled_from(["0", "0.01", "0.001", "0.05", "0.25"]),
    high=st.sampled_from(["1", "2", "100", "500", "100000", "10000000000"]),
    above=st.booleans(),
    below=st.booleans(),
    whole=st.sampled_from([0, 1, 2, 99, 100, 101, 500, 99_999, 100_000, 10**10]),
    fraction=FRACTIONS | st.sampled_from(["", ".0", ".01", ".010", ".009", ".001", ".05", ".25"]),
)
def test_a_pattern_of_decimals_takes_those_of_the_range(
    low: str, high: str, above: bool, below: bool, whole: int, fraction: str
) -> None:
    expression = re.compile(f"^{decimals(Decimal(low), Decimal(high), above=above, below=below)}$")
    number = Decimal(f"{whole}{fraction}")
    enough = number > Decimal(low) if above else number >= Decimal(low)
    fits = number < Decimal(high) if below else number <= Decimal(high)
    assert bool(expression.search(f"{whole}{fraction}")) == (enough and fits)


@pytest.mark.parametrize(
    ("written", "kept"), [(-5, "-5"), ("-5.50", "-5.5"), (Decimal("-0.0"), "0"), (7, "7")]
)
def test_what_an_attribute_is_compared_with_may_be_negative(written: object, kept: str) -> None:
    adapter = TypeAdapter(SignedNumber)
    assert plain(adapter.validate_python(written)) == kept
    pattern = adapter.json_schema()["pattern"]
    assert bool(re.search(pattern, str(written)))
