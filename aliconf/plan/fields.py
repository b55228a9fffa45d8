"""The field detail of an object that is known to differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from aliconf.config.configuration import Configuration, Effective
from aliconf.config.documents import MISSING, LoadedDocument, lookup
from aliconf.config.positions import Path
from aliconf.config.words import show_path
from aliconf.findings import Location
from aliconf.model.base import Body, canonical
from aliconf.model.hidden import hidden
from aliconf.plan.changes import FieldChange, Written
from aliconf.plan.wanted import Wanted

PROTECT: Final = ("lifecycle", "protect")
DEFAULT: Final = ("default",)
"""The steps of two fields that are no part of the body; those of labels begin with "metadata"."""


class NewFields:
    """The fields of an object that does not exist yet, found each time when somebody looks.

    Of ten thousand new objects nobody looks at every field; finding and keeping them would cost
    more than all the rest of the plan.
    """

    __slots__ = ("_configuration", "_holder", "_wanted")

    def __init__(self, wanted: Wanted, configuration: Configuration, holder: str | None) -> None:
        """``holder`` is the policy that the pointer of the kind is at."""
        self._wanted = wanted
        self._configuration = configuration
        self._holder = holder

    def __iter__(self) -> Iterator[FieldChange]:
        body = self._wanted.body(self._configuration)
        origins = _Origins(self._wanted.effective(self._configuration))
        yield from _new_fields(body, origins.givers, ("spec",))
        yield from metadata_changes(self._wanted, {}, protect=None, holder=self._holder)


def field_changes(old: Body, new: Body, effective: Effective) -> tuple[FieldChange, ...]:
    """Every value that differs, in the order of the new body, with the place of the new value.

    An old value that may be a secret is hidden; the new ones are references.
    """
    order = {key: index for index, key in enumerate(new)}
    origins = _Origins(effective)
    found = sorted(
        differences(old, new),
        key=lambda item: (order.get(str(item[0][0]), len(order)), in_order(item[0])),
    )
    kind = effective.chain[0].kind
    return tuple(
        _field_change(path, hidden(kind, path, before), after, origins)
        for path, before, after in found
    )


def in_order(path: Path) -> list[tuple[int, str]]:
    """What paths are sorted by: keys by their letters, indexes by their numbers."""
    return [(step, "") if isinstance(step, int) else (0, step) for step in path]


def _field_change(path: Path, before: Any, after: Any, origins: _Origins) -> FieldChange:
    place = ("spec", *path)
    giver = origins.of(place) if after is not None else None
    if giver is None:
        return FieldChange(show_path(path), before, after, steps=path)
    written = Written(giver.document, place)
    return FieldChange(show_path(path), before, after, written, giver.name, path)


class _Giver(NamedTuple):
    """A document that may give values of an object."""

    document: LoadedDocument
    name: str
    """``Kind/name``, where it is not the object itself."""
    has: Callable[[Path], bool]
    """Whether it has a value at a path from its top."""
    find: Callable[[Path], Location | None]
    """The place of that value."""


class _Origins:
    """Which documents give the values of an object: each is read once."""

    def __init__(self, effective: Effective) -> None:
        own, *others = effective.chain
        self.givers = [_giver(own, ""), *(_giver(document, document.id) for document in others)]

    def of(self, place: Path) -> _Giver | None:
        """What gives the value at a path from the top; None where it is a default."""
        return next((giver for giver in self.givers if giver.has(place)), None)


def _giver(document: LoadedDocument, name: str) -> _Giver:
    # Of a document that stands in a file the nodes tell what it has, by which its places are found
    # as well: to read its values besides would take as long again.
    if type(document) is LoadedDocument:
        places = document.places
        return _Giver(document, name, places.has, places.find)
    raw = document.raw()

    def has(place: Path) -> bool:
        return lookup(raw, place) is not MISSING

    return _Giver(
        document, name, has, lambda place: document.locate(*place) if has(place) else None
    )


def differences(old: Body, new: Body) -> Iterator[tuple[Path, Any, Any]]:
    """Path, old and new value of each difference, as DeepDiff finds them."""
    # DeepDiff takes its time: with what is equal, and with a plain value as long as with a tree.
    nested: list[str] = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict | list) and isinstance(after, dict | list):
            if canonical({"": before}) != canonical({"": after}):
                nested.append(key)
        elif (key in old, type(before), before) != (key in new, type(after), after):
            yield (key,), before, after
    if not nested:
        return
    from deepdiff import DeepDiff

    tree = DeepDiff(
        {key: old[key] for key in nested},
        {key: new[key] for key in nested},
        view="tree",
        threshold_to_diff_deeper=0,
    )
    for kind, levels in tree.items():
        for level in levels:
            path = tuple(level.path(output_format="list"))
            before = None if kind.endswith("_added") else level.t1
            after = None if kind.endswith("_removed") else level.t2
            yield path, before, after


def _new_fields(new: Body, givers: Sequence[_Giver], above: Path) -> Iterator[FieldChange]:
    """The values of an object that does not exist yet, down to its leaves; defaults left out."""
    for key, value in new.items():
        place = (*above, key)
        if isinstance(value, dict) and value:
            yield from _new_fields(value, givers, place)
            continue
        for giver in givers:
            location = giver.find(place)
            if location is not None:
                path = place[1:]
                yield FieldChange(_shown(path), None, value, location, giver.name, path)
                break


_shown: Final = lru_cache(maxsize=4096)(show_path)


def metadata_changes(
    wanted: Wanted, labels: dict[str, str], *, protect: bool | None, holder: str | None
) -> Iterator[FieldChange]:
    """Labels, protection and the default pointer: not in the body, and part of the object.

    ``labels`` and ``protect`` are those of the connector; of an object that does not exist yet they
    are empty and None. ``holder`` is the policy that the pointer of the kind is at.
    """
    document = wanted.document
    for key in sorted({*labels, *wanted.labels}) if labels != wanted.labels else ():
        old, new = labels.get(key), wanted.labels.get(key)
        if old != new:
            steps = ("metadata", "labels", key)
            place = Written(document, steps) if new is not None else None
            yield FieldChange(f"metadata.labels.{key}", old, new, place, steps=steps)
    if wanted.protect != bool(protect):
        place = Written(document, PROTECT) if wanted.protect else None
        yield FieldChange("lifecycle.protect", protect, wanted.protect, place, steps=PROTECT)
    if wanted.default and holder != document.name:
        was = f"no, {document.kind}/{holder} is" if holder else None
        place = Written(document, ("spec", "default"))
        yield FieldChange("default", was, "yes", place, steps=DEFAULT)
