"""How the body of a kind lies in its table: some keys are columns, the rest is the JSON ``body``.

A key is in one place only. A column that is NULL is an absent key. Columns win over a key of the
same name that an administrator put into ``body``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    false,
    literal_column,
    null,
    select,
)

from aliconf.connector import schema
from aliconf.connector.reader import Stored
from aliconf.model.base import Body, canonical
from aliconf.model.kinds import POLICY_KINDS

Path = tuple[str, ...]

_POLICY_SLOTS: Final[dict[str, Path]] = {
    "image_policy": ("imagePolicy",),
    "pricing_policy": ("pricingPolicy",),
    "inventory_policy": ("inventoryPolicy",),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind: its table, and the keys of its body that are columns."""

    kind: str
    table: Table
    columns: dict[str, Path]

    def select(self) -> Select[Any]:
        """The objects of this kind, in the order in which ``stored`` takes their columns."""
        table = self.table
        columns = table.c
        query = select(
            columns.name,
            columns.get("title", literal_column("''")),
            columns.body,
            columns.labels,
            columns.protect,
            columns.managed_by,
            columns.get("system_generated", false()),
            columns.created_at,
            columns.updated_at,
            columns.get("authorized_at", null()),
            *(columns[name] for name in self.columns),
        ).order_by(columns.name)
        if table is schema.POLICY:
            query = query.where(columns.kind == self.kind)
        if table is schema.ACCOUNT:
            query = query.where(columns.deleted_at.is_(None))
        return query

    def key(self, name: str) -> ColumnElement[bool]:
        """The one row of an object."""
        columns = self.table.c
        if self.table is schema.POLICY:
            return and_(columns.kind == self.kind, columns.name == name)
        return columns.name == name

    def stored(self, row: Sequence[Any]) -> Stored:
        """A row of ``select``."""
        name, title, body, labels, protect, owner, generated, created, updated, *rest = row
        authorized, *values = rest
        return Stored(
            self.kind,
            name,
            title,
            _complete(body, self.columns.values(), values),
            labels if labels == "{}" else _complete(labels),
            bool(protect),
            owner,
            bool(generated),
            created,
            updated,
            authorized,
        )

    def values(self, body: Body) -> dict[str, Any]:
        """The columns of a complete body, ``body`` among them: the reverse of ``stored``."""
        rest: Body = json.loads(canonical(body))
        values = {column: _take(rest, path) for column, path in self.columns.items()}
        return {**values, "body": canonical(rest)}


def parsed(text: Any) -> Any:
    """JSON, or the text itself where an administrator left none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _complete(text: Any, paths: Iterable[Path] = (), values: Iterable[Any] = ()) -> str:
    """The canonical text of a JSON object with the values put at their paths.

    What is no JSON object, or has no place for a value, comes back as it stands.
    """
    try:
        body = json.loads(text)
        for path, value in zip(paths, values, strict=True):
            if value is not None:
                place = body
                for key in path[:-1]:
                    place = place.setdefault(key, {})
                place[path[-1]] = value
        if isinstance(body, dict):
            whole = canonical(body)
            whole.encode()  # half a surrogate pair is JSON, but no text that anything can print
            return whole
    except (ValueError, TypeError, AttributeError, RecursionError):
        return _as_it_stands(text)
    return _as_it_stands(text)


def _as_it_stands(text: Any) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def _take(body: Body, path: Path) -> Any:
    """Remove the value at a path, and the mappings that it leaves empty."""
    if len(path) == 1:
        return body.pop(path[0], None)
    inner = body.get(path[0])
    if not isinstance(inner, dict):
        return None
    value = _take(inner, path[1:])
    if not inner:
        del body[path[0]]
    return value


def _shapes() -> dict[str, Shape]:
    title: dict[str, Path] = {"title": ("title",)}
    policies = [Shape(kind, schema.POLICY, title) for kind in POLICY_KINDS]
    shapes = [
        Shape(
            "Registration",
            schema.REGISTRATION,
            {"email": ("email",), "accept_terms": ("acceptTerms",)},
        ),
        *policies,
        Shape(
            "Account",
            schema.ACCOUNT,
            {
                **title,
                "region": ("region",),
                "store_view": ("storeView",),
                "currency": ("currency",),
                "order_policy": ("orderPolicy",),
                "synchronization_policy": ("synchronizationPolicy",),
            },
        ),
        Shape(
            "ListingTemplate",
            schema.LISTING_TEMPLATE,
            {
                **title,
                "category_id": ("categoryId",),
                "priority": ("priority",),
                "language": ("language",),
                **_POLICY_SLOTS,
            },
        ),
        Shape(
            "Campaign",
            schema.CAMPAIGN,
            {
                **title,
                "priority": ("priority",),
                "active_from": ("active", "from"),
                "active_until": ("active", "until"),
                **_POLICY_SLOTS,
            },
        ),
    ]
    return {shape.kind: shape for shape in shapes}


SHAPES: Final = _shapes()
"""By kind, in dependency order."""
