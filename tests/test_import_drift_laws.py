"""Laws of ``import --drift``: what others changed in the connector gets into the files, and nothing
else of them changes."""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from aliconf.config.load import load
from aliconf.findings import errors_of
from aliconf.model.base import body, canonical
from aliconf.model.kinds import KINDS
from aliconf.wording import amount
from tests import shops
from tests.command import aliconf
from tests.databases.fixtures import on
from tests.databases.places import Place
from tests.test_laws import CONFIGURATION, LAW, PROJECT, SPECS, apply, plan

Steps = tuple[str | int, ...]
Id = tuple[str, str]
Document = dict[str, Any]


# Files as people write them.


class Hand:
    """Writes documents in any order of keys, with a comment of its own on every line, some values in
    quotes, some collections in flow."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.numbers = count(1)

    def file(self, documents: Iterable[Document], end: str, final: bool) -> str:
        text = "---\n".join("".join(self.mapping(document, "")) for document in documents)
        return (text if final else text.removesuffix("\n")).replace("\n", end)

    def line(self, text: str) -> str:
        return f"{text} # c{next(self.numbers)}\n"

    def mapping(self, value: Document, indent: str) -> Iterator[str]:
        keys = list(value)
        self.random.shuffle(keys)
        for key in keys:
            if self.random.random() < 0.2:
                yield self.line(indent.rstrip(" ") + indent)
            inner = value[key]
            if not isinstance(inner, dict | list) or not inner or self.random.random() < 0.3:
                yield self.line(f"{indent}{key}: {self.flow(inner)}")
                continue
            # A comment behind the key of a list would be in the way of `[]`, which import says.
            yield f"{indent}{key}:\n" if isinstance(inner, list) else self.line(f"{indent}{key}:")
            yield from self.block(inner, indent)

    def block(self, value: Any, indent: str) -> Iterator[str]:
        deeper = indent + " " * self.random.choice([2, 4])
        if isinstance(value, dict):
            yield from self.mapping(value, deeper)
            return
        for item in value:
            if isinstance(item, dict) and len(item) == 1 and self.random.random() < 0.7:
                ((key, inner),) = item.items()
                yield self.line(f"{deeper}- {key}: {self.flow(inner)}")
            else:
                yield self.line(f"{deeper}- {self.flow(item)}")

    def flow(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key}: {self.flow(one)}" for key, one in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + "]"
        if isinstance(value, str):
            return self.random.choice(["{}", "'{}'", '"{}"']).format(value)
        return json.dumps(value)


# Where a value stands, by another reader of YAML than aliconf's.


class Span(NamedTuple):
    first: int
    last: int
    """The lines of its key and its value, from 0."""
    inline: bool
    """A scalar, or a collection in flow."""


def spans(text: str) -> dict[tuple[Id, Steps], Span]:
    found = {}
    for root in yaml.compose_all(text, Loader=yaml.SafeLoader):
        places = dict(_spans(root, (), 0))
        value = yaml.safe_load(yaml.serialize(root))
        id_ = value["kind"], value["metadata"]["name"]
        found.update({(id_, path): span for path, span in places.items()})
    return found


def _spans(node: Any, path: Steps, first: int) -> Iterator[tuple[Steps, Span]]:
    inner: list[tuple[Steps, Span]] = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner += _spans(value, (*path, key.value), key.start_mark.line)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            inner += _spans(item, (*path, number), item.start_mark.line)
    inline = isinstance(node, yaml.ScalarNode) or bool(node.flow_style)
    last = node.end_mark.line if inline else max(span.last for _, span in inner)
    yield path, Span(first, last, inline)
    yield from inner


Spans = dict[tuple[Id, Steps], Span]


def lines_of(text: str, here: Spans, there: Spans, id_: Id, path: Steps) -> Iterator[int]:
    """The lines of a text that a value may change: its own, and what goes or comes with it.

    That is a parent with nothing else in it, and the comments right above.
    """
    parents = [path[:length] for length in range(len(path), -1, -1)]
    nearest = next(parent for parent in parents if (id_, parent) in here)
    span = here[id_, nearest]
    if nearest == path or span.inline:
        yield from range(span.first, span.last + 1)
    lines = text.splitlines()
    for parent in parents:
        if (id_, parent) in here and (id_, parent) not in there:
            first = here[id_, parent].first
            yield first
            while first and lines[first - 1].lstrip().startswith("#"):
                first -= 1
                yield first


# Drift.


def different(old: Any, new: Any, path: Steps) -> Iterator[Steps]:
    """The paths of the values that differ. Of a list with more than one such item, the list's."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from different(old.get(key), new.get(key), (*path, key))
        return
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        others = [
            index for index, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]
        ]
        if len(others) == 1:
            yield from different(old[others[0]], new[others[0]], (*path, others[0]))
            return
    yield path


