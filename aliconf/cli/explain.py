"""``aliconf explain``"""

from __future__ import annotations

import re
import sys

import click

from aliconf.cli import completion
from aliconf.cli.main import ExitCode
from aliconf.findings import Severity

_CODE = re.compile(r"(?:ALI)?\d+", re.IGNORECASE)


@click.command(short_help="Explain a code, or a field of a document.")
@click.argument(
    "topics",
    nargs=-1,
    metavar="[CODE|KIND[.FIELD]]...",
    shell_complete=completion.topics,
)
@click.option("--all", "everything", is_flag=True, help="List all codes.")
def command(topics: tuple[str, ...], everything: bool) -> int:
    """Explain a code (ALI302), a kind (PricingPolicy) or a field (PricingPolicy.rounding.mode).

    A code's page says why it is reported and what to do, with a bad and a good example. A field's
    type, bounds, default and meaning are those of the JSON Schemas.
    """
    if everything:
        _list_codes()
    elif not topics:
        raise click.UsageError("Name a code, a kind or a field, or list the codes with --all.")
    for number, topic in enumerate(topics):
        if number:
            click.echo()
        if _CODE.fullmatch(topic):
            _explain_code(topic)
        else:
            _explain_field(topic)
    return ExitCode.OK


def _list_codes() -> None:
    from aliconf.report.explain_text import render_codes
    from aliconf.report.style import Style
    from aliconf.rules.pages import titles

    severities = _severities()
    rows = [(code, severities.get(code), title) for code, title in titles().items()]
    click.echo(render_codes(rows, Style.of(sys.stdout)), nl=False)


def _severities() -> dict[str, Severity]:
    """The severity of each rule of which a project can choose another."""
    from aliconf.rules.catalogue import choosable_rules

    return {rule.code: rule.severity for rule in choosable_rules()}


def _explain_code(topic: str) -> None:
    from aliconf.report.explain_text import render_page
    from aliconf.report.style import Style
    from aliconf.rules.pages import codes, page

    code = f"ALI{topic.upper().removeprefix('ALI')}"
    text = page(code)
    if text is None:
        near = [other for other in codes() if _one_digit_apart(code, other)]
        hint = f"Did you mean {' or '.join(near[:3])}? " if near else ""
        raise click.UsageError(f"There is no code {code}. {hint}--all lists the codes.")
    click.echo(render_page(text, _severities().get(code), Style.of(sys.stdout)), nl=False)


def _one_digit_apart(code: str, other: str) -> bool:
    if len(code) != len(other):
        return False
    return sum(one != two for one, two in zip(code, other, strict=True)) == 1


def _explain_field(topic: str) -> None:
    from aliconf.model.explain import UnknownFieldError, describe
    from aliconf.report.explain_text import render_field
    from aliconf.report.style import Style

    try:
        field = describe(topic)
    except UnknownFieldError as error:
        holder, dot, _ = error.path.rpartition(".")
        hint = f"{holder} has no fields."
        if error.candidates:
            hint = f"Did you mean {holder}{dot}{error.candidates[0]}?"
        elif error.known:
            hint = f"Known here: {', '.join(error.known)}."
        raise click.UsageError(f"There is no {error.path}. {hint}") from error
    click.echo(render_field(field, Style.of(sys.stdout)), nl=False)
