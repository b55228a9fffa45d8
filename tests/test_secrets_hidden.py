"""A secret that somebody wrote into a file, in whatever wrong way, is in no output."""

from __future__ import annotations

from pathlib import Path

import pytest

from aliconf.config.redact import excerpt
from tests.cases import PROJECT, build_text, validate

ACCOUNT = """\
apiVersion: aliconf/v1
kind: Account
metadata: {name: es}
spec:
  title: AliExpress Spain
  region: ES
  storeView: es_es
"""
AUTHORIZATION = [
    "authorization: {appKey: 12345, appSecret: hunter2geheim}",
    "authorization: {appSecret: hunter2geheim, appKey: 12345}",
    "authorization: {appkey: hunter2geheim}",
    "authorization: {app_secret: hunter2geheim}",
    "authorization: {appKey: '${env:KEY}', app_secret: hunter2geheim}",
    "authorization: {appKey:hunter2geheim}",
    "authorization: {hunter2geheim}",
    "authorization: {something: hunter2geheim}",
    "authorization: hunter2geheim",
    "authorization: [hunter2geheim]",
    "authorisation: {appKey: hunter2geheim}",
    "Authorization: {appKey: hunter2geheim}",
    "auth: {id: hunter2geheim}",
    "appSecret: hunter2geheim",
    "authorization: {appKey: ${env:KEY}, appSecret: hunter2geheim}",
    "authorization: {appKey: *hunter2geheim}",
    "authorization: {appKey: !hunter2geheim x}",
    "authorization: {appKey: !!int hunter2geheim}",
    "authorization: {appKey: 'hunter2geheim}",
    "authorization: {appKey: {a: hunter2geheim}, appSecret: [hunter2geheim]}",
    "authorization: {appSecret: hunter2geheim, appSecret: hunter2geheim}",
    "authorization:\n    appKey: hunter2geheim\n    appSecret: hunter2geheim",
    "authorization:\n    appKey:hunter2geheim",
    "authorization:\n    appKey: 1\n    appKey: hunter2geheim",
    "authorization:\n    id: hunter2geheim",
    "authorization:\n    - hunter2geheim",
    "authorization:\n  - hunter2geheim: 1",
    "authorization:\n    appKey: hunter2geheim: more",
    "authorization:\n    appKey: a: hunter2geheim",
    "authorization:\n    appKey: |\n      hunter2geheim\n     broken",
    "authorization:\n    appSecret: >\n      hunter2geheim",
    "authorization: {\n    appKey: 1, something:\n    hunter2geheim}",
    "authorisation:\n    one:\n      - two: hunter2geheim",
    'authorization: {"appKey":"hunter2geheim"}',
    "authorization: {appKey: 1} hunter2geheim",
]
PROJECTS = [
    'magento: {url: "https://user:hunter2geheim@shop.example"}',
    "magento:\n    url: https://user:hunter2geheim@shop.example",
    "magento: {url: https://hunter2geheim@shop.example:x}",
    "magento: {url: https://shop.example, token: hunter2geheim}",
    "magento: {url: https://shop.example, token: [hunter2geheim], oauth: 1}",
    "magento: {url: https://shop.example, oauth: {consumerKey: hunter2geheim}}",
    "magento: {url: https://shop.example, oauth: {consumer_secret: hunter2geheim}}",
    "magento: {url: https://shop.example, oauth: {accessToken: 1, accessTokenSecret: hunter2geheim"
    "}}",
    "magento: {url: https://shop.example, bearer: hunter2geheim}",
    "magneto: {url: https://shop.example, token: hunter2geheim}",
    "magneto:\n    url: https://shop.example\n    bearer: hunter2geheim",
    "magento:\n    url: https://shop.example\n    oauth:\n      consumerKey: hunter2geheim",
    "magento:\n    url: https://shop.example\n    oauht:\n      key: hunter2geheim",
    "environments: {live: {magento: {token: hunter2geheim}}}",
    "environments: {live: {magneto: {token: hunter2geheim}}}",
    "connector: postgresql://aliconf:hunter2geheim@db.example/shop",
    "connector: postgresql://aliconf:hunter2geheim@db.example:x/shop",
    "connector: postgresql://aliconf:hunter2/hunter2geheim@db.example/shop",
    "conector: postgresql://aliconf:hunter2geheim@db.example/shop",
    "database: postgresql://aliconf:hunter2geheim@db.example/shop",
    "connector: {url: 'postgresql://aliconf:hunter2geheim@db.example/shop'}",
    "connector: hunter2geheim",
    "password: hunter2geheim",
    "encryptionKey: hunter2geheim",
    "encryption_key: hunter2geheim",
    "encriptionKey: hunter2geheim",
    "encryptionKey: [hunter2geheim]",
    "encryptionKey:\n    env: hunter2geheim",
    "environments: {live: {encryptionKey: hunter2geheim}}",
    "environments: {live: {connector: 'postgresql://aliconf:hunter2geheim@db.example/shop'}}",
]
DOCUMENTS = [f"{ACCOUNT}  {text}\n" for text in AUTHORIZATION] + [
    f"{PROJECT}  {text}\n" for text in PROJECTS
]


@pytest.mark.parametrize("text", DOCUMENTS, ids=[*AUTHORIZATION, *PROJECTS])
def test_no_output_of_validate_shows_a_secret(text: str, tmp_path: Path) -> None:
    build_text(text, tmp_path)
    for output in ("text", "json", "markdown", "github", "gitlab", "junit", "sarif"):
        found = validate(tmp_path, "--format", output)
        assert found.exit_code == 1, found.output
        assert "hunter2" not in found.output, found.output


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        ("title: Markup 12 %", 7, "title: Markup 12 %"),
        ("  appSecret: hunter2", 2, "  appSecret: •••"),
        ("  appSecret: hunter2", 13, "  appSecret: •••"),
        ("  appSecret: ${env:SECRET}", 13, "  appSecret: ${env:SECRET}"),
        ("- {token: hunter2, title: x}", 0, "- {token: •••"),
        ("authorization: {appKey: 1, appSecret: 2}", 0, "authorization: •••"),
        ("authorization: {appKey: 1, appSecret: 2}", 16, "authorization: {appKey: •••"),
        (
            "authorization: {appKey: 1, appSecret: 2}",
            38,
            "authorization: •••         appSecret: •••",
        ),
        ("magento: {url: https://shop.example}", 10, "magento: {url: https://shop.example}"),
        ("at: https://me:hunter2@shop.example/", 4, "at: https:// •••"),
        ("at: https://me:${env:X}@shop.example/", 4, "at: https://me:${env:X}@shop.example/"),
    ],
)
def test_an_excerpt_shows_the_key_and_hides_the_value(line: str, column: int, shown: str) -> None:
    assert excerpt(line, 0, line, column) == shown
