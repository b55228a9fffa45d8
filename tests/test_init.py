"""``aliconf init``: what it writes validates and plans, and it overwrites nothing."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aliconf.config.load import load
from aliconf.config.scaffold.ci import EXAMPLE
from tests.command import Ended, aliconf, clean_environment

FILES = [
    "account.yaml",
    "aliconf.yaml",
    "listing-template.yaml",
    "policies.yaml",
    "registration.yaml",
]
EVERYTHING = [
    "--email",
    "ops@shop.example",
    "--accept-terms",
    "--title",
    "Moda Sur",
    "--region",
    "Spain",
    "--store-view",
    "es_es",
]


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        yield


def summary(ended: Ended) -> str:
    return ended.out.splitlines()[-1]


def test_with_every_answer_the_whole_project_is_in_force(tmp_path: Path) -> None:
    assert aliconf("init", "moda-sur", *EVERYTHING, cwd=tmp_path) == Ended(
        0,
        """\
Wrote aliconf.yaml, registration.yaml, account.yaml, policies.yaml,
  listing-template.yaml, .gitignore in moda-sur.

Left to do
  aliconf.yaml           declare the system check; until then apply refuses the
                         first account
  listing-template.yaml  give the SKU of a first product and its categoryId

Next
  aliconf -C moda-sur validate
  aliconf -C moda-sur plan
""",
        "",
    )
    project = tmp_path / "moda-sur"
    assert aliconf("validate", "--strict", cwd=project) == Ended(
        0, "no findings in 6 documents\n", ""
    )
    assert {document.id for document in load(project).documents} == {
        "Project/moda-sur",
        "Registration/main",
        "Account/es",
        "PricingPolicy/markup",
        "InventoryPolicy/stock",
        "ListingTemplate/first",
    }
    planned = aliconf("plan", cwd=project)
    assert (planned.code, summary(planned)) == (0, "Plan: 5 to create, 5 generated. 1 warning.")
    assert "warning[ALI701]" in planned.out


def test_apply_waits_for_the_system_check_and_then_applies(tmp_path: Path) -> None:
    aliconf("init", *EVERYTHING, cwd=tmp_path)
    refused = aliconf("apply", "--yes", cwd=tmp_path)
    assert (refused.code, refused.err.partition(":")[0]) == (1, "aliconf.yaml")
    assert "error[ALI702]" in refused.err
    project = tmp_path / "aliconf.yaml"
    text = re.sub(r"^# (spec:|  )", r"\1", project.read_text(), flags=re.MULTILINE)
    values = {"cron": "true", "memoryLimit": "512M", "maxExecutionTime": "60"}
    for key, value in values.items():
        text = text.replace(f"{key}:", f"{key}: {value}")
    project.write_text(text)
    applied = aliconf("apply", "--yes", cwd=tmp_path)
    assert (applied.code, applied.err) == (0, "")
    assert summary(aliconf("plan", cwd=tmp_path)) == "Plan: no changes."


def test_without_answers_what_is_known_is_in_force_and_the_rest_waits(tmp_path: Path) -> None:
    assert aliconf("init", cwd=tmp_path) == Ended(
        0,
        """\
Wrote aliconf.yaml, registration.yaml, account.yaml, policies.yaml,
  listing-template.yaml, .gitignore.

Left to do
  aliconf.yaml           declare the system check; until then apply refuses the
                         first account
  registration.yaml      give email and acceptTerms: true, then remove the
                         number signs
  account.yaml           give region and storeView, then remove the number signs
  listing-template.yaml  give the SKU of a first product and its categoryId,
                         then remove the number signs

Next
  aliconf validate
  aliconf plan
