"""A shop whose connector keeps the secrets of its account, at a ``place``."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from tests import shops
from tests.command import Ended, aliconf
from tests.databases.places import Place
from tests.teams import project_at, shop_at

AUTHORIZATION = """
      authorization:
        appKey: ${env:APP_KEY}
        appSecret: ${env:APP_SECRET}
"""
ACCOUNT = shops.ACCOUNT + AUTHORIZATION.lstrip("\n")
STORE_MD = Path(__file__).parent.parent / "docs" / "store.md"


def key(name: str) -> str:
    """A key that looks random, the same for the same name."""
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


KEY = key("one")
VALUES = {"ALICONF_KEY": KEY, "APP_KEY": "geheim-key-5391", "APP_SECRET": "geheim-secret-7204"}
"""The environment of who may store secrets."""


def key_id(text: str) -> str:
    return hashlib.sha256(b"aliconf key id\0" + base64.b64decode(text)).hexdigest()[:16]


def with_key(place: Place, name: str = "shop", **lines: str) -> str:
    """The project's document, with a key and further lines of its spec."""
    more = "".join(f"\n      {key}: {value}" for key, value in lines.items())
    return project_at(place, name).replace(
        "spec:", f"spec:\n      encryptionKey: ${{env:ALICONF_KEY}}{more}", 1
    )


def shop(place: Place, **changes: str | None) -> Path:
    """The small shop with a key and an account with secrets; on a server its store is made."""
    root = shop_at(place, **{"aliconf": with_key(place), "account": ACCOUNT, **changes})
    if place.database != "sqlite":
        assert aliconf("connector", "init", cwd=root).code == 0
    return root


def applied(place: Place, **changes: str | None) -> Path:
    root = shop(place, **changes)
    done(aliconf("apply", "--yes", cwd=root, environment=VALUES))
    return root


def done(ended: Ended) -> Ended:
    assert ended.code == 0, ended.out + ended.err
    return ended


def plan(root: Path, environment: Mapping[str, str] = VALUES) -> str:
    return done(aliconf("plan", cwd=root, environment=environment)).out


def changes(root: Path, environment: Mapping[str, str] = VALUES) -> list[str]:
    """The lines of a plan that tell of stored secrets, without their places."""
    found = re.findall(r"^ +(authorization\S*: .*\))", plan(root, environment), re.MULTILINE)
    return [re.sub(r"  +\S+$", "", line) for line in found]


def summary(root: Path, environment: Mapping[str, str] = VALUES) -> str:
    return plan(root, environment).splitlines()[-1]


def secrets(place: Place, with_the_key: str = KEY) -> dict[tuple[str, str], str]:
    """What the store keeps, by account and field, read as docs/store.md says."""
    (connector,) = place.rows("SELECT id FROM aliconf_connector")
    rows = place.rows(
        "SELECT kind, name, field, ciphertext, key_id FROM aliconf_secret ORDER BY name, field"
    )
    assert {row[-1] for row in rows} <= {key_id(with_the_key)}
    read = documented()
    return {
        (row[1], row[2]): read(with_the_key, connector[0], *row[:3], ciphertext=row[3])
        for row in rows
    }


def documented() -> Callable[..., str]:
    """The function that docs/store.md shows."""
    (code,) = re.findall(r"```python\n(.*?)```", STORE_MD.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Callable[..., str]] = {}
    exec(code, names)  # noqa: S102
    return names["secret"]


STORED = {
    ("es", "authorization.appKey"): VALUES["APP_KEY"],
    ("es", "authorization.appSecret"): VALUES["APP_SECRET"],
}
