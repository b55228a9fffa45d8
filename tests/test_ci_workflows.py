"""The workflows that ``aliconf init --ci`` writes do what they say, step by step.

Their own shell steps are run by bash, each job in a fresh clone of a real repository, with the
variables of a runner, against a forge that answers over a socket as GitHub and GitLab do, and a
connector store on a server. Two things stand in for what only a runner has. ``pip install`` is not
run: the jobs find this environment's aliconf. The actions of others (``uses:``) are those of
``runners.USED``. No other step is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import Ended, aliconf
from tests.databases.fixtures import available
from tests.databases.places import Place
from tests.databases.programs import ServerKind
from tests.databases.shared import Shared
from tests.forges import BOT, Forge, Request, git, served
from tests.runners import Event, Ran, Runner
from tests.teams import edit, made, shop_at

FILES = {"github": ".github/workflows/{}.yml", "gitlab": ".gitlab/ci/{}.yml"}
READS = {
    "postgresql": "SELECT ON ALL TABLES IN SCHEMA public",
    "mariadb": "SELECT ON {database}.*",
}
MARK = "<!-- aliconf-ci .  "
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass
class Team:
    """A repository whose store lies on a server, with the workflows of its forge."""

    forge: Forge
    runner: Runner
    places: list[Place]
    """The store, or that of each environment."""
    work: Path
    """Somebody's clone."""
    project: Path
    """The project in it."""

    def commit(self, branch: str, file: str, old: str, new: str) -> None:
        """One more commit on a branch, which is made from main if it is new."""
        git(self.work, "fetch", "--quiet", "origin")
        known = git(self.work, "branch", "--remotes", "--list", f"origin/{branch}")
        start = f"origin/{branch}" if known else "origin/main"
        git(self.work, "checkout", "--quiet", "-B", branch, start)
        edit(self.project, file, old, new)
        self.push(branch)

    def push(self, branch: str) -> None:
        git(self.work, "add", ".")
        git(self.work, "commit", "--quiet", "-m", f"Change {branch}")
        git(self.work, "push", "--quiet", "origin", f"HEAD:{branch}")

    def request(self, branch: str, file: str, old: str, new: str) -> Request:
        self.commit(branch, file, old, new)
        return self.forge.open(branch)

    def check(self, request: Request) -> dict[str, int]:
        """How the jobs of a push to the request's branch end."""
        ran = self.runner.run(Event("pull_request", request))
        return {name: one.code for name, one in ran.items()}

    def reviewed(self, branch: str, file: str, old: str, new: str) -> Request:
        """A request with one commit, for which the jobs have run well."""
        request = self.request(branch, file, old, new)
        assert self.check(request) == {"validate": 0, "plan": 0}
        return request

    def merge(self, request: Request) -> Ran:
        """Merge it; the only job of the push."""
        self.forge.merge(request, self.runner.root / f"merge-{request.number}")
        return self.only("push")

    def only(self, event: str, chosen: str = "", **inputs: str) -> Ran:
        (ran,) = self.runner.run(Event(event, inputs=inputs, chosen=chosen)).values()
        return ran

    @property
    def place(self) -> Place:
        return self.places[0]

    def plan(self) -> Ended:
        """Of main, as a person makes it."""
        git(self.work, "fetch", "--quiet", "origin")
        git(self.work, "checkout", "--quiet", "-B", "main", "origin/main")
        return aliconf("plan", cwd=self.project)

    def value(self) -> str:
        """The markup that is in force."""
        (value,) = self.values()
        return value

    def values(self) -> list[str]:
        """The markup that is in force, in each environment."""
        rows = [
            place.rows("SELECT body FROM policy WHERE name = 'markup'") for place in self.places
        ]
        bodies = [json.loads(body) for ((body,),) in rows]
        return [str(body["adjustments"][0]["increaseByPercent"]) for body in bodies]


Make = Callable[..., Team]


