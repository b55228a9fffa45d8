"""The tables of the connector store; docs/store.md describes every column.

Names are natural keys: the identity of an object is kind and name, here as in the documents.
Titles are not unique, since one apply may swap two. Times are UTC text such as
``2026-11-23T10:00:00Z``: the same in every database, sortable, and free of session time zones.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    false,
)
from sqlalchemy.types import TypeEngine

from aliconf.connector.names import Names

REVISIONS: Final = ("0001", "0002")
"""The migrations, oldest first."""

ADDED: Final = {
    "0001": (
        "aliconf_connector",
        "registration",
        "account",
        "policy",
        "listing_template",
        "campaign",
        "policy_default",
        "journal",
    ),
    "0002": ("aliconf_run", "aliconf_lease", "aliconf_secret"),
}
"""The tables that each migration makes, in that order, without the prefix."""


class LongText(TypeDecorator[str]):
    """Text of any length; MariaDB's ``TEXT`` ends at 64 KB."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in {"mysql", "mariadb"}:
            from sqlalchemy.dialects.mysql import LONGTEXT

            return dialect.type_descriptor(LONGTEXT())
        return super().load_dialect_impl(dialect)


def _name(length: int) -> String:
    """Text that is compared and sorted by its bytes; MariaDB's tables do so as a whole."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


NAME: Final = _name(63)
KIND: Final = _name(32)
TITLE: Final = String(255)
TIME: Final = _name(20)
MOMENT: Final = _name(27)
"""A time with a fraction of a second."""
RUN: Final = _name(10)


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


class Tables:
    """The tables of one store, under the names that they have there."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.metadata = MetaData(schema=names.schema)
        self.version = names.table("aliconf_version")
        """Alembic's table: another program's ``alembic_version`` is not ours."""
        self.connector = self._table(
            "aliconf_connector",
            Column("id", RUN, primary_key=True),
            Column("created_at", TIME, nullable=False),
            Column("defaults_generated_at", TIME),
        )
        self.registration = self._table(
            "registration",
            Column("name", NAME, primary_key=True),
            Column("email", String(320), nullable=False),
            Column("accept_terms", Boolean, nullable=False),
            *_common(),
        )
        self.account = self._table(
            "account",
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
        self.policy = self._table(
            "policy",
            Column("kind", KIND, primary_key=True),
            Column("name", NAME, primary_key=True),
            Column("title", TITLE, nullable=False),
            *_common(),
            Column("system_generated", Boolean, nullable=False, server_default=false()),
        )
        self.listing_template = self._table(
            "listing_template",
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
        self.campaign = self._table(
            "campaign",
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
        self.policy_default = self._table(
            "policy_default",
            Column("kind", KIND, primary_key=True),
            Column("policy", NAME, nullable=False),
            Column("updated_at", TIME, nullable=False),
            # A renamed policy keeps its pointer; one that holds a pointer cannot vanish under it.
            ForeignKeyConstraint(
                ["kind", "policy"],
                [self.policy.c.kind, self.policy.c.name],
                name=names.table("policy_default_policy"),
                onupdate="CASCADE",
            ),
        )
        self.journal = self._table(
            "journal",
            Column("id", Integer, primary_key=True),
            Column("run_id", RUN, nullable=False),
            Column("recorded_at", TIME, nullable=False),
            Column("project", NAME, nullable=False),
            Column("actor", TITLE, nullable=False),
            Column("action", String(16), nullable=False),
            Column("kind", KIND, nullable=False),
            Column("name", NAME, nullable=False),
            Column("result", String(16), nullable=False),
            Column("state_before", LongText),
            Column("state_after", LongText),
            Column("message", LongText, nullable=False),
        )
        of_object = self.journal.c
        Index(
            names.table("journal_of_object"),
            *(of_object.kind, of_object.name, of_object.project, of_object.result),
            *(of_object.action, of_object.id),
        )
        self.run = self._table(
            "aliconf_run",
            Column("id", RUN, primary_key=True),
            Column("project", NAME, nullable=False),
            Column("actor", TITLE, nullable=False),
            Column("url", LongText, nullable=False),
            Column("started_at", MOMENT, nullable=False),
            Column("finished_at", MOMENT),
            Column("result", String(16)),
            Column("intent", LongText, nullable=False),
            Column("details", LongText, nullable=False, server_default="{}"),
        )
        self.lease = self._table(
            "aliconf_lease",
            Column("project", NAME, primary_key=True),
            Column("token", String(32), nullable=False),
            Column("holder", TITLE, nullable=False),
            Column("url", LongText, nullable=False),
            Column("process", TITLE, nullable=False),
            Column("taken_at", MOMENT, nullable=False),
            Column("heartbeat_at", MOMENT, nullable=False),
            Column("expires_at", MOMENT, nullable=False),
        )
        self.secret = self._table(
            "aliconf_secret",
            Column("kind", KIND, primary_key=True),
            Column("name", NAME, primary_key=True),
            Column("field", _name(64), primary_key=True),
            Column("reference", LongText, nullable=False),
            Column("key_id", String(16), nullable=False),
            Column("ciphertext", LongText, nullable=False),
            Column("updated_at", TIME, nullable=False),
        )

    def _table(self, name: str, *content: Any) -> Table:
        return Table(
            self.names.table(name),
            self.metadata,
            *content,
            mysql_engine="InnoDB",
            mysql_charset="utf8mb4",
            mysql_collate="utf8mb4_nopad_bin",
            mariadb_engine="InnoDB",
            mariadb_charset="utf8mb4",
            mariadb_collate="utf8mb4_nopad_bin",
        )


@cache
def tables(names: Names) -> Tables:
    return Tables(names)
