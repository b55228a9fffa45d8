"""What is in a store, whether its journal tells the truth, and whether two stores are the same."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from aliconf.connector import engine
from aliconf.connector.journal import state_text
from aliconf.connector.reader import open_reader
from aliconf.connector.schema import tables
from aliconf.connector.urls import Target
from tests.connections import target
from tests.databases.places import Place

Key = tuple[str, str]
Rows = dict[str, list[dict[str, Any]]]
PASSING = {"created_at", "updated_at", "id", "run_id", "recorded_at", "started_at", "finished_at"}
"""Columns that differ between two runs of the same."""
MOMENTS = {"defaults_generated_at", "deleted_at", "authorized_at"}
"""Of these it counts whether there is one."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A store at rest."""

    objects: Rows
    """The tables of the objects and pointers, without what differs between two runs."""
    states: dict[Key, dict[str, Any]]
    """The objects as the journal shows them."""
    pointers: dict[str, str]
    journal: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    leases: list[str]
    """The projects."""

    @property
    def changes(self) -> list[tuple[Any, ...]]:
        """What the journal says was done, by whichever run, in no order."""
        columns = ("project", "action", "kind", "name", "state_before", "state_after", "message")
        done = [row for row in self.journal if row["result"] == "done"]
        return sorted(tuple(row[name] or "" for name in columns) for row in done)

    @property
    def state(self) -> str:
        """All that a next apply can see of it, as text."""
        runs = [{**run, **dict.fromkeys(PASSING & {*run}, "")} for run in self.runs]
        open_runs = [run["finished_at"] is None for run in self.runs]
        return json.dumps(
            [self.objects, self.changes, runs, open_runs, self.leases], sort_keys=True
        )


@contextmanager
def _left_as_it_is(place: Place) -> Iterator[Target]:
    """The store, or a copy of SQLite's files: who reads those undoes what a kill left half done."""
    if place.database != "sqlite":
        yield target(place)
        return
    with tempfile.TemporaryDirectory() as directory:
        copy = replace(place, root=Path(directory))
        if place.file.parent.exists():
            shutil.copytree(place.file.parent, copy.file.parent)
        yield target(copy)


def look(place: Place) -> Truth:
    with _left_as_it_is(place) as store:
        with open_reader(store) as reader:
            if not reader.exists:
                return Truth({}, {}, {}, [], [], [])
            pointers = reader.defaults()
            states = {
                (stored.kind, stored.name): json.loads(
                    state_text(stored, pointers.get(stored.kind))
                )
                for stored in reader.objects()
            }
        rows = save(store)
    known = tables(store.names)
    journal = rows.pop(known.journal.name)
    runs = rows.pop(known.run.name)
    leases = rows.pop(known.lease.name)
    objects = {name: _lasting(found) for name, found in rows.items()}
    return Truth(
        objects, states, pointers, journal, runs, sorted(str(row["project"]) for row in leases)
    )