@pytest.fixture
def team(
    shared: Shared, tmp_path: Path, new_place: Callable[[ServerKind, Path], Place]
) -> Iterator[Make]:
    """Make a team: ``team("github")``. A project at ``directory`` in its repository, which may have
    environments, each with a store of its own; everything in it is applied."""
    with ExitStack() as stack:

        def make(
            kind: str,
            database: ServerKind = "postgresql",
            directory: str = ".",
            environments: Sequence[str] = (),
        ) -> Team:
            places = [new_place(database, tmp_path) for _ in environments or [""]]
            forge = stack.enter_context(served(kind, tmp_path))
            work = tmp_path / "work"
            git(tmp_path, "clone", "--quiet", str(forge.bare), str(work))
            project = work / directory
            shop_at(places[0], project)
            if environments:
                text = "\n  environments:" + "".join(
                    f"\n    {name}:\n      requireReviewedPlan: true\n      connector: {place.url}"
                    for name, place in zip(environments, places, strict=True)
                )
                edit(project, "aliconf.yaml", "\nspec:", f"\nspec:{text}")
            (project / "README.md").write_text("The shop.\n")
            for name, place in zip(environments or [""], places, strict=True):
                made(place)
                chosen = ["-e", name] if name else []
                plan = str(tmp_path / f"first-{name}.json")
                done("plan", *chosen, "--out", plan, cwd=project)
                done("apply", *chosen, plan, cwd=project)
                done("init", "--ci", kind, *chosen, cwd=project)
                reader = stack.enter_context(place.new_user(READS[database]))
                own = "-".join(["aliconf", *Path(directory).parts, *filter(None, [name])])
                user = "ALICONF_PLAN_USER: aliconf"
                edit(work, FILES[kind].format(own), user, user.replace("aliconf", reader))
            password = available(shared, database).password
            names = ("ALICONF_PLAN_PASSWORD", "ALICONF_APPLY_PASSWORD")
            runner = Runner(forge, tmp_path, dict.fromkeys(names, password))
            found = Team(forge, runner, places, work, project)
            found.push("main")
            return found

        yield make


def done(*arguments: str, cwd: Path) -> None:
    ended = aliconf(*arguments, cwd=cwd)
    assert ended.code == 0, ended.err


FORGES = pytest.mark.parametrize("forge", FILES)


@pytest.mark.parametrize(
    ("forge", "database"),
    [
        pytest.param("github", "postgresql", marks=pytest.mark.postgresql),
        pytest.param("gitlab", "mariadb", marks=pytest.mark.mariadb),
    ],
)
def test_from_a_pull_request_to_drift_and_back(
    team: Make, forge: str, database: ServerKind
) -> None:
    shop = team(forge, database)
    before = shop.value()

    request = shop.reviewed("prices", "pricing.yaml", "12", "14")
    (comment,) = request.comments
    assert comment.author == BOT[forge]
    (digest,) = set(DIGEST.findall(comment.body))
    assert comment.body.startswith(f"{MARK}{digest} -->\n### aliconf plan · 1 to update\n")
    assert "\n**Since** `origin/main` (" in comment.body
    assert "): the one change comes from this branch.\n" in comment.body
    assert (
        "\n| `adjustments[0].increaseByPercent` | `12` | `14` | `pricing.yaml:9:26` |\n"
        in comment.body
    )

    unrelated = shop.reviewed("words", "README.md", "The shop", "Our shop")
    assert "### aliconf plan · no changes\n" in unrelated.comments[0].body
    merged = shop.merge(unrelated)
    assert (merged.code, shop.value()) == (0, before), merged.log

    merged = shop.merge(request)
    assert (merged.code, shop.value()) == (0, "14"), merged.log
    assert "Apply: 1 done, 0 failed, 0 not tried." in merged.log
    history = json.loads(aliconf("history", "--format", "json", cwd=shop.project).out)
    assert (history["runs"][0]["digest"], history["runs"][0]["clean"]) == (digest, True)

    quiet = shop.only("schedule")
    assert (quiet.code, quiet.log.splitlines()[-1]) == (0, "Drift: none.")

    shop.place.sql(
        "UPDATE policy SET body = REPLACE(body, '\"14\"', '\"19\"') WHERE name = 'markup'"
    )
    drift = shop.only("schedule")
    assert drift.code == 2, drift.log
    for text in (drift.log, drift.report):
        assert "      adjustments[0].increaseByPercent: 14 → 19\n" in text

    git(shop.work, "fetch", "--quiet", "origin")
    git(shop.work, "checkout", "--quiet", "-B", "found", "origin/main")
    done("import", "--drift", "--yes", cwd=shop.project)
    shop.push("found")
    taken = shop.forge.open("found")
    assert shop.check(taken) == {"validate": 0, "plan": 0}
    assert "### aliconf plan · no changes\n" in taken.comments[0].body
    merged = shop.merge(taken)
    assert (merged.code, shop.value()) == (0, "19"), merged.log
    assert shop.plan().out.splitlines()[-1] == "Plan: no changes."
    assert shop.only("schedule").code == 0


