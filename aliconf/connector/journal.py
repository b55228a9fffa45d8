"""The journal: who changed which object when, and from what to what; and what a run intended.

A run writes down all that it is about to do before its first change. Each change then writes its
journal row in its own transaction, so that the two tell at any moment what was done and what was
not, also of a run that was killed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, insert, not_, select, update

from aliconf.connector.bulk import insert_all
from aliconf.connector.clock import second
from aliconf.connector.holder import Holder
from aliconf.connector.names import Names
from aliconf.connector.reader import ACCEPT, FOLLOWED, Change, CutOff, Stored
from aliconf.connector.schema import Tables, tables
from aliconf.connector.shapes import parsed
from aliconf.connector.steps import Desired, Step
from aliconf.model.base import canonical
from aliconf.model.kinds import POLICY_KINDS

DONE: Final = "done"
FAILED: Final = "failed"
CUT_OFF: Final = "cut off"
"""The result of a run that was killed, or lost its store, as the next one found it."""

_PAST: Final = {
    "create": "created",
    "generate": "generated",
    "update": "updated",
    "adopt": "adopted",
    "release": "released",
    "delete": "deleted",
    "move": "renamed",
    "accept": "accepted",
}


class Entry(NamedTuple):
    """One row of the journal."""

    action: str
    kind: str
    name: str
    before: str | None = None
    after: str | None = None
    result: str = DONE
    message: str = ""


_RUN_COLUMNS: Final = ("run_id", "recorded_at", "project", "actor")
_ENTRY_COLUMNS: Final = (
    *("action", "kind", "name"),
    *("state_before", "state_after"),
    *("result", "message"),
)
"""Those of an ``Entry``, in its order."""


class Journal:
    """The rows of one run of one project, in the transaction that the connection is in."""

    def __init__(self, connection: Connection, names: Names, project: str, holder: Holder) -> None:
        self._connection = connection
        self._tables = tables(names)
        self._project = project
        self._holder = holder
        self.run_id = f"r-{secrets.token_hex(4)}"

    def begin(self, steps: Iterable[Step], details: Mapping[str, Any], now: str) -> None:
        intent = [[*_change(step)] for step in steps]
        self._connection.execute(
            insert(self._tables.run).values(
                id=self.run_id,
                project=self._project,
                actor=self._holder.name,
                url=self._holder.url,
                started_at=now,
                intent=json.dumps(intent, separators=(",", ":")),
                details=canonical(dict(details)),
            )
        )

    def finish(self, result: str, now: str) -> None:
        run = self._tables.run
        self._connection.execute(
            update(run).where(run.c.id == self.run_id).values(result=result, finished_at=now)
        )

    def record(self, entries: Sequence[Entry], now: str) -> None:
        """Write rows, in order, in the transaction that the connection is in."""
        if not entries:
            return
        common = (self.run_id, now, self._project, self._holder.name)
        insert_all(
            self._connection,
            self._tables.journal,
            _RUN_COLUMNS + _ENTRY_COLUMNS,
            [(*common, *entry) for entry in entries],
        )

    def count(self) -> int:
        """How many rows this run has."""
        journal = self._tables.journal.c
        query = select(func.count()).where(journal.run_id == self.run_id)
        return int(self._connection.execute(query).scalar_one())

    def settle(self, now: str) -> None:
        """Close the runs of this project that ended without a result. It needs the lease."""
        run = self._tables.run
        self._connection.execute(
            update(run)
            .where(run.c.project == self._project, run.c.finished_at.is_(None))
            .values(result=CUT_OFF, finished_at=now)
        )

    def last_change(self, kind: str, name: str) -> tuple[str, str] | None:
        """Of an object: what the last change left (its state), and who made it, in words."""
        journal = self._tables.journal.c
        row = self._connection.execute(
            select(journal.actor, journal.action, journal.recorded_at, journal.run_id)
            .add_columns(journal.state_after)
            .where(journal.kind == kind, journal.name == name, journal.result == DONE)
            .order_by(journal.id.desc())
            .limit(1)
        ).first()
        if row is None:
            return None
        words = f"{_PAST[row.action]} by {row.actor} at {row.recorded_at} (run {row.run_id})"
        return str(row.state_after or ""), words


def cut_off_runs(connection: Connection, store: Tables, project: str) -> list[CutOff]:
    """The runs of a project that have no result, oldest first: killed, or still under way."""
    run, journal = store.run.c, store.journal.c
    found = connection.execute(
        select(run.id, run.actor, run.url, run.started_at, run.intent)
        .where(run.project == project, run.finished_at.is_(None))
        .order_by(run.started_at, run.id)
    ).all()
    cut_off = []
    for row in found:
        done = {
            tuple(change)
            for change in connection.execute(
                select(journal.action, journal.kind, journal.name).where(
                    journal.run_id == row.id, journal.result == DONE, intended(store)
                )
            )
        }
        split: tuple[list[str], list[str]] = ([], [])
        for action, kind, name in intent_of(row.intent):
            split[(action, kind, name) not in done].append(f"{kind}/{name}")
        made, left = map(tuple, split)
        cut_off.append(CutOff(row.id, row.actor, row.url, second(row.started_at), made, left))
    return cut_off


def intended(store: Tables) -> ColumnElement[bool]:
    """Of the rows of a run, those of what it intended, as ``JournalEntry.intended`` says it."""
    journal = store.journal.c
    followed = and_(journal.action == "update", journal.message.like(f"%{FOLLOWED}%"))
    return and_(journal.action != ACCEPT, not_(followed))


def intent_of(text: str) -> tuple[Change, ...]:
    """What a run wrote down before its first change."""
    changes = (change for change in _list(text) if isinstance(change, list) and len(change) == 3)
    return tuple((str(action), str(kind), str(name)) for action, kind, name in changes)


def _change(step: Step) -> Change:
    return "generate" if step.generated else str(step.action), step.kind, step.name


def _list(text: str) -> list[Any]:
    found = parsed(text)
    return found if isinstance(found, list) else []


def state_text(stored: Stored, default: str | None) -> str:
    """An object as the journal keeps it; ``default`` names the default policy of its kind."""
    return _state(
        stored.kind,
        stored.name,
        canonical(parsed(stored.body_text)),
        parsed(stored.labels_text),
        protect=stored.protect,
        owner=stored.owner,
        default=default,
    )


def new_state_text(
    kind: str, name: str, desired: Desired, text: str, owner: str | None, default: str | None
) -> str:
    """The same of an object that has just become what is desired; ``text`` is its body's."""
    return _state(
        kind,
        name,
        text,
        desired.labels,
        protect=desired.protect,
        owner=owner,
        default=default,
    )


def _state(
    kind: str,
    name: str,
    body_text: str,
    labels: object,
    *,
    protect: bool,
    owner: str | None,
    default: str | None,
) -> str:
    """An account's region is in the account table only."""
    if kind == "Account":
        body = json.loads(body_text)
        if isinstance(body, dict):
            body.pop("region", None)
            body_text = canonical(body)
    state = {"name": name, "labels": labels, "protect": protect, "managedBy": owner}
    if kind in POLICY_KINDS:
        state["default"] = name == default
    # Canonical text has its keys in order, so that the body, already written, comes first.
    return f'{{"body":{body_text},{canonical(state)[1:]}'
