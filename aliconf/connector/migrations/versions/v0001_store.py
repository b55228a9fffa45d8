"""The first tables and the triggers that keep an account's region."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

from aliconf.connector.triggers import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME = sa.String(63)
TITLE = sa.String(255)
TIME = sa.String(20)
MOMENT = sa.String(27)
LONG = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")


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
    op.create_table(
        "aliconf_connector",
        sa.Column("id", sa.String(10), primary_key=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("defaults_generated_at", TIME),
    )
    op.create_table(
        "registration",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("accept_terms", sa.Boolean, nullable=False),
        *_common(),
    )
    op.create_table(
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
    for statement in statements(op.get_context().dialect.name):
        op.execute(statement)
    op.create_table(
        "policy",
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("name", NAME, primary_key=True),
        sa.Column("title", TITLE, nullable=False),
        *_common(),
        sa.Column("system_generated", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
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
    op.create_table(
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
    op.create_table(
        "policy_default",
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("policy", NAME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["kind", "policy"],
            ["policy.kind", "policy.name"],
            name="policy_default_policy",
            onupdate="CASCADE",
        ),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.String(10), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("project", NAME, nullable=False),
        sa.Column("actor", TITLE, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("state_before", LONG),
        sa.Column("state_after", LONG),
        sa.Column("message", LONG, nullable=False),
    )
