"""Secrets are references, resolved only when they are used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError, core_schema

from aliconf.model.base import Published, text_of

REFERENCE: Final = r"\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^${}\s][^${}\n]*)\}"
"""``${env:NAME}`` or ``${file:PATH}``, without anchors."""


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a secret is found. It never holds the secret, so it may be printed."""

    source: Literal["env", "file"]
    target: str
    """The name of the variable, or the path."""

    def __str__(self) -> str:
        return f"${{{self.source}:{self.target}}}"

    @classmethod
    def parse(cls, value: object) -> SecretReference:
        """Reads a reference. A literal secret is an error that does not repeat it."""
        if isinstance(value, SecretReference):
            return value
        text = text_of(value)
        if not re.fullmatch(REFERENCE, text):
            raise PydanticCustomError(
                "secret_literal",
                "a secret must be a reference: ${env:NAME} or ${file:PATH}",
            )
        source, _, target = text[2:-1].partition(":")
        return cls("env" if source == "env" else "file", target)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "$comment": "secret reference",
            "type": "string",
            "pattern": f"^{REFERENCE}$",
        }


_NAME = r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+"
"""Other signs are %-encoded, as in every URL."""
_HOST = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
_IN_THE_OPEN = r"(?:password|passwd|pwd|sslpassword)="
_QUERY = rf"\?(?!(?:[^\s#]*&)?{_IN_THE_OPEN})[^\s#]*"
_SERVER = (
    r"(?:postgresql(?:\+psycopg)?|(?:mariadb|mysql)(?:\+pymysql)?)://"
    rf"(?:{_NAME}(?::{REFERENCE})?@)?{_HOST}/{_NAME}(?:{_QUERY})?"
)
_FILE = r"sqlite:///(?![^\s]*\$\{)[^\s]+"
CONNECTOR_URL: Final = rf"(?:{_FILE}|{_SERVER})"

_LITERAL_PASSWORD = re.compile(r"[a-z0-9_+]+://[^/@\s]*:(?!\$\{)[^@]*@")
_PASSWORD = re.compile(rf"(?<=:){REFERENCE}(?=@)")
_PASSWORD_OPTION = re.compile(rf"[?&]{_IN_THE_OPEN}")


def connector_url(value: object) -> str:
    """The URL of a connector store, whose password (if any) is a reference, and nothing else.

    Whoever reviews the document sees which store it means and as whom.
    """
    text = text_of(value)
    if re.fullmatch(CONNECTOR_URL, text):
        return text
    if re.search(REFERENCE, _PASSWORD.sub("", text, count=1)):
        raise PydanticCustomError(
            "misplaced_reference",
            "only the password of a connector URL may be a reference; write its user, host and "
            "database as they are, those of another environment under `environments`",
        )
    if _LITERAL_PASSWORD.match(text) or _PASSWORD_OPTION.search(text):
        raise PydanticCustomError(
            "secret_literal", "the password in a URL must be a reference such as ${env:NAME}"
        )
    if "${" in text:
        raise PydanticCustomError(
            "connector_url", "the password in a URL is a reference ${env:NAME} or ${file:PATH}"
        )
    raise PydanticCustomError(
        "connector_url",
        "not the URL of a connector store, such as sqlite:///.aliconf/connector.db "
        "or postgresql://user@host/name",
    )


ConnectorUrl = Annotated[
    str,
    PlainValidator(connector_url),
    Published("URL", lambda: {"type": "string", "pattern": f"^{CONNECTOR_URL}$"}),
]
