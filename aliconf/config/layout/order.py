"""The canonical order of keys: the order of the models' fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from aliconf.config.layout.tree import BLANK, Block, Entry, Flow, Scalar, Tree
from aliconf.config.yaml_values import MERGE
from aliconf.model.base import Document, Model
from aliconf.model.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand at a place of a document, as far as it orders keys."""

    model: type[Model] | None = None
    """A mapping with this model's keys."""
    items: Shape | None = None
    """A list of these."""
    values: Shape | None = None
    """A free map of these: the order of its keys is the author's."""


_ANYTHING: Final = Shape()


def sort_keys(tree: Tree, kind: object) -> None:
    """Bring the keys of a document of this kind into their canonical order.

    Keys that the model does not know stay at the end, in their order; merge keys come first. An
    alias never moves before its anchor, so that a document may keep some keys where they are.
    """
    model = KINDS[kind] if isinstance(kind, str) and kind in KINDS else Document
    _sort(tree.root.value, Shape(model))


def _sort(value: Scalar | Block | Flow | None, shape: Shape) -> None:
    if value is None or isinstance(value, Scalar):
        return
    if not value.mapping:
        for item in value.entries:
            _sort(item.value, shape.items or _ANYTHING)
        return
    fields = _fields(shape.model) if shape.model else {}
    for entry in value.entries:
        known = fields.get(entry.name)
        _sort(entry.value, known[1] if known else shape.values or _ANYTHING)
    if not fields:
        return

    def rank(entry: Entry) -> int:
        if entry.name == MERGE:
            return -1
        return fields[entry.name][0] if entry.name in fields else len(fields)

    before = value.entries
    value.entries = _in_order(before, rank)
    if value.entries != before:
        _tidy(value, before[0])


def _in_order(entries: list[Entry], rank: Callable[[Entry], int]) -> list[Entry]:
    """Sorted by rank, except that entries that share an anchor keep their order."""
    if not any(entry.anchors for entry in entries):
        return sorted(entries, key=rank)
    left = list(entries)
    done: list[Entry] = []
    while left:
        free = [
            entry
            for position, entry in enumerate(left)
            if not any(_tied(other, entry) for other in left[:position])
        ]
        done.append(min(free, key=rank))
        left.remove(done[-1])
    return done


def _tied(one: Entry, other: Entry) -> bool:
    """Whether an anchor of the one is set again, or used, in the other."""
    return any(
        name == name_there and (is_anchor or is_anchor_there)
        for name, is_anchor in one.anchors
        for name_there, is_anchor_there in other.anchors
    )


def _tidy(value: Block | Flow, former: Entry) -> None:
    """What a new order asks of the layout."""
    if isinstance(value, Flow):
        if value.broken:
            for entry in value.entries:
                entry.breaks = max(entry.breaks, 1)
        return
    # The blank line above a key that is the first one now would part it from its parent: it goes
    # to the former first one, which got a neighbour above.
    first = value.entries[0]
    if first.lead[:1] == [BLANK] and former.lead[:1] != [BLANK]:
        first.lead.pop(0)
        former.lead.insert(0, BLANK)


@cache
def _fields(model: type[Model]) -> Mapping[str, tuple[int, Shape]]:
    """The position and the shape of each key."""
    return {
        field.alias or name: (position, _shape(field.annotation))
        for position, (name, field) in enumerate(model.model_fields.items())
    }


def _shape(annotation: Any) -> Shape:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        is_model = isinstance(annotation, type) and issubclass(annotation, Model)
        return Shape(annotation) if is_model else _ANYTHING
    if origin is Annotated:
        return _shape(arguments[0])
    if origin is list:
        return Shape(items=_shape(arguments[0]))
    if origin is dict:
        return Shape(values=_shape(arguments[1]))
    if origin in {Union, UnionType}:
        parts = [_shape(argument) for argument in arguments]
        return Shape(
            next((part.model for part in parts if part.model), None),
            next((part.items for part in parts if part.items), None),
            next((part.values for part in parts if part.values), None),
        )
    return _ANYTHING
