"""What ``make test`` does on a machine without database servers, where only fakes are on the PATH."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import install
from tests.databases.programs import DIRECTORY, NEEDED, SERVERS, ServerKind

OPTIONS = "-qq --yes --no-install-recommends -o DPkg::Lock::Timeout=120"
MISSING = {
    kind: f"No {kind} for the tests: there is no {NEEDED[kind][0]} in {{0}} ({DIRECTORY[kind]}); "
    f"get it with apt-get install {install.PACKAGE[kind]}, or name its directory in "
    f"{DIRECTORY[kind]}.\n"
    for kind in SERVERS
}


class Machine:
    """Programs that write down how they are called, and a directory where servers would be."""

    def __init__(self, root: Path) -> None:
        self.fakes, self.servers = root / "fakes", root / "servers"
        self.calls, self.policy = root / "calls", root / "etc" / "policy-rc.d"
        self.cluster = root / "etc" / "createcluster.d" / "aliconf-tests.conf"
        self.fakes.mkdir()
        self.servers.mkdir()

    def program(self, name: str, does: str = "") -> None:
        """One that also notes where a package could start a service of its own."""
        alone = f"[ -x {self.policy} ] && [ -f {self.cluster} ] || echo 'services start' "
        text = f'#!/bin/sh\necho "{name} $*" >> {self.calls}\n{alone}>> {self.calls}\n{does}\n'
        (self.fakes / name).write_text(text, encoding="utf-8")
        (self.fakes / name).chmod(0o755)

    def installs(self, *kinds: ServerKind) -> str:
        return "".join(
            f"printf '#!/bin/sh\\necho 15.4\\n' > {self.servers}/{name}\n"
            f"/bin/chmod 755 {self.servers}/{name}\n"
            for kind in kinds
            for name in NEEDED[kind]
        )

    def called(self) -> list[str]:
        return self.calls.read_text(encoding="utf-8").splitlines() if self.calls.exists() else []

    def missing(self, *kinds: ServerKind) -> str:
        return "".join(MISSING[kind].format(self.servers) for kind in kinds)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(made.fakes))
    for variable in DIRECTORY.values():
        monkeypatch.setenv(variable, str(made.servers))
    monkeypatch.setattr(install, "NO_SERVICES", made.policy)
    monkeypatch.setattr(install, "NO_CLUSTER", made.cluster)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return made


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    def run() -> str:
        install.main()
        out, err = capsys.readouterr()
        assert out == ""
        return err

    return run


def test_missing_servers_are_installed_and_start_nothing(
    machine: Machine, said: Callable[[], str]
) -> None:
    machine.program("apt-cache")
    machine.program("apt-get", machine.installs(*SERVERS))

    assert said() == "Installing postgresql and mariadb-server for the tests, once …\n"
    assert machine.called() == [
        "apt-cache show postgresql mariadb-server",
        f"apt-get install {OPTIONS} postgresql mariadb-server",
    ]
    assert not machine.policy.exists()
    assert not machine.cluster.exists()


def test_a_machine_with_both_servers_is_left_alone(
    machine: Machine, said: Callable[[], str]
) -> None:
    machine.program("apt-cache")
    machine.program("apt-get", machine.installs(*SERVERS))
    said()
    machine.calls.unlink()

    assert said() == ""
    assert machine.called() == []


def test_a_machine_without_package_lists_gets_them_first(
    machine: Machine, said: Callable[[], str]
) -> None:
    machine.program("apt-cache", "exit 100")
    machine.program("apt-get", f'[ "$1" = update ] && exit 0\n{machine.installs(*SERVERS)}')

    assert said() == "Installing postgresql and mariadb-server for the tests, once …\n"
    assert machine.called() == [
        "apt-cache show postgresql mariadb-server",
        "apt-get update -qq",
        f"apt-get install {OPTIONS} postgresql mariadb-server",
    ]


def test_a_machine_without_apt_says_which_servers_it_lacks_and_goes_on(
    machine: Machine, said: Callable[[], str]
) -> None:
    assert said() == machine.missing(*SERVERS)


def test_without_the_rights_of_root_nothing_is_installed(
    machine: Machine, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.program("apt-get", machine.installs(*SERVERS))

    assert said() == machine.missing(*SERVERS)
    assert machine.called() == []


def test_the_reason_of_apt_is_shown_and_what_is_still_missing(
    machine: Machine, said: Callable[[], str]
) -> None:
    machine.program("apt-cache")
    fails = "echo 'W: a warning' >&2\necho 'E: Unable to locate package mariadb-server' >&2\nexit 1"
    machine.program(
        "apt-get", f'[ "$1" = update ] && exit 0\n{machine.installs("postgresql")}{fails}'
    )

    assert said() == (
        "Installing postgresql and mariadb-server for the tests, once …\n"
        "apt-get failed: E: Unable to locate package mariadb-server\n" + machine.missing("mariadb")
    )
    assert machine.called() == [
        "apt-cache show postgresql mariadb-server",
        f"apt-get install {OPTIONS} postgresql mariadb-server",
        "apt-get update -qq",
        f"apt-get install {OPTIONS} postgresql mariadb-server",
    ]
    assert not machine.policy.exists()
