"""Bad input that no file can be kept of: links, permissions, sizes, and other ways to a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cases import PROJECT, Validated, build_text, validate
from tests.stores import as_nobody, public_directory

POLICY = """\
apiVersion: aliconf/v1
kind: PricingPolicy
metadata: {name: markup}
spec: {title: Markup}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    build_text(POLICY, tmp_path)
    return tmp_path


def test_a_link_to_nothing_is_a_finding_and_the_rest_is_read(project: Path) -> None:
    (project / "orders.yaml").symlink_to("gone.yaml")
    assert validate(project) == Validated(
        1,
        "orders.yaml:1:1: error[ALI107]: cannot read the file: no such file or directory\n"
        "  → Check that the file exists and that its permissions let you read it.\n\n"
        "1 error in 3 documents\n",
    )


def test_links_in_a_circle_are_a_finding(project: Path) -> None:
    (project / "a.yaml").symlink_to("b.yaml")
    (project / "b.yaml").symlink_to("a.yaml")
    found = validate(project)
    assert found.codes == ["ALI107", "ALI107"]
    assert "too many levels of symbolic links" in found.output


def test_a_directory_that_links_to_itself_ends(project: Path) -> None:
    (project / "policies").mkdir()
    (project / "policies" / "again").symlink_to("..")
    assert validate(project) == Validated(0, "no findings in 3 documents\n")


def test_the_project_as_a_link_to_itself_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "aliconf.yaml").symlink_to("aliconf.yaml")
    found = validate(tmp_path)
    assert found.exit_code == 1
    assert found.codes in (["ALI107"], ["ALI121"])


def test_a_file_without_permission_is_a_finding(project: Path) -> None:
    with public_directory() as root:
        shutil.copytree(project, root, dirs_exist_ok=True)
        root.chmod(0o755)
        (root / "case.yaml").chmod(0)
        with as_nobody():
            found = validate(root)
    assert found.codes == ["ALI107"]
    assert "permission denied" in found.output


def test_a_directory_without_permission_is_a_refusal(project: Path) -> None:
    with public_directory() as root:
        shutil.copytree(project, root, dirs_exist_ok=True)
        root.chmod(0o755)
        (root / "policies").mkdir(mode=0)
        with as_nobody():
            found = validate(root)
    assert found.codes == ["ALI107"]
    assert "permission denied" in found.output


def test_a_reference_into_a_broken_file_is_not_a_reference_to_nothing(project: Path) -> None:
    (project / "case.yaml").write_text(POLICY.replace("spec:", "  basedOn: standard\nspec:"))
    (project / "standard.yaml").write_text(POLICY.replace("markup", "standard") + "}")
    text = POLICY.replace("{title: Markup}", "{title: Markup, basedOn: standard}")
    (project / "case.yaml").write_text(text)
    assert validate(project).codes == ["ALI101"]


def test_a_broken_document_is_named_but_does_not_make_its_users_wrong(project: Path) -> None:
    (project / "standard.yaml").write_text(
        POLICY.replace("markup", "standard").replace("{title: Markup}", "{titel: Standard}")
    )
    text = POLICY.replace("{title: Markup}", "{title: Markup, basedOn: standard}")
    (project / "case.yaml").write_text(text)
    assert validate(project).codes == ["ALI113", "ALI112"]


@pytest.mark.parametrize("depth", [101, 5_000, 100_000])
def test_nesting_without_end_is_a_finding(depth: int, project: Path) -> None:
    for opening, closing in (("[", "]"), ("{a: ", "}"), ("- ", "")):
        text = POLICY.replace("{title: Markup}", opening * depth + "1" + closing * depth)
        if opening == "- ":
            text = POLICY.replace("{title: Markup}", "\n  " + "- " * depth + "1")
        (project / "case.yaml").write_text(text)
        assert validate(project).codes == ["ALI104"]


@pytest.mark.parametrize("text", ["", "\n\n", "# a comment\n", "---\n", "---\n---\n", "~\n"])
def test_a_file_with_nothing_in_it_is_somebody_else_s(text: str, project: Path) -> None:
    (project / "notes.yaml").write_text(text)
    assert validate(project) == Validated(
        0, "no findings in 3 documents (1 other YAML file skipped)\n"
    )


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(project: Path) -> None:
    raw = b"\xef\xbb\xbf" + POLICY.replace("\n", "\r\n").encode()
    (project / "case.yaml").write_bytes(raw)
    assert validate(project) == Validated(0, "no findings in 3 documents\n")


def test_the_place_after_a_byte_order_mark_and_windows_line_ends_is_right(project: Path) -> None:
    text = "---\n" + PROJECT.replace("kind: Project", "kind: Projekt") + "---\n" + POLICY
    (project / "case.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert validate(project).output.splitlines()[:4] == [
        "case.yaml:3:7: error[ALI111]: unknown kind Projekt",
        " 3 | kind: Projekt",
        "   |       ^^^^^^^",
        "  → Did you mean Project?",
    ]


def test_paths_filter_what_is_shown_and_the_whole_project_is_read(project: Path) -> None:
    (project / "other.yaml").write_text(POLICY)
    assert validate(project, "case.yaml") == Validated(0, "no findings in 3 documents\n")
    assert validate(project, "other.yaml").codes == ["ALI201"]


def test_a_missing_path_is_a_refusal_also_beside_one_that_exists(project: Path) -> None:
    assert validate(project, "case.yaml", "gone") == Validated(
        1, "error[ALI107]: gone: no such file or directory\n  → Check the path.\n"
    )


@pytest.mark.parametrize("version", ["image.toolkit.fluxcd.io/v1beta2", "example.com/v1"])
def test_a_document_of_a_group_with_a_domain_is_somebody_else_s(
    version: str, project: Path
) -> None:
    (project / "other.yaml").write_text(f"apiVersion: {version}\nkind: ImagePolicy\n")
    assert validate(project) == Validated(
        0, "no findings in 3 documents (1 other YAML file skipped)\n"
    )


def test_a_document_without_an_api_version_is_not_passed_over(project: Path) -> None:
    (project / "case.yaml").write_text(POLICY.partition("\n")[2])
    assert validate(project).codes == ["ALI110"]


def test_an_overlay_is_no_file_of_the_project_also_where_a_pattern_includes_it(
    project: Path,
) -> None:
    spec = "{include: ['**/*.yaml'], environments: {live: {overlays: ['overlays/*.yaml']}}}"
    (project / "aliconf.yaml").write_text(PROJECT.partition("spec:")[0] + f"spec: {spec}\n")
    (project / "overlays").mkdir()
    (project / "overlays" / "live.yaml").write_text(POLICY)
    assert validate(project) == Validated(0, "no findings in 3 documents\n")


def test_sarif_has_addresses_and_sentences(project: Path) -> None:
    (project / "case.yaml").rename(project / "ein Fall #1.yaml")
    (project / "ein Fall #1.yaml").write_text(POLICY.replace("title", "titel"))
    results = json.loads(validate(project, "--format", "sarif").output)["runs"][0]["results"]
    assert [
        (
            result["message"]["text"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        )
        for result in results
    ] == [
        (
            "title is missing. Such as `title: Markup 12 %`. Internal name, shown in the policy "
            "table; unique per kind.",
            "ein%20Fall%20%231.yaml",
        ),
        ("unknown key 'titel'. Did you mean title?", "ein%20Fall%20%231.yaml"),
    ]
