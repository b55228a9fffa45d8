"""Several projects in one store: each has its own objects, and none touches another's."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from aliconf.connector.lease import hold
from aliconf.connector.reader import Stored
from aliconf.connector.urls import Target
from aliconf.connector.writer import open_writer
from tests.command import aliconf, write
from tests.databases.places import Place
from tests.stores import MARKUP, TEMPLATE, Content, refused, stored, writer
from tests.teams import carried_out, edit, made, planned, team_shop


class Team:
    """Two projects, shop and outlet, in one store."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.store: Target = made(place)
        self.shop = team_shop(place, "shop", "es")
        self.outlet = team_shop(place, "outlet", "it")

    def applied(self) -> Team:
        for root in (self.shop, self.outlet):
            apply(root)
        return self

    def of(self, project: str | None) -> dict[tuple[str, str], Stored]:
        return {key: found for key, found in stored(self.place).items() if found.owner == project}


@pytest.fixture
def team(place: Place) -> Team:
    return Team(place)


def apply(root: Path) -> None:
    ended = aliconf("apply", "--yes", cwd=root)
    assert ended.code == 0, ended.out + ended.err


def changes(root: Path) -> list[str]:
    """Action and object of each planned change."""
    data = json.loads(aliconf("plan", "--format", "json", cwd=root).out)
    return [f"{change['action']} {change['kind']}/{change['name']}" for change in data["changes"]]


def errors(root: Path) -> list[tuple[str, str]]:
    """Code and message of each refusal of the plan; apply refuses, too, and changes nothing."""
    ended = aliconf("plan", "--format", "json", cwd=root)
    assert ended.code == 1, ended.out
    assert aliconf("apply", "--yes", cwd=root).code == 1
    return [
        (finding["code"], finding["message"])
        for finding in json.loads(ended.out)["findings"]
        if finding["severity"] == "error"
    ]


def stale(team: Team, root: Path, meanwhile: str) -> list[str]:
    """Why a plan is refused that was made before outlet applied, or somebody ran a statement."""
    plan = planned(root)
    if meanwhile:
        team.place.sql(meanwhile)
    else:
        apply(team.outlet)
    outcome = carried_out(team.store, plan)
    (finding,) = outcome.findings
    assert finding.code in {"ALI917", "ALI937"}
    assert "failed" in [result.value for _, result in outcome.results]
    return [finding.code, finding.message]


SHOP = {
    ("Registration", "shop"),
    ("PricingPolicy", "shop-markup"),
    ("Account", "es"),
    ("ListingTemplate", "shop-everything"),
}
OUTLET = {
    ("Registration", "outlet"),
    ("PricingPolicy", "outlet-markup"),
    ("Account", "it"),
    ("ListingTemplate", "outlet-everything"),
}


def test_each_project_has_its_own_objects_and_counts_the_others(team: Team) -> None:
    team.applied()
    assert set(team.of("shop")) == SHOP
    assert set(team.of("outlet")) == OUTLET
    assert {name for _, name in team.of(None)} == {"default"}
    for root in (team.shop, team.outlet):
        assert aliconf("plan", "--detailed-exitcode", cwd=root).code == 0
    data = json.loads(aliconf("plan", "--format", "json", cwd=team.shop).out)
    assert {
        (item["kind"], item["name"]) for item in data["unmanaged"] if item["managedBy"] == "outlet"
    } == OUTLET
    assert len(data["unchanged"]) == 4


def test_every_report_tells_objects_of_other_projects_from_unmanaged_ones(team: Team) -> None:
    team.applied()
    words = "4 unchanged (--full lists them); 5 unmanaged; 4 of other projects"
    assert words in " ".join(aliconf("plan", cwd=team.shop).out.split())
    listed = aliconf("plan", "--unmanaged", cwd=team.shop).out
    assert listed.index("unmanaged (5)") < listed.index("of other projects (4)")
    assert '· Account/it "Shop IT" (outlet)' in listed
    markdown = aliconf("plan", "--format", "markdown", cwd=team.shop).out
    assert "4 unchanged · 5 unmanaged · 4 of other projects" in markdown
    assert "4 unchanged; 5 unmanaged; 4 of other projects." in aliconf("drift", cwd=team.shop).out
    for command in ("plan", "drift"):
        counts = json.loads(aliconf(command, "--format", "json", cwd=team.shop).out)["summary"]
        assert (counts["unmanaged"], counts["others"]) == (5, 4)
    listed = json.loads(aliconf("plan", "--format", "json", cwd=team.shop).out)["unmanaged"]
    assert sorted(str(item["managedBy"]) for item in listed) == ["None"] * 5 + ["outlet"] * 4


