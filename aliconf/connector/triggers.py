"""The database's own refusal of a region change, so that plain SQL cannot make one either.

Two triggers per database: one on UPDATE, one on an INSERT that would replace an account (or the row
of a deleted one) by one of another region. A migration that rebuilds the table ``account``, as
Alembic's batch mode does on SQLite, has to run ``statements`` again.
"""

from __future__ import annotations

from typing import Final

CHANGED: Final = (
    "aliconf: the region of an account cannot be changed; create a new account under another name"
)
RESERVED: Final = (
    "aliconf: the name of this account is reserved with another region; use another name"
)

_SQLITE = (
    """
    CREATE TRIGGER account_region_fixed BEFORE UPDATE OF region ON account
    WHEN NEW.region IS NOT OLD.region
    BEGIN SELECT RAISE(ABORT, '{changed}'); END
    """,
    """
    CREATE TRIGGER account_region_reserved BEFORE INSERT ON account
    WHEN EXISTS (SELECT 1 FROM account WHERE name = NEW.name AND region <> NEW.region)
    BEGIN SELECT RAISE(ABORT, '{reserved}'); END
    """,
)

_POSTGRESQL = (
    """
    CREATE FUNCTION account_region_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.region IS DISTINCT FROM OLD.region THEN
        RAISE EXCEPTION '{changed}';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER account_region_fixed BEFORE UPDATE ON account
    FOR EACH ROW EXECUTE FUNCTION account_region_fixed()
    """,
    """
    CREATE FUNCTION account_region_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM account WHERE name = NEW.name AND region <> NEW.region) THEN
        RAISE EXCEPTION '{reserved}';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER account_region_reserved BEFORE INSERT ON account
    FOR EACH ROW EXECUTE FUNCTION account_region_reserved()
    """,
)

# BINARY: MariaDB's usual collations call ES and es equal.
_MARIADB = (
    """
    CREATE TRIGGER account_region_fixed BEFORE UPDATE ON account FOR EACH ROW
    IF BINARY NEW.region <> BINARY OLD.region THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{changed}';
    END IF
    """,
    """
    CREATE TRIGGER account_region_reserved BEFORE INSERT ON account FOR EACH ROW
    IF EXISTS (
      SELECT 1 FROM account WHERE name = NEW.name AND BINARY region <> BINARY NEW.region
    ) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{reserved}';
    END IF
    """,
)

_STATEMENTS: Final = {
    "sqlite": _SQLITE,
    "postgresql": _POSTGRESQL,
    "mysql": _MARIADB,
    "mariadb": _MARIADB,
}


def statements(dialect: str) -> tuple[str, ...]:
    """The SQL that creates the triggers, by SQLAlchemy's name of the dialect."""
    return tuple(
        statement.format(changed=CHANGED, reserved=RESERVED) for statement in _STATEMENTS[dialect]
    )
