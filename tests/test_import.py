"""Import: what the connector holds, as YAML. The plan that follows changes nothing."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliconf.config.formatting import format_file
from aliconf.connector.reader import Stored
from aliconf.model.base import canonical
from tests import shops
from tests.command import aliconf, write
from tests.databases.fixtures import on, on_servers
from tests.databases.places import Place
from tests.stores import reading
from tests.teams import edit, made, shop_at
from tests.test_laws import CONFIGURATION, LAW, SPECS, connector, put


def plan(root: Path, *arguments: str) -> dict[str, Any]:
    ended = aliconf("plan", "--format", "json", *arguments, cwd=root)
    assert ended.code == 0, ended.out + ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


def sentences(text: str) -> str:
    """A report without its line breaks."""
    return " ".join(text.split())


def apply(root: Path) -> None:
    ended = aliconf("apply", "--yes", cwd=root)
    assert ended.code == 0, ended.out + ended.err


def imported(root: Path, *arguments: str, code: int = 0) -> str:
    ended = aliconf("import", *arguments, "--yes", cwd=root)
    assert ended.code == code, ended.out + ended.err
    return ended.out + ended.err


def applied_shop(place: Place, **changes: str | None) -> Path:
    root = shop_at(place, None, **changes)
    if place.database != "sqlite":
        made(place)
    apply(root)
    return root


RELEASE = [
    f"UPDATE {table} SET managed_by = NULL"
    for table in ("registration", "policy", "account", "listing_template")
]


def test_a_plan_after_an_import_of_everything_is_empty(place: Place) -> None:
    root = applied_shop(place)
    place.sql(*RELEASE)
    for name in ("registration", "account", "pricing", "template"):
        (root / f"{name}.yaml").unlink()
    out = imported(root, "--all")
    assert out.endswith("9 documents in 8 files written.\n")
    assert (root / "pricing-policies.yaml").read_text(encoding="utf-8") == (
        "apiVersion: aliconf/v1\n"
        "kind: PricingPolicy\n"
        "metadata:\n"
        "  name: default\n"
        "spec:\n"
        "  title: Default Pricing Policy\n"
        "---\n"
        "apiVersion: aliconf/v1\n"
        "kind: PricingPolicy\n"
        "metadata:\n"
        "  name: markup\n"
        "spec:\n"
        "  title: Markup\n"
        "  default: true\n"
        "  adjustments:\n"
        "    - increaseByPercent: 12\n"
    )
    ended = aliconf("plan", "--detailed-exitcode", cwd=root)
    assert ended.code == 0
    assert ended.out.splitlines()[1:] == [
        "",
        "To adopt: 9 objects that nobody manages and that are as their documents say:",
        "  Registration/main, Account/es, ImagePolicy/default, InventoryPolicy/default,",
        "  PricingPolicy/default, OrderPolicy/default, SynchronizationPolicy/default,",
        "  PricingPolicy/markup and 1 more (--full lists them).",
        "",
        "Not touched: 0 unchanged; 0 unmanaged; the region of every account (1).",
        "Takes effect: when applied.",
        "Undo: `git revert` the commits, then plan and apply. What it adopts is not",
        "  handed back, but deleted, unless it is protected or system-generated, which is",
        "  released.",
        "Plan: no changes, 9 to adopt as they are.",
    ]
    apply(root)
    assert plan(root)["adoptions"] == []
    assert imported(root, "--all") == "Nothing to import.\n"


ODD_TITLES = ["NO", "1:30", "a: b # c", "ñ🎉\u2028'\"", " x ", "- y", "null"]
ODD_LABELS = ["{}", '{"null":"~"}', '{"team": "a",  "a":"b"}', '{"No":1}', "[]", "none"]
ODD_BODIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "as aliconf writes it": canonical,
    "indented": lambda body: json.dumps(body, indent=2),
    "backwards": lambda body: json.dumps(dict(reversed(body.items()))),
    "without values": lambda body: "{}",
    "with a key too many": lambda body: json.dumps({**body, "byHand": True}),
    "with a number more": lambda body: json.dumps({**body, "maximum": 250.5}),
    "no object": lambda body: "[1]",
    "no json": lambda body: "{by hand",
}


class OddRow(NamedTuple):
    """A policy that an administrator inserted beside one that aliconf wrote."""

    title: str
    labels: str
    body: str
    protect: bool
    points: bool
    """Whether it was made the default of its kind."""


ODD_ROWS = st.lists(
    st.tuples(
        st.sampled_from(list(SPECS)),
        st.builds(
            OddRow,
            st.sampled_from(ODD_TITLES),
            st.sampled_from(ODD_LABELS),
            st.sampled_from(list(ODD_BODIES)),
            st.booleans(),
            st.booleans(),
        ),
    ),
    max_size=4,
    unique_by=lambda pair: (pair[0], pair[1].title),
)


def inserts(place: Place, rows: list[tuple[str, OddRow]], prefix: str) -> Iterator[str]:
    """The statements of an administrator."""
    columns = "kind, name, title, body, labels, protect, created_at, updated_at, system_generated"
    bodies = {}
    for kind, body in place.rows(
        f"SELECT kind, body FROM {prefix}policy ORDER BY system_generated DESC"
    ):
        bodies[kind] = json.loads(body) if isinstance(body, str) else body
    for number, (kind, row) in enumerate(rows):
        texts = (kind, f"odd{number}", row.title, ODD_BODIES[row.body](bodies[kind]), row.labels)
        values = ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
        yield (
            f"INSERT INTO {prefix}policy ({columns}) SELECT {values}, {int(row.protect)}, "
            f"created_at, updated_at, 0 FROM {prefix}policy "
            f"WHERE kind = '{kind}' AND system_generated = 1"
        )
        if row.points:
            yield (
                f"UPDATE {prefix}policy_default SET policy = 'odd{number}' WHERE kind = '{kind}'"
            )


def held(place: Place, url: str) -> tuple[list[Stored], dict[str, str]]:
    """All that a store says of objects and of the defaults."""
    with reading(place, url) as reader:
        return list(reader.objects()), reader.defaults()


def all_imported_and_nothing_to_change(
    place: Place, documents: list[dict[str, Any]], odd: list[tuple[str, OddRow]]
) -> None:
    """An import does not change the store: else the plan of a branch without its files would delete
    what they adopt. The plan after it is empty all the same, and names what apply will take over."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        place = replace(place, root=root)
        url = connector(place)
        prefix = url.rpartition("prefix=")[2]
        put(root, documents, url)
        apply(root)
        place.sql(*(line.replace("UPDATE ", f"UPDATE {prefix}") for line in RELEASE))
        if odd:
            place.sql(*inserts(place, odd, prefix))
        for name in ("registration", "account", "pricing", "template"):
            (root / f"{name}.yaml").unlink()
        before = held(place, url)
        ended = aliconf("import", "--all", "--yes", cwd=root)
        assert held(place, url) == before
        refused = set(re.findall(r"error\[ALI543\]: (\S+) cannot", ended.err))
        assert ended.code == (1 if refused else 0), ended.out + ended.err
        assert refused <= {f"{kind}/odd{number}" for number, (kind, _) in enumerate(odd)}
        for file in root.glob("*.yaml"):
            result = format_file(file, file.name, ours=True)
            assert not isinstance(result, list)
            assert result is None or not result.changed

        ended = aliconf("plan", "--detailed-exitcode", "--format", "json", cwd=root)
        empty = json.loads(ended.out)
        assert (ended.code, empty["changes"]) == (0, [])
        adopted = [f"{one['kind']}/{one['name']}" for one in empty["adoptions"]]
        assert sorted(adopted) == sorted({f"{one.kind}/{one.name}" for one in before[0]} - refused)
        apply(root)
        after = plan(root)
        assert (after["changes"], after["adoptions"]) == ([], [])
        assert {f"{one['kind']}/{one['name']}" for one in after["unmanaged"]} == refused
        assert aliconf("drift", cwd=root).code == 0


