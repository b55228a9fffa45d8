"""Reading who applied what, and when."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from aliconf.connector.journal import DONE, intended, intent_of
from aliconf.connector.left_states import state_of
from aliconf.connector.reader import JournalEntry, Run
from aliconf.connector.schema import Tables


def read_runs(connection: Connection, store: Tables, project: str) -> list[Run]:
    """The applies of a project, oldest first."""
    run, journal = store.run.c, store.journal.c
    counts = (
        select(journal.run_id, func.count())
        .where(journal.project == project, journal.result == DONE, intended(store))
        .group_by(journal.run_id)
    )
    done: dict[str, int] = {row[0]: row[1] for row in connection.execute(counts)}
    query = (
        select(run.id, run.actor, run.url, run.started_at, run.finished_at, run.result)
        .add_columns(run.intent, run.details)
        .where(run.project == project)
        .order_by(run.started_at, run.id)
    )
    found = []
    for row in connection.execute(query):
        name, actor, url, started, finished, result, intent, details = row
        changes, made, known = intent_of(intent), done.get(name, 0), state_of(details)
        found.append(Run(name, actor, url, started, finished, result, changes, made, known))
    return found


def last_environment(connection: Connection, store: Tables, project: str) -> str:
    """The environment of the project's last apply that named one; empty where none did."""
    run = store.run.c
    query = (
        select(run.details)
        .where(run.project == project)
        .order_by(run.started_at.desc(), run.id.desc())
    )
    named = (state_of(row.details).get("environment") for row in connection.execute(query))
    return next((str(name) for name in named if name), "")


def read_entries(connection: Connection, store: Tables, run_id: str) -> list[JournalEntry]:
    """The rows of one apply, in the order in which it wrote them."""
    journal = store.journal.c
    query = (
        select(journal.recorded_at, journal.action, journal.kind, journal.name, journal.result)
        .add_columns(journal.state_before, journal.state_after, journal.message)
        .where(journal.run_id == run_id)
        .order_by(journal.id)
    )
    return [JournalEntry(*row) for row in connection.execute(query)]