def administrator(
    file: Path, documents: list[Document], data: st.DataObject
) -> list[tuple[Id, Steps]]:
    """Change some objects by SQL; returns the places of the values, as documents have them.

    Not those that others are based on: a document cannot say such a drift without changing them.
    """
    found: list[tuple[Id, Steps]] = []
    with sqlite3.connect(file) as connection:
        for document in documents:
            id_ = document["kind"], document["metadata"]["name"]
            based = {one["spec"].get("basedOn") for one in documents if one["kind"] == id_[0]}
            if id_[1] not in based and data.draw(st.booleans(), "drifts"):
                found += [(id_, path) for path in _changed(connection, id_, data)]
        found += _moved(connection, documents, data)
    connection.close()
    return found


def _changed(connection: sqlite3.Connection, id_: Id, data: st.DataObject) -> Iterator[Steps]:
    row = "SELECT body, labels, protect, title FROM policy WHERE kind = ? AND name = ?"
    text, labels, protect, title = connection.execute(row, id_).fetchone()
    drawn = data.draw(SPECS[id_[0]], "values")
    model = KINDS[id_[0]].spec_type().model_validate({"title": "x", **drawn})
    values = body(model)
    was = json.loads(text)
    now = {**was, **{key: values[key] for key in drawn if key in values}}
    yield from different(was, now, ("spec",))
    new = data.draw(st.sampled_from(["{}", '{"team":"b"}', '{"era":"2","team":"a"}', labels]))
    yield from different(json.loads(labels), json.loads(new), ("metadata", "labels"))
    kept = data.draw(st.booleans(), "protect")
    if kept != bool(protect):
        yield "lifecycle", "protect"
    renamed = data.draw(st.sampled_from([title, f"{title} by hand"]), "title")
    if renamed != title:
        yield "spec", "title"
    connection.execute(
        "UPDATE policy SET body = ?, labels = ?, protect = ?, title = ? WHERE kind = ? AND name = ?",
        (canonical(now), new, int(kept), renamed, *id_),
    )


def _moved(
    connection: sqlite3.Connection, documents: list[Document], data: st.DataObject
) -> Iterator[tuple[Id, Steps]]:
    """Another default for some kinds."""
    for kind in SPECS:
        names = [one["metadata"]["name"] for one in documents if one["kind"] == kind]
        row = "SELECT policy FROM policy_default WHERE kind = ?"
        (was,) = connection.execute(row, [kind]).fetchone()
        now = data.draw(st.sampled_from([was, was, *names]), "default")
        if now != was:
            yield (kind, was), ("spec", "default")
            yield (kind, now), ("spec", "default")
            connection.execute("UPDATE policy_default SET policy = ? WHERE kind = ?", [now, kind])


def drift(root: Path) -> int:
    return aliconf("drift", cwd=root).code


def applied(place: Place, root: Path, documents: list[Document], text: str) -> Path:
    """The only file of the policies, of a project whose store is as the files say."""
    shops.shop(root, pricing=None, aliconf=PROJECT)
    file = root / "policies.yaml"
    file.write_bytes(text.encode())
    apply(root)
    return file


