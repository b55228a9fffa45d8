"""What a plan rests on, gathered from both sides."""

from __future__ import annotations

from collections.abc import Mapping

from aliconf.connector.reader import Stored
from aliconf.plan.digest import Basis, Part, rest_of
from aliconf.plan.observed import Observed
from aliconf.plan.wanted import Id, Wanted


def basis_of(
    project: str, environment: str, observed: Observed, wanted: Mapping[Id, Wanted]
) -> Basis:
    """The documents, and the objects that the project manages or takes over."""
    return Basis(
        project,
        environment,
        observed.connector_id,
        observed.defaults,
        tuple(_document(item) for item in wanted.values()),
        tuple(
            _object(kind, name, stored)
            for (kind, name), stored in observed.objects.items()
            if stored.owner == project or (kind, name) in wanted
        ),
    )


def _document(wanted: Wanted) -> Part:
    default = "default" if wanted.default else ""
    return Part(wanted.document.id, wanted.text, rest_of(wanted.labels, wanted.protect, default))


def _object(kind: str, name: str, stored: Stored) -> Part:
    rest = rest_of(stored.labels_text, stored.protect, stored.owner or "")
    return Part(f"{kind}/{name}", stored.body_text, rest)