@on("sqlite")
@settings(LAW, max_examples=12)
@given(documents=CONFIGURATION, odd=ODD_ROWS)
def test_a_plan_after_any_import_of_everything_is_empty(
    place: Place, documents: list[dict[str, Any]], odd: list[tuple[str, OddRow]]
) -> None:
    all_imported_and_nothing_to_change(place, documents, odd)


@on_servers
@settings(LAW, max_examples=3)
@given(documents=CONFIGURATION)
def test_a_plan_after_any_import_of_everything_is_empty_on_servers_too(
    place: Place, documents: list[dict[str, Any]]
) -> None:
    all_imported_and_nothing_to_change(place, documents, [])


@on("sqlite")
def test_odd_texts_come_through(place: Place) -> None:
    root = applied_shop(place)
    for name, title in (
        ("a", "NO"),
        ("b", "1:30"),
        ("c", "a: b # c"),
        ("d", "ñ🎉\u2028'\""),
        ("e", " x "),
    ):
        place.sql(
            "INSERT INTO policy (kind, name, title, body, labels, protect, created_at, updated_at, "
            f"system_generated) SELECT kind, '{name}', '{title.replace(chr(39), chr(39) * 2)}', "
            'body, \'{"null":"~"}\', 1, created_at, updated_at, 0 FROM policy '
            "WHERE name = 'markup'"
        )
    imported(root, "--all")
    empty = plan(root)
    assert (empty["changes"], len(empty["adoptions"])) == ([], 10)


