"""Whether the connector is the one of this environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aliconf.findings import Finding, Location, Severity
from aliconf.plan.lifting import to_lift

OTHER_ENVIRONMENT: Final = "ALI537"


def other_environment(last: str, environment: str, place: Location | None) -> Iterator[Finding]:
    """A connector that this project was ``last`` applied to for another environment.

    Of staging's URL that leads to production's store nobody else could tell.
    """
    if last and last != environment:
        yield Finding(
            OTHER_ENVIRONMENT,
            Severity.ERROR,
            f"this connector was last applied for the environment {last}, and this is "
            + (f"the environment {environment}" if environment else "none"),
            place,
            "Look at the connector URL: does it lead to the store of this environment? If the "
            "environment was renamed, say so to one apply with\n"
            f"{to_lift(OTHER_ENVIRONMENT, environment)}",
            environment,
        )
