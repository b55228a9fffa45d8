"""The statements that give the user of a store on a server the rights that a command needs.

docs/store.md tells the same rights in its table. Of a database that the store shares with others,
by a prefix, only the store's own tables are granted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from aliconf.connector.schema import ADDED

if TYPE_CHECKING:
    from aliconf.connector.urls import Need, Target

READ: Final = ("SELECT",)
WRITE: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
_MAKE: Final = (*WRITE, "CREATE", "DROP", "INDEX", "TRIGGER")
"""MariaDB's; in PostgreSQL whoever makes tables owns them."""
_ORDER: Final[tuple[Need, ...]] = ("plan", "apply", "make")
_ANOTHER_HOST: Final = "Where the user's host is another than %, write that one."


def more(first: Need, second: Need) -> Need:
    """Which of them takes more rights; each takes those of the one before."""
    return max(first, second, key=_ORDER.index)


def grants(store: Target, need: Need, further: Iterable[str] = ()) -> list[str]:
    """All that a user needs who may only connect, in PostgreSQL to this database.

    ``further`` are rights that MariaDB asked for beyond them.
    """
    if store.dialect == "mariadb":
        rights = {"plan": READ, "apply": WRITE, "make": _MAKE}[need]
        return on_tables(store, dict.fromkeys((*rights, *further)))
    schema, user = schema_of(store), user_of(store)
    if need == "make":
        return [f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {user};"]
    first = f"GRANT USAGE ON SCHEMA {schema} TO {user};"
    if need == "plan":
        return [first, *on_tables(store, READ)]
    return [first, *on_tables(store, WRITE), on_sequence(store)]


def on_tables(store: Target, rights: Iterable[str]) -> list[str]:
    """Rights on all tables of the store."""
    words, user = ", ".join(rights), user_of(store)
    names = [store.names.table(name) for name in _tables()] if store.names.prefix else []
    if store.dialect == "mariadb":
        database = name_of(store.server.database if store.server else "", "`")
        return [f"GRANT {words} ON {database}.{name} TO {user};" for name in names or ["*"]]
    schema = schema_of(store)
    on = ", ".join(f"{schema}.{name}" for name in names) or f"ALL TABLES IN SCHEMA {schema}"
    return [f"GRANT {words} ON {on} TO {user};"]


def _tables() -> list[str]:
    return ["aliconf_version", *(name for names in ADDED.values() for name in names)]


def on_sequence(store: Target) -> str:
    """PostgreSQL numbers the rows of the journal by a sequence."""
    schema = schema_of(store)
    on = f"SEQUENCE {schema}.{store.names.table('journal')}_id_seq"
    if not store.names.prefix:
        on = f"ALL SEQUENCES IN SCHEMA {schema}"
    return f"GRANT USAGE ON {on} TO {user_of(store)};"


def to_run(store: Target, statements: Sequence[str]) -> str:
    """Statements as a hint ends with them: a line each, to be pasted."""
    note = [_ANOTHER_HOST] if any(user_of(store) in one for one in statements) else []
    return "\n".join([*statements, *(note if store.dialect == "mariadb" else [])])


def schema_of(store: Target) -> str:
    return name_of(store.names.schema or "public")


def user_of(store: Target) -> str:
    user = store.server.user if store.server else ""
    if store.dialect == "mariadb":
        return "'" + user.replace("'", "''") + "'@'%'"
    return name_of(user)


def name_of(name: str, quote: str = '"') -> str:
    """As SQL writes it: in quotes where it must be."""
    plain = r"[A-Za-z0-9_]+" if quote == "`" else r"[a-z_][a-z0-9_]*"
    return name if re.fullmatch(plain, name) else quote + name.replace(quote, quote * 2) + quote
