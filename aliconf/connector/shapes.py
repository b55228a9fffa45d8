"""How the body of a kind lies in its table: some keys are columns, the rest is the JSON ``body``.

A key is in one place only. A column that is NULL is an absent key. Columns win over a key of the
same name that an administrator put into ``body``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from pydantic_core import from_json
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

from aliconf.connector.names import Names
from aliconf.connector.reader import Stored
from aliconf.connector.schema import tables
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

    @property
    def shared(self) -> bool:
        """Whether the table holds other kinds, too, and has a column ``kind``."""
        return "kind" in self.table.c

    @property
    def reserves(self) -> bool:
        """Whether a deleted object leaves its row, and so its name, behind."""
        return "deleted_at" in self.table.c

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
        if self.shared:
            query = query.where(columns.kind == self.kind)
        if self.reserves:
            query = query.where(columns.deleted_at.is_(None))
        return query

    def key(self, name: str | ColumnElement[str]) -> ColumnElement[bool]:
        """The one row of an object."""
        return self._of_kind(self.table.c.name == name)

    def keys(self, names: Iterable[str]) -> ColumnElement[bool]:
        """The rows of some objects."""
        return self._of_kind(self.table.c.name.in_(list(names)))

    def _of_kind(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return and_(self.table.c.kind == self.kind, condition) if self.shared else condition

    def stored(self, row: Sequence[Any]) -> Stored:
        """A row of ``select``."""
        name, title, body, labels, protect, owner, generated, created, updated, *rest = row
        authorized, *values = rest
        region = values[[*self.columns].index("region")] if self.kind == "Account" else ""
        return Stored(
            self.kind,
            name,
            title,
            _complete(body, self.columns.values(), values),
            labels if labels == "{}" else _labels(labels),
            bool(protect),
            owner,
            bool(generated),
            created,
            updated,
            authorized,
            region,
        )

    def values(self, body: Body) -> dict[str, Any]:
        """The columns of a complete body, ``body`` among them: the reverse of ``stored``."""
        return dict(zip((*self.columns, "body"), self.split(body), strict=True))

    def split(self, body: Body) -> list[Any]:
        """The values of a complete body in ``columns``, and what is left as the column ``body``."""
        rest = dict(body)
        values = [_take(rest, path) for path in self.columns.values()]
        return [*values, canonical(rest)]


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
        body = from_json(text)
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


@lru_cache(1000)
def _labels(text: Any) -> str:
    """Many objects have the same."""
    return _complete(text)


def _as_it_stands(text: Any) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def _take(body: Body, path: Path) -> Any:
    """Remove the value at a path, and the mappings that it leaves empty.

    Mappings further inside are not touched, as others have them, too: copies take their places.
    """
    key, *inside = path
    if not inside:
        return body.pop(key, None)
    inner = body.get(key)
    if not isinstance(inner, dict):
        return None
    inner = dict(inner)
    value = _take(inner, tuple(inside))
    if inner:
        body[key] = inner
    else:
        del body[key]
    return value


@cache
def shapes(names: Names) -> dict[str, Shape]:
    """By kind, in dependency order."""
    store = tables(names)
    title: dict[str, Path] = {"title": ("title",)}
    policies = [Shape(kind, store.policy, title) for kind in POLICY_KINDS]
    found = [
        Shape(
            "Registration",
            store.registration,
            {"email": ("email",), "accept_terms": ("acceptTerms",)},
        ),
        *policies,
        Shape(
            "Account",
            store.account,
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
            store.listing_template,
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
            store.campaign,
            {
                **title,
                "priority": ("priority",),
                "active_from": ("active", "from"),
                "active_until": ("active", "until"),
                **_POLICY_SLOTS,
            },
        ),
    ]
    return {shape.kind: shape for shape in found}
