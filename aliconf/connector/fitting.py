"""Whether a row fits a database: SQLite takes values that the others refuse."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Text

from aliconf.connector.dump import columns_of
from aliconf.connector.schema import LongText
from aliconf.connector.urls import Target
from aliconf.findings import AliconfError, refusal

UNFIT: Final = "ALI947"
_DATABASES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}


def check_row(store: Target, table: str, row: list[Any]) -> None:
    """Raise ALI947 for a value that the store's database cannot hold."""
    for column, value in zip(columns_of(table), row, strict=True):
        problem = _odd(column, value) if store.embedded else _problem(column, value, store.dialect)
        if problem:
            raise _unfit(store, table, row, column, problem)


def _odd(column: Column[Any], value: Any) -> str:
    """An embedded store takes almost everything, as SQLite does."""
    if isinstance(value, list):
        return "is a list"
    if isinstance(column.type, Boolean) and not isinstance(value, bool | None):
        return "is neither true nor false"
    return _number(value, 63) if isinstance(value, int) and not isinstance(value, bool) else ""


def _problem(column: Column[Any], value: Any, dialect: str) -> str:
    if value is None:
        return "" if column.nullable else "has no value"
    kind = column.type
    if isinstance(kind, Boolean):
        return "" if isinstance(value, bool) else "is neither true nor false"
    if isinstance(kind, Integer):
        return _number(value, 63 if isinstance(kind, BigInteger) else 31)
    if isinstance(kind, String | Text | LongText):
        return _text(value, getattr(kind, "length", None), dialect)
    return ""


def _number(value: Any, bits: int) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return "is no whole number"
    return "" if -(2**bits) <= value < 2**bits else f"is too large ({value})"


def _text(value: Any, longest: int | None, dialect: str) -> str:
    if isinstance(value, dict):
        return "has bytes that are no text"
    if not isinstance(value, str):
        return "is no text"
    if longest is not None and len(value) > longest:
        return f"has {len(value)} characters of at most {longest}"
    if dialect == "postgresql" and "\0" in value:
        return "has a NUL character"
    return ""


def _unfit(
    store: Target, table: str, row: list[Any], column: Column[Any], problem: str
) -> AliconfError:
    keys = [
        str(value)
        for one, value in zip(columns_of(table), row, strict=True)
        if one.primary_key and one is not column
    ]
    which = f"the row {'/'.join(keys)}" if keys else "a row"
    return refusal(
        UNFIT,
        f"{which} of the table {table} does not fit {_DATABASES[store.dialect]}: its {column.name} "
        f"{problem}",
        "Correct it where it comes from: in the store, or in the one that was backed up. Nothing "
        f"was left in {store.display}.",
    )
