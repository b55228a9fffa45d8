"""What a store's tables are called: it may share a database with others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    schema: str | None = None
    """PostgreSQL's schema; None is the first of the search path."""
    prefix: str = ""
    """In front of each table's name."""

    def table(self, name: str) -> str:
        return self.prefix + name
