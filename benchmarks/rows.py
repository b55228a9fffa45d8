"""The objects of one store as rows of another, by one plain ``executemany`` for each table.

``python -m benchmarks.rows FILE FROM_URL FROM_ROOT TO_URL TO_ROOT TABLE...`` makes the second
store and copies those tables in one transaction. Afterwards the file holds its seconds and how many
rows they were, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, delete, select

from aliconf.config.secrets import Resolver
from aliconf.connector.engine import connected, transaction
from aliconf.connector.prepare import make_store
from aliconf.connector.schema import tables
from aliconf.connector.urls import Target, target

OBJECTS: Final = ("registration", "policy", "account", "listing_template", "campaign")
"""The tables of objects."""
WRITTEN: Final = (*OBJECTS, "policy_default", "journal")
"""What an apply of new objects writes."""
READ: Final = ("aliconf_connector", *OBJECTS, "policy_default")
"""What a plan reads."""


def copy(source: Target, sink: Target, names: Sequence[str]) -> tuple[float, int]:
    """Seconds of inserting the rows, with the commit and without reading them; how many."""
    make_store(sink)
    there = tables(source.names).metadata.tables
    content: list[tuple[Table, list[tuple[Any, ...]]]] = []
    with connected(source, "ro") as connection, transaction(connection, source):
        for name in names:
            found = connection.execute(select(there[name])).all()
            content.append((there[name], [tuple(row) for row in found]))
    with connected(sink, "rw") as connection:
        if "aliconf_connector" in names:
            with transaction(connection, sink):
                connection.execute(delete(tables(sink.names).connector))
        start = time.perf_counter()
        with transaction(connection, sink):
            cursor = connection.connection.cursor()
            for table, rows in content:
                if rows:
                    cursor.executemany(insert(table, sink), rows)
        return time.perf_counter() - start, sum(len(rows) for _, rows in content)


def insert(table: Table, store: Target) -> str:
    mark = "?" if store.embedded else "%s"
    columns = [column.name for column in table.columns]
    marks = ", ".join(mark for _ in columns)
    # The names are aliconf's own.
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608


def main(file: Path, source: str, source_root: str, sink: str, sink_root: str, *names: str) -> None:
    here, there = (
        target(url, Path(root), Resolver(Path(root)))
        for url, root in ((source, source_root), (sink, sink_root))
    )
    seconds, rows = copy(here, there, names)
    file.write_text(json.dumps({"seconds": seconds, "rows": rows}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
