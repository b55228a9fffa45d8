"""Texts of a known form."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from aliconf.model.base import Published, Words

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

Email = Annotated[
    str,
    StringConstraints(
        max_length=254,
        pattern=rf"^[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*"
        rf"@(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]$",
    ),
    Words("e-mail address"),
]
"""An address with a domain that has a dot; no comments, no quoted local part."""

_URL = r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[^\s?#@]*)?"


def _shop_url(text: str) -> str:
    """Says nothing of the text: it may hold a password."""
    if not re.fullmatch(_URL, text):
        raise PydanticCustomError(
            "shop_url", "not the URL of a shop, such as https://shop.example (no user or password)"
        )
    return text


HttpUrl = Annotated[
    str,
    AfterValidator(_shop_url),
    Published("URL", lambda: {"type": "string", "pattern": f"^{_URL}$"}),
]
"""An address of a shop. No user and password: these are secrets with fields of their own."""

Path = Annotated[str, StringConstraints(min_length=1, max_length=4096), Words("path")]

Glob = Annotated[str, StringConstraints(min_length=1, max_length=4096), Words("glob")]

LongText = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"\S")]

SourceCode = Annotated[
    str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,255}$"), Words("inventory source code")
]
"""The code of an inventory source (MSI)."""

OrderStatusCode = Annotated[
    str, StringConstraints(pattern=r"^[a-zA-Z][a-zA-Z0-9_]{0,31}$"), Words("Magento order status")
]
"""The code of an order status in Magento, a shop's own ones included."""

_IMAGE_FILE = r"[^\s]+\.(?:[jJ][pP][eE]?[gG]|[pP][nN][gG])(?:\?[^\s]*)?"


def _image_file(text: str) -> str:
    if not re.fullmatch(_IMAGE_FILE, text):
        raise PydanticCustomError("image_file", "not the URL or the path of a JPG or PNG")
    return text


ImageFile = Annotated[
    str,
    AfterValidator(_image_file),
    Published("URL or path", lambda: {"type": "string", "pattern": f"^{_IMAGE_FILE}$"}),
]
"""A URL or a path; AliExpress takes JPG and PNG."""
