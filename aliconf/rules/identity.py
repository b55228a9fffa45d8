"""Identity: kind and name, and titles that must be unique."""

from __future__ import annotations

from collections.abc import Iterator

from aliconf.config.configuration import Configuration
from aliconf.findings import Related
from aliconf.rules.registry import Violation, configuration_rule


@configuration_rule("ALI201")
def names_are_unique_within_a_kind(configuration: Configuration) -> Iterator[Violation]:
    for document, first in configuration.twins:
        yield Violation(
            document,
            ("metadata", "name"),
            f"{document.id} is here a second time",
            "Rename or remove one of the two: kind and name identify a document.",
            related=(Related("first here", first.locate("metadata", "name")),),
        )