@FORGES
@pytest.mark.postgresql
def test_there_is_one_comment_and_those_of_others_do_not_count(team: Make, forge: str) -> None:
    shop = team(forge)
    request = shop.request("prices", "pricing.yaml", "12", "14")
    forged = f"{MARK}sha256:{'0' * 64} -->\n### aliconf plan · no changes"
    others = [shop.forge.say(request, "somebody", forged)]
    others += [shop.forge.say(request, "somebody", f"Thought {number}") for number in range(120)]
    assert shop.check(request) == {"validate": 0, "plan": 0}
    first = request.comments[-1]
    others.append(shop.forge.say(request, "somebody", "More of a thought"))

    shop.commit("prices", "pricing.yaml", "14", "15")
    assert shop.check(request) == {"validate": 0, "plan": 0}
    assert [comment for comment in request.comments if comment.author != BOT[forge]] == others
    (second,) = (comment for comment in request.comments if comment.author == BOT[forge])
    assert second.id == first.id
    assert "`12` | `15`" in second.body

    merged = shop.merge(request)
    assert (merged.code, shop.value()) == (0, "15"), merged.log


@FORGES
@pytest.mark.postgresql
def test_a_refused_plan_is_shown_and_its_merge_applies_nothing(team: Make, forge: str) -> None:
    shop = team(forge)
    request = shop.request("italy", "account.yaml", "region: ES", "region: IT")
    assert shop.check(request) == {"validate": 1, "plan": 1}
    (comment,) = request.comments
    assert comment.body.startswith(f"{MARK}none -->\n### aliconf plan · no plan\n")
    assert "the region of an account never changes: ES in the connector, IT here" in comment.body
    assert not shop.runner.kept.exists()

    merged = shop.merge(request)
    assert (merged.code, shop.place.rows("SELECT region FROM account")) == (1, [("ES",)])
    assert "error[ALI501]" in merged.log


@FORGES
@pytest.mark.postgresql
def test_what_was_merged_without_a_plan_is_not_applied(team: Make, forge: str) -> None:
    shop = team(forge)
    right = shop.runner.secrets["ALICONF_PLAN_PASSWORD"]
    shop.runner.secrets["ALICONF_PLAN_PASSWORD"] = right[::-1]
    request = shop.request("prices", "pricing.yaml", "12", "14")
    assert shop.check(request) == {"validate": 0, "plan": 1}
    assert request.comments[0].body.startswith(f"{MARK}none -->\n### aliconf plan · no plan\n")

    shop.runner.secrets["ALICONF_PLAN_PASSWORD"] = right
    merged = shop.merge(request)
    assert (merged.code, shop.value()) == (1, "12")
    assert {
        "github": "::error::The plan of pull request 1 was refused. Nothing was applied.",
        "gitlab": "The merge request !1 has no plan. Nothing was applied.",
    }[forge] in merged.log


@FORGES
@pytest.mark.postgresql
def test_a_direct_push_waits_for_somebody_who_names_its_digest(team: Make, forge: str) -> None:
    shop = team(forge)
    shop.commit("main", "pricing.yaml", "12", "14")
    pushed = shop.only("push")
    commit = git(shop.forge.bare, "rev-parse", "main")
    assert (pushed.code, shop.value()) == (1, "12")
    assert {
        "github": f"::error::No reviewed plan: {commit} is the merge of no pull request with a plan.",
        "gitlab": f"No reviewed plan: {commit} is the merge of no request. Nothing was applied.",
    }[forge] in pushed.log
    digest = advised(pushed)

    looked = shop.runner.run(Event("workflow_dispatch"))
    assert {name: ran.code for name, ran in looked.items()} == {"drift": 0}
    other = shop.only("workflow_dispatch", digest="sha256:" + "0" * 64)
    assert (other.code, shop.value()) == (1, "12")
    assert "error[ALI531]" in other.log
    by_hand = shop.only("workflow_dispatch", digest=digest)
    assert (by_hand.code, shop.value()) == (0, "14"), by_hand.log