""",
        "",
    )
    assert aliconf("validate", "--strict", cwd=tmp_path) == Ended(
        0, "no findings in 3 documents (3 other YAML files skipped)\n", ""
    )
    planned = aliconf("plan", cwd=tmp_path)
    assert (planned.code, summary(planned)) == (0, "Plan: 2 to create. 1 warning.")


def test_an_account_waits_for_its_registration(tmp_path: Path) -> None:
    aliconf("init", "--region", "IT", "--store-view", "it", cwd=tmp_path)
    first = (tmp_path / "account.yaml").read_text().splitlines()[0]
    assert first == (
        "# # Not in force yet: wait for registration.yaml, then remove the number signs."
    )


def test_what_is_left_to_say_cannot_be_forgotten(tmp_path: Path) -> None:
    aliconf("init", cwd=tmp_path)
    for name in FILES:
        text = (tmp_path / name).read_text()
        if text.startswith("# # Not in force yet"):
            uncommented = [line.removeprefix("# ") for line in text.splitlines(keepends=True)]
            (tmp_path / name).write_text("".join(uncommented))
    output = aliconf("validate", cwd=tmp_path).out
    assert re.findall(r"^\S+?:\S+ (\w+)\[(\w+)\]: (\w+)", output, re.MULTILINE) == [
        ("error", "ALI206", "region"),
        ("error", "ALI205", "storeView"),
        ("error", "ALI117", "email"),
        ("error", "ALI207", "acceptTerms"),
    ]


@pytest.mark.parametrize("arguments", [[], EVERYTHING], ids=["without answers", "with every one"])
def test_what_is_written_is_formatted(arguments: list[str], tmp_path: Path) -> None:
    aliconf("init", *arguments, cwd=tmp_path)
    formatted = aliconf("fmt", "--check", cwd=tmp_path)
    assert (formatted.code, formatted.out) == (0, "")
    assert formatted.err.startswith("0 files would be formatted")


@pytest.mark.parametrize(
    "title",
    ["yes", "NO", "12", "Moda: Sur", "#1", "- x", 'the "best" \\o/', "1e3", "Calzados Ñandú 👟"],
)
def test_a_title_is_the_same_when_it_is_read(title: str, tmp_path: Path) -> None:
    aliconf("init", *EVERYTHING, "--title", title, cwd=tmp_path)
    assert load(tmp_path).findings == []
    account = load(tmp_path).get("Account", "es")
    assert account is not None
    assert getattr(account.spec, "title", None) == title


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("Moda Sur (2)", "moda-sur-2"),
        ("12", "12"),
        ("on", "on"),
        ("ñ", "shop"),
        ("a" * 90, "a" * 63),
    ],
)
def test_a_project_is_named_after_its_directory(directory: str, name: str, tmp_path: Path) -> None:
    assert aliconf("init", directory, cwd=tmp_path).code == 0
    assert [document.id for document in load(tmp_path / directory).of("Project")] == [
        f"Project/{name}"
    ]


def test_a_country_is_written_as_its_code(tmp_path: Path) -> None:
    aliconf("init", *EVERYTHING, "--region", "Norway", cwd=tmp_path)
    account = load(tmp_path).get("Account", "no")
    assert account is not None
    assert getattr(account.spec, "region", None) == "NO"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--region", "Spian", "region: Spian is not a country. Did you mean Spain?"),
        ("--store-view", "admin", "storeView: admin is Magento's back end, not a store view"),
        ("--email", "shop", "email: 'shop' is malformed."),
        ("--name", "Moda Sur", "metadata.name: 'Moda Sur' is malformed."),
        ("--title", "a\nb", "it has characters that cannot be printed"),
    ],
)
def test_a_wrong_option_is_refused_as_validate_would(
    option: str, value: str, message: str, tmp_path: Path
) -> None:
    ended = aliconf("init", option, value, cwd=tmp_path)
    assert (ended.code, ended.out) == (64, "")
    assert f"Invalid value for '{option}': {message}" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_and_nothing_is_written_beside_what_exists(tmp_path: Path) -> None:
    (tmp_path / "aliconf.yaml").write_text("mine")
    (tmp_path / "policies.yaml").symlink_to("nowhere")
    assert aliconf("init", *EVERYTHING, cwd=tmp_path) == Ended(
        1,
        "",
        "error[ALI940]: this directory has aliconf.yaml and policies.yaml already, and init "
        "overwrites nothing\n"
        "  → Name another directory, or work on what is there: `aliconf validate` checks\n"
        "    it.\n",
    )
    assert (tmp_path / "aliconf.yaml").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"aliconf.yaml", "policies.yaml"}


def test_where_the_system_refuses_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "shop" / ".gitignore").mkdir(parents=True)
    inside = aliconf("init", "file/shop", cwd=tmp_path)
    assert (inside.code, inside.err) == (
        1,
        "error[ALI941]: nothing was written: file/shop: not a directory\n"
        "  → Check the directory and its permissions, or name another one.\n",
    )
    late = aliconf("init", "shop", cwd=tmp_path)
    assert (late.code, late.err.partition(" →")[0]) == (
        1,
        "error[ALI941]: nothing was written: shop/.gitignore: is a directory\n ",
    )
    assert [path.name for path in (tmp_path / "shop").iterdir()] == [".gitignore"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, ".aliconf/\n"),
        ("", ".aliconf/\n"),
        ("*.log", "*.log\n.aliconf/\n"),
        ("*.log\r\n", "*.log\r\n.aliconf/\n"),
        ("/.aliconf\n*.log\n", "/.aliconf\n*.log\n"),
    ],
)
def test_git_ignores_the_store(before: str | None, after: str, tmp_path: Path) -> None:
    ignore = tmp_path / ".gitignore"
    if before is not None:
        ignore.write_bytes(before.encode())
    written = aliconf("init", cwd=tmp_path)
    assert ignore.read_bytes() == after.encode()
    assert (".gitignore" in written.out) == (before != after)


def test_in_a_terminal_it_asks_for_what_the_options_do_not_say(tmp_path: Path) -> None:
    answers = ["", "ops@shop.example", "y", "", "Spian", "Spain", "admin", "es_es"]
    code, screen = in_a_terminal(tmp_path, ["init", "--name", "moda-sur"], answers[1:])
    assert code == 0, screen
    assert "Do you accept the connector's terms and conditions? [y/N]" in screen
    assert "Error: region: Spian is not a country. Did you mean Spain?" in screen
    assert "Error: storeView: admin is Magento's back end" in screen
    assert aliconf("validate", "--strict", cwd=tmp_path).out == "no findings in 6 documents\n"
    account = load(tmp_path).get("Account", "es")
    assert account is not None
    assert getattr(account.spec, "title", None) == "moda-sur"


def test_terms_that_are_not_accepted_are_not_written_as_accepted(tmp_path: Path) -> None:
    answers = ["", "ops@shop.example", "n", "Moda Sur", "ES", "es_es"]
    code, screen = in_a_terminal(tmp_path, ["init"], answers)
    assert code == 0, screen
    assert "# acceptTerms: false" in (tmp_path / "registration.yaml").read_text().replace("  ", "")
    assert load(tmp_path).of("Registration") == []


def in_a_terminal(cwd: Path, arguments: list[str], answers: list[str]) -> tuple[int, str]:
    """What a command shows in a terminal whose user types the answers, line by line."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "aliconf", *arguments],
        cwd=cwd,
        env=clean_environment({"NO_COLOR": "1"}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    screen = b""
    while True:
        try:
            screen += os.read(ours, 4096)
        except OSError:  # what Linux says when the other end is closed
            break
    os.close(ours)
    return process.wait(), screen.decode()


CONNECTOR = "postgresql://shops_apply:${env:SHOPS_PASSWORD}@db.example.com/shops?sslmode=require"


def written(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def repository(root: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


@pytest.mark.parametrize(
    ("forge", "files"),
    [
        ("github", [".github/workflows/aliconf.yml"]),
        ("gitlab", [".gitlab/ci/aliconf.yml", ".gitlab-ci.yml"]),
    ],
)
def test_a_new_project_gets_its_workflow(forge: str, files: list[str], tmp_path: Path) -> None:
    begun = aliconf("init", *EVERYTHING, "--ci", forge, "--connector", CONNECTOR, cwd=tmp_path)
    assert (begun.code, begun.err) == (0, "")
    assert written(tmp_path) == {*FILES, ".gitignore", *files}
    assert f"  {files[0]} " in begun.out.partition("Left to do")[2]
    project = load(tmp_path)
    assert project.settings.connector == CONNECTOR
    assert project.findings == []
    assert aliconf("fmt", "--check", cwd=tmp_path).code == 0


def test_a_new_project_in_ci_is_told_to_name_a_connector(tmp_path: Path) -> None:
    begun = aliconf("init", *EVERYTHING, "--ci", "github", cwd=tmp_path)
    assert (
        begun.out.partition("Left to do\n")[2]
        == """\
  aliconf.yaml                   give a connector that every machine reaches;
                                 declare the system check; until then apply
                                 refuses the first account
  listing-template.yaml          give the SKU of a first product and its
                                 categoryId
  .github/workflows/aliconf.yml  say in it where aliconf comes from: your own
                                 index, or `aliconf[postgresql] @
                                 git+https://HOST/PATH@COMMIT`; on GitHub, set
                                 the secret ALICONF_PLAN_PASSWORD, and
                                 ALICONF_APPLY_PASSWORD in the environment
                                 aliconf-apply, which only the branch that is
                                 applied may use

Next
  aliconf validate
  aliconf plan
"""
    )
    project = tmp_path / "aliconf.yaml"
    text = re.sub(r"^# (spec:|  connector)", r"\1", project.read_text(), flags=re.MULTILINE)
    project.write_text(text)
    assert load(tmp_path).findings == []
    workflow = (tmp_path / ".github/workflows/aliconf.yml").read_text()
    assert load(tmp_path).settings.connector == EXAMPLE
    assert "          ALICONF_PASSWORD: ${{ secrets.ALICONF_APPLY_PASSWORD }}\n" in workflow


def test_a_project_that_is_there_gets_the_workflow_alone(tmp_path: Path) -> None:
    shop = repository(tmp_path) / "shops" / "moda"
    aliconf("init", "shops/moda", *EVERYTHING, "--connector", CONNECTOR, cwd=tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in written(tmp_path)}
    assert aliconf("init", "--ci", "github", cwd=shop) == Ended(
        0,
        """\
Wrote ../../.github/workflows/aliconf-shops-moda.yml.

Left to do
  ../../.github/workflows/aliconf-shops-moda.yml
    say in it where aliconf comes from: your own index, or `aliconf[postgresql]
    @ git+https://HOST/PATH@COMMIT`; on GitHub, set the secret
    ALICONF_PLAN_PASSWORD, and ALICONF_APPLY_PASSWORD in the environment
    aliconf-shops-moda-apply, which only the branch that is applied may use

Next
  aliconf connector check
""",
        "",
    )
    file = ".github/workflows/aliconf-shops-moda.yml"
    assert {name: (tmp_path / name).read_bytes() for name in written(tmp_path) - {file}} == before
    text = (tmp_path / file).read_text()
    assert '  ALICONF_PROJECT: "shops/moda" # ' in text
    assert "          SHOPS_PASSWORD: ${{ secrets.ALICONF_PLAN_PASSWORD }}\n" in text


def test_the_workflow_of_an_embedded_store_says_what_is_missing(tmp_path: Path) -> None:
    aliconf("init", *EVERYTHING, cwd=tmp_path)
    assert (
        aliconf("init", "--ci", "gitlab", cwd=tmp_path).out
        == """\
Wrote .gitlab/ci/aliconf.yml, .gitlab-ci.yml.

Left to do
  aliconf.yaml            give a connector that every machine reaches:
                          postgresql://shops_apply:${env:ALICONF_PASSWORD}@db.example.com/shops
  .gitlab/ci/aliconf.yml  say in it where aliconf comes from: your own index, or
                          `aliconf[postgresql] @ git+https://HOST/PATH@COMMIT`;
                          on GitLab, set ALICONF_PLAN_PASSWORD (with the
                          environment scope aliconf-plan),
                          ALICONF_APPLY_PASSWORD (protected, with the scope
                          aliconf-apply) and ALICONF_TOKEN, and schedule a
                          pipeline

Next
  aliconf connector check
"""
    )


def test_workflows_are_for_the_branch_that_the_clone_began_with(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    git = ["git", "-c", "init.defaultBranch=trunk"]
    subprocess.run([*git, "init", "--quiet", str(origin)], check=True)
    commit = ["commit", "--quiet", "--allow-empty", "-m", "Begin"]
    subprocess.run([*git, *commit], cwd=origin, check=True)
    subprocess.run([*git, "clone", "--quiet", str(origin), str(clone)], check=True)
    assert aliconf("init", *EVERYTHING, "--ci", "github", cwd=clone).code == 0
    text = (clone / ".github/workflows/aliconf.yml").read_text()
    assert text.count("    branches: [trunk]") == 2
    assert "On the branch trunk it applies" in text


@pytest.mark.parametrize(
    ("begun", "now", "expected"),
    [
        ("master", None, "master"),
        ("trunk", None, "trunk"),
        ("trunk", "try", "try"),  # nothing tells which of the two it is
        ("master", "try", "master"),
        ("main", "try", "main"),
        ("main", "HEAD", "main"),
        ("trunk", "HEAD", "main"),
        ("a'b", None, "main"),
    ],
)
def test_without_a_clone_workflows_are_for_the_branch_that_is_there(
    begun: str, now: str | None, expected: str, tmp_path: Path
) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run(["git", "init", "--quiet", "-b", begun, str(tmp_path)], check=True)
    if now:
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "Begin"], check=True)
        change = ["--detach"] if now == "HEAD" else ["-c", now]
        subprocess.run([*git, "switch", "--quiet", *change], check=True)
    assert aliconf("init", "shop", *EVERYTHING, "--ci", "github", cwd=tmp_path).code == 0
    (file,) = (tmp_path / ".github/workflows").iterdir()
    assert file.read_text().count(f"    branches: [{expected}]") == 2


def test_a_project_with_environments_gets_a_workflow_for_one(tmp_path: Path) -> None:
    aliconf("init", *EVERYTHING, cwd=tmp_path)
    with (tmp_path / "aliconf.yaml").open("a") as file:
        for name in ("staging", "production"):
            begin = "spec:\n  environments:\n" if name == "staging" else ""
            url = CONNECTOR.replace("/shops?", f"/{name}?")
            file.write(f"{begin}    {name}:\n      connector: {url}\n")
    before = written(tmp_path)
    none = aliconf("init", "--ci", "github", cwd=tmp_path)
    assert (none.code, none.err.partition("\n")[0]) == (
        1,
        "aliconf.yaml:16:3: error[ALI920]: the project has environments (staging, production), "
        "and none was chosen",
    )
    unknown = aliconf("init", "--ci", "github", "-e", "test", cwd=tmp_path)
    assert (unknown.code, "error[ALI957]" in unknown.err) == (1, True)
    assert written(tmp_path) == before
    for name in ("staging", "production"):
        begun = aliconf("init", "--ci", "github", "-e", name, cwd=tmp_path)
        assert begun.code == 0
        assert begun.out.endswith(f"\nNext\n  aliconf connector check -e {name}\n")
        text = (tmp_path / f".github/workflows/aliconf-{name}.yml").read_text()
        assert f"  ALICONF_ENVIRONMENT: {name} # " in text


@pytest.mark.parametrize(
    ("forge", "file"),
    [("github", ".github/workflows/aliconf.yml"), ("gitlab", ".gitlab/ci/aliconf.yml")],
)
def test_a_workflow_that_exists_is_refused_and_nothing_is_written(
    forge: str, file: str, tmp_path: Path
) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("mine")
    new = aliconf("init", *EVERYTHING, "--ci", forge, cwd=tmp_path)
    assert (new.code, written(tmp_path)) == (1, {file})
    aliconf("init", *EVERYTHING, cwd=tmp_path)
    before = written(tmp_path)
    alone = aliconf("init", "--ci", forge, cwd=tmp_path)
    refused = Ended(
        1,
        "",
        f"error[ALI940]: this directory has {file} already, and init overwrites nothing\n"
        "  → Move it away, run this again, and bring the two together.\n",
    )
    assert [new, alone] == [refused, refused]
    assert ((tmp_path / file).read_text(), written(tmp_path)) == ("mine", before)


@pytest.mark.parametrize(("forge", "directory"), [("github", "workflows"), ("gitlab", "ci")])
def test_each_project_of_a_repository_has_its_own_workflow(
    forge: str, directory: str, tmp_path: Path
) -> None:
    repository(tmp_path)
    for shop in (".", "shop1", "shop2", "shops/la moda é"):
        assert aliconf("init", shop, *EVERYTHING, "--ci", forge, cwd=tmp_path).code == 0
    workflows = tmp_path / f".{forge}" / directory
    names = {path.stem for path in workflows.iterdir()}
    assert names == {"aliconf", "aliconf-shop1", "aliconf-shop2", "aliconf-shops-la-moda-"}
    for name in names:
        text = (workflows / f"{name}.yml").read_text()
        own = f"\nname: {name}\n" if forge == "github" else f"\n{name}:apply:\n"
        assert (own in text, f" environment: {name}-apply " in text) == (True, True)


def test_files_above_the_project_are_named_as_they_are_seen_from_here(tmp_path: Path) -> None:
    repository(tmp_path)
    out = aliconf("init", "shops/b", *EVERYTHING, "--ci", "gitlab", cwd=tmp_path).out
    assert out.partition("\n\n")[0] == (
        "Wrote aliconf.yaml, registration.yaml, account.yaml, policies.yaml,\n"
        "  listing-template.yaml, .gitignore in shops/b, .gitlab/ci/aliconf-shops-b.yml,\n"
        "  .gitlab-ci.yml."
    )
    assert "\n  .gitlab/ci/aliconf-shops-b.yml" in out.partition("Left to do")[2]
    assert ".." not in out


def test_gitlab_takes_in_every_environment_without_another_word(tmp_path: Path) -> None:
    aliconf("init", *EVERYTHING, cwd=tmp_path)
    with (tmp_path / "aliconf.yaml").open("a") as file:
        file.write("spec:\n  environments:\n")
        file.writelines(f"    {name}:\n      connector: {CONNECTOR}\n" for name in ("a", "b"))
    told = [aliconf("init", "--ci", "gitlab", "-e", name, cwd=tmp_path).out for name in ("a", "b")]
    assert [out.partition("\n")[0] for out in told] == [
        "Wrote .gitlab/ci/aliconf-a.yml, .gitlab-ci.yml.",
        "Wrote .gitlab/ci/aliconf-b.yml.",
    ]
    assert [".gitlab-ci.yml" in out.partition("Left to do")[2] for out in told] == [False, False]


LINE = "take the new file in, under include: `- local: /.gitlab/ci/aliconf.yml`"


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("", LINE),
        ("test:\n  script: make\n", LINE),
        ("include: /.gitlab/ci/aliconf.yml\n", ""),
        ("include: .gitlab/ci/*.yml\n", ""),
        ("include:\n  - local: /.gitlab/**.yml\n    rules: []\n", ""),
        ("include:\n  local: /**/aliconf*\n", ""),
        ("include:\n  - template: Jobs/SAST.gitlab-ci.yml\n  - local: /.gitlab/*.yml\n", LINE),
        ("include:\n  - project: /.gitlab/ci/aliconf.yml\n", LINE),
        ("include: [{local: [a, {b: c}]}, {[local]: d}, null]\nstages: [{a: b}]\n", None),
        ("spec:\n  inputs: {}\n---\ninclude: /.gitlab/ci/aliconf.yml\n", ""),
        ("include: [.gitlab/ci/*.yml]\nstages: [build, test, deploy]\n", ""),
        ("include: [.gitlab/ci/*.yml]\nstages: !reference [.some, stages]\n", ""),
        ("include: [.gitlab/ci/*.yml]\nstages: [build, test]\n", "add the stage deploy"),
        ("stages: [build]\n", f"{LINE}; add the stage test; add the stage deploy"),
        ("script: !reference [.some, script]\ninclude: .gitlab/ci/*.yml\n", ""),
        ("- include\n", LINE),
        ("include: [\n", LINE),
        ("[" * 5000, LINE),
        ("\x00", LINE),
    ],
)
def test_what_a_pipeline_that_is_there_lacks_is_said(
    text: str, lacking: str | None, tmp_path: Path
) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text(text)
    begun = aliconf("init", *EVERYTHING, "--ci", "gitlab", "--connector", CONNECTOR, cwd=tmp_path)
    assert (begun.code, begun.err, file.read_text()) == (0, "", text)
    lines = begun.out.partition("  .gitlab-ci.yml ")[2].partition("  .gitlab/ci/")[0]
    expected = f"{LINE}; add the stage test; add the stage deploy" if lacking is None else lacking
    assert " ".join(lines.split()) == expected


