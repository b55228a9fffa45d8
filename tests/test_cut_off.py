"""What a plan says of an apply that ended without a result."""

from __future__ import annotations

import json
import re

from tests.command import aliconf
from tests.databases.places import Place
from tests.teams import shop_at

NOTE = re.compile(r"^note\[ALI946\]: .*? was (cut off: .*)\n((?:  .*\n)+)", re.MULTILINE)


def told(place: Place) -> list[tuple[str, str]]:
    """The end of each note, and its hint on one line."""
    planned = aliconf("plan", cwd=place.root)
    assert planned.code == 0, planned.err
    return [(words, " ".join(hint.split())) for words, hint in NOTE.findall(planned.out)]


def test_a_cut_off_apply_that_had_done_everything_is_told_from_one_that_had_not(
    place: Place,
) -> None:
    shop_at(place)
    if place.database != "sqlite":
        assert aliconf("connector", "init", cwd=place.root).code == 0
    assert aliconf("apply", "--yes", cwd=place.root).code == 0
    assert told(place) == []

    place.sql("UPDATE aliconf_run SET result = NULL, finished_at = NULL")
    ((intent,),) = place.rows("SELECT intent FROM aliconf_run")
    total = len(json.loads(intent))
    everything = f"cut off: {total} of {total} changes were done"
    assert told(place) == [
        (everything, "→ It left nothing: only that it was complete had not been written down.")
    ]

    more = json.dumps([*json.loads(intent), ["create", "Campaign", "spring"]])
    place.sql(f"UPDATE aliconf_run SET intent = '{more}'")
    part = f"cut off: {total} of {total + 1} changes were done; not done: Campaign/spring"
    assert told(place) == [(part, "→ What it left is in this plan as far as it is still wanted.")]
