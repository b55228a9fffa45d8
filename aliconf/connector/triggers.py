"""The database's own refusal of a region change, so that plain SQL cannot make one either.

Two triggers per database: one on UPDATE, one on an INSERT that would replace an account (or the row
of a deleted one) by one of another region. A migration that rebuilds the table ``account``, as
Alembic's batch mode does on SQLite, has to run ``statements`` again.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from aliconf.connector.names import Names

CHANGED: Final = (
    "aliconf: the region of an account cannot be changed; create a new account under another name"
)
RESERVED: Final = (
    "aliconf: the name of this account is reserved with another region; use another name"
)
TRIGGERS: Final = ("account_region_fixed", "account_region_reserved")

# UPDATE OR REPLACE deletes the account whose name another takes, without any trigger of its own.
_SQLITE = (
    """
    CREATE TRIGGER IF NOT EXISTS {fixed} BEFORE UPDATE OF name, region ON {account}
    BEGIN
      SELECT RAISE(ABORT, '{changed}') WHERE NEW.region IS NOT OLD.region;
      SELECT RAISE(ABORT, '{reserved_text}') WHERE EXISTS (
        SELECT 1 FROM {account} WHERE name = NEW.name AND region IS NOT NEW.region
      );
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS {reserved} BEFORE INSERT ON {account}
    WHEN EXISTS (SELECT 1 FROM {account} WHERE name = NEW.name AND region IS NOT NEW.region)
    BEGIN SELECT RAISE(ABORT, '{reserved_text}'); END
    """,
)

# PostgreSQL before 14 has no CREATE OR REPLACE TRIGGER.
# The table is looked up when the trigger runs: other programs have another search path, and an
# administrator may rename the schema.
_POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION {fixed}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.region IS DISTINCT FROM OLD.region THEN
        RAISE EXCEPTION '{changed}';
      END IF;
      RETURN NEW;
    END $$
    """,
    "DROP TRIGGER IF EXISTS {fixed_name} ON {account}",
    """
    CREATE TRIGGER {fixed_name} BEFORE UPDATE ON {account}
    FOR EACH ROW EXECUTE FUNCTION {fixed}()
    """,
    """
    CREATE OR REPLACE FUNCTION {reserved}() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE taken boolean;
    BEGIN
      EXECUTE format(
        'SELECT EXISTS (SELECT 1 FROM %I.%I WHERE name = $1 AND region IS DISTINCT FROM $2)',
        TG_TABLE_SCHEMA, TG_TABLE_NAME
      ) INTO taken USING NEW.name, NEW.region;
      IF taken THEN
        RAISE EXCEPTION '{reserved_text}';
      END IF;
      RETURN NEW;
    END $$
    """,
    "DROP TRIGGER IF EXISTS {reserved_name} ON {account}",
    """
    CREATE TRIGGER {reserved_name} BEFORE INSERT ON {account}
    FOR EACH ROW EXECUTE FUNCTION {reserved}()
    """,
)

# BINARY: MariaDB's usual collations call ES and es equal. <=>: a session that is not strict makes
# an empty text of NULL, and only after this trigger.
_MARIADB = (
    """
    CREATE TRIGGER IF NOT EXISTS {fixed} BEFORE UPDATE ON {account} FOR EACH ROW
    IF NOT (BINARY NEW.region <=> BINARY OLD.region) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{changed}';
    END IF
    """,
    """
    CREATE TRIGGER IF NOT EXISTS {reserved} BEFORE INSERT ON {account} FOR EACH ROW
    IF EXISTS (
      SELECT 1 FROM {account}
      WHERE name = NEW.name AND NOT (BINARY region <=> BINARY NEW.region)
    ) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{reserved_text}';
    END IF
    """,
)

_STATEMENTS: Final = {
    "sqlite": _SQLITE,
    "postgresql": _POSTGRESQL,
    "mysql": _MARIADB,
    "mariadb": _MARIADB,
}

# PostgreSQL: enabled for ordinary sessions (O) or for all (A); a disabled trigger refuses nothing.
_PRESENT_POSTGRESQL = """
    SELECT t.tgname FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = coalesce(nullif(:schema, ''), current_schema()) AND c.relname = :account
    AND t.tgenabled IN ('O', 'A')
"""
_PRESENT_MARIADB = """
    SELECT trigger_name FROM information_schema.triggers
    WHERE trigger_schema = DATABASE() AND event_object_schema = DATABASE()
    AND event_object_table = :account
"""
_PRESENT: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :account",
    "postgresql": _PRESENT_POSTGRESQL,
    "mysql": _PRESENT_MARIADB,
    "mariadb": _PRESENT_MARIADB,
}


def statements(dialect: str, names: Names) -> tuple[str, ...]:
    """The SQL that creates the triggers, by SQLAlchemy's name of the dialect.

    All of them pass where the triggers are there already.
    """
    quote = '"' if dialect in {"sqlite", "postgresql"} else "`"
    schema = f"{quote}{names.schema}{quote}." if names.schema else ""
    fixed, reserved, account = (
        f"{quote}{names.table(name)}{quote}" for name in (*TRIGGERS, "account")
    )
    return tuple(
        statement.format(
            fixed=schema + fixed,
            fixed_name=fixed,
            reserved=schema + reserved,
            reserved_name=reserved,
            account=schema + account,
            changed=CHANGED,
            reserved_text=RESERVED,
        )
        for statement in _STATEMENTS[dialect]
    )


def missing_triggers(connection: Connection, names: Names) -> tuple[str, ...]:
    """The names of the triggers that do not guard the table ``account`` of this store."""
    values = {"account": names.table("account")}
    if connection.dialect.name == "postgresql":
        values["schema"] = names.schema or ""
    query = text(_PRESENT[connection.dialect.name])
    present = set(connection.execute(query, values).scalars())
    return tuple(name for name in map(names.table, TRIGGERS) if name not in present)