def test_the_status_of_one_project_shows_the_others_as_theirs_and_valid(team: Team) -> None:
    team.applied()
    for root in (team.shop, team.outlet):
        data = json.loads(aliconf("status", "--format", "json", cwd=root).out)
        assert data["valid"]
        assert [
            (account["name"], account["managedBy"], account["status"])
            for account in data["accounts"]
        ] == [("es", "shop", "VALID"), ("it", "outlet", "VALID")]
        assert len(data["toDo"]) == 1, "the accounts are not authorized"


def test_labels_select_accounts_of_their_own_project(team: Team) -> None:
    for root, code in ((team.shop, "es"), (team.outlet, "it")):
        label = "metadata:\n  labels: {market: eu}"
        edit(root, "account.yaml", "metadata:", label)
        edit(root, "template.yaml", f"[{code}]", "{matchLabels: {market: eu}}")
    team.applied()
    data = json.loads(aliconf("status", "--format", "json", cwd=team.shop).out)
    assert data["valid"]
    assert {item["name"]: item["accounts"] for item in data["listingTemplates"]} == {
        "shop-everything": ["es"],
        "outlet-everything": ["it"],
    }


def test_what_is_wrong_with_an_object_is_seen_from_every_project(team: Team) -> None:
    team.applied()
    team.place.sql(
        "UPDATE listing_template SET pricing_policy = 'nowhere' WHERE name = 'outlet-everything'",
        "UPDATE policy SET body = '[]' WHERE name = 'shop-markup'",
    )
    for root in (team.shop, team.outlet):
        data = json.loads(aliconf("status", "--format", "json", cwd=root).out)
        assert {
            (item["name"], error["code"])
            for kind in ("listingTemplates", "policies")
            for item in data[kind]
            for error in item["errors"]
        } == {("outlet-everything", "ALI204"), ("shop-markup", "ALI114")}


def test_a_name_is_one_projects_alone(team: Team) -> None:
    team.applied()
    edit(team.outlet, "pricing.yaml", "outlet-markup", "shop-markup")
    before = stored(team.place)
    assert errors(team.outlet) == [
        ("ALI503", "PricingPolicy/shop-markup is managed by the project 'shop'")
    ]
    assert stored(team.place) == before


@pytest.mark.parametrize(
    ("file", "kind", "title", "name"),
    [
        ("pricing.yaml", "PricingPolicy", "Markup of shop", "shop-markup"),
        ("account.yaml", "Account", "Shop ES", "es"),
        ("template.yaml", "ListingTemplate", "Everything of shop", "shop-everything"),
    ],
)
def test_a_title_is_one_projects_alone(
    team: Team, file: str, kind: str, title: str, name: str
) -> None:
    team.applied()
    own = {"Markup of shop": "Markup of outlet", "Shop ES": "Shop IT"}
    edit(team.outlet, file, own.get(title, "Everything of outlet"), title)
    assert errors(team.outlet) == [
        ("ALI506", f"the title {title!r} is held by {kind}/{name}, managed by the project 'shop'")
    ]


@pytest.mark.parametrize("action", ["create", "update", "move"])
def test_a_title_that_another_project_gives_meanwhile_is_stale(team: Team, action: str) -> None:
    apply(team.shop)
    edit(team.outlet, "pricing.yaml", "Markup of outlet", "The one")
    if action == "create":
        write(team.shop, {"more.yaml": policy("more", "The one")})
    elif action == "update":
        edit(team.shop, "pricing.yaml", "Markup of shop", "The one")
    else:
        edit(team.shop, "pricing.yaml", "Markup of shop", "The one")
        edit(team.shop, "pricing.yaml", "shop-markup", "renamed")
        moved = "moved: [{kind: PricingPolicy, from: shop-markup, to: renamed}]"
        edit(team.shop, "aliconf.yaml", "spec:", f"spec:\n  {moved}")
    code, message = stale(team, team.shop, "")
    assert code == "ALI917"
    assert message.startswith(
        "PricingPolicy/outlet-markup has the title 'The one' by now, for outlet: created by "
    )


def policy(name: str, title: str, more: str = "") -> str:
    return f"""
        apiVersion: aliconf/v1
        kind: PricingPolicy
        metadata: {{name: {name}}}
        spec: {{title: {title}, {more}}}
    """


