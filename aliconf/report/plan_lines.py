"""The changes of a large plan as lines of JSON.

Each is the canonical text of what `plan_data` has of the change, and is written without making that
first: of ten thousand new objects it would be two million keys and values.
"""

from __future__ import annotations

from collections.abc import Iterable
from json.encoder import encode_basestring as _text
from typing import Any

from aliconf.findings import Location
from aliconf.model.base import canonical
from aliconf.plan.changes import Change, FieldChange


def line(change: Change) -> str:
    """The change as JSON: keys in the order of the alphabet, and no blanks."""
    return (
        f'{{"action":{_text(change.action)},"also":{_list(change.also)}'
        f',"cause":{_or_null(change.cause)},"fields":[{",".join(map(_field, change.fields))}]'
        f',"generated":{_value(change.generated)},"kind":{_text(change.kind)}'
        f',"location":{_place(change.location)},"name":{_text(change.name)}'
        f',"notes":{_list(change.notes)},"oldName":{_or_null(change.old_name)}'
        f',"title":{_text(change.title)},"usedBy":{_list(change.users)}}}'
    )


def _field(field: FieldChange) -> str:
    path, old, new, _, origin, _, cause, also = field
    return (
        f'{{"also":{_list(also) if also else "[]"},"cause":{_text(cause) if cause else "null"}'
        f',"location":{_place(field.location)},"new":{_value(new)}'
        f',"old":{"null" if old is None else _value(old)}'
        f',"origin":{_text(origin) if origin else "null"},"path":{_text(path)}}}'
    )


def _place(location: Location | None) -> str:
    if location is None:
        return "null"
    file, line, column, end_column, text = location
    return (
        f'{{"column":{column},"endColumn":{end_column or "null"},"file":{_text(file)}'
        f',"line":{line},"text":{_text(text)}}}'
    )


def _value(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is int:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    return "null" if value is None else canonical(value)


def _or_null(text: str | None) -> str:
    return _text(text) if text else "null"


def _list(texts: Iterable[str]) -> str:
    return f"[{','.join(map(_text, texts))}]"
