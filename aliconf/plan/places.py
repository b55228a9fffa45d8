"""Whether the connector is the one of this environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aliconf.config.configuration import Configuration
from aliconf.findings import Finding, Location, Severity
from aliconf.plan.lifting import to_lift
from aliconf.plan.observed import Observed

OTHER_ENVIRONMENT: Final = "ALI537"
NEVER_APPLIED: Final = "ALI540"


def never_applied(observed: Observed, configuration: Configuration) -> Iterator[Finding]:
    """An environment's connector that holds nothing of the project.

    Right before its first apply. Afterwards it is another store than that of the environment, or
    one that was made anew: nothing outside a store knows its id, so only people can tell.
    """
    environment, project = configuration.environment, configuration.project
    if environment is None or project is None or observed.last_environment:
        return
    if any(stored.owner == project.name for stored in observed.objects.values()):
        return
    which = f"the connector {observed.connector_id}" if observed.connector_id else "this connector"
    yield Finding(
        NEVER_APPLIED,
        Severity.WARNING,
        f"nothing was ever applied to {which} for the environment {environment.name}: is it the "
        "one of this environment?",
        _written(configuration),
        "Before the first apply that is as it should be. Afterwards look at the connector URL, and "
        "whether the store was lost: an apply fills this one.",
        environment.name,
    )


def other_environment(observed: Observed, configuration: Configuration) -> Iterator[Finding]:
    """A connector that this project was last applied to for another environment.

    Of staging's URL that leads to production's store nobody else could tell.
    """
    last = observed.last_environment
    environment = configuration.environment.name if configuration.environment else ""
    if last and last != environment:
        yield Finding(
            OTHER_ENVIRONMENT,
            Severity.ERROR,
            f"this connector was last applied for the environment {last}, and this is "
            + (f"the environment {environment}" if environment else "none"),
            _written(configuration),
            "Look at the connector URL: does it lead to the store of this environment? If the "
            "environment was renamed, say so to one apply with\n"
            f"{to_lift(OTHER_ENVIRONMENT, environment)}",
            environment,
        )


def _written(configuration: Configuration) -> Location | None:
    """Where the connector's URL stands."""
    project = configuration.project
    if project is None or not project.has("spec", "connector"):
        return None
    return project.locate("spec", "connector")
