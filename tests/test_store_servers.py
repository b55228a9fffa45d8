"""Connections to stores on servers: what they see, how long they wait, how they fail."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text

from aliconf.config.secrets import Resolver
from aliconf.connector import errors
from aliconf.connector.engine import connected, transaction
from aliconf.connector.sqlite_driver import Mode
from aliconf.connector.urls import Target, target
from aliconf.findings import AliconfError
from tests.databases.fixtures import marked, on, on_servers, place_on
from tests.databases.places import Place, password_variable
from tests.databases.programs import SERVERS, ServerKind
from tests.databases.server import Server
from tests.stores import public_directory

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(5))"
GEHEIM = "hunter2-geheim"


def store_of(url: str, root: Path) -> Target:
    return target(url, root, Resolver(root))


@contextmanager
def using(store: Target, mode: Mode = "rw") -> Iterator[Connection]:
    with connected(store, mode) as connection, transaction(connection, store):
        yield connection


def run(store: Target, *statements: str, mode: Mode = "rw") -> list[Any]:
    rows: list[Any] = []
    with using(store, mode) as connection:
        for statement in statements:
            result = connection.execute(text(statement))
            rows = [tuple(row) for row in result] if result.returns_rows else []
    return rows


def refused(store: Target, *statements: str, mode: Mode = "rw") -> tuple[str, str, str]:
    with pytest.raises(AliconfError) as caught:
        run(store, *(statements or ("SELECT 1",)), mode=mode)
    return said(caught.value, store)


def said(error: AliconfError, store: Target) -> tuple[str, str, str]:
    """The code, the message with STORE for the store's name, and the hint."""
    (finding,) = error.findings
    return finding.code, finding.message.replace(store.display, "STORE"), finding.hint


def shop(place: Place, **options: str | int) -> Target:
    return store_of(place.url_with(**options), place.root)


def filled(place: Place) -> Target:
    store = shop(place)
    run(store, TABLE, "INSERT INTO t VALUES (1, 'one')")
    return store


@on_servers
def test_a_reader_sees_one_state_and_a_writer_the_latest(place: Place) -> None:
    store = filled(place)
    count = text("SELECT count(*) FROM t")
    with using(store, "ro") as reader, using(store) as writer:
        seen = [reader.execute(count).scalar(), writer.execute(count).scalar()]
        place.sql("INSERT INTO t VALUES (2, 'two')")
        seen += [reader.execute(count).scalar(), writer.execute(count).scalar()]
    assert seen == [1, 1, 1, 2]


@on_servers
def test_a_reader_may_not_write(place: Place) -> None:
    code, message, _ = refused(filled(place), "DELETE FROM t", mode="ro")
    assert code == "ALI911"
    assert message.startswith("the connector store STORE accepts no changes: ")


@on("postgresql")
def test_a_postgresql_session_is_set_up(place: Place) -> None:
    names = ("lock_timeout", "idle_in_transaction_session_timeout", "application_name")
    query = ", ".join(f"current_setting('{name}')" for name in names)
    assert run(shop(place, timeout=7, lease=40), f"SELECT {query}") == [("7s", "40s", "aliconf")]
    assert run(shop(place, timeout=0), "SELECT current_setting('lock_timeout')") == [("1ms",)]


@on("mariadb")
def test_a_mariadb_session_is_set_up(place: Place) -> None:
    query = (
        "SELECT @@sql_mode, @@time_zone, @@collation_connection, @@innodb_lock_wait_timeout, "
        "@@lock_wait_timeout, @@idle_write_transaction_timeout"
    )
    mode = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
    store = shop(place, timeout="1.5", lease=40)
    assert run(store, query) == [(mode, "+00:00", "utf8mb4_nopad_bin", 2, 2, 40)]


