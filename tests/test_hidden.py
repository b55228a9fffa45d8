"""What of a stored body may be shown."""

from __future__ import annotations

from typing import Any

import pytest

from aliconf.model.hidden import hidden

REFERENCES = {"appKey": "${env:A}", "appSecret": "${file:/run/secrets/b}"}


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        (("authorization", "appKey"), "${env:A}", "${env:A}"),
        (("authorization", "appKey"), "x", "•••"),
        (("authorization", "appKey"), "${env:A} ", "•••"),
        (("authorization", "appKey"), None, None),
        (("authorization", "zz", 3), 17, "•••"),
        (("authorization",), REFERENCES, REFERENCES),
        (("authorization",), REFERENCES | {"appKey": ["${env:A}"]}, REFERENCES | {"appKey": "•••"}),
        (("authorization",), ["x"], "•••"),
        (("Authorization", "appKey"), "x", "•••"),
        (("appKey",), True, "•••"),
        (("(unreadable)",), "{", "•••"),
        (("title",), "Shop", "Shop"),
        (("storeView",), {"any": ["thing"]}, {"any": ["thing"]}),
        ((), {"title": "Shop", "appKey": "x"}, {"title": "Shop", "appKey": "•••"}),
        ((), "x", "•••"),
        ((), None, None),
    ],
)
def test_of_an_account_only_references_and_what_its_other_fields_hold_are_shown(
    path: tuple[str | int, ...], value: Any, shown: Any
) -> None:
    assert hidden("Account", path, value) == shown


@pytest.mark.parametrize("path", [(), ("authorization",), ("title",)])
def test_of_a_kind_without_secrets_everything_is_shown(path: tuple[str, ...]) -> None:
    assert hidden("PricingPolicy", path, {"appKey": "x"}) == {"appKey": "x"}
