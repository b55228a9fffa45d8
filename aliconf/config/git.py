"""Ask git: about commits, their files, and what differs from them now."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from aliconf.findings import AliconfError, refusal

_OF_A_HOOK: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""Git sets these for its hooks. They would answer for another directory than the one asked about;
the directory itself says all they could. Where objects are is not among them: a hook on the
server needs it to see what was pushed."""
_LINK: Final = "120000"
_MODULE: Final = "160000"
_SHALLOW: Final = ": this clone is shallow"
_BRANCHES: Final = "origin '+refs/heads/*:refs/remotes/origin/*'"
"""All branches: a clone of one branch fetches another one by its name, and keeps no ref to it."""
_WHOLE: Final = (
    f"Fetch the whole history of all branches: `git fetch --unshallow {_BRANCHES}`; in CI "
    "`fetch-depth: 0` for GitHub's checkout, `GIT_DEPTH: 0` for GitLab."
)
_ELSEWHERE: Final = re.compile(rb"^fatal: not a git repository: (.+)$", re.MULTILINE)
"""What git says when the file .git of a worktree or a submodule names a directory that is gone."""
_FETCH: Final = f"Fetch all branches: `git fetch {_BRANCHES}`."


class Commit(NamedTuple):
    """A commit of the repository at ``top``."""

    top: Path
    id: str

    @property
    def short(self) -> str:
        return self.id[:7]


def merge_base(root: Path, ref: str, option: str = "--against") -> Commit | None:
    """The merge base of a ref and HEAD; None in a repository without a commit.

    ``option`` is what asks for it. Raises AliconfError: ALI930 without git or a repository, ALI931
    for a ref that does not exist or has no history in common.
    """
    top = repository(root, option)
    if _answer(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") is None:
        return None
    if _id(root, ref) is None:
        shallow = _is_shallow(root)
        raise refusal(
            "ALI931",
            f"git knows no commit {ref!r}" + (_SHALLOW if shallow else ""),
            f"{how_to_fetch(root)} Then compare with origin/BRANCH.",
        )
    base = _answer(root, "merge-base", "--end-of-options", ref, "HEAD")
    if base is None:
        shallow = _is_shallow(root)
        raise refusal(
            "ALI931",
            f"{ref} and HEAD have no commit in common" + (_SHALLOW if shallow else ""),
            _WHOLE if shallow else "Compare with a branch of the same history.",
        )
    return Commit(top, base.strip())


def tip(base: Commit, ref: str) -> Commit:
    """The commit of a ref of which there is a merge base."""
    return base._replace(id=_id(base.top, ref) or base.id)


def how_to_fetch(root: Path) -> str:
    """What to do about commits that a clone lacks: a sentence or two, with the commands."""
    try:
        return _WHOLE if _is_shallow(root) else _FETCH
    except OSError:  # no git
        return _FETCH


def repository(root: Path, option: str) -> Path:
    """The repository's directory; ``option`` is what asks for it.

    Raises AliconfError (ALI930) where there is none, or none that can be read.
    """
    try:
        result = run(root, "rev-parse", "--show-toplevel")
    except OSError as error:
        raise refusal(
            "ALI930", f"git cannot be run, and {option} needs it", "Install git, or leave it out."
        ) from error
    if result.returncode == 0:
        return Path(os.fsdecode(result.stdout).removesuffix("\n"))
    if b"dubious ownership" in result.stderr:  # as in a container that mounts a checkout
        raise refusal(
            "ALI930",
            f"git does not trust the repository around {root}: it belongs to another user",
            "If you do: `git config --global --add safe.directory DIRECTORY`, with the "
            "repository's directory.",
        )
    if elsewhere := _ELSEWHERE.search(result.stderr):  # as in a container that mounts a worktree
        raise refusal(
            "ALI930",
            f"the git repository of {root} is {os.fsdecode(elsewhere[1])}, which is not here",
            "In a container, mount that directory too, at the same path, or mount a clone.",
        )
    raise refusal(
        "ALI930",
        f"{root} is in no git repository, and {option} compares with one",
        f"Run `git init` and commit, or leave {option} out.",
    )


def _id(root: Path, ref: str) -> str | None:
    """The commit that a ref means; None where there is none."""
    verify = ("rev-parse", "--verify", "--quiet", "--end-of-options")
    found = _answer(root, *verify, f"{ref}^{{commit}}")
    return found and found.strip()


def _is_shallow(root: Path) -> bool:
    return (_answer(root, "rev-parse", "--is-shallow-repository") or "").strip() == "true"


class Head(NamedTuple):
    """The commit that is checked out."""

    top: Path
    """The repository's directory."""
    id: str
    author: str
    """``Name <address>``, as the commit says."""


def head(directory: Path) -> Head | None:
    """What is checked out around a directory; None without git, a repository or a commit."""
    try:
        top = _answer(directory, "rev-parse", "--show-toplevel")
        shown = _answer(directory, "log", "-1", "--format=%H%x00%an <%ae>")
    except OSError:
        return None
    if top is None or shown is None:
        return None
    commit, _, author = shown.rstrip("\n").partition("\0")
    return Head(Path(top.removesuffix("\n")), commit, author)


def changed(top: Path, directories: Iterable[Path]) -> list[Path] | None:
    """The files below directories that are not as the last commit has them, or not in it.

    Of a directory of which the commit has nothing only its own name is there. None where git
    cannot tell.
    """
    inside = [str(one) for one in directories if one.is_relative_to(top)]
    asked = ("status", "--porcelain", "-z", "--no-renames", "--ignored", "--", *inside)
    shown = _answer(top, *asked)
    if shown is None:
        return None
    return [top / line[3:].rstrip("/") for line in shown.split("\0") if line]


def commits_between(
    top: Path, directories: Iterable[Path], before: str, after: str
) -> list[str] | None:
    """The commits below directories that came after one and up to another, oldest first.

    None where git does not know them, as in a shallow clone.
    """
    shown = _answer(top, *_between(top, directories, before, after, "--format=%h %s", "--reverse"))
    return None if shown is None else shown.splitlines()


def files_outside(
    top: Path, directories: Collection[Path], before: str, after: str
) -> dict[str, None]:
    """The files elsewhere that the commits between two change as well, by their names below the
    repository's top."""
    every = ("--full-diff", "--name-only", "--no-renames", "-z", "--format=")
    shown = _answer(top, *_between(top, directories, before, after, *every)) or ""
    names = (name.strip("\n") for name in shown.split("\0"))
    return dict.fromkeys(
        name
        for name in names
        if name and not any((top / name).is_relative_to(one) for one in directories)
    )


def _between(
    top: Path, directories: Iterable[Path], before: str, after: str, *options: str
) -> tuple[str, ...]:
    """Of the commits that came after one and up to another; a merge is none of them."""
    inside = [str(one) for one in directories if one.is_relative_to(top)]
    span = f"{before}..{after}"
    return ("--literal-pathspecs", "log", "--no-merges", *options, span, "--", *inside)


class Entry(NamedTuple):
    """A file of a commit, by the id of its content."""

    blob: str
    link: bool


def files_of(commit: Commit) -> dict[str, Entry]:
    """The files and links of a commit, by their names below the repository's top."""
    listed = _output(commit, "ls-tree", "-r", "-z", "--full-tree", commit.id)
    found = {}
    for line in _split(listed):
        described, _, name = line.partition("\t")
        mode, kind, blob = described.split(" ")
        # No checkout has `..` or `.git` in a name either, though a commit can be forged so.
        if kind == "blob" and not {"..", ".git"} & set(name.split("/")):
            found[name] = Entry(blob, mode == _LINK)
    return found


def modules_of(commit: Commit) -> frozenset[str]:
    """The directories of a commit that are other repositories: its submodules."""
    listed = _split(_output(commit, "ls-tree", "-r", "-z", "--full-tree", commit.id))
    lines = (line.partition("\t") for line in listed)
    return frozenset(name for described, _, name in lines if described.startswith(_MODULE))


def differing(commit: Commit) -> frozenset[str]:
    """The names of tracked files, then or now, that differ between a commit and the directory."""
    compare = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "-z")
    return frozenset(_split(_output(commit, *compare, commit.id, "--")))