@on("sqlite")
@settings(LAW, max_examples=12, phases=[Phase.generate])
@given(
    documents=CONFIGURATION.filter(bool),
    seed=st.integers(0, 2**32),
    end=st.sampled_from(["\n", "\r\n"]),
    final=st.booleans(),
    data=st.data(),
)
def test_drift_gets_into_the_lines_of_its_values_and_into_no_other(
    place: Place, documents: list[Document], seed: int, end: str, final: bool, data: st.DataObject
) -> None:
    before = Hand(seed).file(documents, end, final)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        file = applied(place, root, documents, before)
        others = {path: path.read_bytes() for path in root.glob("*.yaml") if path != file}
        drifted = administrator(replace(place, root=root).file, documents, data)
        assert drift(root) == (2 if drifted else 0)
        ended = aliconf("import", "--drift", "--yes", cwd=root)
        assert ended.code == 0, ended.out + ended.err
        after = file.read_bytes().decode()
        assert {path: path.read_bytes() for path in others} == others
        assert plan(root)["changes"] == []
        apply(root)
        assert drift(root) == 0
        assert plan(root)["changes"] == []
        assert file.read_bytes().decode() == after

    assert (after.count("\n"), after.endswith("\n")) == (after.count(end), before.endswith("\n"))
    was, now = spans(before), spans(after)
    known = [(id_, path) for id_, path in drifted if (id_, ()) in was]
    old = {line for id_, path in known for line in lines_of(before, was, now, id_, path)}
    new = {line for id_, path in known for line in lines_of(after, now, was, id_, path)}
    matcher = SequenceMatcher(None, before.split(end), after.split(end), autojunk=False)
    for what, old_first, old_end, new_first, new_end in matcher.get_opcodes():
        if what != "equal":
            assert set(range(old_first, old_end)) <= old, (drifted, before, after)
            assert set(range(new_first, new_end)) <= new, (drifted, before, after)


NUMBERS = {
    "safetyStock": (3, "4"),
    "percentage": (50, "60"),
    "updateEvery": ("5m", '"1h"'),
    "outOfStock": ("sendZero", '"unlist"'),
    "maximum": (100, "120"),
}


@on("sqlite")
@settings(LAW, max_examples=10)
@given(
    documents=CONFIGURATION,
    field=st.sampled_from(list(NUMBERS)),
    seed=st.integers(0, 2**32),
    end=st.sampled_from(["\n", "\r\n"]),
    final=st.booleans(),
)
def test_one_field_that_drifted_changes_one_line_and_keeps_its_comment(
    place: Place, documents: list[Document], field: str, seed: int, end: str, final: bool
) -> None:
    spec = {"title": "One", **{name: value for name, (value, _) in NUMBERS.items()}}
    one = {"apiVersion": "aliconf/v1", "kind": "InventoryPolicy", "spec": spec}
    one["metadata"] = {"name": "one"}
    before = Hand(seed).file([*documents, one], end, final)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        file = applied(place, root, documents, before)
        store = replace(place, root=root).file
        with sqlite3.connect(store) as connection:
            connection.execute(
                f"UPDATE policy SET body = json_set(body, '$.{field}', json('{NUMBERS[field][1]}'))"
                " WHERE name = 'one'"
            )
        connection.close()
        ended = aliconf("import", "--drift", "--yes", cwd=root)
        assert (ended.code, ended.out.splitlines()[-1]) == (0, "1 value in 1 file written.")
        after = file.read_bytes().decode()
        assert plan(root)["changes"] == []
    lines = list(zip(before.split(end), after.split(end), strict=True))
    ((old, new),) = [pair for pair in lines if pair[0] != pair[1]]
    was, now = str(NUMBERS[field][0]), NUMBERS[field][1].strip('"')
    assert new.replace(f"{now}", f"{was}", 1) == old or new == old.replace(was, now)


# Both sides.

Values = dict[Steps, Any]
"""By their paths, from the top of a document; the default of a kind is at its place in all."""


def declared(root: Path) -> dict[Id, Document]:
    """What the documents mean, without defaults."""
    configuration = load(root)
    assert errors_of(configuration.findings) == []
    found = {}
    for document in configuration.documents:
        if document.kind in SPECS:
            assert document.model is not None
            found[document.kind, document.name] = {
                "spec": body(configuration.effective(document).spec),
                "metadata": {"labels": dict(document.model.metadata.labels)},
                "lifecycle": {"protect": document.model.lifecycle.protect},
            }
    return found


def holders(root: Path) -> dict[str, str]:
    """Of each kind the policy that is declared the default."""
    specs = [document for document in load(root).documents if document.kind in SPECS]
    return {one.kind: one.name for one in specs if getattr(one.spec, "default", False)}


def live(file: Path) -> tuple[dict[Id, Document], dict[str, str]]:
    """What the connector holds: its policies, and which of them are the defaults."""
    with sqlite3.connect(file) as connection:
        pointers = dict(connection.execute("SELECT kind, policy FROM policy_default"))
        rows = list(
            connection.execute("SELECT kind, name, title, body, labels, protect FROM policy")
        )
    connection.close()
    found = {
        (kind, name): {
            "spec": {"title": title, **json.loads(text)},
            "metadata": {"labels": json.loads(labels)},
            "lifecycle": {"protect": bool(protect)},
        }
        for kind, name, title, text, labels, protect in rows
    }
    return found, pointers