# Defaults


def test_the_default_of_another_project_cannot_be_taken(team: Team) -> None:
    edit(team.shop, "pricing.yaml", "default: false", "default: true")
    team.applied()
    edit(team.outlet, "pricing.yaml", "default: false", "default: true")
    assert errors(team.outlet) == [
        (
            "ALI937",
            "the default PricingPolicy is PricingPolicy/shop-markup, managed by the project "
            "'shop': it cannot be moved from here",
        )
    ]


def test_a_default_that_another_project_takes_meanwhile_is_not_moved(team: Team) -> None:
    apply(team.shop)
    edit(team.shop, "pricing.yaml", "default: false", "default: true")
    edit(team.outlet, "pricing.yaml", "default: false", "default: true")
    (team.outlet / "template.yaml").unlink()
    (team.shop / "template.yaml").unlink()
    apply_without(team.shop, "pricing.yaml", "default: true", "default: false")
    assert stale(team, team.shop, "") == [
        "ALI937",
        "the default PricingPolicy is PricingPolicy/outlet-markup, managed by the project 'outlet' "
        "by now: other projects cannot move it",
    ]


def apply_without(root: Path, file: str, present: str, instead: str) -> None:
    """Apply with another value and put the first one back."""
    edit(root, file, present, instead)
    apply(root)
    edit(root, file, instead, present)


def test_a_generated_default_that_other_projects_take_cannot_be_taken(team: Team) -> None:
    team.applied()
    edit(team.outlet, "pricing.yaml", "default: false", "default: true")
    assert errors(team.outlet) == [
        (
            "ALI937",
            "the default PricingPolicy is PricingPolicy/default, and other projects take it "
            "(ListingTemplate/shop-everything): it cannot be moved from here",
        )
    ]
    edit(team.shop, "template.yaml", "categoryId", "pricingPolicy: shop-markup\n  categoryId")
    apply(team.shop)
    assert changes(team.outlet) == ["update PricingPolicy/outlet-markup"]
    plan = planned(team.outlet)
    edit(team.shop, "template.yaml", "pricingPolicy: shop-markup\n  ", "")
    apply(team.shop)
    outcome = carried_out(team.store, plan)
    assert [(finding.code, finding.message) for finding in outcome.findings] == [
        (
            "ALI937",
            "the default PricingPolicy is PricingPolicy/default, and "
            "ListingTemplate/shop-everything of another project takes it by now: it cannot be "
            "moved",
        )
    ]
    assert "PricingPolicy/default" in str(pointer(team))


def pointer(team: Team) -> str:
    ((name,),) = team.place.rows("SELECT policy FROM policy_default WHERE kind = 'PricingPolicy'")
    return f"PricingPolicy/{name}"


def test_who_has_the_default_moves_it_and_the_plan_names_whom_that_affects(team: Team) -> None:
    edit(team.shop, "pricing.yaml", "default: false", "default: true")
    team.applied()
    edit(team.shop, "pricing.yaml", "default: true", "default: false")
    write(team.shop, {"next.yaml": policy("next", "Next", "default: true")})
    plan = planned(team.shop)
    (change,) = (change for change in plan.changes if change.name == "next")
    assert "ListingTemplate/outlet-everything (default)" in change.users
    apply(team.shop)
    assert pointer(team) == "PricingPolicy/next"
    assert aliconf("plan", "--detailed-exitcode", cwd=team.outlet).code == 0


def test_a_default_that_others_take_is_not_deleted_under_them(team: Team) -> None:
    edit(team.shop, "pricing.yaml", "default: false", "default: true")
    apply(team.shop)
    (team.shop / "pricing.yaml").unlink()
    code, message = stale(team, team.shop, "")
    assert code == "ALI917"
    assert message.startswith(
        "ListingTemplate/outlet-everything (managed by outlet) takes the default, "
        "PricingPolicy/shop-markup, by now: created by "
    )
    assert pointer(team) == "PricingPolicy/shop-markup"
    assert errors(team.shop) == [
        (
            "ALI508",
            "PricingPolicy/shop-markup would be deleted, and it is the default that other projects "
            "take (ListingTemplate/outlet-everything)",
        )
    ]
    write(team.shop, {"next.yaml": policy("next", "Next", "default: true")})
    apply(team.shop)
    assert pointer(team) == "PricingPolicy/next"
    assert set(team.of("outlet")) == OUTLET


