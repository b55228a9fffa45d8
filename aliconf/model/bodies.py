"""The normalized body of an object."""

from aliconf.model.base import Body, body, canonical

__all__ = ["Body", "body", "canonical"]
