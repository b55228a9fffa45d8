"""The field detail of an object that is known to differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aliconf.config.configuration import Effective
from aliconf.config.positions import Path
from aliconf.config.words import show_path
from aliconf.findings import Location
from aliconf.model.base import Body, canonical
from aliconf.plan.changes import FieldChange
from aliconf.plan.wanted import Wanted


def field_changes(old: Body, new: Body, effective: Effective) -> tuple[FieldChange, ...]:
    """Every value that differs, in the order of the new body, with the place of the new value."""
    order = {key: index for index, key in enumerate(new)}
    found = [
        _field_change(path, before, after, effective)
        for path, before, after in _differences(old, new)
    ]
    return tuple(
        change
        for _, change in sorted(
            found, key=lambda item: (order.get(str(item[0][0]), len(order)), _sortable(item[0]))
        )
    )


def _sortable(path: Path) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (0, step) for step in path]


def _field_change(
    path: Path, before: Any, after: Any, effective: Effective
) -> tuple[Path, FieldChange]:
    location: Location | None = None
    origin = ""
    if after is not None:
        found = effective.origin(*path)
        if found is not None:
            document, location = found
            origin = document.id if document is not effective.chain[0] else ""
    return path, FieldChange(show_path(path), before, after, location, origin)


def _differences(old: Body, new: Body) -> Iterator[tuple[Path, Any, Any]]:
    """Path, old and new value of each difference, as DeepDiff finds them."""
    from deepdiff import DeepDiff

    # DeepDiff takes its time with what is equal, too.
    same = {key for key in old.keys() & new.keys() if canonical(old[key]) == canonical(new[key])}
    tree = DeepDiff(
        _without(old, same), _without(new, same), view="tree", threshold_to_diff_deeper=0
    )
    for kind, levels in tree.items():
        for level in levels:
            path = tuple(level.path(output_format="list"))
            before = None if kind.endswith("_added") else level.t1
            after = None if kind.endswith("_removed") else level.t2
            yield path, before, after


def _without(body: Body, keys: set[str]) -> Body:
    return {key: value for key, value in body.items() if key not in keys}


def new_fields(new: Body, effective: Effective, prefix: Path = ()) -> Iterator[FieldChange]:
    """The values of an object that does not exist yet, down to its leaves; defaults left out."""
    for key, value in new.items():
        path = (*prefix, key)
        found = effective.origin(*path)
        if found is None:
            continue
        if isinstance(value, dict) and value:
            yield from new_fields(value, effective, path)
            continue
        document, location = found
        origin = document.id if document is not effective.chain[0] else ""
        yield FieldChange(show_path(path), None, value, location, origin)


def metadata_changes(
    wanted: Wanted, labels: dict[str, str], *, protect: bool | None, holder: str | None
) -> Iterator[FieldChange]:
    """Labels, protection and the default pointer: not in the body, and part of the object.

    ``labels`` and ``protect`` are those of the connector; of an object that does not exist yet they
    are empty and None. ``holder`` is the policy that the pointer of the kind is at.
    """
    document = wanted.document
    for key in sorted({*labels, *wanted.labels}):
        old, new = labels.get(key), wanted.labels.get(key)
        if old != new:
            place = document.locate("metadata", "labels", key) if new is not None else None
            yield FieldChange(f"metadata.labels.{key}", old, new, place)
    if wanted.protect != bool(protect):
        place = document.locate("lifecycle", "protect") if wanted.protect else None
        yield FieldChange("lifecycle.protect", protect, wanted.protect, place)
    if wanted.default and holder != document.name:
        was = f"no, {holder} is" if holder else None
        yield FieldChange("default", was, "yes", document.locate("spec", "default"))
