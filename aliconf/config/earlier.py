"""The documents of an earlier commit.

Its files are laid out in a temporary directory and read by the same `load` as today's, so that
which of them belong to the project is decided by one law. Documents of files that have not
changed since are taken over: reading them is most of the work.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from aliconf.config.configuration import Configuration
from aliconf.config.discover import PROJECT_FILE
from aliconf.config.documents import LoadedDocument
from aliconf.config.git import Commit, Entry, contents, differing, files_of, modules_of
from aliconf.config.load import Loader, load, read_text
from aliconf.config.source import Source
from aliconf.findings import Finding, Severity


def documents_then(configuration: Configuration, commit: Commit) -> Configuration | None:
    """The configuration as the commit has it; None where it has none, or nothing has changed.

    That of an environment is compared with the same environment, if there was one of that name.
    Findings of that time are left aside. Raises AliconfError (ALI931) where git cannot read it.
    """
    changed = differing(commit)
    then = configuration_then(configuration, commit, changed) if changed else None
    if then is not None and configuration.environment is not None and then.environment is None:
        return None
    return then


def configuration_then(
    configuration: Configuration, commit: Commit, changed: Collection[str]
) -> Configuration | None:
    """The configuration as the commit has it; None where it has none, or not this environment.

    ``changed`` are the names of the files that `differing` finds. Of a project that cannot be read
    there is only the base, whatever the environment. Files outside of the repository are in no
    commit: their documents are those of now. So are those of a submodule at the same commit; at
    another one it is not read, which is among the findings. Raises AliconfError (ALI931) where git
    cannot read the commit.
    """
    environment = configuration.environment
    if environment is not None:
        configuration = environment.base
    tree = _Tree(commit)
    home = _home(configuration, tree)
    if home is None:
        return None
    named = _by_name(configuration, commit.top)
    same = {
        name: documents
        for name, documents in named.items()
        if name in tree.entries and name not in changed and not tree.entries[name].link
    }
    rest = _found_anyway(same, str(home / PROJECT_FILE), changed)
    with tempfile.TemporaryDirectory(prefix="aliconf-") as temporary:
        # As deep as the repository is, so that `../../shared` leads to no other place.
        top = Path(os.path.realpath(temporary), *commit.top.parts[1:])
        tree.lay_out(top, _patterns(tree.project(home)), same, rest)
        # Git finds no repository here, whatever is above: what is in a commit is not ignored.
        (top / ".git").write_text("none\n")
        then = load(top / home, lambda then: _Reader(then, top, commit, same))
        if rest:  # and so nobody can say that a pattern of `include` matches nothing
            then.findings = [item for item in then.findings if item.code != "ALI120"]
        for name in ("", *rest, *_in_modules(tree, named, changed, then)):
            for document in sorted(named.get(name, ()), key=lambda document: document.offset):
                then.add(document)
        if environment is None or then.project is None or not then.project.sound:
            return then
        if environment.name not in then.settings.environments:
            return None
        from aliconf.config.environments import in_environment

        return in_environment(then, environment.name, _Reader(then, top, commit, same))


def _found_anyway(
    same: Mapping[str, object], project_file: str, changed: Collection[str]
) -> set[str]:
    """Unchanged files that belonged to the project as they do now, so that nobody has to look.

    That is so if the project's own file says the same, and the nested projects are the same.
    """
    if project_file not in same or any(name.endswith(PROJECT_FILE) for name in changed):
        return set()
    return same.keys() - {project_file}


def _in_modules(
    tree: _Tree, named: Iterable[str], changed: Collection[str], then: Configuration
) -> Iterator[str]:
    """The names of files in submodules that have not changed."""
    others = [name for name in named if name and name not in tree.entries]
    modules = modules_of(tree.commit) if others else frozenset()
    for module in modules:
        inside = [name for name in others if name.startswith(f"{module}/")]
        if module not in changed:
            yield from inside
        elif inside:
            then.incomplete = True
            then.findings.append(
                Finding(
                    "ALI931",
                    Severity.ERROR,
                    f"the submodule {module} was at another commit, which is not read",
                )
            )


def _home(configuration: Configuration, tree: _Tree) -> PurePosixPath | None:
    """The project's directory in the commit: the same as now, or the one it was moved from."""
    top, root = tree.commit.top, configuration.root.resolve()
    here = PurePosixPath(os.path.relpath(root, top))
    if str(here / PROJECT_FILE) in tree.entries:
        return here
    name = _name_of(configuration)
    left = [
        directory
        for directory in tree.homes()
        if name
        and _name_of(tree.project(directory)) == name
        and _name_of(_project_in(top / directory)) != name
    ]
    return left[0] if len(left) == 1 else None


