"""What people see of a plan of more new objects than anybody reads value by value."""

from __future__ import annotations

from pathlib import Path

from aliconf.report.plan_text import VALUES_UP_TO
from tests.command import Ended, aliconf, write
from tests.shops import PROJECT, REGISTRATION

POLICY = """\
apiVersion: aliconf/v1
kind: ImagePolicy
metadata: {{name: images-{0:03}}}
spec:
  title: Images {0:03}
---
"""
HEAD = "shop → .aliconf/connector.db (does not exist yet)\n\n"
VALUES = (
    "      email: ops@shop.example                             registration.yaml:6:10\n"
    "      acceptTerms: true                                   registration.yaml:7:16\n"
)


def of_objects(root: Path, amount: int) -> Path:
    """A project of so many objects: a registration, and policies."""
    policies = "".join(map(POLICY.format, range(1, amount)))
    files = {"aliconf.yaml": PROJECT, "registration.yaml": REGISTRATION, "policies.yaml": policies}
    return write(root, files)


def listed(amount: int, *, values: bool) -> str:
    """The changes of the project, as they are printed."""
    text = "+ Registration/main\n" + (VALUES if values else "")
    for number in range(1, amount):
        text += f'+ ImagePolicy/images-{number:03} "Images {number:03}"\n'
        place = f"policies.yaml:{6 * number - 1}:10"
        text += f"{f'      title: Images {number:03}':<{80 - len(place)}}{place}\n" * values
    return text


def end(amount: int) -> str:
    return (
        "\nNot touched: 0 unchanged; 0 unmanaged.\n"
        "Takes effect: when applied.\n"
        "Undo: `git revert` the commits, then plan and apply. What this plan creates is\n"
        "  deleted then, unless it is protected.\n"
        f"Plan: {amount} to create.\n"
    )


def test_the_values_of_as_many_new_objects_as_one_reads_are_printed(tmp_path: Path) -> None:
    amount = VALUES_UP_TO

    assert aliconf("plan", cwd=of_objects(tmp_path, amount)) == Ended(
        0, HEAD + listed(amount, values=True) + end(amount), ""
    )


def test_of_more_new_objects_one_line_each_is_printed_and_full_prints_the_values(
    tmp_path: Path,
) -> None:
    amount = VALUES_UP_TO + 1
    root = of_objects(tmp_path, amount)
    hint = f"\nThe values of {amount} new objects are not printed (--full prints them).\n"

    brief, full = aliconf("plan", cwd=root), aliconf("plan", "--full", cwd=root)

    assert brief == Ended(0, HEAD + listed(amount, values=False) + hint + end(amount), "")
    assert full == Ended(0, HEAD + listed(amount, values=True) + end(amount), "")


def test_the_values_of_changed_objects_are_printed_beside_many_new_ones(tmp_path: Path) -> None:
    root = of_objects(tmp_path, 3)
    assert aliconf("apply", "--yes", cwd=root).code == 0
    text = (of_objects(root, VALUES_UP_TO + 10) / "policies.yaml").read_text(encoding="utf-8")
    write(root, {"policies.yaml": text.replace("title: Images 001", "title: Small images")})

    lines = aliconf("plan", cwd=root).out.splitlines()

    assert lines[2:4] == [
        '~ ImagePolicy/images-001 "Small images"',
        "      title: Images 001 → Small images                        policies.yaml:5:10",
    ]
    new = VALUES_UP_TO + 10 - 3
    assert f"The values of {new} new objects are not printed (--full prints them)." in lines
