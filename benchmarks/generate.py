"""Projects of any number of documents: deterministic, valid, about 700 bytes a document.

The mix is an agency's: each account has its order and synchronization policy, four pricing, two
inventory and two image policies, eight listing templates and a campaign. Every policy is used and
no two templates can match one product, so that a generated project has no finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, count, islice
from pathlib import Path
from string import Template
from typing import Final

CHANGED_BLOCKS: Final = 5
"""Every fifth block has one document that a revision changes: one document in a hundred."""

CHANGEABLE: Final = ("prices-1", "stock-1", "line-1", "prices-2", "line-2", "line-5")
"""What a revision changes in turn: an amount, a safety stock, the weight of a parcel."""

MARKETS: Final = (("ES", "es"), ("IT", "it"), ("FR", "fr"))


@dataclass(frozen=True, slots=True)
class Generated:
    """One document: its file relative to the project's root, and its text."""

    path: str
    kind: str
    name: str
    text: str


def documents(amount: int, revision: int = 0) -> Iterator[Generated]:
    """The first ``amount`` documents of an endless project, ``aliconf.yaml`` first.

    Another revision has the same documents, one in a hundred of them with another value.
    """
    blocks = chain.from_iterable(_block(number, revision) for number in count(1))
    return islice(chain(_top(), blocks), amount)


def retitled(generated: Iterable[Generated]) -> Iterator[Generated]:
    """The same documents with other titles, and a project that lets all of them change at once."""
    for document in generated:
        text = document.text.replace("\n  title: ", "\n  title: New ")
        yield replace(document, text=text.replace("maximumUpdates: 25", "maximumUpdates: 100"))


def policy() -> Iterator[Generated]:
    """A pricing policy alone, but for the ``aliconf.yaml`` that every project has."""
    project = "apiVersion: aliconf/v1\nkind: Project\nmetadata:\n  name: agency\n"
    yield Generated("aliconf.yaml", "Project", "agency", project)
    yield next(document for document in _block(1, 0) if document.kind == "PricingPolicy")


def write(root: Path, generated: Iterable[Generated]) -> list[str]:
    """Write documents below a project's root, one a file; returns their paths, relative to it."""
    paths = []
    for document in generated:
        path = root / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document.text, encoding="utf-8")
        paths.append(document.path)
    return paths


def _top() -> Iterator[Generated]:
    yield Generated("aliconf.yaml", "Project", "agency", _text("Project"))
    yield Generated("registration.yaml", "Registration", "agency", _text("Registration"))


def _block(number: int, revision: int) -> Iterator[Generated]:
    """The documents of one account: first it, then each before the one that uses it."""
    region, language = MARKETS[number % len(MARKETS)]
    shop = f"shop-{number:04}"
    shared = {
        "number": f"{number:04}",
        "shop": shop,
        "store": f"shop_{number:04}",
        "region": region,
        "language": language,
    }
    turn, rest = divmod(number, CHANGED_BLOCKS)
    changed = "" if rest else CHANGEABLE[turn % len(CHANGEABLE)]

    def document(kind: str, part: str, **values: object) -> Generated:
        name = f"{shop}-{part}" if part else shop
        value = 2 + revision if part == changed else 2
        text = _text(kind, name=name, value=value, **shared, **values)
        return Generated(f"{shop}/{part or 'account'}.yaml", kind, name, text)

    yield document("Account", "")
    yield document("OrderPolicy", "orders")
    yield document("SynchronizationPolicy", "synchronization")
    for index in (1, 2):
        yield document("ImagePolicy", f"images-{index}", index=index)
    for index in (1, 2):
        yield document("InventoryPolicy", f"stock-{index}", index=index)
    for index in (1, 2, 3, 4):
        yield document("PricingPolicy", f"prices-{index}", index=index)
    yield document("Campaign", "black-friday")
    for index in range(1, 9):
        yield document(
            "ListingTemplate",
            f"line-{index}",
            index=index,
            image=1 + index % 2,
            stock=1 + index % 2,
            price=1 + index % 3,
        )


def _text(kind: str, **values: object) -> str:
    return _template(kind).substitute(values)


@cache
def _template(kind: str) -> Template:
    path = Path(__file__).parent / "documents" / f"{kind}.yaml"
    return Template(path.read_text(encoding="utf-8"))
