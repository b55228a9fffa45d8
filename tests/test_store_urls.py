"""What connector URLs mean, and how those that mean nothing are refused."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from aliconf.cli.connect import at_connector, store_of
from aliconf.cli.project import open_project
from aliconf.config.secrets import Resolver
from aliconf.connector.errors import not_made
from aliconf.connector.names import Names
from aliconf.connector.options import Dialect, Tls
from aliconf.connector.urls import Server, Target, target
from aliconf.findings import AliconfError
from aliconf.model.secrets import SecretReference

PASSWORD = SecretReference("env", "DB_PASSWORD")


def unused(reference: SecretReference) -> str:
    raise AssertionError(f"{reference} was resolved before it was used")


def server_of(url: str, root: Path = Path("/project")) -> Server:
    server = target(url, root, unused).server
    assert server is not None
    return server


def refused(url: str, root: Path = Path("/project")) -> tuple[str, str, str]:
    with pytest.raises(AliconfError) as caught:
        target(url, root, unused)
    (finding,) = caught.value.findings
    return finding.code, finding.message, finding.hint


def test_a_url_of_a_file_says_where_it_is() -> None:
    assert target("sqlite:///a/b.db?timeout=2.5&lease=60&prefix=x_", Path("/project"), unused) == (
        Target(
            dialect="sqlite",
            display="a/b.db (prefix x_)",
            names=Names(None, "x_"),
            timeout=2.5,
            lease=60.0,
            path=Path("/project/a/b.db"),
        )
    )


@pytest.mark.parametrize(
    ("scheme", "dialect", "port"),
    [
        ("postgresql", "postgresql", 5432),
        ("postgresql+psycopg", "postgresql", 5432),
        ("mariadb", "mariadb", 3306),
        ("mariadb+pymysql", "mariadb", 3306),
        ("mysql", "mariadb", 3306),
        ("mysql+pymysql", "mariadb", 3306),
    ],
)
def test_a_url_of_a_server_says_where_and_as_whom(scheme: str, dialect: Dialect, port: int) -> None:
    store = target(f"{scheme}://shop:${{env:DB_PASSWORD}}@db.example/store", Path("/p"), unused)
    assert store == Target(
        dialect=dialect,
        display=f"{dialect}://shop@db.example:{port}/store",
        names=Names(),
        server=Server("db.example", port, "shop", "store", PASSWORD, Tls(), unused),
    )
    assert (store.timeout, store.lease, store.embedded) == (5.0, 30.0, False)


def test_what_is_shown_of_a_store_tells_it_from_its_neighbours() -> None:
    url = "postgresql://shop:${env:DB_PASSWORD}@db.example/store?schema=live&prefix=x_"
    assert target(url, Path("/p"), unused).display == (
        "postgresql://shop@db.example:5432/store (schema live) (prefix x_)"
    )


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "database", "shown"),
    [
        ("postgresql://a@[::1]/d", "::1", 5432, "a", "d", "postgresql://a@[::1]:5432/d"),
        ("mariadb://a@[fe80::1]:99/d", "fe80::1", 99, "a", "d", "mariadb://a@[fe80::1]:99/d"),
        ("mariadb://a%40b@h/d%2De", "h", 3306, "a@b", "d-e", "mariadb://a@b@h:3306/d-e"),
    ],
)
def test_hosts_are_numbers_too_and_names_may_be_percent_encoded(
    url: str, host: str, port: int, user: str, database: str, shown: str
) -> None:
    server = server_of(url)
    assert (server.host, server.port, server.user, server.database) == (host, port, user, database)
    assert target(url, Path("/p"), unused).display == shown


def test_a_url_without_a_user_means_the_one_who_runs_it() -> None:
    assert server_of("postgresql://db.example/store").user == getpass.getuser()


def test_a_reference_to_a_file_may_hold_what_ends_a_password_otherwise() -> None:
    url = "mariadb://a:${file:/run/my secrets/a@b:c?d}@h/d?timeout=1"
    assert server_of(url).password == SecretReference("file", "/run/my secrets/a@b:c?d")


def test_certificates_are_looked_for_at_the_root_of_the_project(tmp_path: Path) -> None:
    for name in ("ca.crt", "me.crt", "me.key"):
        (tmp_path / name).touch()
    url = "postgresql://h/d?sslmode=verify-full&sslrootcert=ca.crt&sslcert=me.crt&sslkey=me.key"
    assert server_of(url, tmp_path).tls == Tls(
        "verify-full", tmp_path / "ca.crt", tmp_path / "me.crt", tmp_path / "me.key"
    )


@pytest.mark.parametrize(
    ("url", "message", "hint"),
    [
        (
            "postgres://h/d",
            "connector URLs of the scheme 'postgres' are not supported",
            "postgresql",
        ),
        (
            "mariadb+pymsql://h/d",
            "connector URLs of the scheme 'mariadb+pymsql' are not supported",
            "mariadb+pymysql",
        ),
        (
            "postgresql://h/d?time_out=3",
            "the connector URL has an unknown option 'time_out'",
            "timeout",
        ),
        (
            "postgresql://h/d?sslrootcrt=3",
            "the connector URL has an unknown option 'sslrootcrt'",
            "sslrootcert",
        ),
        (
            "mariadb://h/d?sslmode=verify_full",
            "the connector URL's sslmode is 'verify_full'",
            "verify-full",
        ),
    ],
)
def test_what_is_misspelt_is_refused_with_what_was_meant(url: str, message: str, hint: str) -> None:
    assert refused(url) == ("ALI915", message, f"Did you mean {hint}?")


@pytest.mark.parametrize(
    ("url", "message", "hint"),
    [
        (
            "postgresql://h/d?colour=red",
            "the connector URL has an unknown option 'colour'",
            "It may have timeout, lease, prefix, schema, sslmode, sslrootcert, sslcert, sslkey.",
        ),
        (
            "mariadb://h/d?schema=live",
            "the connector URL has an unknown option 'schema'",
            "It is PostgreSQL's: in MariaDB name another database, or use ?prefix=NAME_.",
        ),
        (
            "sqlite:///a.db?schema=live",
            "the connector URL has an unknown option 'schema'",
            "Only servers have it; an embedded store is a file.",
        ),
        (
            "sqlite:///a.db?sslmode=require",
            "the connector URL has an unknown option 'sslmode'",
            "Only servers have it; an embedded store is a file.",
        ),
        (
            "postgresql://h/d?password=hunter2geheim",
            "the connector URL has an unknown option 'password'",
            "A password is a secret reference before the host: USER:${env:PASSWORD}@HOST.",
        ),
        (
            "postgresql:///d?host=/run/postgresql",
            "the connector URL names no host",
            "Socket directories are not supported: name the host, such as localhost, and its port.",
        ),
        (
            "mariadb://a@%2Frun%2Fmysqld/d",
            "the connector URL names no host",
            "Socket directories are not supported: name the host, such as localhost, and its port.",
        ),
        (
            "postgresql://h/d?sslmode=verify-ca",
            "the connector URL has sslmode=verify-ca and no sslrootcert",
            "Name the file with the certificates to trust, such as "
            "sslrootcert=/etc/ssl/certs/ca-certificates.crt.",
        ),
        (
            "postgresql://h/d?sslmode=verify-ca&sslrootcert=no.crt",
            "the connector URL's sslrootcert is 'no.crt', and there is no such file",
            "A relative path starts at the project's root.",
        ),
        (
            "postgresql://h/d?sslrootcert=/etc/passwd",
            "the connector URL has a sslrootcert, which sslmode=prefer does not use",
            "Write sslmode=verify-full, or verify-ca, which does not check the host's name.",
        ),
        (
            "mariadb://h/d?sslkey=/etc/passwd",
            "the connector URL has one of sslcert and sslkey",
            "Name both: the certificate and its private key.",
        ),
        (
            "postgresql://h/d?lease=0",
            "the connector URL's lease is '0', not 1 to 3600 seconds",
            "Write lease=30, or leave the option out, which means the same.",
        ),
        (
            "postgresql://h/d?schema=Live",
            "the connector URL's schema is 'Live', not a name of small letters, digits and _",
            "Make a schema with such a name, or leave the option out.",
        ),
        *(
            (
                f"sqlite:///a.db?prefix={prefix}",
                f"the connector URL's prefix is {prefix!r}, not a small letter and up to 19 small "
                "letters, digits or _",
                "The prefix stands in front of each table's name as it is: prefix=staging_ makes "
                "staging_aliconf_account.",
            )
            for prefix in ("", "A", "1a", "a-b", "a" * 21)
        ),
    ],
)
def test_options_that_mean_nothing_are_refused(url: str, message: str, hint: str) -> None:
    assert refused(url) == ("ALI915", message, hint)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://h", "the connector URL names no database"),
        ("postgresql://h/", "the connector URL names no database"),
        ("postgresql://h:0/d", "the connector URL's port is not a number from 1 to 65535"),
        ("postgresql://h:65536/d", "the connector URL's port is not a number from 1 to 65535"),
        ("mariadb://h:port/d", "the connector URL's port is not a number from 1 to 65535"),
        ("mariadb://h/d?timeout=1&timeout=2", "the connector URL has the option 'timeout' twice"),
        ("mariadb://h/d?timeout=5s", "the connector URL's timeout is '5s', not 0 to 3600 seconds"),
        *(
            (url, "the connector URL is not USER@HOST:PORT/DATABASE after its scheme")
            for url in (
                "postgresql://u:hunter2geheim@h/d",
                "postgresql://u:hunter2@geheim@h/d",
                "postgresql://u:hunter2/geheim@h/d",
                "postgresql://::1/d",
                "postgresql://h/d/e",
            )
        ),
    ],
)
def test_urls_that_name_no_store_are_refused(url: str, message: str) -> None:
    code, said, hint = refused(url)
    assert (code, said) == ("ALI915", message)
    assert "geheim" not in said + hint


def secret(root: Path, reference: str) -> str:
    return Resolver(root)(SecretReference.parse(reference))


def unresolved(root: Path, reference: str) -> str:
    with pytest.raises(AliconfError) as caught:
        secret(root, reference)
    (finding,) = caught.value.findings
    assert finding.code == "ALI933"
    assert caught.value.__cause__ is None or "geheim" not in str(caught.value.__cause__)
    return finding.message.removeprefix(f"the secret reference {reference} cannot be resolved: ")


def test_a_secret_is_the_value_of_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", " pässword\n")
    assert secret(tmp_path, "${env:DB_PASSWORD}") == " pässword\n"


@pytest.mark.parametrize("content", ["geheim", "geheim\n", "geheim\r\n"])
def test_a_secret_is_the_text_of_a_file_without_its_last_line_end(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "db").write_bytes(content.encode())
    assert secret(tmp_path, "${file:run/db}") == "geheim"
    assert secret(Path("/"), f"${{file:{tmp_path}/run/db}}") == "geheim"


def test_a_variable_that_holds_no_secret_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DB_PASSWORD", raising=False)
    where = "the environment variable DB_PASSWORD"
    assert unresolved(tmp_path, "${env:DB_PASSWORD}") == f"{where} is not set"
    monkeypatch.setenv("DB_PASSWORD", "")
    assert unresolved(tmp_path, "${env:DB_PASSWORD}") == f"{where} is empty"
    monkeypatch.setenv("DB_PASSWORD", "geheim\udcff")
    assert unresolved(tmp_path, "${env:DB_PASSWORD}") == f"{where} is not UTF-8"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "db is empty"),
        (b"\n", "db is empty"),
        (b"geheim\xff", "db is not UTF-8"),
        (b"gehe\0im", "db holds a NUL, so it is no text"),
        (b"x" * 65_537, "db is longer than 65536 bytes"),
    ],
)
def test_a_file_that_holds_no_secret_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "db").write_bytes(content)
    assert unresolved(tmp_path, "${file:db}") == reason


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir()
    assert unresolved(tmp_path, "${file:db}") == "db: No such file or directory"
    assert unresolved(tmp_path, "${file:dir}") == "dir: Is a directory"


PROJECT = """\
apiVersion: aliconf/v1
kind: Project
metadata: {name: shop}
spec:
  title: Shop
"""


@pytest.mark.parametrize(
    ("line", "place"),
    [("  connector: mariadb://shop@db.example/store?prefx=x_\n", "aliconf.yaml:6:14"), ("", "")],
)
def test_what_is_wrong_with_a_store_is_where_the_project_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "aliconf.yaml").write_text(PROJECT + line)
    project = open_project(Path())

    def use() -> None:
        with at_connector(project):
            raise not_made(store_of(project))

    with pytest.raises(AliconfError) as caught:
        use()
    (finding,) = caught.value.findings
    assert finding.code == ("ALI915" if line else "ALI928")
    assert str(finding.location or "") == place
