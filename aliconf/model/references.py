"""Which objects a stored body names, and how a rename reaches it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from aliconf.model.base import Body
from aliconf.model.kinds import SECRETS, SLOTS

Path = tuple[str | int, ...]


def references(kind: str, body: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """The path, the kind and the name of every object that the body refers to.

    The path of a key of ``perAccount`` is that of its value. An absent slot means the default and
    is no reference; neither is a label selector.
    """
    for slot, of_kind in _slots(kind):
        value = body.get(slot)
        if isinstance(value, str):
            yield (slot,), of_kind, value
        elif slot == "accounts" and isinstance(value, list):
            for index, name in enumerate(value):
                yield (slot, index), of_kind, name
        elif slot == "perAccount" and value:
            for account, settings in value.items():
                yield (slot, account), of_kind, account
                for path, inner_kind, name in references(kind, settings):
                    yield (slot, account, *path), inner_kind, name


@cache
def _slots(kind: str) -> list[tuple[str, str]]:
    return [(slot, of_kind) for (holder, slot), of_kind in SLOTS.items() if holder == kind]


def secret_references(kind: str, body: Mapping[str, Any]) -> dict[str, str]:
    """The secret references of a stored body by their fields: ``authorization.appKey``.

    What an administrator left in no shape that aliconf knows is none.
    """
    found = {}
    for path in SECRETS.get(kind, ()):
        value: Any = body
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, str):
            found[".".join(path)] = value
    return found


def rename_references(body: Body, kind: str, of_kind: str, old: str, new: str) -> Body:
    """The body of an object of ``kind`` after an object of ``of_kind`` was renamed."""
    renamed = dict(body)
    for slot, target in _slots(kind):
        value = body.get(slot)
        if value is None:
            continue
        if slot == "perAccount":
            renamed[slot] = {
                (new if target == of_kind and account == old else account): rename_references(
                    settings, kind, of_kind, old, new
                )
                for account, settings in value.items()
            }
        elif target != of_kind:
            continue
        elif value == old:
            renamed[slot] = new
        elif slot == "accounts" and isinstance(value, list):
            renamed[slot] = sorted(new if name == old else name for name in value)
    return renamed