def contents(commit: Commit, blobs: Iterable[str]) -> dict[str, bytes]:
    """The contents of files by their ids, all in one go."""
    wanted = list(dict.fromkeys(blobs))
    if not wanted:
        return {}
    asked = "".join(f"{blob}\n" for blob in wanted).encode()
    rest = _output(commit, "cat-file", "--batch", given=asked)
    found, position = {}, 0
    for blob in wanted:
        end = rest.index(b"\n", position)
        size = rest[position:end].rsplit(b" ", 1)[1]
        if size == b"missing":
            raise _unreadable(commit, f"there is no object {blob}")
        position = end + 1 + int(size)
        found[blob] = rest[end + 1 : position]
        position += 1
    return found


def run(
    directory: Path, *arguments: str, given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git for a directory, whoever called us. Raises OSError where there is no git."""
    return subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env={key: value for key, value in os.environ.items() if key not in _OF_A_HOOK},
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        capture_output=True,
        check=False,
    )


def _output(commit: Commit, *arguments: str, given: bytes | None = None) -> bytes:
    """What git prints of a commit; no answer must not pass for a commit without files."""
    result = run(commit.top, *arguments, given=given)
    if result.returncode:
        raise _unreadable(commit, os.fsdecode(result.stderr).strip())
    return result.stdout


def _unreadable(commit: Commit, why: str) -> AliconfError:
    return refusal(
        "ALI931",
        f"git cannot read the commit {commit.short}: {why}",
        f"{how_to_fetch(commit.top)} See what `git fsck` says, too.",
    )


def _split(output: bytes) -> list[str]:
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


def _answer(directory: Path, *arguments: str) -> str | None:
    """What a git command prints; None where it fails."""
    result = run(directory, *arguments)
    return None if result.returncode else os.fsdecode(result.stdout)
