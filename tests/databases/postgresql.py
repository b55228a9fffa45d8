"""A PostgreSQL server for tests."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from tests.databases.address import ADMINISTRATOR, USERS, execute, quoted
from tests.databases.server import Server

ACCESS = f"""\
hostnossl all {",".join(USERS[1:])} 127.0.0.1/32 reject
hostssl all certified 127.0.0.1/32 scram-sha-256 clientcert=verify-ca
host all all 127.0.0.1/32 scram-sha-256
"""
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgreSQL(Server):
    kind = "postgresql"
    account = "postgres"
    stops_by = signal.SIGINT
    ends_by = signal.SIGQUIT

    def initialize(self) -> None:
        password = self.directory / "password"
        password.write_text(self.address.password, encoding="utf-8")
        password.chmod(0o644)
        # Neither the order of ICU nor a time zone beside UTC may change what aliconf does.
        provider = ("--locale-provider=icu", "--icu-locale=en-US")
        self.prepare(
            self.programs.initialize,
            f"--pgdata={self.data}",
            f"--username={ADMINISTRATOR}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            *(provider if self.address.major >= 15 else ()),
        )
        password.unlink()
        (self.data / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")

    def command(self) -> list[str]:
        certificate = self.address.certificate
        settings = [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "ssl=on",
            f"ssl_cert_file={certificate('server.crt')}",
            f"ssl_key_file={certificate('server.key')}",
            f"ssl_ca_file={certificate('ca.crt')}",
            "shared_buffers=16MB",
            # In the data directory, so that a killed server leaves nothing elsewhere.
            "dynamic_shared_memory_type=mmap",
            "max_connections=200",
            "timezone=Asia/Kolkata",
            *([] if self.durable else QUICK),
        ]
        arguments = [part for setting in settings for part in ("-c", setting)]
        port = str(self.address.port)
        return [
            str(self.programs.server),
            "-D",
            str(self.data),
            "-p",
            port,
            *arguments,
            *self.options,
        ]

    def create_users(self) -> None:
        first, *others = USERS
        password = quoted(self.address.password)
        with self.address.connect() as connection:
            execute(
                connection,
                *(f"CREATE ROLE {user} LOGIN PASSWORD {password}" for user in USERS),
                f"GRANT {first} TO {', '.join(others)}",
            )

    def driver_error(self) -> type[Exception]:
        import psycopg

        return psycopg.OperationalError


def start_postgresql(
    directory: Path, password: str, *, durable: bool = True, options: Sequence[str] = ()
) -> PostgreSQL:
    """A new, running server; ``options`` as in ``["-c", "max_connections=5"]``."""
    return PostgreSQL(directory, password, durable=durable, options=options)
