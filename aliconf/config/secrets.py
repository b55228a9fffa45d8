"""Finds the secrets that references name, at the moment when they are used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from aliconf.findings import AliconfError, refusal
from aliconf.model.secrets import SecretReference

UNRESOLVED: Final = "ALI933"
LONGEST: Final = 65_536
"""Bytes of a file; more is no password, and a device may never end."""


class Resolver:
    """The secrets of one project. It keeps none of them, and no message of it shows one."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, reference: SecretReference) -> str:
        """The secret. Relative paths start at the project's root. Raises ALI933."""
        if reference.source == "env":
            return self._variable(reference)
        return self._file(reference)

    def _variable(self, reference: SecretReference) -> str:
        name = reference.target
        value = os.environb.get(name.encode())
        hint = f"Set the environment variable {name} where aliconf runs."
        if value is None:
            raise _unresolved(reference, f"the environment variable {name} is not set", hint)
        return _text(reference, value, f"the environment variable {name}", hint)

    def _file(self, reference: SecretReference) -> str:
        path = self._root / reference.target
        hint = f"Write the secret to {reference.target}, readable for whoever runs aliconf."
        try:
            with path.open("rb") as file:
                value = file.read(LONGEST + 1)
        except OSError as error:
            reason = f"{reference.target}: {error.strerror or 'it cannot be read'}"
            raise _unresolved(reference, reason, hint) from error
        except ValueError as error:
            raise _unresolved(reference, "its path is none", hint) from error
        if len(value) > LONGEST:
            raise _unresolved(reference, f"{reference.target} is longer than {LONGEST} bytes", hint)
        value = value.removesuffix(b"\n").removesuffix(b"\r")
        return _text(reference, value, reference.target, hint)


def _text(reference: SecretReference, value: bytes, where: str, hint: str) -> str:
    if not value:
        raise _unresolved(reference, f"{where} is empty", hint)
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        # Without a cause: it would hold the secret.
        raise _unresolved(reference, f"{where} is not UTF-8", hint) from None
    if "\0" in text:
        raise _unresolved(reference, f"{where} holds a NUL, so it is no text", hint)
    return text


def _unresolved(reference: SecretReference, reason: str, hint: str) -> AliconfError:
    return refusal(
        UNRESOLVED, f"the secret reference {reference} cannot be resolved: {reason}", hint
    )
