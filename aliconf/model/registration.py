"""Registration: the merchant, and the accepted terms."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticKnownError

from aliconf.model.base import Code, Document, Published, Spec
from aliconf.model.text import Email


def _accepted(value: bool) -> bool:
    # Not Literal[True]: to pydantic the number 1 would do as well.
    if not value:
        raise PydanticKnownError("literal_error", {"expected": "true"})
    return value


Accepted = Annotated[
    bool, AfterValidator(_accepted), Published("true", lambda: {"type": "boolean", "const": True})
]


class RegistrationSpec(Spec):
    """The merchant, and the accepted terms."""

    email: Email = Field(
        description="A valid, active address: it registers the merchant and gets all later mail.",
        examples=["shop@example.com"],
    )
    accept_terms: Annotated[Accepted, Code("ALI207")] = Field(
        description="The terms and conditions are accepted. Nothing can be applied without.",
    )


class Registration(Document):
    """The merchant, and the accepted terms."""

    kind: Literal["Registration"]
    spec: RegistrationSpec
