"""The bodies of stored objects as they may be shown: without what may be a secret.

A document holds references only. An administrator may write a secret itself into the store, and
also under a key that is misspelt, or into a body that nobody can read any more.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from aliconf.model.kinds import KINDS, SECRETS
from aliconf.model.secrets import REFERENCE

HIDDEN: Final = "•••"


def hidden(kind: str, path: tuple[str | int, ...], value: Any) -> Any:
    """A value of an object as it may be shown; ``path`` leads to it from the top of its body.

    Whatever a kind with secrets has where they are, or under a key that it does not know, is
    hidden but for references. An empty path is that of a whole body, which may be anything.
    """
    if kind not in SECRETS:
        return value
    if path:
        return value if path[0] in _harmless(kind) else _without_literals(value)
    if not isinstance(value, dict):
        return _without_literals(value)
    return {key: hidden(kind, (key,), item) for key, item in value.items()}


@cache
def _harmless(kind: str) -> frozenset[str]:
    """The keys of a kind's spec that neither are nor hold secrets."""
    keys = {field.alias or name for name, field in KINDS[kind].spec_type().model_fields.items()}
    return frozenset(keys - {place[0] for place in SECRETS[kind]})


def _without_literals(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_literals(item) for key, item in value.items()}
    if value is None or (isinstance(value, str) and re.fullmatch(REFERENCE, value)):
        return value
    return HIDDEN
