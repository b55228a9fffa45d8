"""``aliconf init``"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from aliconf.cli.main import ExitCode
from aliconf.cli.output import before_any_change
from aliconf.cli.verbosity import note
from aliconf.config.discover import PROJECT_FILE

if TYPE_CHECKING:
    from aliconf.report.init_text import Report

FORGES: Final = ("github", "gitlab")
FIELDS: Final = {
    "name": ("Project", ("metadata", "name"), "Name of the project"),
    "email": ("Registration", ("spec", "email"), "E-mail address of the registration"),
    "title": ("Account", ("spec", "title"), "Title of the first account"),
    "region": ("Account", ("spec", "region"), "Country of the seller account (never changed)"),
    "store_view": ("Account", ("spec", "storeView"), "Code of the Magento store view"),
    "connector": ("Project", ("spec", "connector"), "URL of the connector store"),
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
@click.option(
    "--connector",
    callback=_check,
    metavar="URL",
    help="URL of the connector store, with its password as a reference such as ${env:NAME}.",
)
@click.option(
    "--ci",
    type=click.Choice(FORGES),
    help="Write the workflow of this forge, too; where DIR has a project, that alone.",
)
@click.option(
    "-e",
    "--environment",
    metavar="NAME",
    help="With --ci where DIR has a project: the environment that the workflow works on.",
)
@click.pass_obj
def command(
    directory: Path,
    /,
    target: Path,
    accept_terms: bool,
    ci: str | None,
    environment: str | None,
    **answers: str | None,
) -> int:
    """Write the files of a new project into DIR (the current directory): a project, a registration,
    an account, policies and a listing template, with comments.

    In a terminal it asks for what the options do not say. Without one it asks nothing: a document
    that lacks something is written as a comment, so that the rest validates and plans, and the
    answer lists what is left to do. Nothing that exists is overwritten.

    With --ci it also writes what GitHub or GitLab is to do, at the top of the git repository:
    validate and plan on a pull request, apply the reviewed plan on the main branch, look for drift
    at night. Where DIR has a project and no answers are given, that is all it writes. Run it once
    more for another project of the repository, or another environment.
    """
    from aliconf.report import init_text
    from aliconf.report.style import Style

    root = directory / target
    shown = os.path.relpath(root)
    begun = not accept_terms and not any(answers.values()) and (root / PROJECT_FILE).exists()
    if ci and begun:
        report = _add_workflow(root, shown, ci, environment)
    elif environment is not None:
        raise click.UsageError("-e is for --ci where DIR has a project.")
    else:
        report = _start(root, shown, ci, accept_terms, answers)
    note(init_text.render(report, Style.of(sys.stdout)), nl=False)
    return ExitCode.OK


def _start(
    root: Path, shown: str, ci: str | None, accept_terms: bool, given: dict[str, str | None]
) -> Report:
    """Write a new project, with its workflow if there is to be one."""
    from aliconf.config.scaffold import ci as workflows
    from aliconf.config.scaffold.files import NAMES, Answers, name_for, scaffold
    from aliconf.config.scaffold.write import refuse_existing, write
    from aliconf.report.init_text import Report

    connector = given["connector"]
    workflow = workflows.workflow(workflows.Pipeline(ci, connector or ""), root) if ci else None
    refuse_existing(
        root,
        shown,
        NAMES,
        "Name another directory, or work on what is there: `aliconf validate` checks it.",
    )
    if ci and workflow:
        refuse_existing(root, shown, [workflow.files[0].name], workflows.EXISTS)
    with before_any_change():
        name = given["name"] or _ask("name", name_for(root.resolve().name))
        email = given["email"] or _ask("email")
        if not accept_terms and sys.stdin.isatty():
            accept_terms = click.confirm(
                "Do you accept the connector's terms and conditions?", err=True
            )
        title = given["title"] or _ask("title", name)
        region = given["region"] or _ask("region")
        store_view = given["store_view"] or _ask("store_view")
    example = workflows.EXAMPLE if ci else ""
    answers = Answers(str(name), email, accept_terms, title, region, store_view, connector, example)
    files = list(scaffold(answers))
    made, left = workflow or workflows.Workflow([], {})
    ignored = write(root, shown, [*files, *made], ignore_store=True)
    served = bool(connector) and not str(connector).startswith("sqlite:")
    return Report(shown, files, ignored, made, left, served)


def _add_workflow(root: Path, shown: str, ci: str, environment: str | None) -> Report:
    """Write the workflow of a project that is there, in whatever state its other documents are."""
    from aliconf.cli.drift import alone
    from aliconf.config.scaffold.ci import EXAMPLE, EXISTS, pipeline_of, workflow
    from aliconf.config.scaffold.write import refuse_existing, write
    from aliconf.report.init_text import Report

    pipeline = pipeline_of(ci, alone(root, environment).configuration)
    files, left = workflow(pipeline, root)
    refuse_existing(root, shown, [files[0].name], EXISTS)
    write(root, shown, files, ignore_store=False)
    if not pipeline.shared:
        connector = {PROJECT_FILE: f"give a connector that every machine reaches: {EXAMPLE}"}
        left = {**connector, **left}
    return Report(shown, [], False, files, left, True, pipeline.environment)


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
