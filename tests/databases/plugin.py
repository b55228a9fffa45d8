"""Start the servers that the selected tests need, and say at the end which databases ran."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.databases.programs import KINDS, SERVERS, Kind
from tests.databases.shared import Shared, new_run

SHARED = pytest.StashKey[Shared]()


def pytest_configure(config: pytest.Config) -> None:
    for kind in KINDS:
        config.addinivalue_line("markers", f"{kind}: runs on {kind}")
    worker: dict[str, str] | None = getattr(config, "workerinput", None)
    if worker:
        config.stash[SHARED] = Shared(Path(worker["databases"]))
        return
    run, end = new_run()
    config.stash[SHARED] = Shared(run)
    config.add_cleanup(end)
    config.pluginmanager.register(Ran(config, in_ci=bool(os.environ.get("CI"))))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Of xdist, for each worker."""
    node.workerinput["databases"] = str(node.config.stash[SHARED].run)


def pytest_collection_finish(session: pytest.Session) -> None:
    """The servers start while the first tests run."""
    if session.config.option.collectonly:
        return
    for kind in SERVERS:
        if any(item.get_closest_marker(kind) for item in session.items):
            session.config.stash[SHARED].want(kind)


class Ran:
    """Counts the tests of each database in the process that reports, and ends with the truth.

    In CI a run fails that has left out the tests of a database for want of it, and so does a run of
    everything without tests of all three.
    """

    def __init__(self, config: pytest.Config, in_ci: bool) -> None:
        self.shared = config.stash[SHARED]
        self.in_ci = in_ci
        self.tests: Counter[Kind] = Counter()
        chosen = config.option.keyword or config.option.markexpr
        self.everything = not chosen and config.args_source is not config.ArgsSource.ARGS

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and not report.skipped:
            self.tests.update(kind for kind in KINDS if kind in report.keywords)

    def missing(self) -> dict[Kind, str]:
        """Those the tests asked for in vain, and why."""
        found = {kind: self.shared.known(kind) for kind in SERVERS}
        return {kind: known for kind, known in found.items() if isinstance(known, str)}

    def too_few(self) -> bool:
        return bool(self.missing()) or (self.everything and len(self.tests) < len(KINDS))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.in_ci and self.too_few() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        missing = self.missing()
        if not missing and not self.tests and not (self.in_ci and self.everything):
            return
        ran = [
            f"{kind} {self.version(kind)} ({counted(self.tests[kind])})"
            for kind in KINDS
            if self.tests[kind]
        ]
        terminalreporter.write_line(f"databases: {', '.join(ran) or 'none'}")
        for kind, reason in missing.items():
            terminalreporter.write_line(f"no {kind}, its tests are skipped: {reason}", yellow=True)
        if self.in_ci and self.too_few():
            terminalreporter.write_line(
                f"{len(ran)} of {len(KINDS)} databases ran: too few in CI", red=True
            )

    def version(self, kind: Kind) -> str:
        if kind == "sqlite":
            return sqlite3.sqlite_version
        known = self.shared.known(kind)
        return "of its own" if known is None or isinstance(known, str) else known.version


def counted(tests: int) -> str:
    return f"{tests} test{'' if tests == 1 else 's'}"
