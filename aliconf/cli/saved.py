"""Plans in files."""

from __future__ import annotations

from pathlib import Path

import click

from aliconf.findings import refusal
from aliconf.plan.changes import Plan


def save(plan: Plan, path: Path) -> None:
    """Write a plan for ``aliconf apply FILE``, and say how to apply it.

    Raises ALI955 where the file cannot be written; what was there stays then.
    """
    from aliconf.config.write import replace_file
    from aliconf.plan.saved import plan_file
    from aliconf.report.plan_data import to_data

    text = plan_file(to_data(plan), plan.rests_on)
    try:
        replace_file(path, text.encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise refusal(
            "ALI955",
            f"{path}: {error.strerror}",
            "Write the plan to a directory that is there and may be written.",
        ) from error
    where = f" -e {plan.environment}" if plan.environment else ""
    click.echo(
        f"Wrote {path}. `aliconf apply{where} {path}` applies exactly this plan,\n"
        f"{plan.rests_on.digest()}.",
        err=True,
    )
