"""A plan in a file: what was reviewed, for an apply of exactly that.

An apply plans again and compares digests; the file's changes are for people. So the file cannot
make it do anything else than the configuration says, and a file that was edited is refused, since
it no longer shows what was reviewed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from aliconf.findings import AliconfError, refusal
from aliconf.model.base import canonical
from aliconf.plan.digest import FORMAT, Basis, Part
from aliconf.plan.rest import Lost, pointed
from aliconf.wording import some

KIND: Final = "aliconf/plan"
VERSION: Final = 1
"""Of a plan's JSON, which a plan file is."""
STALE: Final = "ALI531"
NO_PLAN: Final = "ALI532"
OTHER_PROJECT: Final = "ALI533"
OTHER_PLACE: Final = "ALI534"
NEWER: Final = "ALI535"
_LARGEST: Final = 512 * 1024 * 1024


class Saved(NamedTuple):
    """What of a saved plan an apply compares."""

    digest: str
    project: str
    environment: str
    connector_id: str
    pointers: Mapping[str, str]
    documents: Mapping[str, str]
    """The short digest of each by ``Kind/name``; so are the objects."""
    objects: Mapping[str, str]


def sealed(data: dict[str, Any]) -> dict[str, Any]:
    """The data of a plan file with the seal that shows whether somebody edited it."""
    return {**data, "seal": _seal(data)}


def _seal(data: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in data.items() if key != "seal"}
    text = canonical(rest).encode("utf-8", "surrogatepass")
    return f"sha256:{hashlib.sha256(text).hexdigest()}"


def plan_file(data: dict[str, Any], basis: Basis) -> str:
    """The text of a plan file: the plan's own data, what it rests on, and the seal."""
    whole = sealed({**data, "digest": basis.digest(), "basis": basis_data(basis)})
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def seal_of(parts: Mapping[str, str], changes: Sequence[str]) -> str:
    """The seal of a plan file by the canonical texts of its parts and of its changes, none of which
    is made into data and text again."""

    def pieces() -> Iterator[str]:
        before = "{"
        for key in sorted([*parts, "changes"]):
            yield f'{before}"{key}":'
            if key == "changes":
                yield "["
                for number, change in enumerate(changes):
                    yield f",{change}" if number else change
                yield "]"
            else:
                yield parts[key]
            before = ","
        yield "}"

    whole = hashlib.sha256()
    for piece in pieces():
        whole.update(piece.encode("utf-8", "surrogatepass"))
    return f"sha256:{whole.hexdigest()}"


def basis_data(basis: Basis) -> dict[str, Any]:
    """What a plan file says of what the plan rests on."""
    return {
        "format": FORMAT,
        "environment": basis.environment or None,
        "pointers": dict(sorted(basis.pointers.items())),
        "documents": {part.id: part.digest() for part in sorted(basis.documents)},
        "objects": {part.id: part.digest() for part in sorted(basis.objects)},
    }


