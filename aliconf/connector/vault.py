"""Encryption of the secrets that a store keeps: one key for each store.

AES-256-GCM with a random nonce for each value. What is encrypted is bound to its place, so that a
ciphertext that was moved to another row by hand decrypts to nothing. docs/store.md describes the
format for other programs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from aliconf.findings import AliconfError, refusal
from aliconf.model.secrets import SecretReference

KEY: Final = "ALI943"
NOT_INSTALLED: Final = "ALI932"
MAKE_A_KEY: Final = "openssl rand -base64 32"

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_FORMAT: Final = "v1:"
_DISTINCT: Final = 17
"""Of 32 random bytes, fewer are distinct once in 5,000,000,000 keys; halves that repeat are 16."""


class Place(NamedTuple):
    """Where a secret is: a field of an object."""

    kind: str
    name: str
    field: str
    """``authorization.appKey``."""


class Vault:
    """Encrypts and decrypts with one key, which none of its output shows."""

    __slots__ = ("_cipher", "key_id")

    def __init__(self, key: bytes) -> None:
        """``key`` is 32 random bytes. ALI932 where the package cryptography is missing."""
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError as error:
            raise _not_installed() from error
        self._cipher = AESGCM(key)
        self.key_id = hashlib.sha256(b"aliconf key id\0" + key).hexdigest()[:16]
        """Tells keys apart, and says nothing of them: 16 hexadecimal digits."""

    def encrypt(self, connector_id: str, place: Place, value: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, value.encode(), _bound_to(connector_id, place))
        return _FORMAT + base64.b64encode(nonce + sealed).decode("ascii")

    def decrypt(self, connector_id: str, place: Place, ciphertext: str) -> str | None:
        """The value; None where this is no ciphertext of this key for this place."""
        from cryptography.exceptions import InvalidTag

        if not ciphertext.startswith(_FORMAT):
            return None
        try:
            sealed = base64.b64decode(ciphertext.removeprefix(_FORMAT), validate=True)
            value = self._cipher.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(connector_id, place)
            )
        except (InvalidTag, ValueError):  # binascii.Error is a ValueError
            return None
        return value.decode()


class Safe(NamedTuple):
    """What a writer needs to store secrets."""

    vault: Vault
    value: Callable[[str], str]
    """The secret that a reference such as ``${env:NAME}`` names. May raise ALI933."""
    seen: Mapping[Place, str]
    """The ciphertexts that the plan saw. Each is unlike any other, also of the same value."""


def open_vault(reference: SecretReference, resolve: Callable[[SecretReference], str]) -> Vault:
    """The vault of the key that a reference names: 32 bytes in base64.

    Raises ALI933 where there is none, ALI943 where it is none, ALI932 where the package is missing.
    No message repeats anything of the key.
    """
    text = resolve(reference)
    try:
        key = base64.b64decode(text.strip().translate(_URL_SAFE), validate=True)
    except (binascii.Error, ValueError):
        # Without a cause: what is raised there may hold the key.
        raise _unfit(reference, "it is no base64") from None
    if len(key) != _KEY_BYTES:
        raise _unfit(reference, f"it has {len(key)} bytes and not {_KEY_BYTES}")
    if _is_weak(key):
        raise _unfit(reference, "it is no random key: it can be guessed")
    return Vault(key)


_URL_SAFE: Final = str.maketrans("-_", "+/")


def _is_weak(key: bytes) -> bool:
    """Whether it was typed, counted or repeated; no random key looks so."""
    steps = {(late - early) % 256 for early, late in pairwise(key)}
    return (
        len(set(key)) < _DISTINCT or len(steps) < _DISTINCT or all(32 <= one < 127 for one in key)
    )


def _bound_to(connector_id: str, place: Place) -> bytes:
    return "\n".join(("aliconf secret", connector_id, *place)).encode()


def _not_installed() -> AliconfError:
    return refusal(
        NOT_INSTALLED,
        "the encryption of secrets needs the package cryptography, which is not installed",
        "Run pip install 'aliconf[encryption]'.",
    )


def _unfit(reference: SecretReference, reason: str) -> AliconfError:
    return refusal(
        KEY,
        f"what {reference} names cannot be used as an encryption key: {reason}",
        f"A key is 32 random bytes in base64; `{MAKE_A_KEY}` makes one.",
    )


def no_key(what: str) -> AliconfError:
    return refusal(
        KEY,
        f"{what} needs an encryption key, and the project names none",
        "Name it in `spec.encryptionKey` by a secret reference such as ${env:ALICONF_KEY}; "
        f"`{MAKE_A_KEY}` makes one.",
    )


def wrong_key(key_id: str, stored: str) -> AliconfError:
    """``key_id`` is that of the key at hand, ``stored`` that of the secrets in the store."""
    return refusal(
        KEY,
        f"the secrets in the connector store are encrypted with another key: {stored} there, "
        f"{key_id} here (key ids)",
        "Use the key that they were stored with, or change them over to this one with "
        "`aliconf connector rekey --old REFERENCE`. If that key is lost, delete the rows of "
        "aliconf_secret: the next apply stores the secrets anew.",
    )


def wrong_old_key(key_id: str, stored: str) -> AliconfError:
    return refusal(
        KEY,
        f"the secrets in the connector store are encrypted with the key {stored}, and --old names "
        f"the key {key_id}",
        "Nothing was changed. Name the key that they are encrypted with.",
    )


def damaged(place: Place) -> AliconfError:
    return refusal(
        KEY,
        f"the stored secret {place.field} of {place.kind}/{place.name} cannot be decrypted: "
        "its row was changed or moved by hand",
        "Nothing was changed. Let apply store it anew with the key that the store has now, or "
        "delete its row of aliconf_secret.",
    )


def same_key(old: SecretReference, new: SecretReference) -> AliconfError:
    return refusal(
        KEY,
        f"{old} and {new} name the same key",
        f"Let {new} name the new key; `{MAKE_A_KEY}` makes one.",
    )
