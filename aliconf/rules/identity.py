"""Identity: kind and name, titles that must be unique, and names that have moved."""

from __future__ import annotations

from collections.abc import Iterator

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Related
from aliconf.model.kinds import POLICY_KINDS
from aliconf.rules.registry import Violation, configuration_rule


@configuration_rule("ALI201", fixed=True)
def names_are_unique_within_a_kind(configuration: Configuration) -> Iterator[Violation]:
    for document, first in configuration.twins:
        yield Violation(
            document,
            ("metadata", "name"),
            f"{document.id} is here a second time",
            "Rename or remove one of the two: kind and name identify a document.",
            related=(Related("first here", first.locate("metadata", "name")),),
        )


@configuration_rule("ALI202")
def titles_are_unique_within_a_kind(configuration: Configuration) -> Iterator[Violation]:
    for kind in (*POLICY_KINDS, "Account", "ListingTemplate", "Campaign"):
        holders: dict[str, LoadedDocument] = {}
        for document in configuration.of(kind):
            title = getattr(document.spec, "title", None) if document.model is not None else None
            if title is None:
                continue
            first = holders.setdefault(title, document)
            if first is not document:
                yield Violation(
                    document,
                    ("spec", "title"),
                    f"{first.id} has the title {title!r}, too",
                    "Change one of the two: people tell them apart by their titles.",
                    related=(Related("first here", first.locate("spec", "title")),),
                )


@configuration_rule("ALI219")
def moved_entries_lead_from_an_old_name_to_a_new_one(
    configuration: Configuration,
) -> Iterator[Violation]:
    project = configuration.project
    if project is None:
        return
    entries = configuration.settings.moved
    targets: dict[tuple[str, str], str] = {(entry.kind, entry.from_): entry.to for entry in entries}
    seen: dict[tuple[str, str, str], int] = {}
    circles: list[frozenset[str]] = []
    for index, entry in enumerate(entries):
        place = ("spec", "moved", index)
        if entry.from_ == entry.to:
            yield Violation(
                project, (*place, "to"), f"{entry.to} is the old name, too", "Remove the entry."
            )
            continue
        twice = [
            (side, seen.setdefault((entry.kind, side, name), index))
            for side, name in (("from", entry.from_), ("to", entry.to))
        ]
        for side, first in twice:
            if first != index:
                name = entry.from_ if side == "from" else entry.to
                yield Violation(
                    project,
                    (*place, side),
                    f"{entry.kind}/{name} stands as `{side}` in two entries",
                    "Remove one of the two: an object has one old name and one new name.",
                    related=(Related("first here", project.locate("spec", "moved", first, side)),),
                )
        circle = _circle(targets, entry.kind, entry.from_)
        if circle:
            if circle not in circles:
                circles.append(circle)
                yield Violation(
                    project,
                    place,
                    f"{entry.kind}/{entry.from_} moves in a circle",
                    "Remove the entries that have been applied; no name comes back to itself.",
                )
        elif configuration.get(entry.kind, entry.from_) is not None:
            yield Violation(
                project,
                (*place, "from"),
                f"{entry.kind}/{entry.from_} is still declared",
                "Rename that document, or remove this entry: it says that the name is gone.",
            )
        elif (
            configuration.get(entry.kind, entry.to) is None
            and (entry.kind, entry.to) not in targets
            and not configuration.incomplete
        ):
            yield Violation(
                project,
                (*place, "to"),
                f"{entry.kind}/{entry.to} is not declared",
                "Correct the name, or remove this entry if the object is gone.",
            )


def _circle(targets: dict[tuple[str, str], str], kind: str, start: str) -> frozenset[str]:
    """The names that lead from a name back to it, with the kind; empty where they do not."""
    names: list[str] = []
    name = start
    while (kind, name) in targets and name not in names:
        names.append(name)
        name = targets[kind, name]
    return frozenset({kind, *names}) if name == start else frozenset()
