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
from collections.abc import Callable, Iterator
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

FILES = {"github": ".github/workflows/aliconf.yml", "gitlab": ".gitlab-ci.yml"}
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
    place: Place
    work: Path

    def commit(self, branch: str, file: str, old: str, new: str) -> None:
        """One more commit on a branch, which is made from main if it is new."""
        git(self.work, "fetch", "--quiet", "--prune", "origin")
        known = git(self.work, "branch", "--remotes", "--list", f"origin/{branch}")
        start = f"origin/{branch}" if known else "origin/main"
        git(self.work, "checkout", "--quiet", "-B", branch, start)
        edit(self.work, file, old, new)
        self.push(branch)

    def push(self, branch: str) -> None:
        git(self.work, "add", ".")
        git(self.work, "commit", "--quiet", "-m", f"Change {branch}")
        git(self.work, "push", "--quiet", "origin", f"HEAD:{branch}")

    def review(self, branch: str, file: str, old: str, new: str) -> Request:
        """A request with one commit, for which the jobs have run well."""
        self.commit(branch, file, old, new)
        request = self.forge.open(branch)
        ran = self.runner.run(Event("pull_request", request))
        assert [one.code for one in ran.values()] == [0, 0], ran
        return request

    def merge(self, request: Request) -> Ran:
        """Merge it; the only job of the push."""
        self.forge.merge(request, self.runner.root / f"merge-{request.number}")
        return self.only("push")

    def only(self, event: str, **inputs: str) -> Ran:
        (ran,) = self.runner.run(Event(event, inputs=inputs)).values()
        return ran

    def plan(self) -> Ended:
        """Of main, as a person makes it."""
        git(self.work, "fetch", "--quiet", "origin")
        git(self.work, "checkout", "--quiet", "-B", "main", "origin/main")
        return aliconf("plan", cwd=self.work)

    def value(self) -> str:
        """The markup that is in force."""
        ((body,),) = self.place.rows("SELECT body FROM policy WHERE name = 'markup'")
        return str(json.loads(body)["adjustments"][0]["increaseByPercent"])


@pytest.fixture
def team(shared: Shared, tmp_path: Path, new_place: Callable[..., Place]) -> Iterator[Make]:
    """Make a team: ``team("github")``, or with the kind of its server."""
    with ExitStack() as stack:

        def make(forge: str, database: ServerKind = "postgresql") -> Team:
            place = new_place(database, tmp_path)
            hub = stack.enter_context(served(forge, tmp_path))
            work = tmp_path / "work"
            work.mkdir()
            git(work, "init", "--quiet", "--initial-branch", "main")
            git(work, "remote", "add", "origin", str(hub.bare))
            shop_at(place, work)
            (work / "README.md").write_text("The shop.\n")
            made(place)
            applied = aliconf("apply", "--yes", cwd=work)
            assert applied.code == 0, applied.err
            reader = stack.enter_context(place.new_user(READS[database]))
            begun = aliconf("init", "--ci", forge, cwd=work)
            assert begun.code == 0, begun.err
            edit(work, FILES[forge], "ALICONF_PLAN_USER: aliconf", f"ALICONF_PLAN_USER: {reader}")
            password = available(shared, database).password
            names = ("ALICONF_PLAN_PASSWORD", "ALICONF_APPLY_PASSWORD")
            runner = Runner(hub, tmp_path, dict.fromkeys(names, password))
            found = Team(hub, runner, place, work)
            found.push("main")
            return found

        yield make


Make = Callable[..., Team]
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

    request = shop.review("prices", "pricing.yaml", "12", "14")
    (comment,) = request.comments
    assert comment.author == BOT[forge]
    (digest,) = set(DIGEST.findall(comment.body))
    assert comment.body.startswith(f"{MARK}{digest} -->\n### aliconf plan · 1 to update\n")
    assert "`pricing.yaml:9:26`" in comment.body

    unrelated = shop.review("words", "README.md", "The shop", "Our shop")
    assert "### aliconf plan · no changes\n" in unrelated.comments[0].body
    merged = shop.merge(unrelated)
    assert (merged.code, shop.value()) == (0, before), merged.log

    merged = shop.merge(request)
    assert (merged.code, shop.value()) == (0, "14"), merged.log
    assert "Apply: 1 done, 0 failed, 0 not tried." in merged.log
    history = aliconf("history", "--format", "json", cwd=shop.work)
    assert json.loads(history.out)["runs"][0]["digest"] == digest

    quiet = shop.only("schedule")
    assert (quiet.code, quiet.log.splitlines()[-1]) == (0, "Drift: none.")

    shop.place.sql(
        "UPDATE policy SET body = REPLACE(body, '\"14\"', '\"19\"') WHERE name = 'markup'"
    )
    drift = shop.only("schedule")
    assert drift.code == 2, drift.log
    for text in (drift.log, drift.report):
        assert "adjustments[0].increaseByPercent: 14 → 19" in text

    git(shop.work, "fetch", "--quiet", "origin")
    git(shop.work, "checkout", "--quiet", "-B", "found", "origin/main")
    imported = aliconf("import", "--drift", "--yes", cwd=shop.work)
    assert imported.code == 0, imported.err
    shop.push("found")
    taken = shop.forge.open("found")
    ran = shop.runner.run(Event("pull_request", taken))
    assert [one.code for one in ran.values()] == [0, 0]
    assert "### aliconf plan · no changes\n" in taken.comments[0].body
    merged = shop.merge(taken)
    assert (merged.code, shop.value()) == (0, "19"), merged.log
    assert shop.plan().out.splitlines()[-1] == "Plan: no changes."
    assert shop.only("schedule").code == 0
