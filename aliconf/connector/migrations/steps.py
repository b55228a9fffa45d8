"""The steps of which migrations are made.

MariaDB commits at each DDL statement. A migration that was killed runs again from its beginning, so
every step passes where it is done already.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.mysql import LONGTEXT

from aliconf.connector.names import Names
from aliconf.connector.triggers import statements

LONG = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")


def text_by_bytes(length: int) -> sa.String:
    """Text that is compared and sorted by its bytes; MariaDB's tables do so as a whole."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def current_names() -> Names:
    """The names of the store that is being migrated; on PostgreSQL always with the schema."""
    names: Names = context.config.attributes["names"]
    return names


def make_table(metadata: sa.MetaData, name: str, *content: Any) -> sa.Table:
    """Create the table, without the prefix in ``name``, where it is not there."""
    names = current_names()
    table = sa.Table(
        names.table(name),
        metadata,
        *content,
        schema=names.schema,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_nopad_bin",
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_nopad_bin",
    )
    table.create(op.get_bind(), checkfirst=True)
    return table


def make_index(metadata: sa.MetaData, name: str, table: str, *columns: sa.Column[Any]) -> None:
    """Create the index of columns, in their order, where it is not there."""
    names = current_names()
    of_table = sa.Table(names.table(table), metadata, *columns, schema=names.schema)
    index = sa.Index(names.table(name), *of_table.c)
    op.execute(sa.schema.CreateIndex(index, if_not_exists=True))


def make_triggers() -> None:
    for statement in statements(op.get_bind().dialect.name, current_names()):
        op.execute(statement)
