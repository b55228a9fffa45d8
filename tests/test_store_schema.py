"""The tables of the connector store: migrations, documentation and the other databases."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.schema import CreateTable

from aliconf.connector import migrate, schema
from aliconf.connector.names import Names
from aliconf.connector.prepare import upgrade_store
from aliconf.connector.triggers import CHANGED, RESERVED, statements
from aliconf.findings import AliconfError
from tests.databases.places import Place
from tests.stores import file_of, filled, reading, store_at, stored, writer

REPOSITORY = Path(__file__).parent.parent
MIGRATIONS = REPOSITORY / "aliconf" / "connector" / "migrations"


def test_the_known_revisions_are_those_of_the_migrations() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert [script.revision for script in scripts.walk_revisions()] == [*reversed(schema.REVISIONS)]


def test_the_tables_that_each_revision_adds_are_those_of_the_metadata() -> None:
    assert tuple(schema.ADDED) == schema.REVISIONS
    added = [name for names in schema.ADDED.values() for name in names]
    assert added == [*schema.tables(Names()).metadata.tables]


def test_every_table_has_the_prefix_and_the_schema_and_its_constraints_the_prefix() -> None:
    tables = schema.tables(Names("team", "shop_"))
    assert [*tables.metadata.tables] == [
        f"team.shop_{name}" for name in schema.tables(Names()).metadata.tables
    ]
    assert tables.version == "shop_aliconf_version"
    (pointer,) = tables.policy_default.foreign_key_constraints
    assert pointer.name == "shop_policy_default_policy"


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

def upgrade() -> None:
    op.add_column("campaign", sa.Column("note", sa.String(10)))
    {more}
"""


@pytest.fixture
def upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another version of aliconf, with one migration more, meets a store of today's."""
    root = tmp_path / "project"
    filled(root)
    scripts = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, scripts)
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "0003"))
    monkeypatch.setattr(migrate, "SCRIPTS", str(scripts))
    (scripts / "versions" / "v0003_note.py").write_text(NEXT.format(more=""))
    return root


def test_an_older_store_is_refused_by_a_reader_and_upgraded_by_a_writer(upgraded: Path) -> None:
    with pytest.raises(AliconfError) as error, reading(upgraded):
        pass
    (finding,) = error.value.findings
    assert (finding.code, finding.message, finding.hint) == (
        "ALI918",
        "the connector store .aliconf/connector.db has schema version 0002; this aliconf needs "
        "0003",
        "Run aliconf apply, which upgrades an embedded store before it writes.",
    )
    with writer(upgraded):
        pass
    assert len(stored(upgraded)) == 10
    assert Place("sqlite", upgraded).rows("SELECT version_num FROM aliconf_version") == [("0003",)]


def test_an_older_store_is_upgraded_before_it_is_read(upgraded: Path) -> None:
    for _ in range(2):
        upgrade_store(store_at(upgraded))
        assert len(stored(upgraded)) == 10


def test_a_store_that_does_not_exist_is_not_made_by_an_upgrade(tmp_path: Path) -> None:
    upgrade_store(store_at(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_migration_that_fails_leaves_the_older_store(upgraded: Path) -> None:
    broken = upgraded.parent / "migrations" / "versions" / "v0003_note.py"
    broken.write_text(NEXT.format(more='op.drop_table("no_such_table")'))
    before = file_of(upgraded).read_bytes()
    with pytest.raises(AliconfError, match="no such table"), writer(upgraded):
        pass
    assert file_of(upgraded).read_bytes() == before


def documented() -> dict[str, list[str]]:
    """The columns of each table in docs/store.md: the tables below a heading that names one."""
    text = (REPOSITORY / "docs" / "store.md").read_text(encoding="utf-8")
    sections = re.findall(r"^### `(\w+)`$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    return {
        table: re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) for table, section in sections
    }


def test_every_column_is_documented() -> None:
    expected = {
        name: [*table.columns.keys()]
        for name, table in schema.tables(Names()).metadata.tables.items()
    }
    assert documented() == {**expected, schema.tables(Names()).version: ["version_num"]}


def test_the_documented_texts_of_the_triggers_are_theirs() -> None:
    text = (REPOSITORY / "docs" / "store.md").read_text(encoding="utf-8")
    for message in (CHANGED, RESERVED):
        assert message in text
        assert len(message) <= 128, "MariaDB's MESSAGE_TEXT ends there"


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql", "mariadb"])
def test_each_database_has_both_triggers(dialect: str) -> None:
    text = "\n".join(statements(dialect, Names(prefix="shop_")))
    assert re.findall(r"CREATE TRIGGER (?:IF NOT EXISTS )?.(\w+). BEFORE (\w+)", text) == [
        ("shop_account_region_fixed", "UPDATE"),
        ("shop_account_region_reserved", "INSERT"),
    ]
    assert CHANGED in text
    assert RESERVED in text


@pytest.mark.parametrize("dialect", [postgresql.dialect(), mysql.dialect()])
def test_the_tables_are_written_for_the_other_databases(dialect: object) -> None:
    for table in schema.tables(Names()).metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
