"""``aliconf schema``"""

from __future__ import annotations

from pathlib import Path

import click

from aliconf.cli import completion
from aliconf.cli.main import ExitCode
from aliconf.cli.verbosity import note
from aliconf.findings import refusal


@click.command(short_help="Print or write the JSON Schemas of the documents.")
@click.argument("kind", required=False, shell_complete=completion.kinds)
@click.option(
    "--write",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write one schema per kind, aliconf.schema.json for any document, and plan.schema.json "
    "for plans, into DIR.",
)
def command(kind: str | None, target: Path | None) -> int:
    """Print the JSON Schema of KIND, or without one of any document.

    An editor that knows the schema completes keys and shows their meaning; another validator, such
    as check-jsonschema, judges structure as aliconf does.
    """
    from aliconf.model.schema import ANY, schemas, text
    from aliconf.report.plan_schema import FILE, plan_schema

    made = {**schemas(), FILE: plan_schema()}
    if target is None:
        click.echo(text(made[_file_of(kind) if kind else ANY]), nl=False)
        return ExitCode.OK
    if kind is not None:
        raise click.UsageError("--write writes all schemas: leave KIND out.")
    for name, schema in made.items():
        _write(target / name, text(schema))
    note(f"{len(made)} schemas in {target}")
    return ExitCode.OK


def _file_of(kind: str) -> str:
    from aliconf.config.words import did_you_mean
    from aliconf.model.kinds import KINDS
    from aliconf.model.schema import dashed

    if kind not in KINDS:
        raise click.UsageError(
            f"No kind {kind!r}. {did_you_mean(kind, KINDS) or 'One of ' + ', '.join(KINDS) + '.'}"
        )
    return f"{dashed(kind)}.schema.json"


def _write(path: Path, content: str) -> None:
    """Replace a file at once; one that is already right is left alone.

    Raises AliconfError where the system refuses: only here the file is known (a full disk has no
    name).
    """
    from aliconf.config.write import replace_file

    try:
        if not path.exists() or path.read_bytes() != content.encode():
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, content.encode())
    except OSError as error:
        raise refusal(
            "ALI901",
            f"{path}: {error.strerror}",
            "Make room or correct the permissions there, or write to another directory.",
        ) from error
