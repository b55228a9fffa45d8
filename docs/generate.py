"""Write the pages that come from the source: ``python -m docs.generate`` in the repository's root.

``documents.md`` comes from the models and ``commands.md`` from the command line. A test fails when
they are stale.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from aliconf.cli.main import COMMANDS, cli
from aliconf.config.words import inline
from aliconf.model.explain import FieldDescription, describe
from aliconf.model.kinds import KINDS

DOCS = Path(__file__).parent
MOST = 20
"""So many allowed values are listed; nobody reads the names of all countries."""

DOCUMENTS = """\
# Documents

Every field of every kind. `aliconf explain KIND.field` prints the same, and `schemas/` has it as
JSON Schema. This page is generated: `make docs`.

A document is `apiVersion: aliconf/v1`, a `kind`, `metadata`, an optional `lifecycle`, and a
`spec`. Identity is kind and name. Several documents may share a file, with `---` between them.
In which file a document stands, and in which order, means nothing.

- Keys are camelCase; an unknown one is an error.
- YAML is read by the rules of YAML 1.2: only `true` and `false` are booleans, `NO` is Norway, a
  date is a text, a duplicate key is an error. Merge keys (`<<`) and aliases work in a document.
- An absent key means the default below, and that default is enforced. `null` means absent, except
  in a status mapping, where it leaves the Magento status alone.
- Amounts and rates are decimal numbers, written as numbers or as text, and never rounded. One
  amount is in the account's listing currency; a map by currency says it for several.
- `[]` stands for each item of a list, and `.*` for each key of a map.

## In every document
"""

COMMANDS_PAGE = """\
# Commands

What each command prints with `--help`. This page is generated: `make docs`.

| Exit code | |
|---|---|
| 0 | fine; warnings are fine, too (`validate --strict` makes them 1) |
| 1 | an error finding, or a refusal |
| 2 | there are changes (`plan --detailed-exitcode`), or there is drift (`drift`) |
| 64 | wrong usage |
| 70 | a defect in aliconf; a crash report is written, without values of yours |
| 130 | interrupted |

`--quiet` (`-q`) and `--verbose` (`-v`) are common to all commands, and stand before a command or
after it. Quiet leaves out progress, notes and advice, and says what was asked for in its shortest
form: of `plan` the summary, of `apply` what failed and the summary, of `validate`, `fmt`, `status`,
`doctor` and `drift` only what is wrong. Verbose says on stderr what is done, with the seconds since
the start: the files, the commit, the environment, the connector, the lease. Neither changes an
exit code, a file, or a format for machines.

The answer is on stdout; progress and refusals are on stderr. `NO_COLOR` and `FORCE_COLOR` are
respected, and a pipe gets no colours. Nothing is asked without a terminal. With `CI` set, `plan`,
`apply` and `drift` refuse an embedded connector store that does not exist, because a fresh machine
would plan everything as new, and has nothing that could have drifted.
"""


def pages() -> dict[str, str]:
    """The text of each generated page, by file name."""
    return {"documents.md": documents(), "commands.md": commands()}


def documents() -> str:
    parts = [DOCUMENTS, *_table([describe("Account.metadata"), describe("Account.lifecycle")])]
    for kind in KINDS:
        described = describe(kind)
        parts += [f"\n## {kind}\n", f"{described.description}\n", *_table(described.children)]
    return "\n".join(parts) + "\n"


def _table(fields: list[FieldDescription] | tuple[FieldDescription, ...]) -> Iterator[str]:
    yield "| Field | Type | Default | Meaning |"
    yield "|---|---|---|---|"
    seen: dict[tuple[str, ...], str] = {}
    for field in fields:
        yield from _rows(field, field.path.partition(".")[2], seen)


def _names(field: FieldDescription) -> str:
    """What tells the fields of one mapping from those of another: names down to the next level."""
    inner = describe(field.path).children
    return f"{_last(field)}({','.join(sorted(_last(child) for child in inner))})"


def _rows(field: FieldDescription, path: str, seen: dict[tuple[str, ...], str]) -> Iterator[str]:
    """A row for the field and one for each inside it; what was said before is referred to."""
    children = describe(field.path).children
    names = tuple(sorted(_names(child) for child in children))
    first = seen.get(names) if names else None
    kind = "; ".join([field.type, *field.bounds])
    if 0 < len(field.allowed) <= MOST:
        kind = ", ".join(f"`{value}`" for value in field.allowed)
        kind = f"list of {kind}" if field.type.startswith("list") else kind
    default = "**required**" if field.required else _code(field.default)
    meaning = [field.description]
    if field.examples and not 0 < len(field.allowed) <= MOST:
        meaning.append("Such as " + " or ".join(map(_code, field.examples)) + ".")
    if first:
        meaning.append(f"Its fields are those of `{first}`.")
    cells = [f"`{path}`", kind, default, " ".join(meaning)]
    yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    if names and not first:
        seen[names] = path
        inside = path + _step(field.type)
        for child in children:
            yield from _rows(child, f"{inside}.{_last(child)}", seen)


def _last(field: FieldDescription) -> str:
    return field.path.rpartition(".")[2]


def _step(kind: str) -> str:
    if kind == "list of mappings":
        return "[]"
    return ".*" if kind.startswith("map of") else ""


def _code(written: str) -> str:
    """A value as code; what is written as JSON is shown as YAML."""
    if not written:
        return ""
    try:
        value = json.loads(written)
    except ValueError:  # a text that is written as it is
        return f"`{written}`"
    return f"`{inline(value) if isinstance(value, dict | list) else written}`"


def commands() -> str:
    parts = [COMMANDS_PAGE, "## aliconf\n", *_help(cli, "aliconf")]
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        parts += [f"\n## aliconf {name}\n", *_help(command, f"aliconf {name}")]
        if isinstance(command, click.Group):
            parts += _inside(command, f"aliconf {name}")
    return "\n".join(parts) + "\n"


def _inside(group: click.Group, name: str) -> Iterator[str]:
    context = click.Context(group)
    for inner in group.list_commands(context):
        command = group.get_command(context, inner)
        if command is not None:
            yield f"\n### {name} {inner}\n"
            yield from _help(command, f"{name} {inner}")


def _help(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(
        command, info_name=name, terminal_width=100, help_option_names=["-h", "--help"]
    )
    yield f"```console\n$ {name} --help\n{command.get_help(context)}\n```"


def main() -> None:
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
