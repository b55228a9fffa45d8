"""The policies that the connector generates when the first account is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aliconf.model.base import Body, body, canonical
from aliconf.model.defaults import generated


@dataclass(frozen=True, slots=True)
class DefaultPolicy:
    """One of the five, in the form in which a writer takes objects."""

    kind: str
    name: str
    body: Body
    labels: dict[str, str]
    protect: bool
    default: bool = False
    """The pointer goes to it only where it is not set, which is the writer's to see."""

    @property
    def text(self) -> str:
        return canonical(self.body)


def default_policies() -> Iterator[DefaultPolicy]:
    for document in generated():
        yield DefaultPolicy(
            document.kind,
            document.metadata.name,
            body(document.spec),
            document.metadata.labels,
            document.lifecycle.protect,
        )
