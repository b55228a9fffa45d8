"""What stops a writer in its tracks: another's lease, a lost one, a COMMIT without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from aliconf.connector import errors
from aliconf.findings import AliconfError, Finding, Severity, refusal

if TYPE_CHECKING:
    from aliconf.connector.urls import Target


class Ways(NamedTuple):
    """The commands that a refusal tells, with the options that were used."""

    wait: str = ""
    """What waits for the lease; empty for a command that cannot."""
    release: str = "aliconf lease release"
    """What takes it away, without the project's name."""


USUAL: Final = Ways()


def lease_held(
    store: Target, project: str, who: str, since: str, seconds: float, ways: Ways
) -> AliconfError:
    wait = f"Wait for it with `{ways.wait}`." if ways.wait else "Wait until it has ended."
    return refusal(
        errors.LEASE_HELD,
        f"another apply of the project {project} is under way in {store.display}: {who}, since "
        f"{since}",
        f"{wait} If it is dead, its lease expires in {max(seconds, 0):.0f} s; "
        f"`{ways.release} {project}` takes it away at once.",
    )


class LeaseLostError(AliconfError):
    """Somebody else may change the objects now."""


def lease_lost(store: Target, project: str, who: str) -> LeaseLostError:
    now = f"{who} holds it now" if who else "it was released"
    return LeaseLostError(
        Finding(
            errors.LEASE_LOST,
            Severity.ERROR,
            f"the lease of the project {project} in {store.display} was lost: {now}",
            hint="Nothing more is written. Plan again: what was done before stays done.",
        )
    )


class UndecidedError(AliconfError):
    """A transaction may be in the store or not: it is not known."""


def undecided(store: Target, reason: AliconfError) -> UndecidedError:
    """The server got the COMMIT, or did not, and gives no answer to whether it did."""
    finding = reason.findings[0]
    return UndecidedError(
        finding._replace(
            message=f"{finding.message}; whether the last change is in the store is not known",
            hint="Run aliconf plan when the server answers again: it shows what is left to do.",
        )
    )