@on_servers
def test_a_lock_is_waited_for_as_long_as_the_url_says(place: Place) -> None:
    filled(place)
    other = place.connect()
    with closing(other):
        other.cursor().execute("UPDATE t SET name = 'held'")
        assert refused(shop(place, timeout=1), "UPDATE t SET name = 'mine'") == (
            "ALI910",
            "the connector store STORE is locked by another program (waited 1 s)",
            "Let the other aliconf finish, or end the session that holds the lock: it ends with its "
            "transaction or its session, that of an aliconf that hangs after 30 s. Then run the "
            "command again. ?timeout=SECONDS in the connector URL waits longer.",
        )


@on_servers
def test_who_loses_a_deadlock_may_try_again(place: Place) -> None:
    store = filled(place)
    run(store, "INSERT INTO t VALUES (2, 'two')")

    def both(first: int, met: Callable[[], None]) -> AliconfError | None:
        try:
            with using(store) as connection:
                update = text("UPDATE t SET name = 'new' WHERE id = :id")
                connection.execute(update, {"id": first})
                met()
                connection.execute(update, {"id": 3 - first})
        except AliconfError as error:
            return error
        return None

    meeting = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        ends = list(threads.map(both, (1, 2), (meeting.wait, meeting.wait)))
    (lost,) = [end for end in ends if end is not None]
    assert errors.is_retryable(lost)
    assert said(lost, store)[:2] == (
        "ALI910",
        "another program changed the connector store STORE at the same time",
    )


def test_a_second_row_with_the_same_key_is_told_from_other_refusals(place: Place) -> None:
    if place.database == "sqlite":
        place.sql("SELECT 1")
    store = filled(place)
    with pytest.raises(AliconfError) as twice:
        run(store, "INSERT INTO t VALUES (1, 'two')")
    with pytest.raises(AliconfError) as unknown:
        run(store, "SELECT nothing FROM t")
    assert (errors.is_duplicate(twice.value), errors.is_duplicate(unknown.value)) == (True, False)
    assert (errors.is_retryable(twice.value), unknown.value.findings[0].code) == (False, "ALI912")


@on_servers
def test_a_wrong_password_and_a_missing_one_are_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.address is not None
    monkeypatch.setenv("OTHER", GEHEIM)
    variable = f"${{env:{password_variable(place.address.kind)}}}"
    wrong = store_of(place.url.replace(variable, "${env:OTHER}"), place.root)
    assert refused(wrong) == (
        "ALI923",
        "the server of the connector store STORE refuses the user or the password",
        "Check the user's name, and that ${env:OTHER} holds the password.",
    )
    assert refused(store_of(place.url.replace(f":{variable}", ""), place.root)) == (
        "ALI923",
        "the server of the connector store STORE asks for a password",
        "Give the connector URL one by reference: USER:${env:NAME}@HOST.",
    )