class Merge:
    """What an import is to make of values: those of the connector, unless both sides changed them.

    Lists are told as a whole. What a mapping lacks and null are the same.
    """

    def __init__(self) -> None:
        self.taken = 0
        self.conflicts: list[str] = []

    def of(self, left: Any, live: Any, wanted: Any, name: str, path: Steps = ()) -> Any:
        if isinstance(left, dict) and isinstance(live, dict):
            mine = wanted if isinstance(wanted, dict) else {}
            merged = {
                key: self.of(left.get(key), live.get(key), mine.get(key), name, (*path, key))
                for key in {**left, **live, **mine}
            }
            return merged if path else without_none(merged)
        if live in (left, wanted):
            return wanted
        if wanted == left:
            self.taken += 1
            return live
        self.conflicts.append(f"{'.'.join(map(str, path)).removeprefix('spec.')} of {name}")
        return wanted


def without_none(value: Any) -> Any:
    """A value without what is not there, and without the mappings that hold nothing else."""
    if not isinstance(value, dict):
        return value
    inner = {key: without_none(one) for key, one in value.items()}
    return {key: one for key, one in inner.items() if one not in (None, {})}


KEPT = ("title", "default", "basedOn")


def by_us(documents: list[Document], data: st.DataObject) -> list[Document]:
    """The same policies with other values, and with other defaults: not applied yet."""
    found = []
    for document in documents:
        changed = {**document, "spec": dict(document["spec"])}
        kind, name = document["kind"], document["metadata"]["name"]
        if data.draw(st.booleans(), "edited"):
            kept = {key: changed["spec"][key] for key in KEPT if key in changed["spec"]}
            changed["spec"] = kept | data.draw(SPECS[kind], "values of ours")
            changed["lifecycle"] = {"protect": data.draw(st.booleans(), "protect of ours")}
            labels = data.draw(
                st.sampled_from([{}, {"team": "b"}, {"season": "a"}]), "labels of ours"
            )
            changed["metadata"] = {"name": name, "labels": labels}
        found.append(changed)
    for kind in SPECS:
        policies = [one for one in found if one["kind"] == kind]
        holder = data.draw(st.none() | st.sampled_from(policies), "default") if policies else None
        if data.draw(st.booleans(), "moves the default"):
            for one in policies:
                one["spec"].pop("default", None)
            if holder:
                holder["spec"]["default"] = True
    return found


@on("sqlite")
@settings(LAW, max_examples=25, phases=[Phase.generate])
@given(documents=CONFIGURATION.filter(bool), seed=st.integers(0, 2**32), data=st.data())
def test_what_both_sides_changed_is_left_and_told_and_the_rest_is_taken(
    place: Place, documents: list[Document], seed: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        file = applied(place, root, documents, Hand(seed).file(documents, "\n", True))
        store = replace(place, root=root).file
        left, pointers = live(store)
        ours = by_us(documents, data)
        file.write_text(Hand(seed).file(ours, "\n", True), encoding="utf-8")
        wanted, wishes = declared(root), holders(root)
        administrator(store, ours, data)
        now, moved = live(store)

        merge = Merge()
        expected = {
            id_: merge.of(left[id_], now[id_], says, "/".join(id_)) for id_, says in wanted.items()
        }
        for kind in SPECS:
            wish, had, has = wishes.get(kind), pointers[kind], moved[kind]
            if has not in (wish, had) and wish not in (None, had):
                merge.conflicts.append(f"the default of {kind}")
            elif has not in (wish, had):
                merge.taken += 1 if wish is None else 2
                wishes[kind] = has

        ended = aliconf("import", "--drift", "--yes", cwd=root)
        assert ({id_: without_none(says) for id_, says in declared(root).items()}) == expected
        assert holders(root) == wishes
        told = re.findall(r"ALI549\]: (.+?) was changed on both", " ".join(ended.err.split()))
        assert sorted(told) == sorted(merge.conflicts)
        words = f"{amount(merge.taken, 'value')} in 1 file written."
        if not merge.taken:
            words = "Nothing can be imported." if merge.conflicts else "Nothing to import."
        assert (ended.out.splitlines()[-1], ended.code) == (words, int(words.endswith("imported.")))
