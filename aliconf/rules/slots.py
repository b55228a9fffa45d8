"""Which documents a document names, and where: what the rules of several families look up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from pydantic.alias_generators import to_snake

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.model.base import PolicySpec
from aliconf.model.kinds import POLICY_KINDS, SLOTS

if TYPE_CHECKING:
    from aliconf.model.campaign import CampaignSpec
    from aliconf.model.listing_template import ListingTemplateSpec

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


class Reference(NamedTuple):
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

    Not the accounts of an environment: an overlay of it may add them, so that only whoever merges
    the environment's documents can say whether they are there.

    Lists of names are kept sorted, so that only `place` knows where an item stands.
    """
    if document.model is None:
        return
    spec = document.spec
    if isinstance(spec, PolicySpec):
        if spec.based_on is not None:
            yield Reference(document, ("spec", "basedOn"), document.kind, spec.based_on)
    elif document.kind in POLICY_SLOTS:
        yield from _policies(document, ("spec",), spec)
        if document.kind != "Account":
            yield from _accounts(document)


def _policies(document: LoadedDocument, path: Path, holder: object) -> Iterator[Reference]:
    for slot, attribute, kind in POLICY_SLOTS[document.kind]:
        name = getattr(holder, attribute)
        if name is not None:
            yield Reference(document, (*path, slot), kind, name)


def _accounts(document: LoadedDocument) -> Iterator[Reference]:
    spec = cast("ListingTemplateSpec | CampaignSpec", document.spec)
    if isinstance(spec.accounts, list):
        for account in spec.accounts:
            yield Reference(document, ("spec", "accounts"), "Account", account)
    for account, settings in getattr(spec, "per_account", {}).items():
        path = ("spec", "perAccount", account)
        yield Reference(document, path, "Account", account, key=True)
        yield from _policies(document, path, settings)


def place(reference: Reference) -> Path:
    """The path of the name itself, an item of a list included."""
    value: object = reference.document.raw()
    for step in reference.path:
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, list) and reference.name in value:
        return (*reference.path, value.index(reference.name))
    return reference.path


def accounts_of(configuration: Configuration, document: LoadedDocument) -> list[LoadedDocument]:
    """The accounts that a listing template or a campaign is for, of those that exist."""
    accounts = cast("ListingTemplateSpec | CampaignSpec", document.spec).accounts
    if isinstance(accounts, list):
        named = (configuration.get("Account", name) for name in accounts)
        return [account for account in named if account is not None]
    wanted = accounts.match_labels.items()
    return [
        account
        for account in configuration.of("Account")
        if account.model is not None and wanted <= account.model.metadata.labels.items()
    ]


def all_are_sound(configuration: Configuration, *kinds: str) -> bool:
    """Whether all documents of these kinds could be read as they stand.

    Where not, nobody can say that something is missing or unused.
    """
    return not configuration.incomplete and all(
        document.sound for kind in kinds for document in configuration.of(kind)
    )


def default_policy(configuration: Configuration, kind: str) -> LoadedDocument | None:
    """The declared policy that an absent slot means; None where only the connector knows.

    Where no document says ``default: true``, the pointer is left alone: it is on the generated
    policy, named ``default``, as long as nobody moved it.
    """
    for document in configuration.of(kind):
        spec = document.spec if document.model is not None else None
        if isinstance(spec, PolicySpec) and spec.default:
            return document
    return configuration.get(kind, "default")
