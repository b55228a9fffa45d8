"""``aliconf fmt`` as it is run: which files, what is printed, what is written, and how it ends."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import Ended, aliconf, aliconf_process, clean_environment, write
from tests.stores import NOBODY, as_nobody, public_directory

PROJECT = "apiVersion: aliconf/v1\nkind: Project\nmetadata: {name: shop}\n"
SLOPPY = "kind:  Registration\napiVersion: aliconf/v1   # v1\nmetadata: {name: main}\n"
NEAT = "apiVersion: aliconf/v1   # v1\nkind: Registration\nmetadata: {name: main}\n"
FOREIGN = "version:   3\nservices: {}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "aliconf.yaml": PROJECT,
            "neat.yaml": NEAT,
            "policies/sloppy.yaml": SLOPPY,
            "compose.yml": FOREIGN,
        },
    )


def texts(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


def test_all_files_of_the_project_are_formatted_and_those_of_other_tools_left(
    project: Path,
) -> None:
    before = texts(project)
    ended = aliconf_process("fmt", cwd=project)
    assert ended == Ended(
        0,
        "formatted policies/sloppy.yaml\n",
        "1 file formatted, 2 left unchanged, 1 other YAML file skipped\n",
    )
    assert texts(project) == {**before, "policies/sloppy.yaml": NEAT}
    assert aliconf_process("fmt", cwd=project) == Ended(
        0, "", "0 files formatted, 3 left unchanged, 1 other YAML file skipped\n"
    )


def test_check_names_the_files_writes_nothing_and_fails(project: Path) -> None:
    before = texts(project)
    assert aliconf_process("fmt", "--check", cwd=project) == Ended(
        1,
        "would format policies/sloppy.yaml\n",
        "1 file would be formatted, 2 left unchanged, 1 other YAML file skipped\n",
    )
    assert texts(project) == before
    (project / "policies/sloppy.yaml").unlink()
    assert aliconf_process("fmt", "--check", cwd=project).code == 0


DIFF = """\
--- policies/sloppy.yaml
+++ policies/sloppy.yaml
@@ -1,3 +1,3 @@
-kind:  Registration
 apiVersion: aliconf/v1   # v1
+kind: Registration
 metadata: {name: main}
