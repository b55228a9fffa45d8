"""Change single values in YAML that people wrote, and not one byte more.

libyaml says where each value stands; the text of the value alone is replaced, a line is inserted or
taken out. The result is parsed again: where it does not say exactly what it should, nothing is
changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aliconf.config.documents import MISSING, lookup
from aliconf.config.edit.nodes import compose
from aliconf.config.edit.operations import Operation, done, operations
from aliconf.config.edit.splice import CannotSpliceError, Order, spliced
from aliconf.config.positions import Path
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument

__all__ = ["CannotEditError", "edited"]

_HIGHEST = 2
"""No value above this level is written anew as a whole: ``spec.adjustments``, never ``spec``."""
_OPTIONAL = ("lifecycle",)
"""The mappings of a document that go when nothing is left in them."""


class CannotEditError(Exception):
    """The text cannot be changed so that it says what is wanted, and nothing else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


def edited(text: str, number: int, path: Path, value: Any, order: Order = lambda _: ()) -> str:
    """The text with another value at a path of its document of that number, from 0.

    ``MISSING`` takes the value away, and mappings that are left empty above it. ``order`` gives the
    keys of the mapping at a path in their canonical order. Raises CannotEditError, also where an
    anchor would carry the value to other places.
    """
    before = _values(text)
    old = lookup(before[number], path)
    if value is MISSING:
        if old is MISSING:
            return text
        highest = 1 if path[0] in _OPTIONAL else _HIGHEST
        while len(path) > highest and _only(before[number], path):
            path = path[:-1]
        steps = [Operation("remove", path)]
    elif old is MISSING:
        steps = [Operation("set", path, value)]
    else:
        steps = list(operations(old, value, path))
    for step in steps:
        text = _operated(text, number, step, order)
    return text


def _only(document: Any, path: Path) -> bool:
    """Whether a path is the only key of its mapping."""
    above = lookup(document, path[:-1])
    return isinstance(above, dict) and len(above) == 1


def _operated(text: str, number: int, operation: Operation, order: Order) -> str:
    before = _documents(text)
    wanted = [document.value for document in before]
    wanted[number] = done(wanted[number], operation)
    attempts = [(operation, False)]
    for length in range(len(operation.path) - 1, _HIGHEST - 1, -1):
        above = operation.path[:length]
        attempts.append((Operation("set", above, lookup(wanted[number], above)), True))
    root = compose(text, before[number].offset, before[number].end)
    for attempt, whole in attempts:
        try:
            result = spliced(text, root, attempt, wanted[number], order, whole=whole)
        except CannotSpliceError:
            continue
        if _says(result, wanted):
            return result
    raise CannotEditError(operation.path)


def _documents(text: str) -> list[RawDocument]:
    return [part for part in parse(text) if isinstance(part, RawDocument)]


def _values(text: str) -> list[Any]:
    return [document.value for document in _documents(text)]


def _says(text: str, wanted: Sequence[Any]) -> bool:
    """Whether the text holds these documents, without a problem."""
    from aliconf.config.layout import same_values

    parts = list(parse(text))
    return len(parts) == len(wanted) and all(
        isinstance(part, RawDocument) and not part.problems and same_values(part.value, value)
        for part, value in zip(parts, wanted, strict=True)
    )
