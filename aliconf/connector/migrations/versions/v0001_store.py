"""The first tables and the triggers that keep an account's region."""

from typing import Any

import sqlalchemy as sa

from aliconf.connector.migrations.steps import (
    LONG,
    current_names,
    make_table,
    make_triggers,
    text_by_bytes,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME = text_by_bytes(63)
KIND = text_by_bytes(32)
TITLE = sa.String(255)
TIME = text_by_bytes(20)
MOMENT = text_by_bytes(27)
RUN = text_by_bytes(10)


def _common() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("body", LONG, nullable=False, server_default="{}"),
        sa.Column("labels", LONG, nullable=False, server_default="{}"),
        sa.Column("protect", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("managed_by", NAME),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
    )


def upgrade() -> None:
    metadata = sa.MetaData()
    make_table(
        metadata,
        "aliconf_connector",
        sa.Column("id", RUN, primary_key=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("defaults_generated_at", TIME),
    )
    make_table(
        metadata,
        "registration",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("accept_terms", sa.Boolean, nullable=False),
        *_common(),
    )
    make_table(
        metadata,
        "account",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("title", TITLE, nullable=False),
        sa.Column("region", sa.String(2), nullable=False),
        sa.Column("store_view", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3)),
        sa.Column("order_policy", NAME),
        sa.Column("synchronization_policy", NAME),
        *_common(),
        sa.Column("authorized_at", TIME),
        sa.Column("deleted_at", TIME),
    )
    make_triggers()
    policy = make_table(
        metadata,
        "policy",
        sa.Column("kind", KIND, primary_key=True),
        sa.Column("name", NAME, primary_key=True),
        sa.Column("title", TITLE, nullable=False),
        *_common(),
        sa.Column("system_generated", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    make_table(
        metadata,
        "listing_template",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("title", TITLE, nullable=False),
        sa.Column("category_id", sa.BigInteger, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("image_policy", NAME),
        sa.Column("pricing_policy", NAME),
        sa.Column("inventory_policy", NAME),
        sa.Column("language", sa.String(8)),
        *_common(),
    )
    make_table(
        metadata,
        "campaign",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("title", TITLE, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("active_from", MOMENT, nullable=False),
        sa.Column("active_until", MOMENT, nullable=False),
        sa.Column("image_policy", NAME),
        sa.Column("pricing_policy", NAME),
        sa.Column("inventory_policy", NAME),
        *_common(),
    )
    make_table(
        metadata,
        "policy_default",
        sa.Column("kind", KIND, primary_key=True),
        sa.Column("policy", NAME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["kind", "policy"],
            [policy.c.kind, policy.c.name],
            name=current_names().table("policy_default_policy"),
            onupdate="CASCADE",
        ),
    )
    make_table(
        metadata,
        "journal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", RUN, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("project", NAME, nullable=False),
        sa.Column("actor", TITLE, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("state_before", LONG),
        sa.Column("state_after", LONG),
        sa.Column("message", LONG, nullable=False),
    )
