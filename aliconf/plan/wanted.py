"""The objects that the configuration wants, ready to be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aliconf.config.configuration import Configuration, Effective
from aliconf.config.documents import LoadedDocument
from aliconf.connector.reader import Stored
from aliconf.model.base import Body, PolicySpec, body, canonical
from aliconf.model.kinds import KINDS
from aliconf.plan.changes import Desired

Id = tuple[str, str]
"""Kind and name."""


@dataclass(frozen=True, slots=True)
class Wanted:
    document: LoadedDocument
    text: str

    @property
    def id(self) -> Id:
        return self.document.kind, self.document.name

    @property
    def title(self) -> str:
        return str(getattr(self.document.spec, "title", "")) or self.document.name

    @property
    def labels(self) -> dict[str, str]:
        assert self.document.model is not None
        return self.document.model.metadata.labels

    @property
    def protect(self) -> bool:
        assert self.document.model is not None
        return self.document.model.lifecycle.protect

    @property
    def default(self) -> bool:
        spec = self.document.spec
        return isinstance(spec, PolicySpec) and spec.default

    def effective(self, configuration: Configuration) -> Effective:
        return configuration.effective(self.document)

    def body(self, configuration: Configuration) -> Body:
        return body(self.effective(configuration).spec)

    def desired(self) -> Desired:
        return Desired(self.text, self.labels, self.protect, self.default)


def wanted_objects(configuration: Configuration, stored: Mapping[Id, Stored]) -> Iterator[Wanted]:
    """In dependency order: what is referred to comes before what refers to it.

    Of an object that is in the connector as it is wanted, the text is the connector's: the two
    would be half of what a plan of many unchanged objects keeps in memory beside the documents.
    """
    for kind in KINDS:
        if kind == "Project":
            continue
        for document in configuration.of(kind):
            text = canonical(body(configuration.effective(document).spec))
            present = stored.get((kind, document.name))
            if present is not None and present.body_text == text:
                text = present.body_text
            yield Wanted(document, text)