@on("sqlite")
def test_what_is_no_document_is_told_and_the_rest_is_written(place: Place) -> None:
    root = applied_shop(place, template=None)
    place.sql(
        "INSERT INTO policy (kind, name, title, body, labels, protect, created_at, updated_at, "
        "system_generated) SELECT kind, 'odd', 'Odd', '{\"maxImages\":99}', '{}', 0, created_at, "
        "updated_at, 0 FROM policy WHERE kind = 'ImagePolicy'",
        "UPDATE policy SET body = 'no json' WHERE kind = 'OrderPolicy'",
    )
    out = imported(root, "--all", "--into", str(root / "live"), code=1)
    assert "4 documents in 4 files written.\n" in out
    out = sentences(out)
    assert "error[ALI543]: ImagePolicy/odd cannot be written as a document: maxImages is 99" in out
    assert "error[ALI543]: OrderPolicy/default cannot be written as a document" in out
    assert sorted(path.name for path in (root / "live").iterdir()) == [
        "image-policies.yaml",
        "inventory-policies.yaml",
        "pricing-policies.yaml",
        "synchronization-policies.yaml",
    ]


@on("sqlite")
def test_objects_of_other_projects_are_left_out(place: Place) -> None:
    root = applied_shop(place)
    place.sql("UPDATE policy SET managed_by = 'other'")
    (root / "template.yaml").unlink()
    out = imported(root, "--all")
    assert out.endswith("1 document in 1 file written.\n")


@on("sqlite")
def test_documents_go_behind_what_a_file_has(place: Place) -> None:
    root = applied_shop(place)
    file = root / "order-policies.yaml"
    file.write_bytes(b"\xef\xbb\xbf# ours\r\n")
    imported(root, "--all")
    content = file.read_bytes()
    assert content.startswith(
        b"\xef\xbb\xbf# ours\r\napiVersion: aliconf/v1\r\nkind: OrderPolicy\r\n"
    )
    assert b"\n" not in content.replace(b"\r\n", b"")


@on("sqlite")
def test_a_directory_outside_of_the_project_is_refused(place: Place, tmp_path: Path) -> None:
    project = shops.PROJECT.replace("spec:", 'spec:\n      include: ["*.yaml"]')
    root = applied_shop(place, aliconf=project)
    for directory in (root.parent / "elsewhere", root / "below"):
        ended = aliconf("import", "--all", "--yes", "--into", str(directory), cwd=root)
        assert ended.code == 1
        assert "error[ALI546]" in ended.err
        assert not directory.exists()


@on("sqlite")
def test_nothing_is_written_where_one_file_cannot_be(place: Place) -> None:
    root = applied_shop(place)
    (root / "order-policies.yaml").write_text("# mine\n", encoding="utf-8")
    (root / "order-policies.yaml").chmod(0o444)
    before = sorted(path.name for path in root.iterdir())
    ended = aliconf("import", "--all", "--yes", "--into", str(root), cwd=root)
    assert ended.code == 1
    assert "error[ALI547]: nothing was written" in ended.err
    assert sorted(path.name for path in root.iterdir()) == before


@on("sqlite")
def test_nobody_to_ask_and_a_dry_run_write_nothing(place: Place) -> None:
    root = applied_shop(place)
    before = sorted(path.name for path in root.iterdir())
    ended = aliconf("import", "--all", "--dry-run", cwd=root)
    assert (ended.code, ended.out.rpartition("\n+++ ")[0] != "") == (0, True)
    assert ended.out.endswith("5 documents in 5 files would be written.\n")
    ended = aliconf("import", "--all", cwd=root, environment={"CI": "1"})
    assert ended.code == 1
    assert "error[ALI548]" in ended.err
    assert sorted(path.name for path in root.iterdir()) == before


