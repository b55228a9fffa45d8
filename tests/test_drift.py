"""Drift: what differs from what aliconf itself last left in the connector."""

from __future__ import annotations

import json

from aliconf.connector.reader import open_reader
from tests.connections import target
from tests.databases.places import Place
from tests.stores import Content
from tests.teams import hand, made

POLICY = {"title": "Markup", "adjustments": [{"increaseByPercent": "12"}]}


def test_the_journal_tells_what_each_object_was_left_as(place: Place) -> None:
    store = made(place)
    text = json.dumps(POLICY, sort_keys=True, separators=(",", ":"))
    with hand(store) as writer:
        for name in ("kept", "gone", "moved", "released", "again"):
            writer.create("PricingPolicy", name, Content({**POLICY, "title": name}))
        writer.update("PricingPolicy", "kept", Content(POLICY), text.replace("Markup", "kept"))
        writer.delete("PricingPolicy", "gone", text.replace("Markup", "gone"))
        writer.move("PricingPolicy", "moved", "here")
        writer.release("PricingPolicy", "released")
        writer.move("PricingPolicy", "again", "once")
        writer.create("PricingPolicy", "again", Content({**POLICY, "title": "again"}))
    with hand(store, "other") as writer:
        writer.create("PricingPolicy", "theirs", Content({**POLICY, "title": "t"}, default=True))
    with open_reader(target(place)) as reader:
        left = reader.applied("shop")
    assert {name: json.loads(text)["body"]["title"] for (_, name), text in left.objects.items()} == {
        "again": "again",
        "here": "moved",
        "kept": "Markup",
        "once": "again",
    }
    assert left.defaults == {"PricingPolicy": ("theirs", "other")}
