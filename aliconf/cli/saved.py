"""Plans that are reviewed: written to files, and looked for when they are applied."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from aliconf.cli.project import Project
from aliconf.cli.verbosity import note
from aliconf.plan.changes import Plan

if TYPE_CHECKING:
    from aliconf.plan.rest import Rest
    from aliconf.plan.saved import Saved


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan for ``aliconf apply FILE``. Raises ALI955 where the file cannot be written."""
    from aliconf.cli.outputs import write_file
    from aliconf.report.plan_data import to_file

    write_file(path, to_file(plan).encode("utf-8", "surrogatepass"))


def say_saved(plan: Plan, path: Path) -> None:
    """Say how to apply the plan that was written."""
    from aliconf.report.consequences import applying, refused

    digest = plan.rests_on.digest()
    if no := refused(plan):
        note(f"Wrote {path}, {digest}.\n{no[0].upper()}{no[1:]}.", err=True)
    else:
        note(
            f"Wrote {path}. `{applying(plan, str(path))}` applies exactly this plan,\n{digest}.",
            err=True,
        )


class Reviewed(NamedTuple):
    """The plan that was reviewed, as far as apply is told."""

    digest: str
    """``sha256:`` and 64 hexadecimal digits."""
    saved: Saved | None
    """What its file says; None where the digest alone was given."""

    def check(self, project: Project, plan: Plan) -> Rest | None:
        """Refuse a plan that is neither the reviewed one nor the rest of it.

        The rest is what applies of it have left that were cut off, failed or were interrupted, or
        nothing; None for the whole plan. Raises ALI531, ALI533 and ALI534.
        """
        from aliconf.cli.connect import reader_of
        from aliconf.plan.rest import Rest, find_rest
        from aliconf.plan.saved import check_place, stale
        from aliconf.report.apply_text import made_before

        basis = plan.rests_on
        if self.digest == basis.digest():
            if self.saved:
                check_place(self.saved, basis)
            return None
        with reader_of(project) as reader:
            found = find_rest(reader, plan, self.digest)
        if self.saved:
            check_place(self.saved, basis, begun=found is not None)
        if isinstance(found, Rest):
            return found
        raise stale(
            basis,
            self.digest,
            self.saved,
            found,
            made_before(found.rest) if found and found.rest.made else "",
        )


def reviewed(file: Path | None, digest: str | None) -> Reviewed | None:
    """The reviewed plan by its file or by its digest; None where neither was given."""
    if file is None and digest is None:
        return None
    if file is not None and digest is not None:
        raise click.UsageError("Name the file of a plan or its digest, not both.")
    if digest is not None:
        if not re.fullmatch(r"(?:sha256:)?[0-9a-f]{64}", digest):
            raise click.UsageError("A digest is sha256: and 64 hexadecimal digits.")
        return Reviewed(f"sha256:{digest.removeprefix('sha256:')}", None)
    from aliconf.plan.saved import read_saved

    assert file is not None
    saved = read_saved(file)
    return Reviewed(saved.digest, saved)
