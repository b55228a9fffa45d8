"""What a policy says itself, what it takes over, and what nobody says.

Policies may be based on others, and a value may have been refused by its structure: a rule about
two keys that do not go together must show the right place, and a rule about a missing key must not
speak where the key is only unreadable.
"""

from __future__ import annotations

from pydantic.alias_generators import to_snake

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Related
from aliconf.model.base import Model, PolicySpec
from aliconf.rules.registry import Violation
from aliconf.wording import some

Keys = tuple[str | int, ...]
"""A path below ``spec``."""


def says(document: LoadedDocument, *keys: str | int) -> bool:
    """Whether the document itself has the key.

    A policy that turns something off need not remove the settings of it that it inherits: only
    settings that are written together with what makes them useless are worth a word.
    """
    return document.has("spec", *keys)


def nobody_says(document: LoadedDocument, configuration: Configuration, *keys: str | int) -> bool:
    """Whether the key is absent for certain: here, and in all that this policy is based on.

    A value that its structure refused was already reported; it is not absent.
    """
    effective = configuration.effective(document)
    first = effective.chain[-1]
    if not effective.findings and all(link.sound for link in effective.chain):
        return not (isinstance(first.spec, PolicySpec) and first.spec.based_on is not None)
    return not says(first, "basedOn") and not any(says(link, *keys) for link in effective.chain)


def settled(document: LoadedDocument, configuration: Configuration, *keys: str) -> bool:
    """Whether the value in force is known: somebody gives it, or it is the default for certain."""
    value: object = configuration.effective(document).spec
    for key in keys:
        name = to_snake(key)
        if isinstance(value, Model) and name not in value.model_fields_set:
            return nobody_says(document, configuration, *keys)
        value = getattr(value, name)
    return True


def conflict(
    document: LoadedDocument,
    configuration: Configuration,
    keys: tuple[Keys, ...],
    message: str,
    hint: str,
) -> Violation:
    """A violation about several keys, at the first of them that the document itself has.

    Where it has none, at the first that the nearest policy it is based on has, as that one's own
    finding is. A key that another document gives is shown as related.
    """
    effective = configuration.effective(document)
    places = {path: effective.origin(*path) for path in keys}
    nearest = next(
        (path for link in effective.chain for path in keys if says(link, *path)), keys[0]
    )
    return Violation(
        document,
        ("spec", *nearest),
        message,
        hint,
        related=tuple(
            Related(f"{'.'.join(str(key) for key in path)} is here", origin[1])
            for path, origin in places.items()
            if origin is not None and origin[0] is not document
        ),
    )


def listed(words: list[str], most: int | None = None) -> str:
    """``a, b and c``; of more than ``most`` the first, and how many more there are."""
    if most is not None and len(words) > most:
        return some(words, most)
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
