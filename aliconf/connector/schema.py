"""The tables of the connector store; docs/store.md describes every column.

Names are natural keys: the identity of an object is kind and name, here as in the documents.
Titles are not unique, since one apply may swap two. Times are UTC text such as
``2026-11-23T10:00:00Z``: the same in every database, sortable, and free of session time zones.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    false,
)
from sqlalchemy.types import TypeEngine

REVISIONS: Final = ("0001",)
"""The migrations, oldest first."""
VERSION_TABLE: Final = "aliconf_version"
"""Alembic's table under a name of its own: another program's ``alembic_version`` is not ours."""


class LongText(TypeDecorator[str]):
    """Text of any length; MariaDB's ``TEXT`` ends at 64 KB."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in {"mysql", "mariadb"}:
            from sqlalchemy.dialects.mysql import LONGTEXT

            return dialect.type_descriptor(LONGTEXT())
        return dialect.type_descriptor(Text())


METADATA: Final = MetaData()

NAME: Final = String(63)
TITLE: Final = String(255)
TIME: Final = String(20)
MOMENT: Final = String(27)
"""A time that a person wrote, which may have a fraction of a second."""


def _common() -> tuple[Column[Any], ...]:
    """What every kind of object has."""
    return (
        Column("body", LongText, nullable=False, server_default="{}"),
        Column("labels", LongText, nullable=False, server_default="{}"),
        Column("protect", Boolean, nullable=False, server_default=false()),
        Column("managed_by", NAME),
        Column("created_at", TIME, nullable=False),
        Column("updated_at", TIME, nullable=False),
    )


CONNECTOR: Final = Table(
    "aliconf_connector",
    METADATA,
    Column("id", String(10), primary_key=True),
    Column("created_at", TIME, nullable=False),
    Column("defaults_generated_at", TIME),
)

REGISTRATION: Final = Table(
    "registration",
    METADATA,
    Column("name", NAME, primary_key=True),
    Column("email", String(320), nullable=False),
    Column("accept_terms", Boolean, nullable=False),
    *_common(),
)

ACCOUNT: Final = Table(
    "account",
    METADATA,
    Column("name", NAME, primary_key=True),
    Column("title", TITLE, nullable=False),
    Column("region", String(2), nullable=False),
    Column("store_view", String(64), nullable=False),
    Column("currency", String(3)),
    Column("order_policy", NAME),
    Column("synchronization_policy", NAME),
    *_common(),
    Column("authorized_at", TIME),
    Column("deleted_at", TIME),
)

POLICY: Final = Table(
    "policy",
    METADATA,
    Column("kind", String(32), primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("title", TITLE, nullable=False),
    *_common(),
    Column("system_generated", Boolean, nullable=False, server_default=false()),
)

LISTING_TEMPLATE: Final = Table(
    "listing_template",
    METADATA,
    Column("name", NAME, primary_key=True),
    Column("title", TITLE, nullable=False),
    Column("category_id", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("image_policy", NAME),
    Column("pricing_policy", NAME),
    Column("inventory_policy", NAME),
    Column("language", String(8)),
    *_common(),
)

CAMPAIGN: Final = Table(
    "campaign",
    METADATA,
    Column("name", NAME, primary_key=True),
    Column("title", TITLE, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("active_from", MOMENT, nullable=False),
    Column("active_until", MOMENT, nullable=False),
    Column("image_policy", NAME),
    Column("pricing_policy", NAME),
    Column("inventory_policy", NAME),
    *_common(),
)

POLICY_DEFAULT: Final = Table(
    "policy_default",
    METADATA,
    Column("kind", String(32), primary_key=True),
    Column("policy", NAME, nullable=False),
    Column("updated_at", TIME, nullable=False),
    # A renamed policy keeps its pointer; a policy that holds one cannot vanish under it.
    ForeignKeyConstraint(
        ["kind", "policy"],
        ["policy.kind", "policy.name"],
        name="policy_default_policy",
        onupdate="CASCADE",
    ),
)

JOURNAL: Final = Table(
    "journal",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("run_id", String(10), nullable=False),
    Column("recorded_at", TIME, nullable=False),
    Column("project", NAME, nullable=False),
    Column("actor", TITLE, nullable=False),
    Column("action", String(16), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("name", NAME, nullable=False),
    Column("result", String(16), nullable=False),
    Column("state_before", LongText),
    Column("state_after", LongText),
    Column("message", LongText, nullable=False),
)