def test_without_a_project_init_is_named(tmp_path: Path) -> None:
    ended = aliconf("import", "--all", cwd=tmp_path)
    assert ended.code == 1
    assert "`aliconf init`" in sentences(ended.err)
    assert aliconf("import", cwd=tmp_path).code == 64
    assert aliconf("import", "--all", "--drift", cwd=tmp_path).code == 64


# Drift.

PRICING = """
    # Prices of all shops.
    apiVersion: aliconf/v1
    kind: PricingPolicy
    metadata:
      name: markup
    spec:
      title: "Markup"      # as the team calls it
      default: true
      adjustments:
        # agreed in March
        - increaseByPercent: 12   # percent
      rounding: {mode: up, ending: 0.99}
      maximum: '100'
"""


def test_drifted_values_are_written_where_they_stand(place: Place) -> None:
    root = applied_shop(place, pricing=PRICING)
    place.sql(
        "UPDATE policy SET title = 'Markup 15', labels = '{\"team\":\"x\"}', body = "
        "REPLACE(REPLACE(REPLACE(body, '\"12\"', '\"15\"'), '0.99', '0.95'), "
        '\'"maximum":"100"\', \'"maximum":"120.5","minimum":"5"\') '
        "WHERE name = 'markup'"
    )
    out = imported(root, "--drift")
    assert out.endswith("6 values in 1 file written.\n")
    assert (
        (root / "pricing.yaml").read_text(encoding="utf-8")
        == """\
# Prices of all shops.
apiVersion: aliconf/v1
kind: PricingPolicy
metadata:
  name: markup
  labels:
    team: x
spec:
  title: "Markup 15"      # as the team calls it
  default: true
  adjustments:
    # agreed in March
    - increaseByPercent: 15   # percent
  minimum: 5
  rounding: {mode: up, ending: 0.95}
  maximum: '120.5'
"""
    )
    assert plan(root)["changes"] == []
    assert imported(root, "--drift") == "Nothing to import.\n"


@on("sqlite")
def test_a_value_that_was_changed_on_both_sides_is_left_alone(place: Place) -> None:
    root = applied_shop(place, pricing=PRICING)
    text = (root / "pricing.yaml").read_text(encoding="utf-8")
    configured = text.replace("maximum: '100'", "maximum: 33").replace(
        "maximum: 100", "maximum: 33"
    )
    assert configured != text
    (root / "pricing.yaml").write_text(configured, encoding="utf-8")
    place.sql("UPDATE policy SET body = REPLACE(body, '\"100\"', '\"44\"') WHERE name = 'markup'")
    out = sentences(imported(root, "--drift", code=1))
    assert (
        "warning[ALI549]: maximum of PricingPolicy/markup was changed on both sides: the last "
        "apply left 100, the configuration says 33, and the connector has 44"
    ) in out
    assert out.startswith("Nothing can be imported.")
    assert (root / "pricing.yaml").read_text(encoding="utf-8") == configured

    place.sql("UPDATE policy SET body = REPLACE(body, '0.99', '0.95') WHERE name = 'markup'")
    out = imported(root, "--drift")
    assert "warning[ALI549]" in out
    assert "1 value in 1 file written." in out
    assert (root / "pricing.yaml").read_text(encoding="utf-8") == configured.replace("0.99", "0.95")


def test_a_default_that_was_moved_is_written(place: Place) -> None:
    more = shops.PRICING.replace("markup", "second").replace("Markup", "Second")
    root = applied_shop(place, more=more.replace("      default: true\n", ""))
    place.sql("UPDATE policy_default SET policy = 'second' WHERE kind = 'PricingPolicy'")
    imported(root, "--drift")
    assert "default" not in (root / "pricing.yaml").read_text(encoding="utf-8")
    assert "  title: Second\n  default: true\n" in (root / "more.yaml").read_text(encoding="utf-8")
    assert plan(root)["changes"] == []


def files(root: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in root.glob("*.yaml")}