def _project_in(directory: Path) -> Configuration:
    """The project alone, as it stands in a directory now."""
    found = Configuration(directory)
    file = directory / PROJECT_FILE
    if file.is_file():
        Loader(found).add(file, ours=False)
    return found


def _name_of(configuration: Configuration) -> str:
    return configuration.project.name if configuration.project is not None else ""


def _patterns(project: Configuration) -> set[str]:
    """What the names of a project's files look like, directories aside."""
    settings = project.settings
    patterns = list(settings.include or [])
    for environment in settings.environments.values():
        patterns += environment.overlays
    return {"*.yaml", "*.yml", *(PurePosixPath(pattern).name for pattern in patterns)}


def _by_name(configuration: Configuration, top: Path) -> dict[str, list[LoadedDocument]]:
    """The documents of today by the names of their files below the repository's top.

    Those of files that are elsewhere have the name "".
    """
    found: dict[str, list[LoadedDocument]] = {}
    beginning = f"{top}{os.sep}"
    twins = (document for document, _ in configuration.twins)
    for document in (*configuration.documents, *twins):
        path = str(document.source.path)
        name = path[len(beginning) :] if path.startswith(beginning) else ""
        found.setdefault(name, []).append(document)
    return found


class _Tree:
    """The files of a commit."""

    def __init__(self, commit: Commit) -> None:
        self.commit = commit
        self.entries: dict[str, Entry] = files_of(commit)

    def homes(self) -> Iterator[PurePosixPath]:
        for name in self.entries:
            path = PurePosixPath(name)
            if path.name == PROJECT_FILE:
                yield path.parent

    def project(self, directory: PurePosixPath) -> Configuration:
        """The project alone, of a directory."""
        found = Configuration(self.commit.top / directory)
        name, seen = str(directory / PROJECT_FILE), set[str]()
        while name in self.entries and name not in seen:
            seen.add(name)
            text = self._content(name)
            if not self.entries[name].link:
                read_text(found, Source(self.commit.top / name, name, text), ours=False)
                break
            name = _target(name, text)
        return found

    def lay_out(
        self, top: Path, patterns: set[str], empty: Mapping[str, object], left_out: Container[str]
    ) -> None:
        """Write the files of the patterns, and all links that stay inside, below a directory.

        Files in ``empty`` get no content: they are there to be found. Those ``left_out`` are there
        only if a link leads to them.
        """
        entries = self.entries
        links = [name for name, entry in entries.items() if entry.link]
        goals = contents(self.commit, (entries[name].blob for name in links))
        targets = {_target(link, os.fsdecode(goals[entries[link].blob])) for link in links}
        names = [
            name
            for name, entry in entries.items()
            if not entry.link
            and (
                name in targets
                or (name not in left_out and _matches(name.rpartition("/")[2], patterns))
            )
        ]
        full = [name for name in names if name not in empty]
        texts = contents(self.commit, (entries[name].blob for name in full))
        for directory in {PurePosixPath(name).parent for name in (*names, *links)}:
            (top / directory).mkdir(parents=True, exist_ok=True)
        for name in names:
            (top / name).write_bytes(b"" if name in empty else texts[entries[name].blob])
        for link in links:
            (top / link).symlink_to(os.fsdecode(goals[entries[link].blob]))
        for link in links:
            if not Path(os.path.realpath(top / link)).is_relative_to(top):
                (top / link).unlink()

    def _content(self, name: str) -> str:
        blob = self.entries[name].blob
        return contents(self.commit, [blob])[blob].decode("utf-8-sig", "replace")


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _target(link: str, goal: str) -> str:
    return os.path.normpath(PurePosixPath(link).parent / goal)


class _Reader(Loader):
    """Reads the files of a commit, and shows them as ``path@commit``."""

    def __init__(
        self,
        configuration: Configuration,
        top: Path,
        commit: Commit,
        same: Mapping[str, list[LoadedDocument]],
    ) -> None:
        super().__init__(configuration)
        self.top, self.commit, self.same = top, commit, same

    def shown(self, path: Path) -> str:
        now = self.commit.top / path.relative_to(self.top)
        return f"{super().shown(now)}@{self.commit.short}"

    def source(self, path: Path) -> Source | Finding:
        here = path.is_relative_to(self.top)
        same = self.same.get(str(path.relative_to(self.top))) if here else None
        return same[0].source if same else super().source(path)

    def add(self, path: Path, *, ours: bool) -> None:
        if not path.is_relative_to(self.top):
            return  # outside of the repository nothing is known of earlier times
        same = self.same.get(str(path.relative_to(self.top)))
        if same is None:
            super().add(path, ours=ours)
            return
        for document in sorted(same, key=lambda document: document.offset):
            self.configuration.add(document)
