"""Secrets that are planted into a shop, in every field of a secret type, to be searched for."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import quote, quote_plus

import yaml
from pydantic import PlainValidator

from aliconf.model.base import API_VERSION, Model
from aliconf.model.kinds import KINDS
from aliconf.model.secrets import SecretReference, connector_url
from tests import shops
from tests.command import write
from tests.vaults import key

OVERLAY = """
    apiVersion: aliconf/v1
    kind: Account
    metadata:
      name: es
    spec:
      title: Shop here
"""
Steps = tuple[str | int, ...]
Source = Literal["env", "file"]

ENVIRONMENT = "live"
"""The key of every map that has a secret in its values."""
ROUNDS = 2
"""So many shops have every field at least once: some fields exclude each other."""


def secret_fields(
    model: type[Model], which: int | None, at: Steps = (), outer: tuple[type[Model], ...] = ()
) -> Iterator[Steps]:
    """Where a model holds a secret, or a URL with one: found by type, so that none is forgotten.

    Of keys that exclude each other it is the one of the round ``which``; all of them for None.
    """
    left_out: set[str] = set()
    for law in ("ONE_OF", "AT_MOST_ONE"):
        keys = getattr(model, law, ())
        if which is not None and keys:
            left_out |= {*keys} - {keys[which % len(keys)]}
    for name, field in model.model_fields.items():
        alias = field.alias or name
        if alias in left_out:
            continue
        whole: Any = field.annotation
        if field.metadata:
            whole = Annotated[whole, *field.metadata]
        for steps, part, metadata in _parts(whole):
            here = (*at, alias, *steps)
            is_url = any(
                isinstance(one, PlainValidator) and one.func is connector_url for one in metadata
            )
            if part is SecretReference or is_url:
                yield here
            elif isinstance(part, type) and issubclass(part, Model) and part not in outer:
                yield from secret_fields(part, which, here, (*outer, model))


def _parts(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[tuple[Steps, Any, Any]]:
    """The types in an annotation, each with the steps to it and what is annotated."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _parts(inner[0], annotation.__metadata__)
    elif origin is dict:
        yield from (((ENVIRONMENT, *steps), part, more) for steps, part, more in _parts(inner[1]))
    elif origin is list:
        yield from (((0, *steps), part, more) for steps, part, more in _parts(inner[0]))
    elif inner and origin is not Literal:
        for one in inner:
            yield from _parts(one)
    else:
        yield (), annotation, metadata


def fields(which: int | None) -> list[tuple[str, Steps]]:
    """Every field of every kind."""
    return [
        (kind, steps)
        for kind, model in KINDS.items()
        for steps in secret_fields(model.spec_type(), which)
    ]


def written_into(kind: str, steps: Steps, mark: str) -> dict[str, Any]:
    """Spots where an administrator may have left a literal secret, in the body of a kind.

    By what is done: what is to be put into the body, or the whole text for what is no object.
    """
    outer, field = str(steps[0]), str(steps[-1])
    assert len(steps) == 2, "a secret in another depth needs other bodies"
    spots: dict[str, Any] = {
        "the field": {outer: {field: mark}},
        "in a list": {outer: {field: [mark, "${env:A}"]}},
        "deeper": {outer: {field: {"value": [mark], "env": "${env:A}"}}},
        "around a reference": {outer: {field: f"${{env:A}} {mark}"}},
        "an unknown key": {outer: {f"{field}2": mark, "zz": {"zz": mark}}},
        "a string above": {outer: mark},
        "a text above": {outer: f"{field}: {mark}"},
        "a list above": {outer: [{field: mark}, mark]},
        "another case": {outer.capitalize(): {field: mark}},
        "misspelt": {f"{outer}s": {field: mark}, "auth": mark},
        "one level higher": {field: mark},
        "not closed": f'{{"{outer}": {{"{field}": "{mark}"',
        "a list": json.dumps([{outer: {field: mark}}]),
        "a string": json.dumps(mark),
        "no JSON": mark,
    }
    return {f"{kind}-{field}-{spot}": (kind, value) for spot, value in spots.items()}