"""


@pytest.mark.parametrize(("options", "code"), [(["--diff"], 0), (["--diff", "--check"], 1)])
def test_diff_prints_what_would_change_and_writes_nothing(
    options: list[str], code: int, project: Path
) -> None:
    before = texts(project)
    assert aliconf_process("fmt", *options, cwd=project) == Ended(
        code,
        DIFF,
        "1 file would be formatted, 2 left unchanged, 1 other YAML file skipped\n",
    )
    assert texts(project) == before


def test_a_diff_is_coloured_on_a_terminal_and_hides_no_control_character(project: Path) -> None:
    (project / "policies/sloppy.yaml").write_bytes(SLOPPY.replace("\n", "\r\n").encode())
    ended = aliconf("fmt", "--diff", cwd=project, environment={"FORCE_COLOR": "1"})
    assert ended.out == (
        "\x1b[1m--- policies/sloppy.yaml\x1b[0m\n"
        "\x1b[1m+++ policies/sloppy.yaml\x1b[0m\n"
        "\x1b[36m@@ -1,3 +1,3 @@\x1b[0m\n"
        "\x1b[31m-kind:  Registration\\x0d\x1b[0m\n"
        "\x1b[31m-apiVersion: aliconf/v1   # v1\\x0d\x1b[0m\n"
        "\x1b[31m-metadata: {name: main}\\x0d\x1b[0m\n"
        "\x1b[32m+apiVersion: aliconf/v1   # v1\x1b[0m\n"
        "\x1b[32m+kind: Registration\x1b[0m\n"
        "\x1b[32m+metadata: {name: main}\x1b[0m\n"
    )


@pytest.mark.parametrize(
    "content",
    [
        SLOPPY.encode(),
        SLOPPY.rstrip("\n").encode(),
        b"\xef\xbb\xbf" + NEAT.encode(),
        SLOPPY.replace("\n", "\r\n").encode(),
        ("# é 😀\n\n\n" + SLOPPY + "---\n" + SLOPPY).encode(),
    ],
)
def test_what_diff_prints_is_a_patch_to_what_fmt_writes(content: bytes, project: Path) -> None:
    file = project / "policies/sloppy.yaml"
    file.write_bytes(content)
    diff = subprocess.run(
        [sys.executable, "-m", "aliconf", "fmt", "--diff"],
        cwd=project,
        env=clean_environment(),
        capture_output=True,
        check=True,
    ).stdout
    apply = ["git", "apply", "-p0", "--whitespace=nowarn", "-"]
    subprocess.run(apply, cwd=project, input=diff, check=True)
    patched = file.read_bytes()
    file.write_bytes(content)
    assert aliconf("fmt", cwd=project).out == "formatted policies/sloppy.yaml\n"
    assert file.read_bytes() == patched


def test_files_and_directories_can_be_given_and_need_no_project(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "one.yaml": SLOPPY,
            "other.yaml": SLOPPY,
            "compose.yml": FOREIGN,
            "broken-template.yaml": "{{ if x }}\nkind: [\n",
            "aliconf.lock.yaml": SLOPPY,
            "shops/a/aliconf.yaml": SLOPPY,
            "shops/a/.hidden.yaml": SLOPPY,
            "shops/b.yaml": NEAT,
        },
    )
    given = ["one.yaml", "compose.yml", "broken-template.yaml", "aliconf.lock.yaml", "shops"]
    assert aliconf_process("fmt", *given, "./one.yaml", cwd=tmp_path) == Ended(
        0,
        "formatted one.yaml\nformatted shops/a/aliconf.yaml\n",
        "2 files formatted, 1 left unchanged, 2 other YAML files skipped\n",
    )
    assert texts(tmp_path)["other.yaml"] == SLOPPY
    assert texts(tmp_path)["aliconf.lock.yaml"] == SLOPPY


def test_overlays_and_included_files_belong_to_the_project_and_ignored_ones_do_not(
    tmp_path: Path,
) -> None:
    root = write(
        tmp_path,
        {
            "shared/policy.yaml": SLOPPY,
            "shop/aliconf.yaml": PROJECT
            + "spec:\n  include: [a/*.yaml, ../shared/*.yaml]\n"
            + "  environments: {staging: {overlays: [overlays/*.yaml]}}\n",
            "shop/a/one.yaml": SLOPPY,
            "shop/b/two.yaml": SLOPPY,
            "shop/overlays/o.yaml": SLOPPY,
        },
    )
    assert aliconf_process("fmt", "--check", cwd=root / "shop").out == (
        "would format a/one.yaml\nwould format ../shared/policy.yaml\n"
        "would format overlays/o.yaml\n"
    )
    project = (root / "shop/aliconf.yaml").read_text()
    (root / "shop/aliconf.yaml").write_text(project.replace("include: [", "# include: ["))
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / ".gitignore").write_text("b/\n")
    assert aliconf_process("-C", "shop", "fmt", "--check", cwd=root).out == (
        "would format shop/a/one.yaml\nwould format shop/overlays/o.yaml\n"
    )


def test_what_the_project_names_is_its_own_when_it_is_broken_and_not_when_it_is_foreign(
    tmp_path: Path,
) -> None:
    root = write(
        tmp_path,
        {
            "aliconf.yaml": PROJECT + "spec: {include: [one.yml, other.yml]}\n",
            "one.yml": "kind: [\n",
            "other.yml": "",
        },
    )
    (root / "other.yml").write_bytes(b"version:  3\r\n")
    ended = aliconf_process("fmt", cwd=root)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("one.yml:2:1: error[ALI101]: ")
    assert ended.err.endswith(
        "0 files formatted, 1 left unchanged, 1 with errors, 1 other YAML file skipped\n"
    )
    assert (root / "other.yml").read_bytes() == b"version:  3\r\n"


def test_a_file_that_is_no_yaml_is_reported_as_validate_does_and_the_others_are_formatted(
    project: Path,
) -> None:
    write(
        project,
        {
            "broken.yaml": "apiVersion: aliconf/v1\nkind: [Account\n",
            "twice.yaml": "apiVersion: aliconf/v1\nkind: Account\nkind: Account\n",
        },
    )
    (project / "latin.yaml").write_bytes(b"# a\xf1o\n")
    (project / "gone.yaml").symlink_to("nowhere")
    ended = aliconf_process("fmt", cwd=project)
    validated = aliconf_process("validate", cwd=project)
    assert (ended.code, ended.out) == (1, "formatted policies/sloppy.yaml\n")
    blocks = ended.err.split("\n\n")
    assert [block.split(":")[0] for block in blocks[:-1]] == [
        "broken.yaml",
        "gone.yaml",
        "latin.yaml",
        "twice.yaml",
    ]
    assert all(block in validated.out for block in blocks[:-1])
    assert blocks[-1] == (
        "1 file formatted, 2 left unchanged, 4 with errors, 1 other YAML file skipped\n"
    )


def test_a_project_that_cannot_be_read_is_reported_and_its_files_are_formatted(
    project: Path,
) -> None:
    (project / "aliconf.yaml").write_text("apiVersion: aliconf/v1\nkind: [\n")
    ended = aliconf_process("fmt", cwd=project)
    assert (ended.code, ended.out) == (1, "formatted policies/sloppy.yaml\n")
    assert ended.err.startswith("aliconf.yaml:3:1: error[ALI101]: ")


def test_a_path_to_nothing_is_refused_before_anything_is_written(project: Path) -> None:
    assert aliconf_process("fmt", "policies", "gone.yaml", cwd=project) == Ended(
        1, "", "error[ALI107]: gone.yaml: no such file or directory\n  → Check the path.\n"
    )
    assert (project / "policies/sloppy.yaml").read_text() == SLOPPY


def test_without_a_path_there_must_be_a_project(tmp_path: Path) -> None:
    ended = aliconf_process("fmt", cwd=tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error[ALI121]: no aliconf.yaml in {tmp_path} or above it\n")


def test_mode_stays_and_no_other_file_is_left_behind(project: Path) -> None:
    file = project / "policies/sloppy.yaml"
    file.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(file, 1234, 4321)
    before = file.stat()
    assert aliconf_process("fmt", str(file), cwd=project).code == 0
    after = file.stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino
    assert list(file.parent.iterdir()) == [file]


def test_of_a_symbolic_link_the_target_is_replaced(project: Path) -> None:
    link = project / "link.yaml"
    link.symlink_to("policies/sloppy.yaml")
    (project / "loop.yaml").symlink_to("loop.yaml")
    ended = aliconf_process("fmt", "link.yaml", "loop.yaml", cwd=project)
    assert (ended.code, ended.out) == (1, "formatted link.yaml\n")
    assert "loop.yaml:1:1: error[ALI107]: cannot read the file: too many levels" in ended.err
    assert link.is_symlink()
    assert (project / "policies/sloppy.yaml").read_text() == NEAT


CANNOT_WRITE = """\
sloppy.yaml:1:1: error[ALI131]: cannot write the file: permission denied
  → Check the permissions of the file and of its directory.

