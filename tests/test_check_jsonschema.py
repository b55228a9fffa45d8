"""check-jsonschema, given our JSON Schemas, agrees about the examples and about the invalid cases.

It is asked only what a JSON Schema can see: the structure and the bounds of one document at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import check_jsonschema
import pytest
from click.testing import CliRunner

from aliconf.model.base import Code, Model
from aliconf.model.kinds import KINDS
from aliconf.model.schema import ANY, dashed
from tests.cases import Case, cases

ROOT = Path(__file__).parent.parent
SEPARATOR = re.compile(r"^---.*\n", re.MULTILINE)
KIND = re.compile(r"^kind: (\w+)", re.MULTILINE)

NOT_STRUCTURAL = {
    "ALI101": "the syntax of YAML comes before any schema",
    "ALI102": "and so do keys that are there twice,",
    "ALI103": "the encoding,",
    "ALI104": "aliases and the depth of nesting,",
    "ALI105": "tags,",
    "ALI106-empty-project": "a file without a document,",
    "ALI107": "and a file that cannot be read",
    "ALI116-places": "a schema sees a number, not how many decimal places it was written with",
    "ALI118-from-the-base": "what a policy takes over from another is not in its document",
    "ALI120": "which files there are is nothing of a document",
    "ALI121": "nor is it whether there is a project",
    "ALI122": "or whether its file holds it",
    "ALI123": "which codes exist is known to the rules",
    "ALI124": "what day it is, too",
}
"""Codes and cases of the first hundred that no schema can see, each with the reason."""


def check(schema: str, texts: dict[str, str], directory: Path) -> set[str]:
    """The documents that check-jsonschema refuses, by name; one run for all of them."""
    for name, text in texts.items():
        (directory / f"{name}.yaml").write_text(text, "utf-8")
    files = [str(directory / f"{name}.yaml") for name in texts]
    command = ["--schemafile", str(ROOT / "schemas" / schema), "--output-format", "json", *files]
    answer = json.loads(CliRunner().invoke(check_jsonschema.main, command).stdout)
    refused = [*answer.get("errors", []), *answer.get("parse_errors", [])]
    return {Path(one["filename"]).stem for one in refused}


def documents(path: Path) -> Iterator[str]:
    """The documents of a file, one by one, as they are written."""
    return (part for part in SEPARATOR.split(path.read_text("utf-8")) if part.strip())


def of_the_examples() -> dict[str, str]:
    return {
        f"{path.stem}-{path.parent.name}-{index}": text
        for path in sorted((ROOT / "examples").rglob("*.yaml"))
        for index, text in enumerate(documents(path))
    }


def kind_of(text: str) -> str:
    found = KIND.search(text)
    assert found is not None, text
    return found[1]


def test_every_document_of_the_examples_fits_the_schema_of_any_document(tmp_path: Path) -> None:
    assert check(ANY, of_the_examples(), tmp_path) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_document_of_the_examples_fits_the_schema_of_its_kind_and_no_other(
    kind: str, tmp_path: Path
) -> None:
    examples = of_the_examples()
    others = {name for name, text in examples.items() if kind_of(text) != kind}
    assert others != set(examples), f"no example has a {kind}"
    assert check(f"{dashed(kind)}.schema.json", examples, tmp_path) == others


def codes_of_bounds() -> set[str]:
    """The codes that fields of the models have in place of a general one."""
    found: set[str] = set()
    seen: set[type[Model]] = set()

    def look(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, Model):
            if annotation not in seen:
                seen.add(annotation)
                for field in annotation.model_fields.values():
                    found.update(item.code for item in field.metadata if isinstance(item, Code))
                    look(field.annotation)
            return
        metadata = getattr(annotation, "__metadata__", ())
        found.update(item.code for item in metadata if isinstance(item, Code))
        for argument in getattr(annotation, "__args__", ()):
            look(argument)

    for model in KINDS.values():
        look(model)
    return found


def structural_cases() -> list[Case]:
    bounds = codes_of_bounds()
    return [
        case
        for case in cases("invalid")
        if (case.code < "ALI200" or case.code in bounds)
        and not {case.code, str(case)} & set(NOT_STRUCTURAL)
    ]


def test_every_structurally_invalid_case_is_refused(tmp_path: Path) -> None:
    wrong = structural_cases()
    texts = {
        f"{case}--{index}-{path.stem}": text
        for case in wrong
        for path in ([case.path] if case.path.is_file() else sorted(case.path.rglob("*.yaml")))
        for index, text in enumerate(documents(path) if path.stat().st_size else [""])
    }
    refused = {name.partition("--")[0] for name in check(ANY, texts, tmp_path)}
    assert refused == {str(case) for case in wrong}


def test_what_is_called_not_structural_exists() -> None:
    known = {name for case in cases("invalid") for name in (case.code, str(case))}
    assert set(NOT_STRUCTURAL) <= known
