"""What to do to a value so that it becomes another one, in the smallest steps."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from aliconf.config.positions import Path
from aliconf.config.yaml_values import plain_scalar

Verb = Literal["set", "remove", "insert"]


class Operation(NamedTuple):
    verb: Verb
    path: Path
    """From the top of the document; ``insert`` puts an item before the one at this index."""
    value: Any = None


def operations(old: Any, new: Any, path: Path = ()) -> Iterator[Operation]:
    """From the value at a path to another one. Each is to be done on what those before have left.

    A number in place of a text that is one stays a text, so that its quotes can stay.
    """
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        gone = [Operation("remove", (*path, key)) for key in old if key not in new]
        if len(old) == len(gone) == 1 and path and isinstance(path[-1], int):
            # An item without its only key has no layout; what is behind it on the line stays.
            yield Operation("set", path, new)
            return
        yield from () if len(gone) == len(old) else gone
        for key, value in new.items():
            if key not in old:
                yield Operation("set", (*path, key), value)
            else:
                yield from operations(old[key], value, (*path, key))
        yield from gone if len(gone) == len(old) else ()
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        yield from _of_lists(old, new, path)
    elif not same(old, new):
        is_number = isinstance(new, int | Decimal) and not isinstance(new, bool)
        as_text = is_number and isinstance(old, str) and not isinstance(plain_scalar(old), str)
        yield Operation("set", path, str(new) if as_text else new)


def _of_lists(old: list[Any], new: list[Any], path: Path) -> Iterator[Operation]:
    if len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from operations(before, after, (*path, index))
        return
    matcher = SequenceMatcher(None, list(map(_key, old)), list(map(_key, new)), autojunk=False)
    # From the end, so that indexes further up stay what they are.
    for tag, first, last, begin, until in reversed(matcher.get_opcodes()):
        if tag == "equal":
            continue
        both = min(last - first, until - begin)
        for index in range(last - 1, first + both - 1, -1):
            yield Operation("remove", (*path, index))
        for number in range(until - 1, begin + both - 1, -1):
            yield Operation("insert", (*path, first + both), new[number])
        for offset in range(both):
            yield from operations(old[first + offset], new[begin + offset], (*path, first + offset))


def _key(value: Any) -> str:
    if isinstance(value, dict):
        return repr({key: _key(value[key]) for key in sorted(value)})
    if isinstance(value, list):
        return repr([_key(item) for item in value])
    return repr(value) if isinstance(value, bool) else str(value)


def same(one: Any, other: Any) -> bool:
    """Whether two values mean the same in a document: ``12`` is ``"12"`` where it may be both."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def done(value: Any, operation: Operation) -> Any:
    """The value after an operation; what it was is not changed."""
    return _done(value, operation.path, operation)


def _done(value: Any, path: Path, operation: Operation) -> Any:
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        assert isinstance(step, int)
        items = list(value)
        if rest:
            items[step] = _done(items[step], rest, operation)
        elif operation.verb == "insert":
            items.insert(step, operation.value)
        elif operation.verb == "remove":
            del items[step]
        else:
            items[step] = operation.value
        return items
    mapping = dict(value) if isinstance(value, dict) else {}
    if rest:
        mapping[str(step)] = _done(mapping.get(str(step), {}), rest, operation)
    elif operation.verb == "remove":
        mapping.pop(str(step), None)
    else:
        mapping[str(step)] = operation.value
    return mapping
