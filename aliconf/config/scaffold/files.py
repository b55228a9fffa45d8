"""What `init` writes: documents with what is known, and comments where something is left to do.

Nothing is made up. A document that lacks something (an address, accepted terms, a region, which
can never be corrected) is written as a comment, so that the project validates and plans without it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files as resources
from string import Template
from typing import Any, Final

from pydantic import ValidationError

from aliconf.config.words import words
from aliconf.model.kinds import KINDS
from aliconf.model.regions import region

UNKNOWN: Final = "…"
"""Stands for what is left to say; of the fields that get it, none takes it."""

NAMES: Final = (
    "aliconf.yaml",
    "registration.yaml",
    "account.yaml",
    "policies.yaml",
    "listing-template.yaml",
)

_UNCOMMENT: Final = ", then remove the number signs"
_TEMPLATES = resources("aliconf.config.scaffold") / "templates"
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.@+-]*(?: [A-Za-z0-9_.@+-]+)*")
_PLAIN_URL: Final = re.compile(r"[a-z+]+://[A-Za-z0-9_.~/:@%?&=$[{}+\]-]*[A-Za-z0-9_.~/-]")
_NOT_TEXT: Final = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of the shop; None is what is not."""

    name: str
    email: str | None = None
    accept_terms: bool = False
    title: str | None = None
    region: str | None = None
    store_view: str | None = None
    connector: str | None = None
    example: str = ""
    """Of a connector that every machine reaches, where one is needed and not known yet."""


@dataclass(frozen=True, slots=True)
class ScaffoldFile:
    name: str
    text: str
    left: str = ""
    """What is left to do in it; empty where it can stay as it is."""


def name_for(directory: str) -> str:
    """A project's name from that of its directory: small letters, digits and hyphens."""
    parts = re.findall(r"[a-z0-9]+", directory.lower())
    return "-".join(parts)[:63].strip("-") or "shop"


def fault(kind: str, path: tuple[str, ...], value: object) -> str:
    """What ``validate`` says of a value at a path of a document; empty where it is right."""
    if isinstance(value, str) and not value.isprintable():
        return "it has characters that cannot be printed"
    raw: Any = value
    for key in reversed(path):
        raw = {key: raw}
    try:
        KINDS[kind].model_validate(raw)
    except ValidationError as error:
        for detail in error.errors():
            if detail["loc"] == path:
                _, message, hint = words(KINDS[kind], path, detail)
                return f"{message}. {hint}".rstrip()
    return ""


def scaffold(answers: Answers) -> Iterator[ScaffoldFile]:
    """The files of a new project. The answers have been checked with `fault`."""
    country = region(answers.region) if answers.region else None
    values = {
        "name": as_yaml(answers.name),
        "email": as_yaml(answers.email),
        "accept_terms": "true" if answers.accept_terms else "false",
        "account": as_yaml(country.lower() if country else "main"),
        "title": as_yaml(answers.title or answers.name),
        "region": as_yaml(country),
        "store_view": as_yaml(answers.store_view),
    }
    registration = _left({"email": answers.email, "acceptTerms: true": answers.accept_terms})
    account = _left({"region": answers.region, "storeView": answers.store_view})
    if registration and not account:
        account = "wait for registration.yaml" + _UNCOMMENT
    project = "declare the system check; until then apply refuses the first account"
    if answers.example and not answers.connector:
        project = f"give a connector that every machine reaches; {project}"
    yield _file("aliconf.yaml", values | _connector(answers), project)
    yield _file("registration.yaml", values, registration, commented=bool(registration))
    yield _file("account.yaml", values, account, commented=bool(account))
    yield _file("policies.yaml", values)
    listing = "give the SKU of a first product and its categoryId"
    if account:
        listing += _UNCOMMENT
    yield _file("listing-template.yaml", values, listing, commented=bool(account))


def _connector(answers: Answers) -> dict[str, str]:
    """The lines of the project's spec, which is a comment as long as nothing in it is known."""
    if answers.connector:
        plain = _PLAIN_URL.fullmatch(answers.connector)
        url = answers.connector if plain else as_yaml(answers.connector)
        return {"connector": f"spec:\n  # What is in force.\n  connector: {url}\n", "spec": ""}
    example = f"#   connector: {answers.example}\n" if answers.example else ""
    return {"connector": "", "spec": f"# spec:\n{example}"}


def _left(needs: dict[str, object]) -> str:
    """What is left to do of what a document needs; empty where it has everything."""
    missing = [key for key, known in needs.items() if not known]
    return f"give {' and '.join(missing)}{_UNCOMMENT}" if missing else ""


def _file(
    name: str, values: dict[str, str], left: str = "", *, commented: bool = False
) -> ScaffoldFile:
    text = Template((_TEMPLATES / name).read_text("utf-8")).substitute(values)
    if commented:
        lines = [f"# Not in force yet: {left}.\n", *text.splitlines(keepends=True)]
        text = "".join(f"# {line}" for line in lines)
    return ScaffoldFile(name, text, left)


def as_yaml(text: str | None) -> str:
    """A text as YAML: in quotes where it could be read as something else."""
    if text is None:
        return UNKNOWN
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return json.dumps(text, ensure_ascii=False)  # which YAML reads as JSON does
