"""How much room a report in Markdown has."""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 65_000
"""GitHub takes 65,536 characters in a comment."""
LEAST_BYTES: Final = 4_000
"""Room for everything in a plan's report but the objects and the findings."""
