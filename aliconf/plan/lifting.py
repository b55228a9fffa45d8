"""How to lift a refusal, in the words that its hint shows."""

from __future__ import annotations

import shlex
from typing import Final

ALL: Final = "all"
"""The name of a guardrail's refusal over all kinds; no kind is called so."""


def to_lift(code: str, name: str) -> str:
    """The options of apply that lift one refusal, to be pasted into a shell.

    WHY is what people replace: apply takes it for no reason.
    """
    return f'--allow {shlex.quote(f"{code}={name}" if name else code)} --reason "WHY"'
