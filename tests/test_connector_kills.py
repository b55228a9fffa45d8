"""A copy or a restore that is killed at any statement leaves no store, or one to go on with."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aliconf.connector.backup import Backup
from aliconf.connector.prepare import make_store
from aliconf.connector.reader import open_reader
from aliconf.connector.transfer import back_up, restore
from tests.command import clean_environment
from tests.connections import target
from tests.databases.fixtures import marked
from tests.databases.places import Place
from tests.databases.programs import KINDS, Kind
from tests.stores import filled, store_at

RESTORE = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from aliconf.config.secrets import Resolver
from aliconf.connector import urls
from aliconf.connector.backup import Backup
from aliconf.connector.transfer import restore

url, root, file, last = sys.argv[1:]
count = 0


@event.listens_for(Engine, "after_cursor_execute")
def statement(*_):
    global count
    count += 1
    if count == int(last):
        os.kill(os.getpid(), signal.SIGKILL)


with open(file, "rb") as stream:
    restore(Backup(stream, file), urls.target(url, Path(root), Resolver(Path(root))))
print(count)
"""
KILLS = 8
"""About so many on each database, spread over all statements."""


def killed_after(statement: int, place: Place, file: Path) -> int:
    """Restore, but for a kill after some statement; how many there were where none came."""
    command = [sys.executable, "-c", RESTORE, place.url, str(place.root), str(file), str(statement)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
        env=clean_environment(),
    )
    if done.returncode == 0:
        return int(done.stdout)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return 0


@pytest.mark.parametrize("kind", marked(*KINDS))
def test_a_restore_that_is_killed_can_be_done_again(
    kind: Kind, new_place: Callable[[Kind, Path], Place], tmp_path: Path
) -> None:
    data = io.BytesIO()
    moved = back_up(store_at(filled(tmp_path / "first")), data)
    file = tmp_path / "shop.backup"
    file.write_bytes(data.getvalue())
    total = killed_after(0, another(new_place, kind, tmp_path / "whole"), file)
    assert total
    for number in range(1, total + 1, max(1, total // KILLS)):
        place = another(new_place, kind, tmp_path / f"kill-{number}")
        assert killed_after(number, place, file) == 0
        store = target(place)
        if number % 2:
            make_store(store)
            with open_reader(store) as reader:
                assert list(reader.objects()) == []
        with file.open("rb") as stream:
            assert restore(Backup(stream, "FILE"), store).digest == moved.digest


def another(new_place: Callable[[Kind, Path], Place], kind: Kind, root: Path) -> Place:
    root.mkdir()
    return new_place(kind, root)
