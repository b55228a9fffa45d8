"""What a plan rests on, gathered from both sides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Generic, TypeVar

from aliconf.connector.reader import Stored
from aliconf.plan.digest import Basis, Part, rest_of
from aliconf.plan.observed import Observed
from aliconf.plan.wanted import Id, Wanted

Item = TypeVar("Item")


class _Parts(Generic[Item]):
    """Made each time when somebody looks: of ten thousand, a plan on a screen needs none."""

    __slots__ = ("_items", "_part")

    def __init__(self, part: Callable[[Item], Part], items: Collection[Item]) -> None:
        self._part = part
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Part]:
        return map(self._part, self._items)

    def __contains__(self, part: object) -> bool:
        return any(part == own for own in self)


def basis_of(
    project: str, environment: str, observed: Observed, wanted: Mapping[Id, Wanted]
) -> Basis:
    """The documents, and the objects that the project manages or takes over."""
    return Basis(
        project,
        environment,
        observed.connector_id,
        observed.defaults,
        _Parts(_document, wanted.values()),
        _Parts(
            _object,
            [
                stored
                for known, stored in observed.objects.items()
                if stored.owner == project or known in wanted
            ],
        ),
    )


def _document(wanted: Wanted) -> Part:
    default = "default" if wanted.default else ""
    return Part(wanted.document.id, wanted.text, rest_of(wanted.labels, wanted.protect, default))


def _object(stored: Stored) -> Part:
    rest = rest_of(stored.labels_text, stored.protect, stored.owner or "")
    return Part(f"{stored.kind}/{stored.name}", stored.body_text, rest)
