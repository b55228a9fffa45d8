"""Secrets that the store keeps: encrypted, compared and stored anew, and only with a key."""

from __future__ import annotations

import base64
import sys
import textwrap
from pathlib import Path

import pytest

from aliconf.config.secrets import Resolver
from aliconf.connector.lease import hold
from aliconf.connector.reader import open_reader
from aliconf.connector.vault import Place as Field
from aliconf.connector.vault import Safe, Vault, open_vault
from aliconf.connector.writer import open_writer
from aliconf.findings import AliconfError
from aliconf.model.account import Account
from aliconf.model.base import Model
from aliconf.model.kinds import KINDS, SECRETS
from aliconf.model.secrets import SecretReference
from tests import shops
from tests.command import aliconf, write
from tests.connections import target
from tests.databases.fixtures import on
from tests.databases.places import Place
from tests.stores import ACCOUNT as SPAIN
from tests.stores import Content, Hand, codes
from tests.teams import made, project_at
from tests.vaults import (
    ACCOUNT,
    KEY,
    STORED,
    VALUES,
    applied,
    changes,
    done,
    key,
    plan,
    secrets,
    shop,
    summary,
    with_key,
)

AT = Field("Account", "es", "authorization.appKey")
SECRET = {"authorization": {"appKey": "${env:APP_KEY}", "appSecret": "${env:APP_SECRET}"}}


def vault(name: str = "one") -> Vault:
    return Vault(base64.b64decode(key(name)))


def rows(place: Place) -> list[tuple[object, ...]]:
    return place.rows("SELECT * FROM aliconf_secret ORDER BY name, field")


def journal(place: Place) -> list[tuple[object, ...]]:
    return place.rows("SELECT action, name, result, message FROM journal ORDER BY id DESC")


# The vault itself.


def test_a_secret_is_read_with_its_key_at_its_place_only() -> None:
    sealed = vault().encrypt("c-1", AT, "geheim €")
    assert vault().decrypt("c-1", AT, sealed) == "geheim €"
    assert [
        vault("two").decrypt("c-1", AT, sealed),
        vault().decrypt("c-2", AT, sealed),
        vault().decrypt("c-1", AT._replace(kind="Shop"), sealed),
        vault().decrypt("c-1", AT._replace(name="fr"), sealed),
        vault().decrypt("c-1", AT._replace(field="authorization.appSecret"), sealed),
        vault().decrypt("c-1", AT, sealed[:-4]),
        vault().decrypt("c-1", AT, sealed.removeprefix("v1:")),
        vault().decrypt("c-1", AT, "v1:"),
        vault().decrypt("c-1", AT, "v1:ü"),
        vault().decrypt("c-1", AT, ""),
    ] == [None] * 10


