"""An environment that says nothing of the machine, for every test and the processes it starts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

pytest_plugins = ["tests.databases.plugin", "tests.databases.fixtures"]

SAYS_TOO_MUCH = {"CI", "COLUMNS", "FORCE_COLOR", "GITHUB_STEP_SUMMARY", "NO_COLOR"}


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """No CI, no colours, no git settings but these: git hooks and users have their own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name in SAYS_TOO_MUCH or name.startswith("GIT_"):
                patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Tests")
            patch.setenv(f"GIT_{role}_EMAIL", "tests@shop.example")
        yield


@pytest.fixture(autouse=True)
def _the_tests_know_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Campaigns and ignores end; what the tests expect of them must not."""
    from aliconf.config import clock

    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))