def test_generated_defaults_are_adopted_by_one_project_and_free_when_it_lets_them_go(
    team: Team,
) -> None:
    mine = policy("default", "Default Pricing Policy", "maximum: 99")
    team.applied()
    write(team.shop, {"default.yaml": mine})
    write(team.outlet, {"default.yaml": mine})
    plan = planned(team.outlet)
    apply(team.shop)
    (finding,) = carried_out(team.store, plan).findings
    assert finding.code == "ALI917"
    assert finding.message.startswith(
        "PricingPolicy/default is managed by shop by now: adopted by "
    )
    assert errors(team.outlet) == [
        ("ALI503", "PricingPolicy/default is managed by the project 'shop'")
    ]
    (team.shop / "default.yaml").unlink()
    apply(team.shop)
    apply(team.outlet)
    assert stored(team.place)["PricingPolicy", "default"].owner == "outlet"
    assert changes(team.shop) == []


def test_the_first_accounts_of_two_projects_generate_the_defaults_once(team: Team) -> None:
    plans = [planned(root) for root in (team.shop, team.outlet)]
    outcomes = [carried_out(team.store, plan) for plan in plans]
    assert [outcome.findings for outcome in outcomes] == [[], []]
    assert len(team.of(None)) == 5
    for root in (team.shop, team.outlet):
        assert changes(root) == []


# What one does with its objects


def test_what_one_project_deletes_moves_and_releases_is_its_own(team: Team) -> None:
    team.applied()
    write(team.shop, {"default.yaml": policy("default", "Default Pricing Policy")})
    apply(team.shop)
    theirs = team.of("outlet")
    (team.shop / "default.yaml").unlink()
    (team.shop / "template.yaml").unlink()
    edit(team.shop, "pricing.yaml", "shop-markup", "renamed")
    moved = "moved: [{kind: PricingPolicy, from: shop-markup, to: renamed}]"
    edit(team.shop, "aliconf.yaml", "spec:", f"spec:\n  {moved}")
    assert changes(team.shop) == [
        "move PricingPolicy/renamed",
        "delete ListingTemplate/shop-everything",
        "release PricingPolicy/default",
    ]
    apply(team.shop)
    assert team.of("outlet") == theirs
    assert set(team.of("shop")) == {
        ("Registration", "shop"),
        ("PricingPolicy", "renamed"),
        ("Account", "es"),
    }


def test_a_project_leaves_and_another_stays_as_it_was(team: Team) -> None:
    team.applied()
    theirs = team.of("outlet")
    for name in ("registration", "account", "pricing", "template"):
        (team.shop / f"{name}.yaml").unlink()
    apply(team.shop)
    assert team.of("shop") == {}
    assert team.of("outlet") == theirs
    assert changes(team.outlet) == []


def test_a_registration_stays_for_accounts_that_stay_but_not_for_those_of_another_project(
    team: Team,
) -> None:
    edit(team.shop, "account.yaml", "spec:", "lifecycle: {protect: true}\nspec:")
    team.applied()
    for name in ("registration", "account", "template"):
        (team.shop / f"{name}.yaml").unlink()
    assert errors(team.shop) == [
        ("ALI511", "Registration/shop would be deleted while accounts exist: es")
    ]


def test_what_another_project_names_is_neither_deleted_nor_renamed(team: Team) -> None:
    team.applied()
    team.place.sql(
        "UPDATE listing_template SET pricing_policy = 'shop-markup' "
        "WHERE name = 'outlet-everything'"
    )
    text = (team.shop / "pricing.yaml").read_text()
    (team.shop / "pricing.yaml").unlink()
    assert errors(team.shop) == [
        (
            "ALI508",
            "PricingPolicy/shop-markup would be deleted, and ListingTemplate/outlet-everything "
            "still uses it",
        )
    ]
    (team.shop / "pricing.yaml").write_text(text.replace("shop-markup", "renamed"))
    moved = "moved: [{kind: PricingPolicy, from: shop-markup, to: renamed}]"
    edit(team.shop, "aliconf.yaml", "spec:", f"spec:\n  {moved}")
    assert ("ALI504", MOVED) in errors(team.shop)
    assert ("PricingPolicy", "shop-markup") in team.of("shop")


MOVED = (
    "cannot move PricingPolicy/shop-markup to renamed: ListingTemplate/outlet-everything uses it, "
    "and this project does not manage that"
)


