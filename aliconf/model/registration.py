"""Registration: the merchant, and the accepted terms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aliconf.model.base import Code, Document, Spec
from aliconf.model.text import Email


class RegistrationSpec(Spec):
    """The merchant, and the accepted terms."""

    email: Email = Field(
        description="A valid, active address: it registers the merchant and gets all later mail.",
        examples=["shop@example.com"],
    )
    accept_terms: Annotated[Literal[True], Code("ALI207")] = Field(
        description="The terms and conditions are accepted. Nothing can be applied without.",
    )


class Registration(Document):
    """The merchant, and the accepted terms."""

    kind: Literal["Registration"]
    spec: RegistrationSpec
