"""``aliconf render``: the documents in force as YAML, and where each value is written."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliconf.config.configuration import Configuration
from aliconf.config.environments import in_environment
from aliconf.config.load import load
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.model.base import body
from aliconf.report.documents_yaml import render, scalar
from benchmarks.generate import documents
from benchmarks.generate import write as write_documents
from tests.command import Ended, aliconf, write
from tests.test_environments import shop

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def objects(configuration: Configuration) -> dict[str, Any]:
    """What the connector would get of each document, and what it is beside its body."""
    found = {}
    for document in configuration.documents:
        if document.kind != "Project":
            model = document.model
            assert model is not None, document
            default = getattr(document.spec, "default", None)
            content = body(configuration.effective(document).spec)
            found[document.id] = content, model.metadata.labels, model.lifecycle.protect, default
    return found


def read_back(configuration: Configuration, *, origins: bool = False) -> Configuration:
    """The project of what is rendered."""
    text = render(configuration, origins=origins)
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "aliconf.yaml").write_text(text)
        again = load(Path(directory))
        assert again.findings == []
        assert render(again) == render(configuration)
    return again


def test_the_documents_of_an_environment_with_their_origins(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "aliconf.yaml": """
                apiVersion: aliconf/v1
                kind: Project
                metadata: {name: shop}
                spec:
                  connector: sqlite:///live.db
                  include: [policies.yaml]
                  environments:
                    live:
                      connector: 'postgresql://aliconf:${env:PASSWORD}@db.example/shop'
                      overlays: [live.yaml]
            """,
            "policies.yaml": """
                apiVersion: aliconf/v1
                kind: PricingPolicy
                metadata: {name: markup}
                spec:
                  title: Markup
                  adjustments: [{increaseByPercent: 12}, {increaseByAmount: 0.50}]
                  rounding: {mode: up, step: 0.05}
                ---
                apiVersion: aliconf/v1
                kind: PricingPolicy
                metadata: {name: summer}
                spec:
                  basedOn: markup
                  title: "Summer: 10 %"
                  maximum: null
            """,
            "live.yaml": """
                kind: PricingPolicy
                metadata: {name: markup}
                spec:
                  rounding: {ending: 0.99, step: null}
            """,
        },
    )
    assert aliconf("render", "-e", "live", "--origins", cwd=root) == Ended(
        0,
        dedent("""\
            apiVersion: aliconf/v1  # aliconf.yaml:1
            kind: Project  # aliconf.yaml:2
            metadata:
              name: shop  # aliconf.yaml:3
            spec:
              connector: "postgresql://aliconf:${env:PASSWORD}@db.example/shop"  # aliconf.yaml:9
            ---
            apiVersion: aliconf/v1  # policies.yaml:1
            kind: PricingPolicy  # policies.yaml:2
            metadata:
              name: markup  # policies.yaml:3
            spec:
              title: Markup  # policies.yaml:5
              adjustments:
                - increaseByPercent: 12  # policies.yaml:6
                - increaseByAmount: 0.50  # policies.yaml:6
              rounding:
                mode: up  # policies.yaml:7
                ending: 0.99  # live.yaml:4
            ---
            apiVersion: aliconf/v1  # policies.yaml:9
            kind: PricingPolicy  # policies.yaml:10
            metadata:
              name: summer  # policies.yaml:11
            spec:
              title: "Summer: 10 %"  # policies.yaml:14
              adjustments:
                - increaseByPercent: 12  # policies.yaml:6
                - increaseByAmount: 0.50  # policies.yaml:6
              rounding:
                mode: up  # policies.yaml:7
                ending: 0.99  # live.yaml:4
        """),
        "",
    )


@pytest.mark.parametrize("environment", ["staging", "live"])
def test_what_is_rendered_is_a_project_of_the_same_objects(
    tmp_path: Path, environment: str
) -> None:
    configuration = in_environment(load(shop(tmp_path)), environment)
    assert configuration.findings == []
    assert objects(read_back(configuration)) == objects(configuration)
    assert objects(read_back(configuration, origins=True)) == objects(configuration)


def test_documents_of_all_kinds_are_read_back_as_they_are(tmp_path: Path) -> None:
    write_documents(tmp_path, documents(60))
    configuration = load(tmp_path)
    assert configuration.findings == []
    assert objects(read_back(configuration, origins=True)) == objects(configuration)


@given(title=st.text(min_size=1, max_size=30), labels=st.dictionaries(TEXT, TEXT, max_size=3))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_back(title: str, labels: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = write(
            Path(directory),
            {
                "aliconf.yaml": "apiVersion: aliconf/v1\nkind: Project\nmetadata: {name: shop}\n"
                "spec: {environments: {live: {overlays: [live.yaml]}}}\n",
                "a.yaml": "apiVersion: aliconf/v1\nkind: PricingPolicy\nmetadata: {name: a}\n"
                "spec: {title: Markup}\n",
                "live.yaml": "kind: PricingPolicy\n"
                f"metadata: {{name: a, labels: {{{', '.join(map(_pair, labels.items()))}}}}}\n"
                f"spec: {{title: {scalar(title)}}}\n",
            },
        )
        configuration = in_environment(load(root), "live")
        if configuration.findings:  # a title of blanks alone
            return
        document = configuration.get("PricingPolicy", "a")
        assert document is not None
        assert document.model is not None
        assert document.model.metadata.labels == labels
        assert objects(read_back(configuration, origins=True)) == objects(configuration)


def _pair(item: tuple[str, str]) -> str:
    return f"{scalar(item[0])}: {scalar(item[1])}"


@given(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.decimals(allow_nan=False, allow_infinity=False),
        TEXT,
        st.sampled_from(
            ["no", "NULL", "~", "12", "1e3", "2026-11-02", "a: b", "a #b", "- a", "<<"]
        ),
    )
)
@settings(deadline=None)
def test_any_value_is_read_back_by_yaml_1_2(value: object) -> None:
    (found,) = parse(f"a: {scalar(value)}\n")
    assert isinstance(found, RawDocument)
    again = found.value["a"]
    assert again == value
    assert isinstance(again, str) == isinstance(value, str)
    assert isinstance(again, bool) == isinstance(value, bool)
    if isinstance(value, Decimal):
        assert str(Decimal(again)) == str(value)


def test_a_key_that_is_longer_than_yaml_takes_without_a_question_mark(tmp_path: Path) -> None:
    key = "k" * 2000
    root = shop(
        tmp_path,
        overlays__staging__a=f"kind: Account\nmetadata:\n  name: es\n  labels:\n    ? {key}\n"
        "    : long\n",
    )
    configuration = in_environment(load(root), "staging")
    assert configuration.findings == []
    assert objects(read_back(configuration)) == objects(configuration)


def test_what_has_errors_is_not_rendered_and_an_unknown_environment_neither(tmp_path: Path) -> None:
    root = shop(tmp_path, overlays__staging__a="kind: Account\nmetadata: {name: it}\n")
    ended = aliconf("render", "-e", "staging", cwd=root)
    assert (ended.code, ended.out) == (1, "")
    assert "overlays/staging/a.yaml:1:1: error[ALI113]: spec is missing" in ended.err
    assert aliconf("render", "-e", "live", cwd=root).code == 0
    assert aliconf("render", cwd=root).code == 0
    ended = aliconf("render", "-e", "prod", cwd=root)
    assert (ended.code, ended.out) == (1, "")
    assert "error[ALI957]" in ended.err