def test_the_same_value_is_never_encrypted_to_the_same_text() -> None:
    assert len({vault().encrypt("c-1", AT, "geheim") for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("correct horse battery staple", "it is no base64"),
        ("hunter2", "it is no base64"),
        ("hunter22", "it has 6 bytes and not 32"),
        (KEY[:-4], "it has 30 bytes and not 32"),
        (base64.b64encode(bytes(64)).decode(), "it has 64 bytes and not 32"),
        (base64.b64encode(bytes(32)).decode(), "it is no random key: it can be guessed"),
        (base64.b64encode(bytes(range(32))).decode(), "it is no random key: it can be guessed"),
        (
            base64.b64encode(base64.b64decode(KEY)[:16] * 2).decode(),
            "it is no random key: it can be guessed",
        ),
        (
            base64.b64encode(b"correct horse battery staple 123").decode(),
            "it is no random key: it can be guessed",
        ),
    ],
)
def test_a_weak_or_malformed_key_is_refused_and_not_repeated(
    text: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALICONF_KEY", text)
    with pytest.raises(AliconfError) as error:
        open_vault(SecretReference.parse("${env:ALICONF_KEY}"), Resolver(Path()))
    (finding,) = error.value.findings
    assert (finding.code, finding.message) == (
        "ALI943",
        f"what ${{env:ALICONF_KEY}} names cannot be used as an encryption key: {reason}",
    )
    assert text not in repr(finding)
    assert error.value.__cause__ is None


def test_a_key_may_be_in_the_alphabet_of_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bytes(range(251, 187, -2))[:16] + base64.b64decode(KEY)[:16]
    for text in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
        monkeypatch.setenv("ALICONF_KEY", text)
        opened = open_vault(SecretReference.parse("${env:ALICONF_KEY}"), Resolver(Path()))
        assert opened.key_id == Vault(raw).key_id


def test_every_secret_field_of_an_object_may_be_kept() -> None:
    def paths(model: type[Model], *outer: type[Model]) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        for field in model.model_fields.values():
            parts = getattr(field.annotation, "__args__", (field.annotation,))
            name = str(field.alias)
            if SecretReference in parts:
                found.append((name,))
            for part in parts:
                if isinstance(part, type) and issubclass(part, Model) and part not in outer:
                    found += [(name, *path) for path in paths(part, model, *outer)]
        return found

    assert paths(Account.spec_type()) == list(SECRETS["Account"])
    others = [kind for kind in KINDS if kind not in {"Account", "Project"}]
    assert [paths(KINDS[kind].spec_type()) for kind in others] == [[]] * len(others)


# Plan and apply.


def test_without_a_key_no_secret_is_stored_and_the_plan_says_so(place: Place) -> None:
    root = applied(place, aliconf=project_at(place))
    assert rows(place) == []
    assert (
        "note[ALI944]: the secrets of Account/es are not stored, only their references "
        "(${env:APP_KEY} at account.yaml:11:13, ${env:APP_SECRET} at account.yaml:12:16): the "
        "project names no encryption key\n"
    ) in plan(root)
    assert summary(root) == "Plan: no changes."


@on("sqlite")
def test_without_a_key_references_are_not_used_and_may_be_unset(place: Place) -> None:
    magento = "magento: {url: 'https://shop.example', token: '${env:NO_TOKEN}'}"
    document = project_at(place).replace("spec:", f"spec:\n      {magento}", 1)
    root = shop(place, aliconf=document)
    for command in (["validate"], ["plan"], ["apply", "--yes"], ["status"], ["drift"]):
        done(aliconf(*command, cwd=root))
    assert rows(place) == []


def test_a_shop_without_authorization_hears_nothing_of_keys(place: Place) -> None:
    for document in (project_at(place), with_key(place)):
        root = shop(place, aliconf=document, account=shops.ACCOUNT)
        assert "ALI9" not in done(aliconf("apply", "--yes", cwd=root)).out
    assert rows(place) == []


def test_with_a_key_secrets_are_stored_with_the_account_and_the_next_plan_is_empty(
    place: Place,
) -> None:
    root = applied(place)
    assert secrets(place) == STORED
    assert [row[3] for row in rows(place)] == ["${env:APP_KEY}", "${env:APP_SECRET}"]
    assert [row for row in journal(place) if row[3]] == [
        (
            "create",
            "es",
            "done",
            "stored encrypted: authorization.appKey, authorization.appSecret",
        )
    ]
    before = rows(place)
    assert summary(root) == "Plan: no changes."
    assert "ALI944" not in plan(root)
    done(aliconf("apply", "--yes", cwd=root, environment=VALUES))
    assert rows(place) == before


def test_a_value_that_changed_is_noticed_and_stored_while_the_other_one_stays(place: Place) -> None:
    root = applied(place)
    before = rows(place)
    rotated = {**VALUES, "APP_SECRET": "geheim-new-1"}
    assert changes(root, rotated) == ["authorization.appSecret: (stored value) → (another value)"]
    done(aliconf("apply", "--yes", cwd=root, environment=rotated))
    assert secrets(place) == {**STORED, ("es", "authorization.appSecret"): "geheim-new-1"}
    assert rows(place)[0] == before[0]
    assert journal(place)[0] == (
        "update",
        "es",
        "done",
        "stored encrypted: authorization.appSecret",
    )
    states = place.rows("SELECT state_before, state_after FROM journal ORDER BY id DESC")[0]
    assert states[0] == states[1]
    assert summary(root, rotated) == "Plan: no changes."


def test_a_key_that_comes_later_stores_the_secrets_of_unchanged_accounts(place: Place) -> None:
    root = applied(place, aliconf=project_at(place))
    write(root, {"aliconf.yaml": with_key(place)})
    assert changes(root) == [
        "authorization.appKey: (not stored) → (stored value)",
        "authorization.appSecret: (not stored) → (stored value)",
    ]
    done(aliconf("apply", "--yes", cwd=root, environment=VALUES))
    assert secrets(place) == STORED


@pytest.mark.parametrize(
    ("missing", "file"), [("ALICONF_KEY", "aliconf"), ("APP_SECRET", "account")]
)
def test_a_plan_without_access_says_so_and_apply_is_refused(
    place: Place, missing: str, file: str
) -> None:
    root = applied(place)
    before = rows(place), journal(place)
    write(root, {"pricing.yaml": shops.PRICING.replace("12", "15")})
    less = {name: value for name, value in VALUES.items() if name != missing}
    planned = plan(root, less)
    assert (
        "note[ALI944]: stored secrets were not compared: the secret reference "
        f"${{env:{missing}}} cannot be resolved: the environment variable {missing} is not set\n"
    ) in planned
    assert planned.endswith("Plan: 1 to update.\n")
    ended = aliconf("apply", "--yes", cwd=root, environment=less)
    assert ended.code == 1
    assert f"{file}.yaml:" in ended.err.splitlines()[0]
    assert f"error[ALI933]: the secret reference ${{env:{missing}}}" in ended.err
    assert (rows(place), journal(place)) == before


@on("sqlite")
def test_every_reference_that_is_not_compared_is_named_with_its_place(place: Place) -> None:
    root = applied(place)
    write(root, {"account.yaml": ACCOUNT.replace("${env:APP_SECRET}", "${file:run/secret}")})
    planned = plan(root, {"ALICONF_KEY": VALUES["ALICONF_KEY"]})
    assert (
        "account.yaml:11:13: note[ALI944]: stored secrets were not compared: the secret reference "
        "${env:APP_KEY} cannot be resolved: the environment variable APP_KEY is not set; the "
        "secret reference ${file:run/secret} cannot be resolved: run/secret: No such file or "
        "directory (account.yaml:12:16)\n"
    ) in planned


def test_a_store_under_another_key_is_refused_at_the_place_of_the_key(place: Place) -> None:
    root = applied(place)
    for command in (["plan"], ["apply", "--yes"]):
        ended = aliconf(*command, cwd=root, environment={**VALUES, "ALICONF_KEY": key("two")})
        assert ended.code == 1
        assert "aliconf.yaml:" in ended.err.splitlines()[0]
        assert "error[ALI943]: the secrets in the connector store are encrypted" in ended.err
    assert secrets(place) == STORED


def test_rows_that_were_swapped_or_removed_by_hand_are_stored_anew(place: Place) -> None:
    root = applied(place)
    (one, two) = (row[5] for row in rows(place))
    place.sql(
        f"UPDATE aliconf_secret SET ciphertext = '{two}' WHERE field = 'authorization.appKey'",
        "DELETE FROM aliconf_secret WHERE field = 'authorization.appSecret'",
    )
    assert one != two
    assert changes(root) == [
        "authorization.appKey: (damaged value) → (another value)",
        "authorization.appSecret: (not stored) → (stored value)",
    ]
    done(aliconf("apply", "--yes", cwd=root, environment=VALUES))
    assert secrets(place) == STORED
    assert summary(root) == "Plan: no changes."


def test_a_moved_account_takes_its_secrets_along_and_a_deleted_one_leaves_none(
    place: Place,
) -> None:
    root = applied(place, template=None)
    moved = '[{kind: Account, from: es, to: "spain"}]'
    write(
        root,
        {
            "aliconf.yaml": with_key(place, moved=moved),
            "account.yaml": ACCOUNT.replace("name: es", "name: spain"),
        },
    )
    place.sql(  # as a later authorization will have stored it
        "INSERT INTO aliconf_secret SELECT kind, name, 'token', '', key_id, 'x', updated_at "
        "FROM aliconf_secret WHERE field = 'authorization.appKey'"
    )
    ended = aliconf("apply", "--yes", cwd=root, environment=VALUES)
    assert "error[ALI943]: the stored secret token of Account/es cannot be decrypted" in ended.err
    assert {name for name, _ in place.rows("SELECT name, field FROM aliconf_secret")} == {"es"}
    place.sql("DELETE FROM aliconf_secret WHERE field = 'token'")
    done(aliconf("apply", "--yes", cwd=root, environment=VALUES))
    assert secrets(place) == {("spain", field): value for (_, field), value in STORED.items()}
    assert summary(root) == "Plan: no changes."
    (root / "account.yaml").unlink()
    write(root, {"aliconf.yaml": with_key(place)})
    done(aliconf("apply", "--yes", cwd=root))
    assert rows(place) == []


def test_a_move_without_the_key_is_refused_before_anything_changes(place: Place) -> None:
    root = applied(place, template=None)
    moved = '[{kind: Account, from: es, to: "spain"}]'
    write(
        root,
        {
            "aliconf.yaml": project_at(place).replace("spec:", f"spec:\n      moved: {moved}", 1),
            "account.yaml": ACCOUNT.replace("name: es", "name: spain"),
        },
    )
    before = rows(place), journal(place)
    ended = aliconf("apply", "--yes", cwd=root)
    assert ended.code == 1
    assert "error[ALI943]: moving Account/spain, which has stored secrets, needs" in ended.err
    assert (rows(place), journal(place)) == before


def test_without_a_key_any_more_a_row_stays_as_long_as_its_reference(place: Place) -> None:
    root = applied(place)
    other = ACCOUNT.replace("APP_SECRET", "NEW_SECRET")
    write(root, {"aliconf.yaml": project_at(place), "account.yaml": other})
    assert (
        "note[ALI944]: the secrets of Account/es that are stored were not compared, only their "
        "references (${env:APP_KEY} at account.yaml:11:13, ${env:NEW_SECRET} at "
        "account.yaml:12:16): the project names no encryption key\n"
    ) in plan(root)
    done(aliconf("apply", "--yes", cwd=root))
    assert secrets(place) == {("es", "authorization.appKey"): VALUES["APP_KEY"]}


def test_an_account_without_authorization_any_more_leaves_no_secret(place: Place) -> None:
    root = applied(place)
    write(root, {"account.yaml": shops.ACCOUNT})
    done(aliconf("apply", "--yes", cwd=root, environment=VALUES))
    assert rows(place) == []


def test_an_unmanaged_account_keeps_its_secrets_and_is_adopted_with_them(place: Place) -> None:
    root = applied(place)
    place.sql("UPDATE account SET managed_by = NULL")
    before = rows(place)
    done(aliconf("apply", "--yes", cwd=root, environment=VALUES))
    assert rows(place) == before
    assert journal(place)[0] == ("adopt", "es", "done", "")


def test_the_secrets_of_another_project_are_not_touched(place: Place, tmp_path: Path) -> None:
    root = applied(place)
    outlet = tmp_path / "outlet"
    there = str(place.file) if place.database == "sqlite" else ""
    text = with_key(place, "outlet")
    write(
        outlet,
        {
            "aliconf.yaml": text.replace("sqlite:///.aliconf/connector.db", f"sqlite:///{there}"),
            "registration.yaml": shops.REGISTRATION.replace("name: main", "name: outlet"),
            "account.yaml": ACCOUNT.replace("name: es", "name: fr")
            .replace("ES", "FR")
            .replace("Shop", "Outlet"),
        },
    )
    write(root, {"aliconf.yaml": with_key(place, include="['*.yaml']")})
    mine = {**VALUES, "APP_KEY": "geheim-outlet", "APP_SECRET": "geheim-outlet-2"}
    done(aliconf("apply", "--yes", cwd=outlet, environment=mine))
    others = {("fr", "authorization.appKey"): "geheim-outlet"}
    others["fr", "authorization.appSecret"] = "geheim-outlet-2"
    assert secrets(place) == {**STORED, **others}
    (outlet / "account.yaml").unlink()
    done(aliconf("apply", "--yes", cwd=outlet, environment=mine))
    assert secrets(place) == STORED


def test_one_that_was_stored_after_the_plan_is_not_overwritten(place: Place) -> None:
    """By an apply of the same account, between the plan and the answer."""
    store = made(place)

    def safe(value: str) -> Safe:
        return Safe(vault(), lambda _: value, {})

    with hold(store, "shop") as lease:
        with open_writer(store, lease, safe("first")) as writer:
            Hand(writer, store).create("Account", "es", Content(SPAIN | SECRET))
        with open_writer(store, lease, safe("second")) as writer:
            body = Content(SPAIN | SECRET)
            with pytest.raises(AliconfError) as error:
                Hand(writer, store).update("Account", "es", body, text_of(place))
    assert codes(error.value) == ["ALI917"]
    assert error.value.findings[0].message == (
        "the stored authorization.appKey of Account/es has changed"
    )
    assert set(secrets(place).values()) == {"first"}


def test_a_second_key_is_refused_also_by_who_planned_before_the_first_one_was_used(
    place: Place,
) -> None:
    store = made(place)
    for project, name, allowed in (("shop", "one", True), ("outlet", "two", False)):
        account = Content(SPAIN | SECRET | {"title": project})
        safe = Safe(vault(name), lambda _: "geheim", {})
        with hold(store, project) as lease, open_writer(store, lease, safe) as writer:
            if allowed:
                Hand(writer, store).create("Account", project, account)
                continue
            with pytest.raises(AliconfError) as error:
                Hand(writer, store).create("Account", project, account)
    assert codes(error.value) == ["ALI943"]
    assert {name for name, _ in secrets(place)} == {"shop"}
    assert place.rows("SELECT name FROM account") == [("shop",)]


def test_many_accounts_are_stored_together(place: Place) -> None:
    text = "---".join(
        textwrap.dedent(ACCOUNT)
        .replace("name: es", f"name: a{number}")
        .replace("Shop ES", f"Shop {number}")
        .replace("APP_KEY", f"APP_KEY_{number % 3}")
        for number in range(120)
    )
    keys = {f"APP_KEY_{number}": f"geheim-{number}" for number in range(3)}
    root = shop(place, template=None, account=None)
    (root / "accounts.yaml").write_text(text)
    done(aliconf("apply", "--yes", cwd=root, environment=VALUES | keys))
    assert secrets(place) == {
        (f"a{number}", f"authorization.{field}"): value
        for number in range(120)
        for field, value in (
            ("appKey", f"geheim-{number % 3}"),
            ("appSecret", VALUES["APP_SECRET"]),
        )
    }
    assert summary(root, VALUES | keys) == "Plan: no changes. 1 warning."


def test_a_change_that_fails_leaves_the_secrets_as_they_were(place: Place) -> None:
    root = applied(place)
    before = rows(place)
    refusing = {
        "sqlite": "CREATE TRIGGER no_more BEFORE INSERT ON aliconf_secret BEGIN "
        "SELECT raise(ABORT, 'no more'); END",
        "postgresql": "ALTER TABLE aliconf_secret ADD CONSTRAINT no_more CHECK (key_id = '') "
        "NOT VALID",
        "mariadb": "CREATE TRIGGER no_more BEFORE INSERT ON aliconf_secret FOR EACH ROW "
        "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more'",
    }
    place.sql(refusing[place.database])
    rotated = {**VALUES, "APP_SECRET": "geheim-new-1"}
    write(root, {"account.yaml": ACCOUNT.replace("Shop ES", "Shop Spain")})
    ended = aliconf("apply", "--yes", cwd=root, environment=rotated)
    assert ended.code == 1
    assert "error[ALI916]" in ended.err
    assert "geheim" not in ended.out + ended.err
    assert rows(place) == before
    assert place.rows("SELECT title FROM account") == [("Shop ES",)]


def test_without_the_package_the_finding_says_what_to_install(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = shop(place)
    for name in [name for name in sys.modules if name.split(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    ended = aliconf("plan", cwd=root, environment=VALUES)
    assert ended.code == 1
    assert "error[ALI932]: the encryption of secrets needs the package cryptography" in ended.err
    assert "pip install 'aliconf[encryption]'" in ended.err
    assert "aliconf.yaml:" in ended.err.splitlines()[0]


def text_of(place: Place) -> str:
    with open_reader(target(place)) as reader:
        (text,) = [one.body_text for one in reader.objects() if one.kind == "Account"]
        return text
