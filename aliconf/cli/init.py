"""``aliconf init``"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import click

from aliconf.cli.main import ExitCode
from aliconf.cli.output import before_any_change
from aliconf.cli.verbosity import note

FIELDS: Final = {
    "name": ("Project", ("metadata", "name"), "Name of the project"),
    "email": ("Registration", ("spec", "email"), "E-mail address of the registration"),
    "title": ("Account", ("spec", "title"), "Title of the first account"),
    "region": ("Account", ("spec", "region"), "Country of the seller account (never changed)"),
    "store_view": ("Account", ("spec", "storeView"), "Code of the Magento store view"),
}
"""The field that each option is for, and the question that asks for it."""


def _checked(value: str, option: str) -> str:
    """The value, if ``validate`` accepts it in the option's field."""
    from aliconf.config.scaffold.files import fault

    kind, path, _ = FIELDS[option]
    problem = fault(kind, path, value.strip())
    if problem:
        raise click.BadParameter(problem)
    return value.strip()


def _check(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    return value if value is None else _checked(value, str(option.name))


@click.command(short_help="Start a project that validates and plans.")
@click.argument("target", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--name", callback=_check, metavar="NAME", help="Name of the project.")
@click.option("--email", callback=_check, metavar="ADDRESS", help="Address of the registration.")
@click.option(
    "--accept-terms", is_flag=True, help="The connector's terms and conditions are accepted."
)
@click.option("--title", callback=_check, help="Title of the first account.")
@click.option(
    "--region",
    callback=_check,
    metavar="COUNTRY",
    help="Country of the seller account, as ES or Spain. It can never be changed later.",
)
@click.option(
    "--store-view", callback=_check, metavar="CODE", help="Code of the Magento store view."
)
@click.pass_obj
def command(
    directory: Path,
    target: Path,
    name: str | None,
    email: str | None,
    accept_terms: bool,
    title: str | None,
    region: str | None,
    store_view: str | None,
) -> int:
    """Write the files of a new project into DIR (the current directory): a project, a registration,
    an account, policies and a listing template, with comments.

    In a terminal it asks for what the options do not say. Without one it asks nothing: a document
    that lacks something is written as a comment, so that the rest validates and plans, and the
    answer lists what is left to do. Nothing that exists is overwritten.
    """
    from aliconf.config.scaffold.files import Answers, name_for, scaffold
    from aliconf.config.scaffold.write import refuse_existing, write
    from aliconf.report import init_text
    from aliconf.report.style import Style

    root = directory / target
    shown = os.path.relpath(root)
    refuse_existing(root, shown)
    with before_any_change():
        name = name or _ask("name", name_for(root.resolve().name))
        email = email or _ask("email")
        if not accept_terms and sys.stdin.isatty():
            accept_terms = click.confirm(
                "Do you accept the connector's terms and conditions?", err=True
            )
        title = title or _ask("title", name)
        region = region or _ask("region")
        store_view = store_view or _ask("store_view")
    files = list(scaffold(Answers(str(name), email, accept_terms, title, region, store_view)))
    ignored = write(root, shown, files)
    note(init_text.render(shown, files, ignored, Style.of(sys.stdout)), nl=False)
    return ExitCode.OK


def _ask(option: str, default: str | None = None) -> str | None:
    """The answer to an option's question; without a terminal, the default."""
    if not sys.stdin.isatty():
        return default
    answer: str = click.prompt(
        FIELDS[option][2],
        default=default,
        value_proc=lambda value: _checked(value, option),
        err=True,
    )
    return answer