@dataclass(frozen=True)
class Secret:
    kind: str
    steps: Steps
    number: int

    @property
    def is_key(self) -> bool:
        return self.steps[-1] == "encryptionKey"

    def value(self, age: str) -> str:
        """One that nothing else contains, with characters that formats escape."""
        name = f"geheim{self.number:02}{age}"
        return key(name) if self.is_key else f'{name}"ö/%&+<\\ {name}'

    def marks(self, age: str) -> list[str]:
        """What to search for: a part that no escaping changes, or the whole key."""
        if self.is_key:
            return [self.value(age), base64.b64decode(self.value(age)).decode("latin-1")]
        return [f"geheim{self.number:02}{age}"]


class Shop:
    """A small shop with a reference in every secret field of a round."""

    def __init__(self, root: Path, outside: Path, url: str, source: Source, which: int) -> None:
        """``outside`` is where the files of secrets are; ``url`` is the connector's."""
        self.root = root
        self.outside = outside
        self.source = source
        self.secrets = [Secret(*field, number) for number, field in enumerate(fields(which))]
        documents = _base(url)
        for secret in self.secrets:
            here: Any = documents[secret.kind]["spec"]
            for step in secret.steps[:-1]:
                here = here.setdefault(step, {})
            reference = self.reference(secret)
            is_url = secret.steps[-1] == "connector"
            url = f"postgresql://shops:{reference}@127.0.0.1:1/shops"
            here[secret.steps[-1]] = url if is_url else reference
        files = {
            f"{kind.lower()}.yaml": yaml.safe_dump(document, sort_keys=False)
            for kind, document in documents.items()
        }
        files["aliconf.yaml"] = files.pop("project.yaml")
        write(root, {**shops.SHOP, **files, "overlays/account.yaml": OVERLAY})

    def reference(self, secret: Secret | str) -> str:
        name = f"PLANTED_{secret.number}" if isinstance(secret, Secret) else secret
        return f"${{file:{self.outside / name}}}" if self.source == "file" else f"${{env:{name}}}"

    def environment(self, age: str, keys: str = "", **more: str) -> dict[str, str]:
        """The variables, or none and the files written: values of an age, keys maybe of another."""
        values = {
            f"PLANTED_{one.number}": one.value((keys or age) if one.is_key else age)
            for one in self.secrets
        } | more
        if self.source == "env":
            return values
        for name, value in values.items():
            (self.outside / name).write_text(f"{value}\n", encoding="utf-8")
        return {}

    def marks(self) -> list[str]:
        return [mark for one in self.secrets for age in ("old", "new") for mark in one.marks(age)]


def _base(url: str) -> dict[str, Any]:
    """The documents that hold secrets, without these."""
    project = yaml.safe_load(shops.PROJECT.replace(": off", ": 'off'"))
    shop = {"url": "https://shop.example"}
    project["spec"]["magento"] = dict(shop)
    project["spec"]["environments"] = {
        "here": {"connector": url, "overlays": ["overlays/*.yaml"]},
        ENVIRONMENT: {"magento": dict(shop)},
    }
    assert project["apiVersion"] == API_VERSION
    return {"Project": project, "Account": yaml.safe_load(shops.ACCOUNT)}


def forms(mark: str) -> set[bytes]:
    """How a mark may stand in a file: as it is, escaped or encoded."""
    plain = mark.encode("utf-8") if mark.isascii() else mark.encode("latin-1")
    found = {plain, plain.hex().encode(), plain.hex().upper().encode(), plain[::-1]}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        found |= {_inside(encode, plain, before) for before in range(3)}
    if mark.isascii():
        texts = [quote(mark, safe=""), quote(mark), quote_plus(mark), html.escape(mark)]
        texts += [json.dumps(mark)[1:-1], repr(mark)[1:-1], mark.replace("/", "\\/")]
        found |= {text.encode() for text in texts} | {mark.encode("utf-16-le")}
    return found


def _inside(encode: Any, plain: bytes, before: int) -> bytes:
    """The part of base64 that is the same whatever stands around, with so many bytes before."""
    encoded: bytes = encode(b"\0" * before + plain)
    return encoded[(before * 8 + 5) // 6 : (before + len(plain)) * 8 // 6]


def found(marks: Iterable[str], contents: Iterable[bytes]) -> set[str]:
    """The marks that some content holds in some form."""
    everything = b"\0".join(map(_unpacked, contents))
    return {mark for mark in marks if any(form in everything for form in forms(mark))}


def _unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