@pytest.mark.mariadb
def test_an_anonymous_user_of_mariadb_is_named_who_makes_a_right_password_fail(
    own_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = own_server("mariadb", durable=False, options=["--skip-name-resolve=0"])
    store = shop(place_on(server, tmp_path))
    run(store, "SELECT 1")
    with closing(server.address.connect(autocommit=True)) as administrator:
        administrator.cursor().execute("CREATE USER ''@'localhost'")
        found = refused(store)
        administrator.cursor().execute("DROP USER ''@'localhost'")
    assert found == (
        "ALI923",
        "the server of the connector store STORE refuses the user or the password",
        "Check the user's name, and that ${env:ALICONF_TEST_MARIADB_PASSWORD} holds the password. "
        "If both are right, the server may take whoever comes from its own machine for its "
        "anonymous user: let an administrator run DROP USER ''@'localhost';",
    )
    run(store, "SELECT 1")


@on("mariadb")
def test_a_user_of_mariadb_who_comes_another_way_is_told_so(place: Place) -> None:
    place.sql("CREATE USER socket_only IDENTIFIED VIA unix_socket")
    try:
        code, message, hint = refused(store_of(place.url_of("socket_only"), place.root))
        assert (code, hint) == (
            "ALI923",
            "Ask the administrator how this user may connect from this machine.",
        )
        assert message == (
            "the server of the connector store STORE did not let the user in: Access denied for "
            "user 'socket_only'@'127.0.0.1'"
        )
    finally:
        place.sql("DROP USER socket_only")


@on("mariadb")
def test_a_limit_of_a_user_of_mariadb_is_told_as_one(place: Place) -> None:
    with place.new_user("ALL ON {database}.*") as user:
        place.sql(f"ALTER USER {user} WITH MAX_QUERIES_PER_HOUR 1")
        assert refused(store_of(place.url_of(user), place.root)) == (
            "ALI924",
            f"the connector store STORE cannot be reached: User '{user}' has exceeded the "
            "'max_queries_per_hour' resource (current value: 1)",
            "Wait an hour, or let an administrator raise the limit of this user.",
        )


@on_servers
def test_an_unset_password_is_refused_before_anything_is_sent(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.address is not None
    name = password_variable(place.address.kind)
    monkeypatch.delenv(name)
    assert refused(shop(place)) == (
        "ALI933",
        f"the secret reference ${{env:{name}}} cannot be resolved: the environment variable {name} "
        "is not set",
        f"Set the environment variable {name} where aliconf runs.",
    )


@on_servers
def test_a_host_that_is_unknown_closed_or_silent_is_told_apart(place: Place) -> None:
    assert place.address is not None
    unknown = store_of(place.url_of("aliconf", "no.such.invalid"), place.root)
    assert refused(unknown) == (
        "ALI924",
        "the connector store STORE cannot be reached: no address is known for the host "
        "no.such.invalid",
        "Check the host in the connector URL, and whether this machine's DNS knows it.",
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = place.url_with(timeout=1).replace(f":{place.address.port}/", f":{port}/")
        there = store_of(url, place.root)
        code, message, _ = refused(there)
    assert (code, message) == (
        "ALI924",
        "the connector store STORE cannot be reached: no answer in 2 s",
    )
    assert refused(there) == (
        "ALI924",
        "the connector store STORE cannot be reached: connection refused, so no server listens "
        "there",
        "Check the host and the port in the connector URL, and that the server runs.",
    )


@on("mariadb")
def test_a_server_that_is_no_postgresql_is_told_from_one_that_is_away(place: Place) -> None:
    store = store_of(place.url.replace("mariadb://", "postgresql://"), place.root)
    assert refused(store) == (
        "ALI924",
        "the connector store STORE cannot be reached: what listens there is not PostgreSQL",
        "Check the port in the connector URL.",
    )


@on_servers
def test_a_database_that_is_not_there_or_closed_is_refused(place: Place) -> None:
    store = store_of(place.url.rpartition("/")[0] + "/nosuch", place.root)
    code, message, hint = refused(store)
    assert code == "ALI925"
    if place.database == "postgresql":
        assert message == (
            "the connector store STORE is not there: the server has no database 'nosuch'"
        )
        assert hint.endswith(
            "make it: CREATE DATABASE nosuch OWNER aliconf ENCODING 'UTF8' TEMPLATE template0;"
        )
        place.sql(f"REVOKE CONNECT ON DATABASE {place.name} FROM PUBLIC")
    with place.new_user() as user:
        closed = store_of(place.url_of(user), place.root)
        assert refused(closed)[:2] == (
            "ALI925",
            f"the connector store STORE is closed to this user: {user} may not use the database "
            f"{place.name!r}, or there is none",
        )


NOT_ENGLISH = {
    "FATAL:  Datenbank »nosuch« existiert nicht": "Datenbank »nosuch« existiert nicht",
    "FATAL:  le rôle « shop » n'existe pas\n": "le rôle « shop » n'existe pas",
    'ВАЖНО:  база данных "nosuch" не существует': 'база данных "nosuch" не существует',
    '致命错误:  用户 "shop" Password 认证失败': '用户 "shop" Password 认证失败',
    '치명적오류:  "nosuch" 데이터베이스 없음': '"nosuch" 데이터베이스 없음',
    "FATAL:  no such thing": "no such thing",
}
"""What PostgreSQL's catalogues of messages make of a refusal."""


@pytest.mark.parametrize("words", NOT_ENGLISH)
def test_what_is_not_understood_has_a_hint_with_all_that_it_may_mean(
    words: str, tmp_path: Path
) -> None:
    store = store_of("postgresql://shop:${env:SECRET}@db.example/nosuch", tmp_path)
    failed = psycopg.OperationalError(
        f'connection failed: connection to server at "10.0.0.7", port 5432 failed: {words}'
    )
    assert said(errors.explained(failed, store, connecting=True), store) == (
        "ALI924",
        f"the connector store STORE cannot be reached: the server says: {NOT_ENGLISH[words]}",
        "aliconf does not know these words. Check the user's name, and that ${env:SECRET} holds "
        "the password; that the server has the database 'nosuch'; and that the user may connect to "
        "it, which an administrator allows by GRANT CONNECT ON DATABASE nosuch TO shop. The "
        "server's log may say more.",
    )


@pytest.mark.postgresql
def test_a_server_that_speaks_german_is_not_taken_for_one_that_is_away(
    own_server: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with public_directory() as locales:
        german = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(locales / "de_DE.UTF-8")]
        try:
            subprocess.run(german, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this machine cannot make a German locale")
        monkeypatch.setenv("LOCPATH", str(locales))
        server = own_server("postgresql", options=["-c", "lc_messages=de_DE.UTF-8"])
        place = place_on(server, tmp_path)
        if place.rows("SHOW lc_messages") != [("de_DE.UTF-8",)]:
            pytest.skip("the server has no German")
        hints = set()
        place.sql(f"REVOKE CONNECT ON DATABASE {place.name} FROM PUBLIC")
        with place.new_user() as user:
            closed = refused(store_of(place.url_of(user), place.root))
        missing = refused(store_of(place.url.rpartition("/")[0] + "/nosuch", place.root))
        monkeypatch.setenv(password_variable("postgresql"), "wrong")
        wrong = refused(store_of(place.url, place.root))
    for code, message, hint in (closed, missing, wrong):
        assert code == "ALI924"
        assert message.startswith("the connector store STORE cannot be reached: the server says: ")
        hints.add(hint.partition(" Check")[0])
    assert hints == {"aliconf does not know these words."}
    assert "Passwort-Authentifizierung" in wrong[1]


@on("postgresql")
def test_a_schema_that_is_not_there_is_refused(place: Place) -> None:
    assert refused(shop(place, schema="nosuch"), "CREATE TABLE nosuch.t (id INTEGER)") == (
        "ALI925",
        "the connector store STORE is not there: the database has no schema 'nosuch'",
        "Correct the connector URL, or let an administrator make it: CREATE SCHEMA nosuch;",
    )


@on("postgresql")
def test_a_search_path_without_a_schema_is_refused(place: Place) -> None:
    place.sql(f"ALTER ROLE aliconf IN DATABASE {place.name} SET search_path = nosuch")
    assert refused(shop(place), TABLE) == (
        "ALI925",
        "the connector store STORE is not there: the user's search path has no schema",
        "Name the schema of the tables in the connector URL: ?schema=NAME.",
    )


@on("postgresql")
def test_what_is_missing_in_postgresql_is_named_with_all_that_it_takes(place: Place) -> None:
    filled(place)
    place.sql("ALTER TABLE t OWNER TO administrator", "REVOKE USAGE ON SCHEMA public FROM PUBLIC")
    schema = "GRANT USAGE ON SCHEMA public TO {user};"
    tables = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user};"
    numbers = "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {user};"
    make = "GRANT USAGE, CREATE ON SCHEMA public TO {user};"
    for statement, grants in {
        "SELECT * FROM public.t": [schema, tables.replace(", INSERT, UPDATE, DELETE", "")],
        "INSERT INTO public.t VALUES (2, 'two')": [schema, tables, numbers],
        "UPDATE public.t SET name = 'x' WHERE id = 1": [schema, tables, numbers],
        "DELETE FROM public.t WHERE id = 1": [schema, tables, numbers],
        "SELECT * FROM public.t FOR UPDATE": [schema, tables, numbers],
        "CREATE TABLE public.u (id INTEGER)": [make],
    }.items():
        with place.new_user() as user:
            one = store_of(place.url_of(user), place.root)
            code, _, hint = refused(one, statement)
            told = [grant.format(user=user) for grant in grants]
            assert (code, hint) == ("ALI927", "\n".join(["Let an administrator run:", *told]))
            place.sql(*told)
            run(one, statement)


@on("postgresql")
def test_who_is_not_the_owner_is_told_who_may_change_a_table(place: Place) -> None:
    filled(place)
    with place.new_user("ALL ON t") as user:
        other = store_of(place.url_of(user), place.root)
        assert refused(other, "ALTER TABLE t ADD colour INTEGER") == (
            "ALI927",
            "the user of the connector store STORE lacks a right: must be owner of table t",
            "Only the user who made the tables may change them: name that one in the connector URL "
            "for this command. In psql, \\dt shows the owner of each table.",
        )


@on("postgresql")
def test_a_sequence_that_may_not_be_used_is_named_with_its_schema(place: Place) -> None:
    store = shop(place, schema="store")
    run(store, "CREATE SCHEMA store", "CREATE TABLE store.s (id SERIAL PRIMARY KEY, name TEXT)")
    rights = ("USAGE ON SCHEMA store", "SELECT, INSERT ON store.s")
    with place.new_user(*rights) as user:
        writer = store_of(place.url_of(user, schema="store"), place.root)
        insert = "INSERT INTO store.s (name) VALUES ('one')"
        code, _, hint = refused(writer, insert)
        grants = [
            f"GRANT USAGE ON SCHEMA store TO {user};",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA store TO {user};",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA store TO {user};",
        ]
        assert (code, hint) == ("ALI927", "\n".join(["Let an administrator run:", *grants]))
        place.sql(*grants)
        run(writer, insert)


@on("mariadb")
def test_what_is_missing_in_mariadb_is_named_with_all_that_it_takes(place: Place) -> None:
    filled(place)
    write = "SELECT, INSERT, UPDATE, DELETE"
    make = f"{write}, CREATE, DROP, INDEX, TRIGGER"
    for statement, rights in {
        "SELECT * FROM t": "SELECT",
        "INSERT INTO t VALUES (2, 'two')": write,
        "UPDATE t SET name = 'x' WHERE id = 1": write,
        "DELETE FROM t WHERE id = 1": write,
        "CREATE TABLE u (id INTEGER)": make,
        "CREATE TRIGGER g BEFORE DELETE ON t FOR EACH ROW SET @a = 1": make,
        "ALTER TABLE t ADD colour INTEGER": f"{make}, ALTER",
        "DROP TABLE u": make,
    }.items():
        with place.new_user("SHOW VIEW ON {database}.*") as user:
            one = store_of(place.url_of(user), place.root)
            grant = f"GRANT {rights} ON {place.name}.* TO '{user}'@'%';"
            code, _, hint = refused(one, statement)
            assert (code, hint) == (
                "ALI927",
                f"Let an administrator run:\n{grant}\n"
                "Where the user's host is another than %, write that one.",
            )
            place.sql(grant)
            run(one, statement)


@on_servers
def test_an_encrypted_connection_is_checked_as_the_url_says(place: Place) -> None:
    assert place.address is not None
    ca, other = (str(place.address.certificate(name)) for name in ("ca.crt", "other-ca.crt"))

    def refusal_of(host: str, user: str = "aliconf", **options: str) -> tuple[str, str] | None:
        store = store_of(place.url_of(user, host, **options), place.root)
        try:
            run(store, "SELECT 1")
        except AliconfError as error:
            return said(error, store)[:2]
        return None

    for mode in ("disable", "prefer", "require"):
        assert refusal_of("127.0.0.1", sslmode=mode) is None
    assert refusal_of("127.0.0.1", sslmode="verify-ca", sslrootcert=ca) is None
    assert refusal_of("localhost", sslmode="verify-full", sslrootcert=ca) is None
    unreachable = "the connector store STORE cannot be reached: "
    assert refusal_of("127.0.0.1", sslmode="verify-full", sslrootcert=ca) == (
        "ALI924",
        f"{unreachable}the server's certificate is not for the host 127.0.0.1",
    )
    code, message = refusal_of("localhost", sslmode="verify-ca", sslrootcert=other) or ("", "")
    assert code == "ALI924"
    assert message.startswith(f"{unreachable}the server's certificate is not trusted by {other}: ")
    assert refusal_of("127.0.0.1", "tls_only") is None
    code, _ = refusal_of("127.0.0.1", "tls_only", sslmode="disable") or ("", "")
    assert code in {"ALI923", "ALI924"}
    certificate = {
        "sslcert": str(place.address.certificate("client.crt")),
        "sslkey": str(place.address.certificate("client.key")),
    }
    assert refusal_of("127.0.0.1", "certified", **certificate) is None
    assert refusal_of("127.0.0.1", "certified") is not None
    wrong = certificate | {"sslkey": ca}
    code, message = refusal_of("127.0.0.1", **wrong, sslmode="require") or ("", "")
    assert code == "ALI924"
    assert message.startswith(f"{unreachable}the encrypted connection failed: ")


def change_while(store: Target, happens: Callable[[Connection], None]) -> None:
    with using(store) as connection:
        connection.execute(text("UPDATE t SET name = 'gone'"))
        happens(connection)
        connection.execute(text("SELECT 1"))


@on_servers
def test_a_session_that_is_ended_is_a_lost_connection(place: Place) -> None:
    store = filled(place)
    identify, end = {
        "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})"),
        "mariadb": ("SELECT connection_id()", "KILL {}"),
    }[place.database]

    def ended(connection: Connection) -> None:
        place.rows(end.format(connection.execute(text(identify)).scalar()))

    with pytest.raises(AliconfError) as caught:
        change_while(store, ended)
    code, message, _ = said(caught.value, store)
    assert code == "ALI934"
    assert message.startswith("the connection to the connector store STORE was lost: ")
    assert run(store, "SELECT name FROM t") == [("one",)]


@pytest.mark.parametrize("kind", marked(*SERVERS))
def test_a_server_that_dies_is_a_lost_connection_and_then_unreachable(
    own_server: Callable[..., Server], kind: ServerKind, tmp_path: Path
) -> None:
    server = own_server(kind)
    store = filled(place_on(server, tmp_path))
    with pytest.raises(AliconfError) as caught:
        change_while(store, lambda _: server.kill())
    assert said(caught.value, store)[0] == "ALI934"
    assert refused(store)[0] == "ALI924"


def packet(number: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "little") + bytes([number]) + content


def greet_as_mariadb(client: socket.socket, version: str) -> None:
    """The greeting of the version, and then OK to everything."""
    greeting = b"\x0a" + version.encode() + b"\0" + bytes(4) + b"saltsalt" + b"\0"
    # Protocol 4.1, a database in the login, passwords of native servers by plugin.
    greeting += b"\x08\x82" + b"\x2d" + b"\x02\0" + b"\x08\0" + b"\x15" + bytes(10)
    greeting += b"saltsaltsalt\0" + b"mysql_native_password\0"
    client.sendall(packet(0, greeting))
    number = 2
    while client.recv(65_536):
        client.sendall(packet(number, b"\0\0\0\x02\0\0\0"))
        number = 1


def message(kind: bytes, content: bytes) -> bytes:
    return kind + (len(content) + 4).to_bytes(4, "big") + content


def greet_as_postgresql(client: socket.socket, version: str) -> None:
    """No encryption, no password, the version, ready."""
    client.recv(65_536)
    client.sendall(b"N")
    client.recv(65_536)
    client.sendall(
        message(b"R", bytes(4))
        + message(b"S", b"server_version\0" + version.encode() + b"\0")
        + message(b"S", b"server_encoding\0UTF8\0")
        + message(b"Z", b"I")
    )
    while client.recv(65_536):
        pass


@pytest.mark.parametrize(
    ("dialect", "greet", "version", "found", "needed"),
    [
        (
            "mariadb",
            greet_as_mariadb,
            "8.4.2",
            "it is MySQL 8.4.2 and not MariaDB",
            "MariaDB 10.5 or newer",
        ),
        (
            "mariadb",
            greet_as_mariadb,
            "5.5.5-10.4.34-MariaDB-log",
            "it is MariaDB 10.4.34",
            "MariaDB 10.5 or newer",
        ),
        (
            "postgresql",
            greet_as_postgresql,
            "11.22 (Debian)",
            "it is PostgreSQL 11.22 (Debian)",
            "PostgreSQL 12 or newer",
        ),
    ],
)
def test_a_server_that_is_too_old_or_another_is_refused(
    tmp_path: Path,
    dialect: str,
    greet: Callable[[socket.socket, str], None],
    version: str,
    found: str,
    needed: str,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as threads:

        def serve() -> None:
            # A client that hangs up need not have read everything.
            with listening.accept()[0] as client, suppress(ConnectionResetError):
                greet(client, version)

        served = threads.submit(serve)
        url = f"{dialect}://shop@127.0.0.1:{listening.getsockname()[1]}/d"
        refusal = refused(store_of(url, tmp_path))
        served.result()
    assert refusal == (
        "ALI926",
        f"the server of the connector store STORE cannot be used: {found}",
        f"Use {needed}.",
    )


@pytest.mark.parametrize(
    ("dialect", "module", "package"),
    [("postgresql", "psycopg", "psycopg"), ("mariadb", "pymysql", "PyMySQL")],
)
def test_a_driver_that_is_not_installed_is_named(dialect: str, module: str, package: str) -> None:
    program = f"""
import sys
from pathlib import Path
from aliconf.config.secrets import Resolver
from aliconf.connector.engine import connected
from aliconf.connector.urls import target
from aliconf.findings import AliconfError
sys.modules[{module!r}] = None  # what import finds then is nothing
try:
    with connected(target("{dialect}://shop@h/d", Path(), Resolver(Path())), "ro"):
        pass
except AliconfError as error:
    (finding,) = error.findings
    print(finding.code, finding.message, finding.hint, sep="\\n")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    port = {"postgresql": 5432, "mariadb": 3306}[dialect]
    assert done.stdout.splitlines() == [
        "ALI932",
        f"the connector store {dialect}://shop@h:{port}/d needs the package {package}, which is "
        "not installed",
        f"Run pip install 'aliconf[{dialect}]'.",
    ]


@on("postgresql")
def test_a_database_that_cannot_hold_every_text_is_refused(place: Place) -> None:
    assert place.address is not None
    name = f"{place.name}_latin"
    create = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
    administrator = place.address.connect(autocommit=True)
    with closing(administrator):
        administrator.cursor().execute(create)
        try:
            assert refused(store_of(f"{place.url}_latin", place.root))[:2] == (
                "ALI926",
                "the server of the connector store STORE cannot be used: its database has the "
                "encoding LATIN1, which cannot hold every text",
            )
        finally:
            administrator.cursor().execute(f"DROP DATABASE {name}")


@on_servers
def test_a_password_in_a_drivers_words_is_never_shown(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.address is not None
    monkeypatch.setenv(password_variable(place.address.kind), GEHEIM)
    store = shop(place)
    for connecting in (True, False):
        refusal = errors.explained(
            RuntimeError(f"cannot use {GEHEIM}"), store, connecting=connecting
        )
        (finding,) = refusal.findings
        assert GEHEIM not in f"{finding.message} {finding.hint}"
        assert "the driver's words are left out" in finding.message
