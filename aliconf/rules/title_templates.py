"""Title templates: Jinja over ``product``, parsed and never rendered.

Jinja is imported only where a listing template has a title template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.config.words import did_you_mean
from aliconf.rules.listing_templates import settings
from aliconf.rules.registry import Violation, document_rule
from aliconf.rules.slots import Path

if TYPE_CHECKING:
    from jinja2 import TemplateSyntaxError, nodes
    from jinja2.sandbox import SandboxedEnvironment

    from aliconf.model.listing_template import ListingTemplateSpec

LONGEST_TITLE: Final = 128
"""Characters of a listing's title (connector-domain §10)."""
VARIABLE: Final = "product"
_SYNTAX: Final = "Values stand in {{ }}, such as {{ product.name }}."


@document_rule("ALI435", "ListingTemplate")
def title_templates_are_sound(
    document: LoadedDocument, spec: ListingTemplateSpec, configuration: Configuration
) -> Iterator[Violation]:
    for path, text in _templates(spec):
        for message, hint in _defects(text):
            yield Violation(document, path, message, hint)


@document_rule("ALI439", "ListingTemplate")
def titles_leave_room_for_the_product(
    document: LoadedDocument, spec: ListingTemplateSpec, configuration: Configuration
) -> Iterator[Violation]:
    for path, text in _templates(spec):
        length = _fixed_length(text)
        if length > LONGEST_TITLE:
            yield Violation(
                document,
                path,
                f"the title has {length} characters before any value is filled in; AliExpress "
                f"takes {LONGEST_TITLE}",
                "Shorten the text around the values.",
            )


def _templates(spec: ListingTemplateSpec) -> Iterator[tuple[Path, str]]:
    for path, part in settings(spec):
        if part.title_template is not None:
            yield (*path, "titleTemplate"), part.title_template


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment()


def _parsed(text: str) -> nodes.Template | tuple[str, str]:
    """The template, or what is wrong with its syntax."""
    from jinja2 import TemplateSyntaxError

    try:
        return _environment().parse(text)
    except TemplateSyntaxError as error:
        where = f" in line {error.lineno}" if "\n" in text.strip() else ""
        return f"not a Jinja template{where}: {_message(error)}", _SYNTAX


@lru_cache(maxsize=1024)
def _defects(text: str) -> tuple[tuple[str, str], ...]:
    """Message and hint of everything that is wrong with a template."""
    parsed = _parsed(text)
    if isinstance(parsed, tuple):
        return (parsed,)
    # Jinja looks for variables only where it knows every filter.
    names = list(_unknown_functions(parsed)) or list(_unknown_variables(parsed))
    return tuple(dict.fromkeys([*names, *_unsafe(parsed)]))


def _message(error: TemplateSyntaxError) -> str:
    return (error.message or "a syntax error").rstrip(".")


def _unknown_variables(template: nodes.Template) -> Iterator[tuple[str, str]]:
    from jinja2 import TemplateSyntaxError
    from jinja2.meta import find_undeclared_variables

    try:
        unknown = find_undeclared_variables(template) - {VARIABLE}
    except TemplateSyntaxError as error:
        yield f"not a Jinja template: {_message(error)}", _SYNTAX
        return
    for name in sorted(unknown):
        yield (
            f"unknown variable {name!r}",
            f"A title knows only `{VARIABLE}`: {{{{ {VARIABLE}.{name} }}}} is its attribute.",
        )


def _unknown_functions(template: nodes.Template) -> Iterator[tuple[str, str]]:
    from jinja2 import nodes

    environment = _environment()
    kinds: tuple[tuple[str, type[nodes.Node], Iterable[str]], ...] = (
        ("filter", nodes.Filter, environment.filters),
        ("test", nodes.Test, environment.tests),
    )
    for word, kind, known in kinds:
        for node in template.find_all(kind):
            name = str(getattr(node, "name", ""))
            if name not in known:
                yield f"unknown {word} {name!r}", did_you_mean(name, known)


def _unsafe(template: nodes.Template) -> Iterator[tuple[str, str]]:
    from jinja2 import nodes

    for node in template.find_all((nodes.Getattr, nodes.Getitem)):
        name = getattr(node, "attr", None) or getattr(getattr(node, "arg", None), "value", None)
        if isinstance(name, str) and name.startswith("_"):
            yield (
                f"{name} is not an attribute of a product",
                "Names that begin with an underscore are refused: they lead out of the template.",
            )
    loading = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
    for statement in template.find_all(loading):
        word = type(statement).__name__.removeprefix("From").lower()
        yield (
            f"a title cannot {word} another template",
            "Write the whole title here.",
        )


@lru_cache(maxsize=1024)
def _fixed_length(text: str) -> int:
    """How many characters of the title stand in any case."""
    from jinja2 import nodes

    parsed = _parsed(text)
    if isinstance(parsed, tuple):
        return 0
    fixed = "".join(
        part.data
        for output in parsed.body
        if isinstance(output, nodes.Output)
        for part in output.nodes
        if isinstance(part, nodes.TemplateData)
    )
    return len(fixed.strip())
