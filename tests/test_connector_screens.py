"""What the commands for stores and leases print reads well in 80 columns, on a terminal or not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from aliconf.connector.holder import this_holder
from aliconf.connector.lease import hold
from aliconf.report import connector_text, lease_text
from aliconf.report.style import Style
from tests.command import aliconf
from tests.connections import target
from tests.databases.places import Place
from tests.teams import shop_at, unwrapped
from tests.vaults import KEY, VALUES, key, key_id, shop

NAME = "the-shop-of-a-merchant-with-a-name-that-leaves-no-room-at-all"
ELSEWHERE = replace(this_holder(), name="ops@ci-7", url="https://ci.example.com/runs/7", process="")
TIME = re.compile(r"[0-9]{4}-[-0-9T:.]+Z")
AT = "postgresql://shops_apply@db.example.com:5432/shops (schema moda) (prefix shop_)"


def screen(root: Path, *arguments: str, **environment: str) -> str:
    ended = aliconf(*arguments, cwd=root, environment=environment)
    assert (ended.code, ended.err) == (0, "")
    assert [line for line in ended.out.splitlines() if len(line) > 80] == []
    return TIME.sub("TIME", unwrapped(ended.out))


def test_every_screen_of_a_store_and_its_leases_fits_and_says_all(place: Place) -> None:
    root = shop_at(place)
    store = target(place)
    where = store.display
    assert screen(root, "connector", "init") == f"Made the connector store {where}.\n"
    assert screen(root, "connector", "init") == (
        f"The connector store {where} is there already; nothing was changed.\n"
    )
    assert screen(root, "connector", "migrate") == (
        f"{where} has schema version 0002: nothing to migrate.\n"
    )
    assert screen(root, "lease", "list") == (
        f"No lease is held in {where}: nobody applies at present.\n"
    )
    with hold(store, NAME, holder=ELSEWHERE):
        assert screen(root, "lease", "list") == (
            f"{NAME} held by  ops@ci-7 (https://ci.example.com/runs/7) since    TIME "
            f"expires  TIME unless it is renewed\nIt is TIME by the clock of {where}.\n"
        )
        assert screen(root, "lease", "release", NAME) == (
            f"Released the lease of the project {NAME}: ops@ci-7 "
            "(https://ci.example.com/runs/7), since TIME.\n"
        )
    assert (
        screen(root, "lease", "release", NAME) == f"Nobody holds a lease of the project {NAME}.\n"
    )
    for command in (["check"], ["backup", "shop.backup"]):
        assert screen(root, "connector", *command)


def test_the_screens_of_a_rekey_fit(place: Place) -> None:
    root = shop(place)
    assert aliconf("apply", "--yes", cwd=root, environment=VALUES).code == 0
    where = target(place).display
    new = {**VALUES, "ALICONF_KEY": key("two"), "OLD_KEY": KEY}
    command = ("connector", "rekey", "--old", "${env:OLD_KEY}")
    told = f"in {where} with the key {key_id(key('two'))}"
    assert screen(root, *command, **new) == f"Encrypted 2 secrets {told}.\n"
    assert screen(root, *command, **new) == f"Encrypted 0 secrets {told}; 2 were already.\n"


def test_one_secret_is_told_as_one() -> None:
    assert connector_text.rekeyed("s.db", 1, 1, "ab", Style()) == (
        "Encrypted 1 secret in s.db with the key ab; 1 was already.\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            connector_text.made(AT, Style(), new=True),
            "Made the connector store postgresql://shops_apply@db.example.com:5432/shops\n"
            "  (schema moda) (prefix shop_).\n",
        ),
        (
            connector_text.made(AT, Style(), new=False),
            "The connector store postgresql://shops_apply@db.example.com:5432/shops (schema\n"
            "  moda) (prefix shop_)\n"
            "  is there already; nothing was changed.\n",
        ),
        (
            connector_text.migrated(AT, "0001", "0002", Style()),
            "Migrated postgresql://shops_apply@db.example.com:5432/shops (schema moda)\n"
            "  (prefix shop_)\n"
            "  from schema version 0001 to 0002.\n",
        ),
        (
            lease_text.render([], "", AT, Style()),
            "No lease is held in postgresql://shops_apply@db.example.com:5432/shops (schema\n"
            "  moda) (prefix shop_):\n"
            "  nobody applies at present.\n",
        ),
    ],
)
def test_a_store_with_a_long_name_continues_on_the_next_line(text: str, expected: str) -> None:
    assert text == expected