@on("sqlite")
def test_a_default_that_was_moved_on_both_sides_is_left_alone(place: Place) -> None:
    plain = shops.PRICING.replace("      default: true\n", "")
    more, last = (
        plain.replace("markup", name).replace("Markup", name) for name in ("second", "third")
    )
    root = applied_shop(place, more=more, last=last)
    edit(root, "pricing.yaml", "  default: true\n", "")
    edit(root, "more.yaml", "title: second", "title: second\n  default: true")
    before = files(root)
    place.sql("UPDATE policy_default SET policy = 'third' WHERE kind = 'PricingPolicy'")
    out = imported(root, "--drift", code=1)
    assert sentences(out) == (
        "Nothing can be imported. more.yaml:7:12: warning[ALI549]: the default of PricingPolicy "
        "was changed on both sides: the last apply left markup, the configuration says second, and "
        "the connector has third 7 | default: true | ^^^^ → Write the connector's value by hand "
        "to keep it; else the next apply writes that of the configuration. The file was left as it "
        "is here."
    )
    assert files(root) == before

    place.sql("DELETE FROM policy_default WHERE kind = 'PricingPolicy'")
    out = sentences(imported(root, "--drift", code=1))
    assert "the configuration says second, and the connector has none" in out
    assert files(root) == before


@on("sqlite")
def test_what_both_sides_changed_alike_is_not_written_again(place: Place) -> None:
    root = applied_shop(place, pricing=PRICING)
    labels = "  name: markup\n  labels: {team: b}\nlifecycle: {protect: true}"
    edit(root, "pricing.yaml", "  name: markup", labels)
    place.sql("UPDATE policy SET labels = '{\"team\":\"b\"}', protect = 1 WHERE name = 'markup'")
    assert imported(root, "--drift") == "Nothing to import.\n"
    apply(root)

    edit(root, "pricing.yaml", "protect: true", "protect: false")
    place.sql("UPDATE policy SET protect = 0 WHERE name = 'markup'")
    before = files(root)
    assert imported(root, "--drift") == "Nothing to import.\n"
    assert files(root) == before


@on("sqlite")
def test_protection_that_was_taken_away_takes_its_key_away(place: Place) -> None:
    protected = shops.PRICING.replace("    spec:", "    lifecycle:\n      protect: true\n    spec:")
    root = applied_shop(place, pricing=protected)
    place.sql("UPDATE policy SET protect = 0 WHERE name = 'markup'")
    assert "1 value in 1 file written." in imported(root, "--drift")
    assert (root / "pricing.yaml").read_text() == dedent(shops.PRICING).lstrip()
    assert plan(root)["changes"] == []


@on("sqlite")
def test_a_list_that_was_emptied_leaves_the_comment_behind_its_key(place: Place) -> None:
    listed = shops.PRICING.replace("adjustments:", "adjustments:  # agreed in March")
    root = applied_shop(place, pricing=listed)
    body = "json_set(body, '$.adjustments', json_array())"
    place.sql(f"UPDATE policy SET body = {body} WHERE name = 'markup'")
    assert "1 value in 1 file written." in imported(root, "--drift")
    before = dedent(listed).lstrip()
    assert (root / "pricing.yaml").read_text() == before.replace(
        "adjustments:  # agreed in March\n    - increaseByPercent: 12\n",
        "adjustments: []  # agreed in March\n",
    )
    assert plan(root)["changes"] == []


@on("sqlite")
def test_what_drifted_goes_to_the_name_that_its_policy_is_about_to_get(place: Place) -> None:
    more = shops.PRICING.replace("markup", "second").replace("Markup", "Second")
    root = applied_shop(place, more=more.replace("      default: true\n", ""))
    edit(root, "pricing.yaml", "name: markup", "name: dearer")
    edit(root, "more.yaml", "name: second", "name: cheaper")
    moves = ", ".join(
        f"{{kind: PricingPolicy, from: {old}, to: {new}}}"
        for old, new in [("markup", "dearer"), ("second", "cheaper")]
    )
    edit(root, "aliconf.yaml", "spec:", f"spec:\n  moved: [{moves}]")
    place.sql(
        "UPDATE policy_default SET policy = 'second' WHERE kind = 'PricingPolicy'",
        "UPDATE policy SET body = REPLACE(body, '\"12\"', '\"13\"') WHERE name = 'markup'",
    )
    assert "3 values in 2 files written." in imported(root, "--drift")
    assert "default" not in (root / "pricing.yaml").read_text(encoding="utf-8")
    assert "increaseByPercent: 13" in (root / "pricing.yaml").read_text(encoding="utf-8")
    assert "  title: Second\n  default: true\n" in (root / "more.yaml").read_text(encoding="utf-8")
    assert {(change["action"], len(change["fields"])) for change in plan(root)["changes"]} == {
        ("move", 0)
    }


