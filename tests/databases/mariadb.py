"""A MariaDB server for tests."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from tests.databases.address import ADMINISTRATOR, USERS, quoted
from tests.databases.server import Server

REQUIRES = {"tls_only": " REQUIRE SSL", "certified": " REQUIRE X509"}
QUICK = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--sync-frm=0",
    "--innodb-stats-persistent=0",
)


class MariaDB(Server):
    kind = "mariadb"
    account = "mysql"
    stops_by = signal.SIGTERM
    ends_by = signal.SIGKILL

    def initialize(self) -> None:
        self.prepare(
            self.programs.initialize,
            "--no-defaults",
            f"--datadir={self.data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
            *self.small(),
            *QUICK,
        )
        password = quoted(self.address.password)
        any_database = "`aliconf\\_test\\_%`.*"
        first = self.directory / "first.sql"
        lines = [
            # The root of a new server needs no password.
            "DROP USER root@localhost;",
            f"CREATE USER {ADMINISTRATOR} IDENTIFIED BY {password};",
            f"GRANT ALL ON *.* TO {ADMINISTRATOR} WITH GRANT OPTION;",
            *(
                f"CREATE USER {user} IDENTIFIED BY {password}{REQUIRES.get(user, '')};"
                for user in USERS
            ),
            *(f"GRANT ALL ON {any_database} TO {user};" for user in USERS),
        ]
        first.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def small(self) -> tuple[str, ...]:
        return "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"

    def command(self) -> list[str]:
        certificate = self.address.certificate
        first = self.directory / "first.sql"
        return [
            str(self.programs.server),
            "--no-defaults",
            f"--datadir={self.data}",
            "--socket=socket",
            "--pid-file=pid",
            "--bind-address=127.0.0.1",
            f"--port={self.address.port}",
            f"--ssl-cert={certificate('server.crt')}",
            f"--ssl-key={certificate('server.key')}",
            f"--ssl-ca={certificate('ca.crt')}",
            "--skip-name-resolve",
            "--max-connections=200",
            # As lax as a server may be, and not in UTC: aliconf's sessions must not depend on it.
            "--sql-mode=",
            "--default-time-zone=+05:30",
            *self.small(),
            *(() if self.durable else QUICK),
            *([f"--init-file={first}"] if first.exists() else []),
            *self.options,
        ]

    def create_users(self) -> None:
        """They are there: the first start ran ``first.sql`` before it took connections."""
        (self.directory / "first.sql").unlink()

    def driver_error(self) -> type[Exception]:
        import pymysql

        return pymysql.err.OperationalError


def start_mariadb(
    directory: Path, password: str, *, durable: bool = True, options: Sequence[str] = ()
) -> MariaDB:
    """A new, running server; ``options`` as in ``["--max-connections=5"]``."""
    return MariaDB(directory, password, durable=durable, options=options)
