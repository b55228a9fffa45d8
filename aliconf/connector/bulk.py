"""Many new rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table


def insert_all(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows, which give the columns in this order, by one ``executemany`` of the driver.

    A statement of SQLAlchemy would look at each value of each row: that took as long as the
    database. So the values must be what the drivers take: text, numbers, booleans, None.
    """
    if not rows:
        return
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    names = connection.dialect.identifier_preparer
    # The names are aliconf's own; the values are not in the text.
    statement = (
        f"INSERT INTO {names.format_table(table)} "  # noqa: S608
        f"({', '.join(names.quote(column) for column in columns)}) "
        f"VALUES ({', '.join(mark for _ in columns)})"
    )
    connection.exec_driver_sql(statement, [tuple(row) for row in rows])