@pytest.mark.parametrize(
    ("kind", "name", "statement"),
    [
        ("PricingPolicy", "shop-markup", "pricing_policy = 'shop-markup'"),
        ("Account", "es", 'body = \'{"accounts": ["es", "it"], "query": {"all": []}}\''),
        (
            "PricingPolicy",
            "shop-markup",
            'body = \'{"accounts":["it"],"perAccount":{"it":{"pricingPolicy":"shop-markup"}}}\'',
        ),
    ],
)
def test_what_another_project_comes_to_name_is_neither_deleted_nor_renamed(
    team: Team, kind: str, name: str, statement: str
) -> None:
    team.applied()
    for file in ("template", "account" if kind == "Account" else "pricing"):
        (team.shop / f"{file}.yaml").unlink()
    update = f"UPDATE listing_template SET {statement} WHERE name = 'outlet-everything'"
    code, message = stale(team, team.shop, update)
    assert code == "ALI917"
    assert message.startswith(
        f"ListingTemplate/outlet-everything (managed by outlet) uses {kind}/{name} by now: "
    )
    with writer(team.place) as opened:
        body = stored(team.place)[kind, name].body_text
        moving = partial(opened.move, kind, name, "other", Content(json.loads(body)), body)
        assert refused(moving)[0] == "ALI917"
    assert (kind, name) in team.of("shop")


def test_many_deletes_at_once_leave_what_another_project_uses(team: Team) -> None:
    with writer(team.place) as opened:
        for index in range(8):
            title = {**MARKUP, "title": f"P{index}"}
            opened.create("PricingPolicy", f"p{index}", Content(title))
    with writer(team.place, "outlet") as opened:
        body = {**TEMPLATE, "pricingPolicy": "p7", "accounts": ["it"]}
        opened.create("ListingTemplate", "theirs", Content(body))
    with writer(team.place) as opened:
        from aliconf.model.base import canonical
        from tests.stores import Step

        steps = [
            Step("delete", "PricingPolicy", f"p{i}", before=canonical({**MARKUP, "title": f"P{i}"}))
            for i in range(8)
        ]
        code, message = refused(lambda: opened.writer.perform(steps))
    assert (code, message) == (
        "ALI917",
        "ListingTemplate/theirs (managed by outlet) uses PricingPolicy/p7 by now: <who>",
    )
    assert len(team.of("shop")) == 8


def test_an_account_of_another_project_is_nobody_elses_to_take(team: Team) -> None:
    """The name of a deleted account stays reserved, for other projects too."""
    team.applied()
    for name in ("account", "template"):
        (team.shop / f"{name}.yaml").unlink()
    apply(team.shop)
    edit(team.outlet, "template.yaml", "[it]", "[es]")
    edit(team.outlet, "account.yaml", "name: it", "name: es")
    assert ("ALI502", RESERVED) in errors(team.outlet)
    edit(team.outlet, "account.yaml", "region: IT", "region: ES")
    apply(team.outlet)
    assert team.place.rows("SELECT name, region, managed_by FROM account ORDER BY name") == [
        ("es", "ES", "outlet"),
        ("it", "IT", None),
    ]


RESERVED = "the name 'es' belonged to a deleted account in ES; it cannot come back in IT"


def test_an_unmanaged_object_is_adopted_by_one_project(team: Team) -> None:
    team.applied()
    team.place.sql(
        "INSERT INTO policy (kind, name, title, created_at, updated_at) "
        "VALUES ('PricingPolicy', 'found', 'Found', '', '')"
    )
    for root in (team.shop, team.outlet):
        write(root, {"found.yaml": policy("found", "Found")})
        assert changes(root) == []
        assert [change.id for change in planned(root).adoptions] == ["PricingPolicy/found"]
    code, message = stale(team, team.shop, "")
    assert code == "ALI917"
    assert message.startswith("PricingPolicy/found is managed by outlet by now: adopted by ")
    assert stored(team.place)["PricingPolicy", "found"].owner == "outlet"


def test_runs_of_one_project_are_not_the_others(team: Team) -> None:
    """Neither what one left unfinished nor its lease concerns another."""
    apply(team.shop)
    plan = planned(team.outlet)
    with hold(team.store, "outlet") as lease, open_writer(team.store, lease) as opened:
        opened.begin(plan.changes)
        assert changes(team.shop) == []
        apply(team.shop)
    edit(team.shop, "pricing.yaml", "12", "13")
    ended = aliconf("apply", "--yes", cwd=team.shop)
    assert (ended.code, "ALI946" in ended.out) == (0, False)
    assert "ALI946" in aliconf("plan", cwd=team.outlet).out
