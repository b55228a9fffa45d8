"""The way back from an apply, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from aliconf.connector.reader import ACCEPT, JournalEntry
from aliconf.plan.way_back import Way, WayBack
from aliconf.report.style import Style

_SHORT: Final = 7
_FILES: Final = 3
"""How many files outside of the project are named."""
_AT_HAND: Final = {Way.REVERT, Way.CHECKOUT, Way.NO_REPOSITORY, Way.NOT_HERE}
"""Where git leads back, here or elsewhere."""
_SAID: Final = {
    Way.REVERT: "revert what it brought, and apply that.",
    Way.CHECKOUT: "apply the commit of apply {before} again. That of this one does not contain it, "
    "so that there is nothing to revert.",
    Way.NOT_FROM_GIT: "this apply was not made from a git repository.",
    Way.UNCOMMITTED: "git cannot undo {whose}: values of it came from files that were not "
    "committed.",
    Way.UNCOMMITTED_BEFORE: "git does not have what was before: values of apply {before} came from "
    "files that were not committed.",
    Way.FIRST: "nothing was applied before, so that there is no commit to go back to.",
    Way.NOT_FROM_GIT_BEFORE: "apply {before} was not made from a git repository, so that no commit "
    "tells what this one brought.",
    Way.NO_COMMIT: "this apply brought no commit of its own, so that git cannot undo it.",
    Way.NO_REPOSITORY: "revert the commits up to {commit} in a clone of their repository. Here, "
    "{why}.",
    Way.NOT_HERE: "revert the commits up to {commit}, which this clone does not have. {why}",
}


def way_back_lines(back: WayBack, entries: Sequence[JournalEntry], style: Style) -> Iterator[str]:
    """Sentences, and the commands where there are some."""
    yield ""
    by_hand = "" if back.way in _AT_HAND else _by_hand(back, entries)
    yield from style.wrap(Style.printable(f"The way back: {_said(back)} {by_hand}".rstrip()))
    if back.way is Way.CHECKOUT:
        yield f"  git checkout {back.before[:_SHORT]}"
    elif back.commits:
        yield from _commits(back, back.commits, style)
    if back.way is Way.REVERT and back.unfinished:
        earlier = back.first - 1
        yield from style.wrap(
            f"Apply {earlier} was not finished, so that this one may have made the rest of it too: "
            f"`aliconf history show {earlier}` has the way back from that."
        )


def _said(back: WayBack) -> str:
    if back.way is Way.REVERT and back.first < back.number:
        return (
            f"this apply carried on apply {back.first}. Revert what they brought, and apply that."
        )
    whose = "this apply"
    if back.uncommitted != back.number:
        whose = f"apply {back.uncommitted}, which this one carried on"
    return _SAID[back.way].format(
        commit=back.commit[:_SHORT], before=back.first - 1, whose=whose, why=back.why
    )


def _by_hand(back: WayBack, entries: Sequence[JournalEntry]) -> str:
    """What to do where git does not help."""
    made = {entry.action for entry in entries if entry.result == "done"}
    todo = []
    if made - {ACCEPT, "create", "generate", "delete"}:
        todo.append("write the values before the arrows into the files again")
    if "create" in made:
        todo.append("remove the documents of what it created")
    if "delete" in made:
        todo.append(
            "write the documents of what it deleted again, with the values that --format json has"
        )
    said = []
    if todo:
        *others, last = todo
        joined = f"{', '.join(others)} and {last}" if others else last
        said.append(f"To go back, {joined}, and apply.")
    last_before = back.number - 1
    if back.first == last_before:
        said.append(f"Go back from apply {back.first} too, which it carried on.")
    elif back.first < last_before:
        said.append(f"Go back from applies {last_before} to {back.first} too, which it carried on.")
    return " ".join(said)


def _commits(back: WayBack, commits: Sequence[str], style: Style) -> Iterator[str]:
    if back.way is Way.REVERT:
        reverted = " ".join(line.split(" ", 1)[0] for line in reversed(commits))
        narrow = style._replace(width=style.width - 2)
        yield " \\\n".join(narrow.wrap(f"git revert {reverted}", "  ", "    "))
    else:
        yield "It also brought these commits. To revert them does not lead back:"
    for line in commits:
        yield from style.wrap(Style.printable(line), "  ", " " * (len(line.split(" ", 1)[0]) + 3))
    if back.outside:
        files = ", ".join(back.outside[:_FILES])
        more = len(back.outside) - _FILES
        rest = f" and {more:,} more" if more > 0 else ""
        yield from style.wrap(
            Style.printable(
                "These commits also change files outside of this project, and to revert them "
                f"changes those back too: {files}{rest}."
            )
        )