0 files formatted, 0 left unchanged, 1 with errors
"""


@pytest.mark.parametrize(
    ("file_mode", "directory_mode"), [(0o444, 0o777), (0o464, 0o777), (0o666, 0o555)]
)
def test_a_read_only_file_or_directory_is_a_finding_and_stays(
    file_mode: int, directory_mode: int
) -> None:
    with public_directory() as directory:
        file = directory / "sloppy.yaml"
        file.write_text(SLOPPY)
        if os.geteuid() == 0:
            os.chown(file, NOBODY, NOBODY)
        file.chmod(file_mode)
        directory.chmod(directory_mode)
        with as_nobody():
            assert aliconf("fmt", "sloppy.yaml", cwd=directory) == Ended(1, "", CANNOT_WRITE)
            assert aliconf("fmt", "--check", "sloppy.yaml", cwd=directory).code == 1
        assert texts(directory) == {"sloppy.yaml": SLOPPY}


def test_a_file_that_only_its_mode_makes_read_only_is_none_that_root_writes(project: Path) -> None:
    file = project / "policies/sloppy.yaml"
    file.chmod(0o444)
    ended = aliconf_process("fmt", cwd=project)
    assert ended.code == 1
    assert "error[ALI131]: cannot write the file: permission denied" in ended.err
    assert file.read_text() == SLOPPY
