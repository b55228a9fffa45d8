"""Whether the connector is the one of this environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from aliconf.connector.reader import Run
from aliconf.findings import Finding, Location, Severity

OTHER_ENVIRONMENT: Final = "ALI537"


def other_environment(
    runs: Sequence[Run], environment: str, place: Location | None
) -> Iterator[Finding]:
    """A connector that this project was last applied to for another environment.

    Of staging's URL that leads to production's store nobody else could tell.
    """
    known = [run.details["environment"] for run in runs if run.details.get("environment")]
    if known and known[-1] != environment:
        yield Finding(
            OTHER_ENVIRONMENT,
            Severity.ERROR,
            f"this connector was last applied for the environment {known[-1]}, and this is "
            + (f"the environment {environment}" if environment else "none"),
            place,
            "Look at the connector URL: does it lead to the store of this environment? If the "
            "environment was renamed, `--allow ALI537 --reason …` says so once.",
            environment,
        )
