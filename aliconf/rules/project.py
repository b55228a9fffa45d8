"""The project's own document."""

from __future__ import annotations

from collections.abc import Iterator

from aliconf.config.configuration import Configuration
from aliconf.config.discover import PROJECT_FILE
from aliconf.findings import Related
from aliconf.rules.registry import Violation, configuration_rule


@configuration_rule("ALI217", fixed=True)
def the_project_is_one_document_in_the_root_file(
    configuration: Configuration,
) -> Iterator[Violation]:
    for document in configuration.of("Project"):
        first = configuration.project
        if first is not None and document is not first:
            yield Violation(
                document,
                ("metadata", "name"),
                f"{document.id} is a second Project",
                f"A project has one, in {PROJECT_FILE}. A directory with its own {PROJECT_FILE} is "
                "a project of its own.",
                related=(Related("the first is here", first.locate("metadata", "name")),),
            )
        elif document.source.path != configuration.root / PROJECT_FILE:
            yield Violation(
                document,
                ("metadata", "name"),
                f"{document.id} does not stand in {PROJECT_FILE}",
                f"Move this document into {PROJECT_FILE} at the root of the project.",
            )


@configuration_rule("ALI226")
def each_environment_has_a_connector_of_its_own(
    configuration: Configuration,
) -> Iterator[Violation]:
    base = configuration.environment.base if configuration.environment else configuration
    project, settings = base.project, base.settings
    if project is None:
        return
    first: dict[str, str] = {}
    for name, environment in settings.environments.items():
        connector = environment.connector or settings.connector
        other = first.setdefault(connector, name)
        if other != name:
            path = ("spec", "environments", name)
            own = environment.connector is not None
            yield Violation(
                project,
                (*path, "connector") if own else path,
                f"the environments {other} and {name} have the same connector",
                "Give each its own `connector`: what is applied for the one would undo what was "
                "applied for the other.",
                key=not own,
            )