def _lasting(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [
        {
            name: value is not None if name in MOMENTS else value
            for name, value in row.items()
            if name not in PASSING
        }
        for row in rows
    ]
    return sorted(kept, key=lambda row: json.dumps(row, sort_keys=True))


def save(store: Target) -> Rows:
    """All rows of a store."""
    with engine.connected(store, "ro") as connection, engine.transaction(connection, store):
        return {
            table.name: [
                dict(row._mapping)
                for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in tables(store.names).metadata.sorted_tables
        }


def restore(store: Target, rows: Rows) -> None:
    """Make a store on a server what it was."""
    ordered = tables(store.names).metadata.sorted_tables
    with engine.connected(store, "rw") as connection, engine.transaction(connection, store):
        for table in reversed(ordered):
            connection.execute(delete(table))
        for table in ordered:
            if rows[table.name]:
                connection.execute(insert(table), rows[table.name])


def lies(truth: Truth) -> list[str]:
    """Where the journal and the store say different things; none is right."""
    return [*_of_changes(truth), *_of_intents(truth)]


def _of_changes(truth: Truth) -> Iterator[str]:
    """Do again what the journal says, from nothing, and compare what comes out."""
    states: dict[Key, dict[str, Any]] = {}
    pointers: dict[str, str] = {}
    for row in truth.journal:
        if row["result"] == "done":
            yield from _again(row, states, pointers)
    there = {key: _without_default(state) for key, state in truth.states.items()}
    for key in sorted({*states, *there}):
        if states.get(key) != there.get(key):
            yield f"{'/'.join(key)}: the journal says {states.get(key)}, there is {there.get(key)}"
    if pointers != truth.pointers:
        yield f"pointers: the journal says {pointers}, there is {truth.pointers}"


def _again(
    row: dict[str, Any], states: dict[Key, dict[str, Any]], pointers: dict[str, str]
) -> Iterator[str]:
    kind, what = row["kind"], f"{row['action']} {row['kind']}/{row['name']}"
    before, after = (json.loads(row[f"state_{when}"] or "null") for when in ("before", "after"))
    if before is not None:
        had = states.pop((kind, before["name"]), None)
        if had != _without_default(before):
            yield f"{what}: the journal says it was {before}, and it had left {had}"
        if before.get("default") and after is None:
            pointers[kind] = "default"  # it returns to the generated policy
    if after is not None:
        if (kind, after["name"]) in states:
            yield f"{what}: was there already"
        states[kind, after["name"]] = _without_default(after)
        if after.get("default"):
            pointers[kind] = after["name"]


def _without_default(state: dict[str, Any]) -> dict[str, Any]:
    """A pointer that moves changes two policies and is told of one."""
    return {name: value for name, value in state.items() if name != "default"}


def _of_intents(truth: Truth) -> Iterator[str]:
    """Nothing was done that its run had not intended, and a complete run did all of it."""
    intents = {
        run["id"]: [tuple(change) for change in json.loads(run["intent"])] for run in truth.runs
    }
    for row in truth.journal:
        change = (row["action"], row["kind"], row["name"])
        if row["run_id"] not in intents:
            yield f"{change} belongs to no run"
        elif change not in intents[row["run_id"]] and not _follows_a_move(row):
            yield f"{change} was not intended by {row['run_id']}"
    for run in truth.runs:
        done = done_of(truth, run["id"])
        if run["result"] == "complete" and set(done) != set(intents[run["id"]]):
            yield f"{run['id']} says complete and did {len(done)} of {len(intents[run['id']])}"
        if len(done) != len(set(done)):
            yield f"{run['id']} did something twice"


def done_of(truth: Truth, run: str) -> list[tuple[str, str, str]]:
    """The changes of a run's intent that were made."""
    return [
        (row["action"], row["kind"], row["name"])
        for row in truth.journal
        if row["run_id"] == run and row["result"] == "done" and not _follows_a_move(row)
    ]


def _follows_a_move(row: dict[str, Any]) -> bool:
    return row["action"] == "update" and " is now " in row["message"]


NOTE = re.compile(r"was\s+cut\s+off:\s+(\d+)\s+of\s+(\d+)\s+changes\s+were\s+done")


def untold(truth: Truth, said: str) -> list[str]:
    """What a plan's words leave out, or tell wrongly, about runs that were cut off."""
    expected = [
        (len(done_of(truth, run["id"])), len(json.loads(run["intent"])))
        for run in sorted(truth.runs, key=lambda run: (run["started_at"], run["id"]))
        if run["finished_at"] is None
    ]
    found = [(int(done), int(total)) for done, total in NOTE.findall(said)]
    return [] if found == expected else [f"the plan says {found}, true is {expected}"]


def differences(found: Truth, wanted: Truth) -> list[str]:
    """Between the ends of a disturbed and an undisturbed run: objects, pointers, journal, leases."""
    pairs = (
        *((name, found.objects[name], rows) for name, rows in wanted.objects.items()),
        ("the journal", found.changes, wanted.changes),
    )
    different = [f"{name}: {_apart(had, should)}" for name, had, should in pairs if had != should]
    if found.leases:
        different.append(f"leases are left: {found.leases}")
    if still := [run["id"] for run in found.runs if run["finished_at"] is None]:
        different.append(f"runs are open: {still}")
    return different


def _apart(found: Sequence[Any], wanted: Sequence[Any]) -> str:
    lost = [row for row in wanted if row not in found]
    more = [row for row in found if row not in wanted]
    return f"lost {lost[:3]}, more {more[:3]} ({len(found)} for {len(wanted)})"
