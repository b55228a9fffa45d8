"""The README's section for teams is done as it stands there, on PostgreSQL and on MariaDB.

``UPDATE_CASES=1 pytest tests/test_readme_teams.py -m postgresql`` writes what it prints now.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import aliconf
from tests.databases.address import Address, execute, quoted
from tests.databases.certificates import SERVER_NAME
from tests.databases.fixtures import marked
from tests.databases.programs import SERVERS, ServerKind
from tests.databases.server import Server
from tests.test_docs import README, TEAMS, Shell, around_section, comparable, run

SQL = re.compile(r"^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONNECTOR = re.compile(r"^```yaml\nspec:\n(  connector: .*\n)```$", re.MULTILINE)
PASSWORD = re.compile(r"'choose [a-z]+'")
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
SYSTEM_CHECK = """\
spec:
  systemCheck:
    cron: true
    memoryLimit: 756M
    maxExecutionTime: 60
"""


def administrator_runs(address: Address, script: str) -> None:
    """A statement on each line, with the tests' password; ``\\connect`` is psql's."""
    database = None
    for line in script.splitlines():
        if line.startswith("\\connect "):
            database = line.removeprefix("\\connect ")
            continue
        connection = address.connect(database, autocommit=True)
        execute(connection, PASSWORD.sub(lambda _: quoted(address.password), line))
        connection.close()


def applied_project(directory: Path) -> Path:
    """The project of the ten minutes."""
    given = ("--email", "ops@moda-sur.example", "--accept-terms", "--region", "Spain")
    begun = aliconf("init", "moda-sur", *given, "--store-view", "es_es", cwd=directory)
    assert begun.code == 0, begun.err
    project = directory / "moda-sur"
    with (project / "aliconf.yaml").open("a", encoding="utf-8") as file:
        file.write(SYSTEM_CHECK)
    applied = aliconf("apply", "--yes", cwd=project)
    assert applied.code == 0, applied.err
    return project


class There:
    """Does in a test's own server what the README says of its example's, and the other way round."""

    def __init__(self, kind: ServerKind, address: Address) -> None:
        self.scheme = f"{kind}://shops"
        self.host = f"{SERVER_NAME}:{address.port}"
        self.authorities = str(address.certificate("ca.crt"))

    def done(self, text: str) -> str:
        return (
            text.replace("postgresql://shops", self.scheme)
            .replace("@db.example.com/", f"@{self.host}/")
            .replace(AUTHORITIES, self.authorities)
        )

    def told(self, text: str) -> str:
        return text.replace(self.scheme, "postgresql://shops").replace(
            f"@{self.host}/", "@db.example.com:5432/"
        )


@pytest.mark.parametrize("kind", marked(*SERVERS))
def test_a_team_sets_up_its_store_as_the_readme_says(
    own_server: Callable[..., Server], kind: ServerKind, tmp_path: Path
) -> None:
    address = own_server(kind, durable=False).address
    before, section, after = around_section(README.read_text("utf-8"), TEAMS)
    in_postgresql, in_mariadb = SQL.findall(section)
    administrator_runs(address, {"postgresql": in_postgresql, "mariadb": in_mariadb}[kind])

    there = There(kind, address)
    project = applied_project(tmp_path)
    (connector,) = CONNECTOR.findall(section)
    with (project / "aliconf.yaml").open("a", encoding="utf-8") as file:
        file.write(there.done(connector))
    shell = Shell(project, {"SHOPS_PASSWORD": address.password})
    now = run(section, lambda command: there.told(shell(there.done(command))))
    if os.environ.get("UPDATE_CASES") and kind == "postgresql":
        README.write_text(before + now + after, "utf-8")
        section = now
    assert comparable(section) == comparable(now)