@pytest.mark.parametrize("kind", ["directory", "link", "latin"])
def test_a_pipeline_that_cannot_be_read_is_left_alone(kind: str, tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    if kind == "directory":
        file.mkdir()
    elif kind == "link":
        file.symlink_to("nowhere")
    else:
        file.write_bytes("# señal\n".encode("latin-1"))
    begun = aliconf("init", *EVERYTHING, "--ci", "gitlab", cwd=tmp_path)
    assert (begun.code, LINE in " ".join(begun.out.split())) == (0, True)


def test_a_workflow_above_a_project_that_is_still_to_be_made_is_refused(tmp_path: Path) -> None:
    shop = repository(tmp_path) / "shop"
    workflow = tmp_path / ".github" / "workflows" / "aliconf-shop.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("mine")
    assert aliconf("init", "shop", *EVERYTHING, "--ci", "github", cwd=tmp_path) == Ended(
        1,
        "",
        "error[ALI940]: the repository has .github/workflows/aliconf-shop.yml already, and init "
        "overwrites nothing\n"
        "  → Move it away, run this again, and bring the two together.\n",
    )
    assert (shop.exists(), workflow.read_text()) == (False, "mine")


def test_where_a_workflow_cannot_be_written_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / ".github").write_text("a file")
    shop = repository(tmp_path) / "shop"
    refused = aliconf("init", "shop", *EVERYTHING, "--ci", "github", cwd=tmp_path)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        "error[ALI941]: nothing was written: .github/workflows: not a directory\n"
        "  → Check the directory and its permissions, or name another one.\n"
    )
    assert not shop.exists()