BASED = """
    apiVersion: aliconf/v1
    kind: PricingPolicy
    metadata: {name: sale}
    spec:
      title: Sale
      basedOn: markup
"""


@on("sqlite")
def test_an_inherited_value_is_written_into_the_policy_itself(place: Place) -> None:
    root = applied_shop(place, pricing=PRICING, sale=BASED)
    place.sql(
        "UPDATE policy SET body = REPLACE(REPLACE(body, '\"12\"', '\"30\"'), "
        "',\"maximum\":\"100\"', '') WHERE name = 'sale'"
    )
    before = (root / "pricing.yaml").read_bytes()
    imported(root, "--drift")
    assert (root / "pricing.yaml").read_bytes() == before
    assert (root / "sale.yaml").read_text(encoding="utf-8").partition("spec:\n")[2] == (
        "  title: Sale\n"
        "  basedOn: markup\n"
        "  adjustments:\n"
        "    - increaseByPercent: 30\n"
        "  maximum: null\n"
    )
    assert plan(root)["changes"] == []


@on("sqlite")
def test_a_value_that_another_policy_inherits_is_refused(place: Place) -> None:
    root = applied_shop(place, pricing=PRICING, sale=BASED)
    place.sql("UPDATE policy SET body = REPLACE(body, '\"12\"', '\"30\"') WHERE name = 'markup'")
    before = (root / "pricing.yaml").read_bytes()
    out = imported(root, "--drift", code=1)
    assert "pricing.yaml:9:3: error[ALI545]" in out
    assert "would change PricingPolicy/sale as well" in out
    assert (root / "pricing.yaml").read_bytes() == before


@on("sqlite")
def test_what_came_or_went_is_told_and_not_edited(place: Place) -> None:
    root = applied_shop(place)
    place.sql(
        "DELETE FROM listing_template",
        "UPDATE policy SET managed_by = 'shop' WHERE kind = 'ImagePolicy'",
        "UPDATE account SET managed_by = NULL",
    )
    out = imported(root, "--drift")
    assert out.count("warning[ALI544]") == 3
    assert out.startswith("Nothing to import.") or "Nothing to import.\n" in out


@on("sqlite")
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_mark_and_line_ends_stay(place: Place, end: str) -> None:
    root = applied_shop(place)
    file = root / "pricing.yaml"
    text = file.read_text(encoding="utf-8").removesuffix("\n").replace("\n", end)
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    place.sql("UPDATE policy SET body = REPLACE(body, '\"12\"', '\"30\"') WHERE name = 'markup'")
    imported(root, "--drift")
    assert file.read_bytes() == b"\xef\xbb\xbf" + text.replace("12", "30").encode()


@on("sqlite")
def test_of_an_environment_only_its_own_overlay_is_written(place: Place) -> None:
    project = shops.PROJECT.replace(
        "spec:",
        "spec:\n      environments:\n        one: {overlays: [overlays/one.yaml]}\n"
        "        two: {connector: 'sqlite:///two.db'}",
    )
    root = shop_at(place, aliconf=project)
    overlay = """
        apiVersion: aliconf/v1
        kind: PricingPolicy
        metadata: {name: markup}
        spec: {maximum: 50}
    """
    write(root, {"overlays/one.yaml": overlay})
    ended = aliconf("apply", "-e", "one", "--yes", cwd=root)
    assert ended.code == 0, ended.err
    place.sql(
        "UPDATE policy SET body = REPLACE(REPLACE(body, '\"12\"', '\"30\"'), '\"50\"', '\"60\"') "
        "WHERE name = 'markup'",
        "UPDATE account SET title = 'Other'",
    )
    before = (root / "pricing.yaml").read_bytes()
    out = imported(root, "--drift", "-e", "one", code=1)
    where = "account.yaml:6:10: error[ALI545]: title of Account/es stands in a file that other"
    assert where in sentences(out)
    assert (root / "pricing.yaml").read_bytes() == before
    assert (root / "overlays" / "one.yaml").read_text(encoding="utf-8").partition("spec: ")[2] == (
        "{adjustments: [{increaseByPercent: 30}], maximum: 60}\n"
    )
    assert [c["name"] for c in plan(root, "-e", "one")["changes"]] == ["es"]


