"""Explanations for people: the page of a code, a kind with its fields, a field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from aliconf.config.words import inline
from aliconf.findings import Severity
from aliconf.model.explain import FieldDescription
from aliconf.report.style import Style
from aliconf.wording import some

_INDENT = "    "


def render_page(page: str, severity: Severity | None, style: Style) -> str:
    """A page in Markdown; with the severity, where the code is a rule's."""
    lines: list[str] = []
    paragraph: list[str] = []
    in_fence = False
    for line in [*page.splitlines(), ""]:
        if in_fence or line.startswith("```"):
            lines += _paragraph(paragraph, style)
            if line.startswith("```"):
                in_fence = not in_fence
            else:
                lines.append(f"{_INDENT}{line}".rstrip())
        elif line.startswith("#"):
            lines += _paragraph(paragraph, style)
            lines.append(style.bold(line.lstrip("# ")))
        elif line:
            paragraph.append(line)
        else:
            lines += _paragraph(paragraph, style)
            lines.append("")
    if severity is not None:
        lines[1:1] = ["", *_rule(severity, style)]
    return "\n".join(lines).rstrip() + "\n"


def _paragraph(lines: list[str], style: Style) -> list[str]:
    """The collected lines as one paragraph, or as a list where they are one; they are used up."""
    items: list[str] = []
    for line in lines:
        if line.startswith("- ") or not items:
            items.append(line)
        else:
            items[-1] += f" {line.strip()}"
    lines.clear()
    return [
        wrapped
        for item in items
        for wrapped in style.wrap(item, rest="  " if item.startswith("- ") else "")
    ]


def _rule(severity: Severity, style: Style) -> list[str]:
    return style.wrap(
        f"A rule: {severity.value}, unless `rules` in aliconf.yaml says off, warning or error."
    )


def render_codes(titles: Iterable[tuple[str, Severity | None, str]], style: Style) -> str:
    """All codes, one a line: code, severity of a rule, title."""
    return "".join(
        f"{style.bold(code)}  {severity.value if severity else '':<7}  {title}\n"
        for code, severity, title in titles
    )


def render_field(field: FieldDescription, style: Style) -> str:
    """A kind or a field, and the fields inside."""
    is_kind = "." not in field.path
    head = style.bold(field.path) + ("" if is_kind else f"  {_facts(field)}")
    lines = [head, *_details(field, "  ", style)]
    if field.children:
        lines += ["", "Fields" if not is_kind else "Fields of its spec"]
    for child in field.children:
        name = child.path.rpartition(".")[2]
        lines += ["", f"  {style.bold(name)}  {_facts(child)}", *_details(child, _INDENT, style)]
    return "\n".join(lines) + "\n"


def _facts(field: FieldDescription) -> str:
    """Type, bounds, and whether it must be given: ``number, more than 0, default 6``."""
    facts = [field.type, *field.bounds]
    if field.required:
        facts.append("required")
    elif field.default:
        facts.append(f"default {_yaml(field.default)}")
    return ", ".join(facts)


_MANY = 40


def _details(field: FieldDescription, indent: str, style: Style) -> Iterator[str]:
    if field.description:
        yield from style.wrap(field.description, first=indent, rest=indent)
    if field.allowed:
        text = f"One of: {some(field.allowed, _MANY)}"
        yield from style.wrap(text, first=indent, rest=f"{indent}  ")
    for example in field.examples:
        text = f"Example: {_yaml(example)}"
        yield from style.wrap(text, first=indent, rest=f"{indent}  ")


def _yaml(value: str) -> str:
    """A list or mapping as YAML writes it on one line; other values stand as they are."""
    if value[:1] not in {"[", "{"} or value[:2] == "{{":
        return value
    return inline(json.loads(value))
