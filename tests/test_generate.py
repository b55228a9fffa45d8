"""The projects that the benchmarks generate: without findings, and the same at any size."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.generate import documents, policy, write
from tests.command import Ended, aliconf


@pytest.mark.parametrize("amount", [22, 1000])
def test_a_generated_project_has_no_finding(amount: int, tmp_path: Path) -> None:
    write(tmp_path, documents(amount))

    assert aliconf("validate", "--strict", cwd=tmp_path) == Ended(
        0, f"no findings in {amount:,} documents\n", ""
    )


def test_a_project_of_one_policy_is_valid(tmp_path: Path) -> None:
    write(tmp_path, policy())

    assert aliconf("validate", cwd=tmp_path).code == 0


def test_a_generated_document_has_about_700_bytes() -> None:
    texts = [document.text for document in documents(1000)]

    assert 690 <= sum(map(len, texts)) / len(texts) <= 720


def test_a_larger_project_begins_with_the_smaller_one() -> None:
    assert list(documents(1000))[:50] == list(documents(50))


def test_a_revision_changes_one_document_in_a_hundred() -> None:
    before, after = list(documents(1000)), list(documents(1000, revision=1))

    changed = [old for old, new in zip(before, after, strict=True) if old != new]

    assert len(changed) == 10
    assert {old.kind for old in changed} == {"InventoryPolicy", "ListingTemplate", "PricingPolicy"}