def test_a_configuration_with_errors_is_not_written_to(tmp_path: Path) -> None:
    root = applied_shop(Place("sqlite", tmp_path))
    edit(root, "pricing.yaml", "12", "twelve")
    assert "error[" in imported(root, "--drift", code=1)


def drift(root: Path) -> int:
    return aliconf("drift", cwd=root).code


def test_an_apply_takes_note_of_drift_that_the_configuration_says_too(place: Place) -> None:
    more = shops.PRICING.replace("markup", "second").replace("Markup", "Second")
    root = applied_shop(place, more=more.replace("      default: true\n", ""))
    place.sql(
        "UPDATE policy SET body = REPLACE(body, '\"12\"', '\"30\"') WHERE name = 'markup'",
        "UPDATE policy_default SET policy = 'second' WHERE kind = 'PricingPolicy'",
        "UPDATE policy_default SET policy = 'default' WHERE kind = 'ImagePolicy'",
        "DELETE FROM listing_template",
    )
    (root / "template.yaml").unlink()
    assert drift(root) == 2
    imported(root, "--drift")
    assert plan(root)["changes"] == []
    assert drift(root) == 2
    apply(root)
    assert drift(root) == 0
    rows = place.rows("SELECT kind, name FROM journal WHERE action = 'accept' ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("ListingTemplate", "everything"),
        ("PricingPolicy", "markup"),
        ("PricingPolicy", "second"),
    ]
    apply(root)
    assert len(place.rows("SELECT id FROM journal WHERE action = 'accept'")) == 3


ANCHORED = """
    apiVersion: aliconf/v1
    kind: PricingPolicy
    metadata: {name: markup}
    spec:
      title: Markup
      default: true
      adjustments:
        - {increaseByPercent: &much 12}
        - {increaseByPercent: *much}
      rounding: {mode: up, ending: 0.99}
"""


@on("sqlite")
def test_of_an_anchor_only_the_alias_that_drifted_is_written(place: Place) -> None:
    root = applied_shop(place, pricing=ANCHORED)
    body = json.loads(place.rows("SELECT body FROM policy WHERE name = 'markup'")[0][0])
    body["adjustments"][1]["increaseByPercent"] = "20"
    place.sql(f"UPDATE policy SET body = '{json.dumps(body)}' WHERE name = 'markup'")
    imported(root, "--drift")
    text = (root / "pricing.yaml").read_text(encoding="utf-8")
    assert "    - {increaseByPercent: &much 12}\n    - {increaseByPercent: 20}\n" in text
    assert plan(root)["changes"] == []


@on("sqlite")
def test_names_in_a_list_keep_their_places(place: Place) -> None:
    accounts = "".join(
        shops.ACCOUNT.replace("name: es", f"name: {code}")
        .replace("Shop ES", code)
        .replace("region: ES", f"region: {code.upper()}")
        + "---"
        for code in ("it", "fr")
    )
    template = shops.TEMPLATE.replace(
        "[es]", "\n        - it   # first\n        - es\n        - fr"
    )
    root = applied_shop(place, template=template, more=accounts.removesuffix("---"))
    place.sql('UPDATE listing_template SET body = REPLACE(body, \'"es","fr","it"\', \'"es","it"\')')
    imported(root, "--drift")
    text = (root / "template.yaml").read_text(encoding="utf-8")
    assert "  accounts: \n    - it   # first\n    - es\n  categoryId" in text
    assert plan(root)["changes"] == []


@on("sqlite")
def test_a_file_that_other_projects_may_share_is_not_written(place: Place) -> None:
    root = place.root / "shop"
    root.mkdir()
    place = replace(place, root=root)
    shared = write(place.root.parent, {"shared.yaml": PRICING}) / "shared.yaml"
    project = shops.PROJECT.replace("spec:", 'spec:\n      include: ["*.yaml", "../shared.yaml"]')
    root = applied_shop(place, aliconf=project, pricing=None)
    place.sql("UPDATE policy SET body = REPLACE(body, '\"12\"', '\"30\"') WHERE name = 'markup'")
    before = shared.read_bytes()
    out = imported(root, "--drift", code=1)
    assert "adjustments of PricingPolicy/markup stands in a file outside of the project" in (
        sentences(out)
    )
    assert shared.read_bytes() == before
