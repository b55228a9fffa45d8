"""The journal: who changed which object when, and from what to what."""

from __future__ import annotations

import getpass
import os
import secrets
import socket

from sqlalchemy import Connection, insert

from aliconf.connector.clock import now
from aliconf.connector.reader import Stored
from aliconf.connector.schema import JOURNAL
from aliconf.connector.shapes import parsed
from aliconf.model.base import canonical
from aliconf.model.kinds import POLICY_KINDS

DONE = "done"
FAILED = "failed"


class Journal:
    """The rows of one run of one project."""

    def __init__(self, connection: Connection, project: str) -> None:
        self._connection = connection
        self._project = project
        self._actor = _actor()
        self.run_id = f"r-{secrets.token_hex(4)}"

    def record(
        self,
        action: str,
        kind: str,
        name: str,
        *,
        before: str | None = None,
        after: str | None = None,
        result: str = DONE,
        message: str = "",
    ) -> None:
        """Write a row in the transaction that the connection is in."""
        self._connection.execute(
            insert(JOURNAL).values(
                run_id=self.run_id,
                recorded_at=now(),
                project=self._project,
                actor=self._actor,
                action=action,
                kind=kind,
                name=name,
                result=result,
                state_before=before,
                state_after=after,
                message=message,
            )
        )


def state_text(stored: Stored, default: str | None) -> str:
    """An object as the journal keeps it; ``default`` names the default policy of its kind.

    An account's region is in the account table only.
    """
    body = parsed(stored.body_text)
    if stored.kind == "Account" and isinstance(body, dict):
        body.pop("region", None)
    state = {
        "name": stored.name,
        "body": body,
        "labels": parsed(stored.labels_text),
        "protect": stored.protect,
        "managedBy": stored.owner,
    }
    if stored.kind in POLICY_KINDS:
        state["default"] = stored.name == default
    return canonical(state)


def _actor() -> str:
    """``user@host``; the number of a user without a name."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"[:255]
