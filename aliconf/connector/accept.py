"""Taking note of what others changed and the configuration now says as well.

An apply has nothing to do for such an object, so no change of it tells that this is how it is meant
to be. Without a row in the journal it would be drift for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select

from aliconf.connector.applied import applied
from aliconf.connector.journal import Entry, state_text
from aliconf.connector.names import Names
from aliconf.connector.reader import ACCEPT
from aliconf.connector.rows import Rows
from aliconf.connector.schema import tables


def acceptances(
    connection: Connection,
    names: Names,
    rows: Rows,
    project: str,
    objects: Mapping[tuple[str, str], str | None],
) -> Iterator[Entry]:
    """A row for each of the objects, by kind and name: as it was left, and as it is.

    With each comes the body that the plan saw, or None for one that the project does not manage any
    more. What somebody has changed since then has no row: it stays drift. One that is in the
    connector no more has no state afterwards.
    """
    store = tables(names)
    pointer = store.policy_default.c
    query = connection.execute(select(pointer.kind, pointer.policy))
    pointers = {row.kind: row.policy for row in query}
    left = applied(connection, store, project, pointers).objects
    for (kind, name), seen in objects.items():
        stored = rows.get(kind, name)
        ours = stored is not None and (seen is not None or stored.owner == project)
        if (stored.body_text if stored and ours else None) != seen:
            continue
        before = left.get((kind, name))
        after = state_text(stored, pointers.get(kind)) if stored else None
        if before != after:
            yield Entry(ACCEPT, kind, name, before, after)
