"""What a plan rests on, and its digest: two plans of one digest are the same plan.

It covers the project, the environment, the connector's id, the format of plans, the normalized
documents, and identity, body and pointers of the objects that the project manages or takes over.
It does not cover comments, layout, times, nor aliconf's version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from aliconf.model.base import canonical

FORMAT: Final = 1
"""Of plans: another one means another digest for the same change."""
_SHORT: Final = 16


class Part(NamedTuple):
    """A document, or an object of the connector."""

    id: str
    """``Kind/name``."""
    text: str
    """Its canonical body."""
    rest: str
    """Labels, protection, and the like."""

    def digest(self) -> str:
        return hashlib.sha256(b"".join(_framed(self))).hexdigest()[:_SHORT]


class Basis(NamedTuple):
    """What a plan rests on."""

    project: str
    environment: str
    """Empty for a project without environments."""
    connector_id: str
    pointers: Mapping[str, str]
    """The default policy of each kind, as the connector has it."""
    documents: Collection[Part]
    objects: Collection[Part]

    def digest(self) -> str:
        """``sha256:`` and 64 hexadecimal digits."""
        whole = hashlib.sha256()
        for piece in self._pieces():
            whole.update(piece)
        return f"sha256:{whole.hexdigest()}"

    def _pieces(self) -> Iterator[bytes]:
        head = {
            "format": FORMAT,
            "project": self.project,
            "environment": self.environment,
            "connector": self.connector_id,
            "pointers": dict(self.pointers),
        }
        yield from _framed([canonical(head)])
        for name, parts in (("documents", self.documents), ("objects", self.objects)):
            yield from _framed([name, str(len(parts))])
            for part in sorted(parts):
                yield from _framed(part)


def _framed(texts: Iterable[str]) -> Iterator[bytes]:
    """Each text with its length, so that no two lists of texts look the same."""
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        yield b"%d:" % len(content)
        yield content


def rest_of(labels: Mapping[str, str] | str, protect: bool, more: str) -> str:
    """What belongs to a part beside its body."""
    known = labels if isinstance(labels, str) else canonical(dict(labels)) if labels else "{}"
    if known == "{}" and not protect:
        return more  # most of them, and one text for all
    return f"{known} {protect} {more}"