def test_answers_in_a_project_that_is_there_are_not_dropped(tmp_path: Path) -> None:
    aliconf("init", cwd=tmp_path)
    again = aliconf("init", "--ci", "github", "--email", "ops@shop.example", cwd=tmp_path)
    assert (again.code, again.err[:13]) == (1, "error[ALI940]")
    assert not (tmp_path / ".github").exists()


def test_a_project_with_mistakes_gets_no_workflow(tmp_path: Path) -> None:
    (tmp_path / "aliconf.yaml").write_text("apiVersion: aliconf/v1\nkind: Project\n")
    refused = aliconf("init", "--ci", "github", cwd=tmp_path)
    assert (refused.code, "error[ALI" in refused.err) == (1, True)
    assert written(tmp_path) == {"aliconf.yaml"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ci", "bitbucket"], "'bitbucket' is not one of 'github', 'gitlab'."),
        (["-e", "production"], "-e is for --ci where DIR has a project."),
        (
            ["--connector", "postgresql://shops:secret@db.example.com/shops"],
            "the password in a URL must be a reference such as ${env:NAME}",
        ),
    ],
)
def test_wrong_uses_are_told(arguments: list[str], message: str, tmp_path: Path) -> None:
    ended = aliconf("init", *arguments, cwd=tmp_path)
    assert (ended.code, ended.out) == (64, "")
    assert message in " ".join(ended.err.split())
    assert "secret@" not in ended.err
    assert written(tmp_path) == set()
