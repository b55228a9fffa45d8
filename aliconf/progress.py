"""How far a long piece of work has come: told by the rooms that work, shown by the command line."""

from __future__ import annotations

from typing import Final, Protocol


class Progress(Protocol):
    """Told what is being done and how much of it. It never raises, and costs next to nothing."""

    def begin(self, what: str, total: int | None = None) -> None:
        """A piece of work begins, such as ``reading files``; the one before it is over.

        ``total`` is how many steps it has; None where nobody knows before the end.
        """

    def advance(self, amount: int = 1) -> None:
        """So many steps more are done."""


class Silent:
    """Nobody looks."""

    def begin(self, what: str, total: int | None = None) -> None:
        return

    def advance(self, amount: int = 1) -> None:
        return


SILENT: Final[Progress] = Silent()