@FORGES
@pytest.mark.postgresql
def test_what_is_adopted_as_it_is_has_to_be_reviewed_although_it_is_no_change(
    team: Make, forge: str
) -> None:
    shop = team(forge)
    shop.place.sql("UPDATE policy SET managed_by = NULL WHERE name = 'markup'")
    owner = "SELECT managed_by FROM policy WHERE name = 'markup'"
    assert shop.plan().out.splitlines()[-1] == "Plan: no changes, 1 to adopt as it is."
    shop.commit("main", "README.md", "The shop.", "A shop.")
    assert shop.only("push").code == 1
    assert shop.place.rows(owner) == [(None,)]
    request = shop.reviewed("readme", "README.md", "A shop.", "Our shop.")
    assert "· no changes, 1 to adopt as it is\n" in request.comments[0].body
    assert shop.merge(request).code == 0
    assert shop.place.rows(owner) == [("shop",)]


@FORGES
@pytest.mark.postgresql
def test_a_plan_that_another_has_overtaken_is_refused(team: Make, forge: str) -> None:
    shop = team(forge)
    prices = shop.reviewed("prices", "pricing.yaml", "12", "14")
    shop.runner.kept.rename(shop.runner.root / "prices.json")
    titles = shop.reviewed("titles", "template.yaml", "title: Everything", "title: All")
    assert shop.merge(titles).code == 0

    late = shop.merge(prices)
    assert (late.code, shop.value()) == (1, "12")
    assert "error[ALI531]: the plan is not the reviewed one" in late.log
    told = aliconf("apply", str(shop.runner.root / "prices.json"), cwd=shop.project)
    assert (told.code, "stale: ListingTemplate/everything has changed in" in told.err) == (1, True)
    by_hand = shop.only("workflow_dispatch", digest=advised(late))
    assert (by_hand.code, shop.value()) == (0, "14"), by_hand.log


@FORGES
@pytest.mark.postgresql
def test_guardrails_are_lifted_by_hand_with_a_reason(team: Make, forge: str) -> None:
    shop = team(forge)
    limits = "guardrails: {maximumUpdates: 1, minimumObjects: 1}"
    shop.commit("main", "aliconf.yaml", "\nspec:", f"\nspec:\n  {limits}")
    request = shop.request("prices", "pricing.yaml", "12", "14")
    assert shop.check(request) == {"validate": 0, "plan": 1}
    assert "**`apply` refuses this plan as it is**: `ALI520`" in request.comments[0].body
    refused = shop.merge(request)
    assert (refused.code, shop.value()) == (1, "12")
    assert "error[ALI520]" in refused.log

    names = re.findall(r"--allow (\S+) --reason", refused.log)
    assert sorted(set(names)) == ["ALI520=PricingPolicy", "ALI520=all"]
    inputs = {"digest": advised(refused), "reason": "summer's end; all of it"}
    one = shop.only("workflow_dispatch", allow="ALI520=all", **inputs)
    assert (one.code, shop.value()) == (1, "12")
    assert "--allow ALI520=PricingPolicy --reason" in one.log
    by_hand = shop.only("workflow_dispatch", allow="ALI520=all ALI520=PricingPolicy", **inputs)
    assert (by_hand.code, shop.value()) == (0, "14"), by_hand.log
    history = json.loads(aliconf("history", "--format", "json", cwd=shop.project).out)
    assert history["runs"][0]["allowed"] == [
        {"code": "ALI520", "object": name, "reason": inputs["reason"]}
        for name in ("all", "PricingPolicy")
    ]


def advised(ran: Ran) -> str:
    """The digest that the advice names, after what the plan and the refusal say."""
    advice = re.split("what to do", ran.log, flags=re.IGNORECASE)[-1]
    digests: list[str] = DIGEST.findall(advice)
    return digests[0]


