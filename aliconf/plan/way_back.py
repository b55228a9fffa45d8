"""How git leads back to what was in force before an apply, or why it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from aliconf.config import git
from aliconf.connector.reader import Run
from aliconf.findings import AliconfError

_COMMIT: Final = "commit"


class Way(Enum):
    """The kinds of ways back."""

    REVERT = "revert the commits that it brought"
    CHECKOUT = "apply the commit of the apply before again: this one's lacks commits of it"
    NOT_FROM_GIT = "no commit is recorded"
    UNCOMMITTED = "files differed from the commit"
    UNCOMMITTED_BEFORE = "those of the apply before did"
    FIRST = "there is no apply before"
    NOT_FROM_GIT_BEFORE = "no commit is recorded of the apply before"
    NO_COMMIT = "it brought no commit"
    NO_REPOSITORY = "there is no repository to ask"
    NOT_HERE = "the repository lacks the commits"


@dataclass(frozen=True, slots=True)
class WayBack:
    """What git knows of an apply."""

    way: Way
    number: int
    """The apply's, from 1."""
    first: int
    """The first of the unfinished applies that it carried on; its own number where it did not."""
    commit: str = ""
    """That it was made from; empty where none is recorded."""
    before: str = ""
    """The commit of the apply before ``first``; empty where none is recorded."""
    commits: tuple[str, ...] | None = None
    """Those between the two, ``ID SUBJECT``, oldest first; None where nothing tells them."""
    outside: tuple[str, ...] = ()
    """The files of other projects that these commits change, from the repository's top."""
    uncommitted: int = 0
    """The number of the apply whose files differed from its commit; 0 where none is in the way."""
    unfinished: bool = False
    """Whether the apply before ``first`` was made from another commit, and not finished."""
    why: str = ""
    """What to say where git has no answer."""


def way_back(directories: Sequence[Path], runs: Sequence[Run], number: int) -> WayBack:
    """The way back from an apply, by its number from 1.

    ``directories`` are those of the project's files, its root first; ``runs`` are all its applies,
    oldest first.
    """
    first = _first(runs, number)
    commit = str(runs[number - 1].details.get(_COMMIT) or "")
    if not commit:
        return WayBack(Way.NOT_FROM_GIT, number, first)
    before = str(runs[first - 2].details.get(_COMMIT) or "") if first > 1 else ""
    dirty = next((one for one in range(number, first - 1, -1) if not _clean(runs[one - 1])), 0)
    if not before:
        none = Way.NOT_FROM_GIT_BEFORE if first > 1 else Way.FIRST
        way = Way.UNCOMMITTED if dirty else none
        return WayBack(way, number, first, commit, uncommitted=dirty)
    try:
        top = git.repository(directories[0], "the way back")
    except AliconfError as error:
        why = error.findings[0].message
        return WayBack(
            Way.UNCOMMITTED if dirty else Way.NO_REPOSITORY, number, first, commit, before, why=why
        )
    commits = git.commits_between(top, directories, before, commit)
    gone = git.commits_between(top, directories, commit, before)
    earlier = runs[first - 2]
    if dirty:
        way = Way.UNCOMMITTED
    elif not _clean(earlier):
        way, dirty = Way.UNCOMMITTED_BEFORE, first - 1
    elif commits is None:
        way = Way.NOT_HERE
    elif gone:
        way = Way.CHECKOUT
    else:
        way = Way.REVERT if commits else Way.NO_COMMIT
    return WayBack(
        way,
        number,
        first,
        commit,
        before,
        None if commits is None else tuple(commits),
        tuple(git.files_outside(top, directories, before, commit)) if commits else (),
        dirty,
        earlier.result != "complete",
        git.how_to_fetch(directories[0]) if commits is None else "",
    )


def _clean(run: Run) -> bool:
    return bool(run.details.get("clean", True))


def _first(runs: Sequence[Run], number: int) -> int:
    """The first of the applies in a row that were not finished and that this one carried on."""
    while number > 1 and _carried_on(runs[number - 2], runs[number - 1]):
        number -= 1
    return number


def _carried_on(earlier: Run, later: Run) -> bool:
    """Whether an apply made the rest of the one before: of the same commit, or the same plan."""
    if earlier.result == "complete":
        return False
    known = [(earlier.details.get(key), later.details.get(key)) for key in (_COMMIT, "digest")]
    return any(one and one == other for one, other in known)
