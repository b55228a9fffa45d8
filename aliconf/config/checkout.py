"""The commit that a configuration was read from, and whether its files are as it has them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from aliconf.config import git
from aliconf.config.configuration import Configuration
from aliconf.config.discover import LOCK_FILE, PROJECT_FILE, included_files


class Checkout(NamedTuple):
    """The commit that is checked out around a project."""

    id: str
    author: str
    """``Name <address>``, as the commit says."""
    clean: bool
    """Whether the project's files are as the commit has them: its own document, the others and
    the overlays. Whatever else lies beside them, such as the file of a plan, does not count."""


def checkout(configuration: Configuration) -> Checkout | None:
    """What is checked out around a project; None without git, a repository or a commit."""
    head = git.head(configuration.root)
    if head is None:
        return None
    clean = not any(_differing(configuration, head))
    return Checkout(head.id, head.author, clean)


def directories(configuration: Configuration) -> list[Path]:
    """Where the project's files are: its root first, then those that it includes from elsewhere."""
    root = configuration.root.resolve()
    elsewhere = {file.parent for file in _read(configuration) if not file.is_relative_to(root)}
    return [root, *sorted(one for one in elsewhere if one.is_dir())]


def _differing(configuration: Configuration, head: git.Head) -> Iterator[Path]:
    """The project's files that differ from a commit, are not in it, or are gone."""
    read = _read(configuration)
    root, *_ = within = directories(configuration)
    changed = git.changed(head.top, within)
    if changed is None:
        yield root  # git cannot tell
        return
    here = read.union(*(file.parents for file in read))
    for path in changed:
        if path in here or (_could_be(path, root) and _was_ours(path, head)):
            yield path


def _read(configuration: Configuration) -> set[Path]:
    """The files that the project is made of now, with the overlays of every environment."""
    environment = configuration.environment
    base = environment.base if environment else configuration
    found = {configuration.root / PROJECT_FILE}
    found |= {document.source.path for document in base.documents}
    for settings in base.settings.environments.values():
        for _, paths in included_files(base.root, settings.overlays):
            found.update(paths)
    return {one for path in found for one in (path.resolve(), path.absolute())}  # a link may change


def _could_be(path: Path, root: Path) -> bool:
    """Whether a file that is not read now may have been a document of the project."""
    if path.suffix not in {".yaml", ".yml"} or LOCK_FILE.fullmatch(path.name):
        return False
    if not path.is_relative_to(root):
        return True
    below = path.relative_to(root)
    nested = any((root / one / PROJECT_FILE).exists() for one in below.parents if one.parts)
    return not nested and not any(part.startswith(".") for part in below.parts)


def _was_ours(path: Path, head: git.Head) -> bool:
    """Whether the commit has a document in a file; false for one that it does not have."""
    from aliconf.config.load import is_ours
    from aliconf.config.yaml import parse
    from aliconf.config.yaml_values import Problem, RawDocument

    shown = git.run(head.top, "show", f"{head.id}:{os.path.relpath(path, head.top)}")
    if shown.returncode:
        return False
    text = shown.stdout.decode("utf-8-sig", "replace")
    parts = list(parse(text))
    documents = [part for part in parts if isinstance(part, RawDocument)]
    return is_ours(documents, [part for part in parts if isinstance(part, Problem)], text)
