"""What there is to see in the tables of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Table, and_, func, select

from aliconf.connector.clock import second
from aliconf.connector.lease import leases_in_force
from aliconf.connector.schema import tables
from aliconf.connector.shapes import parsed, shapes
from aliconf.findings import Finding, Severity
from aliconf.progress import Progress
from aliconf.wording import amount, some

if TYPE_CHECKING:
    from aliconf.connector.inspection import Inspection

DANGLING: Final = "ALI948"
UNREADABLE: Final = "ALI950"
UNDER_WAY: Final = "ALI945"
CUT_OFF: Final = "ALI946"
_ROWS_AT_ONCE: Final = 100
_NAMED: Final = 5


def look_at_content(connection: Connection, seen: Inspection, progress: Progress) -> None:
    """Fill in what the store holds, and what is wrong with it."""
    store = tables(seen.store.names)
    row = connection.execute(select(store.connector.c.id, store.connector.c.created_at)).first()
    if row is not None:
        seen.connector_id, seen.created = row
    _count_objects(connection, seen)
    account = store.account.c
    deleted = select(func.count()).where(account.deleted_at.is_not(None))
    seen.reserved = connection.execute(deleted).scalar()
    seen.journal = _rows(connection, store.journal)
    _look_at_defaults(connection, seen)
    if seen.revision >= "0002":
        seen.runs = _rows(connection, store.run)
        seen.secrets = _rows(connection, store.secret)
        _look_at_applies(connection, seen)
    _look_at_bodies(connection, seen, progress)


def _rows(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _count_objects(connection: Connection, seen: Inspection) -> None:
    from aliconf.connector.inspection import Count

    for shape in shapes(seen.store.names).values():
        column = shape.table.c
        query = select(column.managed_by, func.count()).group_by(column.managed_by)
        if shape.shared:
            query = query.where(column.kind == shape.kind)
        if shape.reserves:
            query = query.where(column.deleted_at.is_(None))
        counts = [Count(shape.kind, *row) for row in connection.execute(query)]
        seen.objects += sorted(counts, key=lambda one: (one.project is None, one.project or ""))


def _look_at_defaults(connection: Connection, seen: Inspection) -> None:
    store = tables(seen.store.names)
    pointer, policy = store.policy_default.c, store.policy.c
    named = and_(policy.kind == pointer.kind, policy.name == pointer.policy)
    query = (
        select(pointer.kind, pointer.policy, policy.name)
        .select_from(store.policy_default.outerjoin(store.policy, named))
        .order_by(pointer.kind)
    )
    for kind, name, found in connection.execute(query):
        seen.defaults[kind] = name
        if found is None:
            seen.findings.append(
                Finding(
                    DANGLING,
                    Severity.ERROR,
                    f"the default {kind} is {kind}/{name}, which is not there",
                    hint="Let policy_default name another policy, or delete its row: a document "
                    "with `default: true` sets it again.",
                )
            )


def _look_at_applies(connection: Connection, seen: Inspection) -> None:
    from aliconf.connector.inspection import Run

    store = tables(seen.store.names)
    seen.leases = leases_in_force(connection, store)
    for lease in seen.leases:
        seen.findings.append(
            Finding(
                UNDER_WAY,
                Severity.NOTE,
                f"an apply of the project {lease.project} is under way: {lease.who}, since "
                f"{lease.taken_at}",
            )
        )
    under_way = {lease.project for lease in seen.leases}
    run = store.run.c
    query = select(run.id, run.project, run.actor, run.started_at).where(run.finished_at.is_(None))
    for row in connection.execute(query.order_by(run.started_at, run.id)):
        if row.project in under_way:
            continue
        seen.cut_off.append(Run(*row))
        seen.findings.append(
            Finding(
                CUT_OFF,
                Severity.NOTE,
                f"the apply {row.id} of the project {row.project} by {row.actor}, begun at "
                f"{second(row.started_at)}, was cut off",
                hint="The next plan of that project says what it did, and the next apply goes on.",
            )
        )


def _look_at_bodies(connection: Connection, seen: Inspection, progress: Progress) -> None:
    """Bodies and labels that are no JSON objects: whoever executes the policies cannot use them."""
    progress.begin("reading objects", sum(count.objects for count in seen.objects))
    unreadable: list[str] = []
    for shape in shapes(seen.store.names).values():
        rows = connection.execute(shape.select(), execution_options={"yield_per": _ROWS_AT_ONCE})
        for row in rows:
            progress.advance()
            found = shape.stored(row)
            if not (_is_object(found.body_text) and _is_object(found.labels_text)):
                unreadable.append(f"{found.kind}/{found.name}")
    if not unreadable:
        return
    seen.findings.append(
        Finding(
            UNREADABLE,
            Severity.ERROR,
            f"{amount(len(unreadable), 'object')} cannot be read, because "
            f"body or labels are no JSON object: {some(unreadable, _NAMED)}",
            hint="An apply of the project that manages it writes it anew. An unmanaged object is "
            "corrected by hand.",
        )
    )


def _is_object(text: str) -> bool:
    value: Any = parsed(text)
    return isinstance(value, dict)