@FORGES
@pytest.mark.postgresql
def test_a_project_below_the_top_with_an_environment(team: Make, forge: str) -> None:
    shop = team(forge, directory="shops/moda", environments=["production"])
    request = shop.reviewed("prices", "pricing.yaml", "12", "14")
    (comment,) = request.comments
    assert comment.body.startswith("<!-- aliconf-ci shops/moda production sha256:")
    merged = shop.merge(request)
    assert (merged.code, shop.value()) == (0, "14"), merged.log
    assert shop.only("schedule").code == 0


@FORGES
@pytest.mark.postgresql
def test_each_environment_of_a_project_has_its_own_jobs_and_comment(team: Make, forge: str) -> None:
    shop = team(forge, environments=["staging", "production"])
    names = ["aliconf-production", "aliconf-staging"]
    request = shop.request("prices", "pricing.yaml", "12", "13")
    for value in ("13", "14"):
        if value == "14":
            shop.commit("prices", "pricing.yaml", "13", value)
        ran = shop.check(request)
        assert ran == {f"{name}:{job}": 0 for name in names for job in ("validate", "plan")}
        bodies = {comment.body.split()[3]: comment.body for comment in request.comments}
        assert (len(request.comments), sorted(bodies)) == (2, ["production", "staging"])
        assert all(f"`12` | `{value}`" in body for body in bodies.values())
    digests = {name: DIGEST.findall(body)[0] for name, body in bodies.items()}
    assert len(set(digests.values())) == 2

    shop.forge.merge(request, shop.runner.root / "merge")
    pushed = shop.runner.run(Event("push"))
    assert {name: ran.code for name, ran in pushed.items()} == {f"{one}:apply": 0 for one in names}
    assert shop.values() == ["14", "14"]

    shop.places[1].sql(
        "UPDATE policy SET body = REPLACE(body, '\"14\"', '\"19\"') WHERE name = 'markup'"
    )
    night = shop.runner.run(Event("schedule"))
    assert {name: ran.code for name, ran in night.items()} == {
        "aliconf-production:drift": 2,
        "aliconf-staging:drift": 0,
    }
    assert shop.only("workflow_dispatch", chosen="aliconf-staging").code == 0


@FORGES
@pytest.mark.postgresql
def test_an_environment_is_chosen_to_apply_by_hand(team: Make, forge: str) -> None:
    shop = team(forge, environments=["staging", "production"])
    shop.commit("main", "pricing.yaml", "12", "14")
    pushed = shop.runner.run(Event("push"))
    assert {name: ran.code for name, ran in pushed.items()} == {
        "aliconf-production:apply": 1,
        "aliconf-staging:apply": 1,
    }
    refused = pushed["aliconf-production:apply"]
    advice = re.split("what to do", refused.log, flags=re.IGNORECASE)[-1]
    assert "aliconf-production" in advice
    by_hand = shop.only("workflow_dispatch", chosen="aliconf-production", digest=advised(refused))
    assert (by_hand.code, shop.values()) == (0, ["12", "14"]), by_hand.log


@pytest.mark.postgresql
def test_a_merge_queue_is_answered_by_validate(team: Make) -> None:
    shop = team("github")
    right = shop.reviewed("prices", "pricing.yaml", "12", "14")
    wrong = shop.request("italy", "account.yaml", "region: ES", "region: IT")
    ran = [shop.runner.run(Event("merge_group", request)) for request in (right, wrong)]
    assert [{name: one.code for name, one in jobs.items()} for jobs in ran] == [
        {"validate": 0},
        {"validate": 1},
    ]
    assert "ALI501" in ran[1]["validate"].log
    merged = shop.merge(right)
    assert (merged.code, shop.value()) == (0, "14"), merged.log


@pytest.mark.postgresql
def test_the_pull_request_of_a_fork_is_given_no_secret(team: Make) -> None:
    shop = team("github")
    request = shop.request("prices", "pricing.yaml", "12", "14")
    ran = shop.runner.run(Event("pull_request", request, fork=True))
    assert {name: one.code for name, one in ran.items()} == {"validate": 0}