def read_saved(path: Path) -> Saved:
    """The plan in a file. Raises ALI532 where it is none, and ALI535 for a newer format."""
    data = _json(path)
    if not isinstance(data, dict) or data.get("format") != KIND or "seal" not in data:
        raise _no_plan(path, "it is no plan that `aliconf plan --out` wrote")
    _check_number(path, data.get("version"), VERSION, "version")
    basis = data.get("basis")
    if not isinstance(basis, dict):
        raise _no_plan(path, "it does not say what the plan rests on")
    _check_number(path, basis.get("format"), FORMAT, "format")
    if data["seal"] != _seal(data):
        raise _no_plan(path, "it was changed after aliconf wrote it")
    try:
        return Saved(
            str(data["digest"]),
            str(data["project"]),
            str(basis["environment"] or ""),
            str(data["connector"]["id"] or ""),
            dict(basis["pointers"]),
            dict(basis["documents"]),
            dict(basis["objects"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _no_plan(path, "it does not say what the plan rests on") from error


def _check_number(path: Path, found: object, known: int, what: str) -> None:
    """Refuse what a newer aliconf wrote, and what none wrote: formats count from 1."""
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise _no_plan(path, f"its {what} is no number that aliconf writes")
    if found > known:
        raise refusal(
            NEWER,
            f"{path} is a plan of {what} {found}; this aliconf knows up to {known}",
            "Apply it with the aliconf that made it, or plan again.",
        )


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > _LARGEST:
            raise _no_plan(path, "it is larger than any plan")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _no_plan(path, error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise _no_plan(path, "it is no JSON, or only a part of it") from error


def _no_plan(path: Path, reason: str) -> AliconfError:
    return refusal(
        NO_PLAN,
        f"{path} cannot be applied: {reason}",
        "Plan again with `aliconf plan --out FILE`, have that reviewed, and apply that file.",
    )


def check_place(saved: Saved, basis: Basis, *, begun: bool = False) -> None:
    """Refuse a plan of another project (ALI533), environment or connector (ALI534).

    ``begun``: applies have made a part of it, perhaps the store as well.
    """
    if saved.project != basis.project:
        raise refusal(
            OTHER_PROJECT,
            f"the saved plan is of the project {saved.project}, and this is {basis.project}",
            "Apply it in the directory that it was made for (`aliconf -C DIR apply FILE`).",
        )
    if saved.environment != basis.environment:
        raise refusal(
            OTHER_PLACE,
            f"the saved plan is for {_environment(saved.environment)}, and this is "
            f"{_environment(basis.environment)}",
            "Name the environment of the plan with -e, or plan again for this one.",
        )
    if saved.connector_id not in {basis.connector_id, "" if begun else basis.connector_id}:
        raise refusal(
            OTHER_PLACE,
            f"the saved plan is for {_connector(saved.connector_id)}, and this is "
            f"{_connector(basis.connector_id)}",
            "If the connector URL is the same as where the plan was made, then the store was made "
            "since. Plan again.",
        )


def stale(
    basis: Basis, reviewed: str, saved: Saved | None, lost: Lost | None, made: str
) -> AliconfError:
    """Why a plan is not the one of the reviewed digest (ALI531), nor the rest of it.

    Without its file nobody knows all that has moved. ``made`` says what applies have made of it.
    """
    moved = list(lost.broken) if lost else []
    if saved:
        moved += _moved(saved, lost.basis if lost else basis)
    what = "the saved plan" if saved else "the reviewed plan"
    if lost and lost.rest.left:
        what = f"the rest of {what}"
    if moved:
        message = f"{what} is stale: {some(moved, separator='; ')}"
    elif lost:
        message = f"{what} is stale: what it rests on has moved"
    else:
        message = f"the plan is not the reviewed one, {reviewed}: its digest is {basis.digest()}"
    more = [] if saved else [_WITH_FILE]
    return refusal(STALE, message, " ".join([*([made] if made else []), _AGAIN, *more]))


_AGAIN: Final = "Plan again, have that reviewed, and apply it."
_WITH_FILE: Final = (
    "With the file of the reviewed plan (`aliconf apply FILE`) apply says what has moved; the "
    "workflows of `aliconf init --ci` keep it as `aliconf-plan`. `aliconf plan --since REF` tells "
    "where each change of now comes from."
)


def _moved(saved: Saved, basis: Basis) -> Iterator[str]:
    """What is not as it was when the plan was made, in words."""
    yield from _differences(saved.documents, basis.documents, "in the configuration")
    yield from _differences(saved.objects, basis.objects, "in the connector")
    for kind in sorted({*saved.pointers, *basis.pointers}):
        was, now = saved.pointers.get(kind), basis.pointers.get(kind)
        if was != now:
            yield pointed(kind, was, now)


def _differences(before: Mapping[str, str], parts: Iterable[Part], where: str) -> Iterator[str]:
    now = {part.id: part.digest() for part in parts}
    for name in sorted({*before, *now}):
        if name not in now:
            yield f"{name} is gone {where}"
        elif name not in before:
            yield f"{name} is new {where}"
        elif before[name] != now[name]:
            yield f"{name} has changed {where}"


def _environment(name: str) -> str:
    return f"the environment {name}" if name else "no environment"


def _connector(name: str) -> str:
    return f"the connector {name}" if name else "a connector that does not exist yet"
