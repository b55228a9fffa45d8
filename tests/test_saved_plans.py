"""Plans that were reviewed: what is applied is what was seen, or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from aliconf.plan.digest import Basis, Part
from aliconf.report.plan_schema import plan_schema
from tests import shops
from tests.command import Ended, aliconf, write
from tests.databases.places import Place
from tests.shops import shop
from tests.teams import made, project_at, shop_at

DEAR = shops.PRICING.replace("12", "15")


def planned(root: Path, *arguments: str) -> dict[str, Any]:
    ended = aliconf("plan", "--out", "plan.json", *arguments, cwd=root)
    assert ended.code == 0, ended.err
    data: dict[str, Any] = json.loads((root / "plan.json").read_text())
    return data


def applied(root: Path) -> Path:
    assert aliconf("apply", "--yes", cwd=shop(root)).code == 0
    write(root, {"pricing.yaml": DEAR})
    return root


def refused(ended: Ended) -> str:
    """The first line of the refusal of an apply that changed nothing."""
    assert (ended.code, ended.out) == (1, "")
    return ended.err.splitlines()[0]


def test_a_saved_plan_is_applied_without_a_question(place: Place) -> None:
    made(place)
    shop_at(place)
    data = planned(place.root)
    ended = aliconf("apply", "plan.json", cwd=place.root)
    assert ended.code == 0, ended.err
    assert ended.out.endswith(f"Apply: {len(data['changes'])} done, 0 failed, 0 not tried.\n")
    assert aliconf("plan", "--detailed-exitcode", cwd=place.root).code == 0


def test_the_digest_alone_applies_the_same_plan(tmp_path: Path) -> None:
    digest = planned(applied(tmp_path))["digest"]
    wrong = f"sha256:{'0' * 64}"
    assert refused(aliconf("apply", "--digest", wrong, cwd=tmp_path)) == (
        f"error[ALI531]: the plan is not the reviewed one, {wrong}: its digest is {digest}"
    )
    assert aliconf("apply", "--digest", digest.removeprefix("sha256:"), cwd=tmp_path).code == 0
    assert aliconf("plan", "--detailed-exitcode", cwd=tmp_path).code == 0


def test_plan_says_how_to_apply_what_it_wrote(tmp_path: Path) -> None:
    ended = aliconf("plan", "--out", "plan.json", cwd=applied(tmp_path))
    digest = json.loads((tmp_path / "plan.json").read_text())["digest"]
    assert ended.err == (
        f"Wrote plan.json. `aliconf apply plan.json` applies exactly this plan,\n{digest}.\n"
    )


STALE = {
    "a document": "PricingPolicy/markup has changed in the configuration",
    "a new document": "PricingPolicy/p0 is new in the configuration",
    "a document that is gone": "ListingTemplate/everything is gone in the configuration",
    "labels": "Account/es has changed in the configuration",
    "an object": "PricingPolicy/markup has changed in the connector",
    "an object that is gone": "ListingTemplate/everything is gone in the connector",
    "an owner": "ListingTemplate/everything has changed in the connector",
    "a pointer": "the default PricingPolicy was PricingPolicy/markup and is PricingPolicy/default",
}


@pytest.mark.parametrize("what", STALE)
def test_a_stale_plan_is_refused_and_says_what_has_moved(tmp_path: Path, what: str) -> None:
    planned(applied(tmp_path))
    if what == "a document":
        write(tmp_path, {"pricing.yaml": shops.PRICING.replace("12", "16")})
    elif what == "a new document":
        write(tmp_path, shops.policies(1))
    elif what == "a document that is gone":
        (tmp_path / "template.yaml").unlink()
    elif what == "labels":
        labelled = shops.ACCOUNT.replace("name: es", "name: es\n      labels: {market: eu}")
        write(tmp_path, {"account.yaml": labelled})
    else:
        from tests.command import sql

        statement = {
            "an object": "update policy set title = 'Other' where name = 'markup'",
            "an object that is gone": "delete from listing_template",
            "an owner": "update listing_template set managed_by = null",
            "a pointer": "update policy_default set policy = 'default' "
            "where kind = 'PricingPolicy'",
        }[what]
        sql(shops.store(tmp_path), statement)
    ended = aliconf("apply", "plan.json", cwd=tmp_path)
    assert refused(ended) == f"error[ALI531]: the saved plan is stale: {STALE[what]}"
    assert aliconf("plan", "--detailed-exitcode", cwd=tmp_path).code == 2


def test_comments_layout_and_times_do_not_make_a_plan_stale(tmp_path: Path) -> None:
    first = planned(applied(tmp_path))["digest"]
    from tests.command import sql

    sql(
        shops.store(tmp_path),
        "update policy set created_at = '2020-01-01T00:00:00Z', "
        "updated_at = '2020-01-01T00:00:00Z'",
        "update account set authorized_at = '2026-11-23T10:00:00Z'",
    )
    files = "\n---\n".join(
        (tmp_path / name).read_text() for name in ("pricing.yaml", "account.yaml")
    )
    (tmp_path / "pricing.yaml").unlink()
    (tmp_path / "account.yaml").unlink()
    (tmp_path / "all.yaml").write_text(f"# all in one\n\n{files}")
    aliconf("fmt", cwd=tmp_path)
    assert planned(tmp_path)["digest"] == first
    assert aliconf("apply", "plan.json", cwd=tmp_path).code == 0


def test_what_nobody_manages_and_no_document_wants_does_not_make_a_plan_stale(
    tmp_path: Path,
) -> None:
    first = planned(applied(tmp_path))["digest"]
    from tests.command import sql

    sql(
        shops.store(tmp_path),
        "insert into policy (kind, name, title, body, labels, protect, created_at, updated_at, "
        "system_generated) values ('ImagePolicy', 'theirs', 'Theirs', '{}', '{}', 0, "
        "'2026-11-23T10:00:00Z', '2026-11-23T10:00:00Z', 0)",
    )
    assert planned(tmp_path)["digest"] == first


def test_an_edited_plan_is_refused(tmp_path: Path) -> None:
    data = planned(applied(tmp_path))
    data["changes"][0]["fields"][0]["new"] = 14
    (tmp_path / "plan.json").write_text(json.dumps(data))
    assert refused(aliconf("apply", "plan.json", cwd=tmp_path)) == (
        "error[ALI532]: plan.json cannot be applied: it was changed after aliconf wrote it"
    )
    data = planned(tmp_path)
    (tmp_path / "plan.json").write_text(json.dumps(data, sort_keys=True))
    assert aliconf("apply", "plan.json", cwd=tmp_path).code == 0  # the same data, laid out anew


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is no JSON, or only a part of it"),
        (b"\xff\xfe", "it is no JSON, or only a part of it"),
        (b"[" * 100_000, "it is no JSON, or only a part of it"),
        (b"[]", "it is no plan that `aliconf plan --out` wrote"),
        (b'{"format": "aliconf/findings"}', "it is no plan that `aliconf plan --out` wrote"),
        (b'{"format": "aliconf/plan", "seal": ""}', "its version is no number that aliconf writes"),
        (
            b'{"format": "aliconf/plan", "seal": "", "version": 1}',
            "it does not say what the plan rests on",
        ),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    applied(tmp_path)
    (tmp_path / "plan.json").write_bytes(content)
    assert refused(aliconf("apply", "plan.json", cwd=tmp_path)) == (
        f"error[ALI532]: plan.json cannot be applied: {reason}"
    )


@pytest.mark.parametrize("what", ["version", "format"])
def test_a_plan_without_the_number_of_its_format_is_refused(tmp_path: Path, what: str) -> None:
    from aliconf.plan.saved import sealed

    data = planned(applied(tmp_path))
    del data["seal"], (data if what == "version" else data["basis"])[what]
    (tmp_path / "plan.json").write_text(json.dumps(sealed(data)))
    assert refused(aliconf("apply", "plan.json", cwd=tmp_path)) == (
        f"error[ALI532]: plan.json cannot be applied: its {what} is no number that aliconf writes"
    )


def test_a_plan_that_is_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    from aliconf.findings import AliconfError
    from aliconf.plan.saved import read_saved

    planned(applied(tmp_path))
    whole = (tmp_path / "plan.json").read_bytes()
    short = tmp_path / "short.json"
    for length in range(0, len(whole) - 2, 7):
        short.write_bytes(whole[:length])
        with pytest.raises(AliconfError) as error:
            read_saved(short)
        assert error.value.findings[0].code == "ALI532"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(aliconf("apply", "gone.json", cwd=applied(tmp_path))) == (
        "error[ALI532]: gone.json cannot be applied: No such file or directory"
    )


def test_a_plan_of_another_project_connector_or_format_is_refused(tmp_path: Path) -> None:
    from aliconf.plan.saved import sealed

    data = planned(applied(tmp_path))
    for change, message in (
        (
            {"project": "outlet"},
            "ALI533]: the saved plan is of the project outlet, and this is shop",
        ),
        (
            {"connector": {**data["connector"], "id": "c-00000000"}},
            "ALI534]: the saved plan is for the connector c-00000000, and this is the connector "
            f"{data['connector']['id']}",
        ),
        (
            {"basis": {**data["basis"], "environment": "staging"}},
            "ALI534]: the saved plan is for the environment staging, and this is no environment",
        ),
        (
            {"basis": {**data["basis"], "format": 2}},
            "ALI535]: plan.json is a plan of format 2; this aliconf knows up to 1",
        ),
        (
            {"version": 2},
            "ALI535]: plan.json is a plan of version 2; this aliconf knows up to 1",
        ),
        *(
            (
                wrong,
                f"ALI532]: plan.json cannot be applied: its {what} is no number that aliconf writes",
            )
            for number in (None, "1", 1.0, True, 0, -1, [1])
            for what, wrong in (
                ("version", {"version": number}),
                ("format", {"basis": {**data["basis"], "format": number}}),
            )
        ),
    ):
        rest = {key: value for key, value in data.items() if key != "seal"}
        (tmp_path / "plan.json").write_text(json.dumps(sealed({**rest, **change})))
        assert refused(aliconf("apply", "plan.json", cwd=tmp_path)) == f"error[{message}"


def test_an_environment_that_requires_a_reviewed_plan_takes_nothing_else(tmp_path: Path) -> None:
    project = (
        shops.PROJECT
        + """
      environments:
        production:
          connector: sqlite:///production.db
          requireReviewedPlan: true
        staging:
          connector: sqlite:///staging.db
    """
    )
    shop(tmp_path, aliconf=project)
    assert "ALI958" in refused(aliconf("apply", "-e", "production", "--yes", cwd=tmp_path))
    data = planned(tmp_path, "-e", "production")
    assert data["environment"] == "production"
    assert "ALI534" in refused(aliconf("apply", "-e", "staging", "plan.json", cwd=tmp_path))
    assert aliconf("apply", "-e", "production", "plan.json", cwd=tmp_path).code == 0


def test_a_plan_is_for_one_connector_also_where_two_hold_the_same(
    place: Place, tmp_path: Path
) -> None:
    made(place)
    shop_at(place)
    planned(place.root)
    other = tmp_path / "other"
    other.mkdir()
    made(place, prefix="other_")
    write(other, {**shops.SHOP, "aliconf.yaml": project_at(place, prefix="other_")})
    (other / "plan.json").write_bytes((place.root / "plan.json").read_bytes())
    assert "ALI534" in refused(aliconf("apply", "plan.json", cwd=other))


def test_a_file_and_a_digest_together_or_a_wrong_digest_are_wrong_usage(tmp_path: Path) -> None:
    digest = "0" * 64
    both = aliconf("apply", "plan.json", "--digest", digest, cwd=tmp_path)
    assert (both.code, both.err.splitlines()[-1]) == (
        64,
        "Error: Name the file of a plan or its digest, not both.",
    )
    short = aliconf("apply", "--digest", "9c1e", cwd=tmp_path)
    assert (short.code, short.err.splitlines()[-1]) == (
        64,
        "Error: A digest is sha256: and 64 hexadecimal digits.",
    )


def test_files_that_cannot_be_written_are_told_before_anything_is_printed(tmp_path: Path) -> None:
    applied(tmp_path)
    (tmp_path / "directory").mkdir()
    (tmp_path / "kept.json").write_text("kept")
    (tmp_path / "kept.json").chmod(0o444)
    for arguments, files in (
        (("--out", "no/such/plan.json"), {"no/such/plan.json": "No such file or directory"}),
        (("--out", "kept.json"), {"kept.json": "Permission denied"}),
        (("--also", "json=no/plan.json"), {"no/plan.json": "No such file or directory"}),
        (
            ("--out", "kept.json", "--also", "html=directory", "--also", "markdown=plan.md"),
            {"directory": "is a directory", "kept.json": "Permission denied"},
        ),
    ):
        ended = aliconf("plan", *arguments, cwd=tmp_path)
        totals = f"\n{len(files)} errors\n" if len(files) > 1 else ""
        assert (ended.code, ended.out, ended.err) == (
            1,
            "",
            "\n".join(
                f"error[ALI955]: {name} cannot be written: {reason}\n"
                "  → Name a file in a directory that exists and may be written.\n"
                for name, reason in files.items()
            )
            + totals,
        )
    assert (tmp_path / "kept.json").read_text() == "kept"
    assert not (tmp_path / "plan.md").exists()


def test_one_file_for_two_outputs_is_wrong_usage(tmp_path: Path) -> None:
    both = ("--out", "plan.json", "--also", "json=./plan.json")
    ended = aliconf("plan", *both, cwd=applied(tmp_path))
    assert (ended.code, ended.err.splitlines()[-1]) == (
        64,
        "Error: 'plan.json' is given for --out and for --also.",
    )


def test_plans_and_plan_files_obey_their_schema(tmp_path: Path) -> None:
    schema = plan_schema()
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)
    first = planned(shop(tmp_path))
    validator.validate(first)
    aliconf("apply", "plan.json", cwd=tmp_path)
    write(tmp_path, {"pricing.yaml": DEAR})
    (tmp_path / "template.yaml").unlink()
    validator.validate(planned(tmp_path))
    validator.validate(json.loads(aliconf("plan", "--format", "json", cwd=tmp_path).out))
    assert not validator.is_valid({**first, "digest": "9c1e"})


TEXTS = st.text(st.characters(exclude_categories=[]), max_size=8)
PARTS = st.lists(st.builds(Part, TEXTS, TEXTS, TEXTS), max_size=4).map(tuple)
BASES = st.builds(
    Basis, TEXTS, TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3), PARTS, PARTS
)


@given(BASES, BASES)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_digests_are_equal_exactly_where_plans_rest_on_the_same(one: Basis, other: Basis) -> None:
    def sorted_parts(basis: Basis) -> Basis:
        return basis._replace(
            documents=tuple(sorted(basis.documents)), objects=tuple(sorted(basis.objects))
        )

    assert (one.digest() == other.digest()) == (sorted_parts(one) == sorted_parts(other))
    backwards = one._replace(documents=one.documents[::-1], objects=one.objects[::-1])
    assert backwards.digest() == one.digest()
