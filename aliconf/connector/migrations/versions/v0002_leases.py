"""Runs, leases and secrets; the journal by object; a guard of regions against UPDATE OR REPLACE."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from aliconf.connector.migrations.steps import (
    LONG,
    current_names,
    make_index,
    make_table,
    make_triggers,
    text_by_bytes,
)
from aliconf.connector.triggers import TRIGGERS

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME = text_by_bytes(63)
KIND = text_by_bytes(32)
TITLE = sa.String(255)
TIME = text_by_bytes(20)
MOMENT = text_by_bytes(27)


def upgrade() -> None:
    metadata = sa.MetaData()
    make_table(
        metadata,
        "aliconf_run",
        sa.Column("id", text_by_bytes(10), primary_key=True),
        sa.Column("project", NAME, nullable=False),
        sa.Column("actor", TITLE, nullable=False),
        sa.Column("url", LONG, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("result", sa.String(16)),
        sa.Column("intent", LONG, nullable=False),
        sa.Column("details", LONG, nullable=False, server_default="{}"),
    )
    make_table(
        metadata,
        "aliconf_lease",
        sa.Column("project", NAME, primary_key=True),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("holder", TITLE, nullable=False),
        sa.Column("url", LONG, nullable=False),
        sa.Column("process", TITLE, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("heartbeat_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
    )
    make_table(
        metadata,
        "aliconf_secret",
        sa.Column("kind", KIND, primary_key=True),
        sa.Column("name", NAME, primary_key=True),
        sa.Column("field", text_by_bytes(64), primary_key=True),
        sa.Column("reference", LONG, nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("ciphertext", LONG, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
    )
    columns: list[sa.Column[Any]] = [
        *(sa.Column("kind", KIND), sa.Column("name", NAME), sa.Column("project", NAME)),
        *(sa.Column("result", sa.String(16)), sa.Column("action", sa.String(16))),
        sa.Column("id", sa.Integer),
    ]
    make_index(metadata, "journal_of_object", "journal", *columns)
    if op.get_bind().dialect.name == "sqlite":
        # The triggers of the first stores, all of them SQLite's, let UPDATE OR REPLACE pass.
        for name in TRIGGERS:
            op.execute(f'DROP TRIGGER IF EXISTS "{current_names().table(name)}"')
        make_triggers()
