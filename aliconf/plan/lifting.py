"""Which refusals can be lifted, and how, in the words that their hints show."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Final

from aliconf.findings import Finding

ALL: Final = "all"
"""The name of a guardrail's refusal over all kinds; no kind is called so."""
LIFTABLE: Final = ("ALI520", "ALI521", "ALI537")
"""Guardrails: what may be meant. Everything else is wrong, and nobody can make it right."""


def to_lift(code: str, name: str) -> str:
    """The options of apply that lift one refusal, to be pasted into a shell.

    WHY is what people replace: apply takes it for no reason.
    """
    return f'{_allowed(code, name)} --reason "WHY"'


def to_lift_all(refusals: Iterable[Finding]) -> str:
    """The options that lift all of these with one reason; empty where there is none."""
    options = dict.fromkeys(_allowed(finding.code, finding.object) for finding in refusals)
    return f'{" ".join(options)} --reason "WHY"' if options else ""


def never_lifted(refusals: Iterable[Finding]) -> list[str]:
    """The codes of those that nobody can lift, each once."""
    return list(dict.fromkeys(one.code for one in refusals if one.code not in LIFTABLE))


def _allowed(code: str, name: str) -> str:
    return f"--allow {shlex.quote(f'{code}={name}' if name else code)}"
