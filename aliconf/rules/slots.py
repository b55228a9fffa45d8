"""Which documents a document names, and where: what the rules of several families look up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pydantic.alias_generators import to_snake

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.model.base import PolicySpec, Spec
from aliconf.model.kinds import POLICY_KINDS, SLOTS

Path = tuple[str | int, ...]

POLICY_SLOTS: Final = {
    holder: [
        (slot, to_snake(slot), kind)
        for (of_kind, slot), kind in SLOTS.items()
        if of_kind == holder and kind in POLICY_KINDS
    ]
    for holder in ("Account", "ListingTemplate", "Campaign")
}
"""Key, attribute and policy kind of the slots of each kind that has some."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name in a document."""

    document: LoadedDocument
    path: Path
    kind: str
    """The kind it should name."""
    name: str
    key: bool = False
    """The name is a key, not a value."""


def references(document: LoadedDocument) -> Iterator[Reference]:
    """Every name of another document. An item of a list has the path of its list.

    Lists of names are kept sorted, so that only `place` knows where an item stands.
    """
    if document.model is None:
        return
    spec = document.spec
    if isinstance(spec, PolicySpec):
        if spec.based_on is not None:
            yield Reference(document, ("spec", "basedOn"), document.kind, spec.based_on)
        return
    if document.kind == "Project":
        for name, environment in spec.environments.items():  # type: ignore[attr-defined]
            for account in environment.accounts or ():
                path = ("spec", "environments", name, "accounts")
                yield Reference(document, path, "Account", account)
        return
    if document.kind not in POLICY_SLOTS:
        return
    yield from _slots(document, ("spec",), spec)
    accounts = getattr(spec, "accounts", None)
    if isinstance(accounts, list):
        for account in accounts:
            yield Reference(document, ("spec", "accounts"), "Account", account)
    for account, settings in getattr(spec, "per_account", {}).items():
        path = ("spec", "perAccount", account)
        yield Reference(document, path, "Account", account, key=True)
        yield from _slots(document, path, settings)


def _slots(document: LoadedDocument, path: Path, holder: object) -> Iterator[Reference]:
    for slot, attribute, kind in POLICY_SLOTS[document.kind]:
        name = getattr(holder, attribute)
        if name is not None:
            yield Reference(document, (*path, slot), kind, name)


def place(reference: Reference) -> Path:
    """The path of the name itself, an item of a list included."""
    value: object = reference.document.raw()
    for step in reference.path:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, list) and reference.name in value:
        return (*reference.path, value.index(reference.name))
    return reference.path
