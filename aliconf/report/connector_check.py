"""What was seen of a store, for people."""

from __future__ import annotations

from collections.abc import Iterator

from aliconf.connector.inspection import Inspection
from aliconf.connector.schema import REVISIONS
from aliconf.findings import Severity, errors_of
from aliconf.report import findings_text
from aliconf.report.style import Style
from aliconf.report.table import Column, lay_out, wrap
from aliconf.wording import amount

_COLUMNS = (Column("KIND"), Column("OBJECTS"), Column("MANAGED BY", 12))
_LABEL = 12


def render(seen: Inspection, counts: dict[Severity, int], style: Style) -> str:
    first, *rest = wrap(f"Connector store {seen.store.display}", style, rest="  ")
    lines = [style.bold(first), *map(style.bold, rest), ""]
    for label, words in _facts(seen):
        lines += wrap(words, style, f"  {label:{_LABEL}}", " " * (_LABEL + 2))
    if seen.objects:
        lines += ["", *_objects(seen, style)]
    if seen.findings:
        lines += ["", findings_text.render(seen.findings, style).rstrip("\n")]
    lines += ["", findings_text.summary(counts, "the connector store")]
    return "\n".join(lines) + "\n"


def brief(seen: Inspection, counts: dict[Severity, int], style: Style) -> str:
    """What is wrong; nothing where all is well."""
    wrong = errors_of(seen.findings)
    if not wrong:
        return ""
    summary = findings_text.summary(counts, "the connector store")
    return f"{findings_text.render(wrong, style)}\n{summary}\n"


def _facts(seen: Inspection) -> Iterator[tuple[str, str]]:
    server = seen.server
    yield "server", f"{server.product} {server.version}"
    if server.user is not None:
        yield "encryption", server.encryption or "none"
        yield "user", server.user
        yield (
            "database",
            f"{server.database}" + (f", schema {server.schema}" if server.schema else ""),
        )
    if seen.store.names.prefix:
        yield "prefix", seen.store.names.prefix
    yield "clock", _clock(seen.clock)
    yield from _schema(seen)
    if seen.guards is not None:
        yield "regions", f"no {' and '.join(seen.guards)}" if seen.guards else "guarded by triggers"
    if seen.may_apply is not None:
        yield "rights", _rights(seen)
    yield from _history(seen)


def _rights(seen: Inspection) -> str:
    if seen.only_reads:
        return "to read all of it, none to change anything"
    return "all that apply needs" if seen.may_apply else "not all that apply needs"


def _schema(seen: Inspection) -> Iterator[tuple[str, str]]:
    if seen.connector_id:
        yield "connector", f"{seen.connector_id}, made {seen.created}"
    if seen.revision:
        newest = REVISIONS[-1]
        older = "" if seen.revision == newest else f"; this aliconf needs {newest}"
        yield "schema", f"version {seen.revision}{older}"
        wrong = "as documented" if seen.documented else "not as documented"
        yield "tables", f"{len(seen.tables)}, {wrong}"


def _history(seen: Inspection) -> Iterator[tuple[str, str]]:
    if seen.journal is not None:
        yield "journal", amount(seen.journal, "row") + _runs(seen)
    if seen.secrets:
        yield "secrets", f"{seen.secrets:,}, encrypted"
    if seen.reserved:
        yield "reserved", f"{amount(seen.reserved, 'name')} of deleted accounts"
    if seen.runs is not None:
        yield "applies", _applies(seen)


def _clock(ahead: float) -> str:
    if abs(ahead) < 1:
        return "the same as this machine's"
    return f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"


def _runs(seen: Inspection) -> str:
    return "" if seen.runs is None else f" of {amount(seen.runs, 'apply')}"


def _applies(seen: Inspection) -> str:
    under_way = ", ".join(lease.project for lease in seen.leases)
    words = f"under way: {under_way}" if seen.leases else "none under way"
    return words + (f", {len(seen.cut_off)} cut off" if seen.cut_off else "")


def _objects(seen: Inspection, style: Style) -> Iterator[str]:
    kinds: dict[str, dict[str, int]] = {}
    for count in seen.objects:
        kinds.setdefault(count.kind, {})[count.project or "(unmanaged)"] = count.objects
    rows = [
        (kind, f"{sum(owners.values()):,}", ", ".join(f"{who} {n:,}" for who, n in owners.items()))
        for kind, owners in kinds.items()
    ]
    table = lay_out(_COLUMNS, rows, style)
    yield style.bold(table.header)
    yield from table.rows
