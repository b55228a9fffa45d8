"""The project that a command works on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from aliconf.cli.progress import shown
from aliconf.cli.verbosity import of_run
from aliconf.config.configuration import Configuration
from aliconf.config.discover import PROJECT_FILE, find_root
from aliconf.config.documents import LoadedDocument
from aliconf.config.load import load
from aliconf.findings import AliconfError, Finding, Severity, refusal


class Project(NamedTuple):
    configuration: Configuration

    @property
    def root(self) -> Path:
        return self.configuration.root

    @property
    def name(self) -> str:
        """Of a configuration that has a project document: the owner of its objects."""
        document = self.configuration.project
        return document.name if document else ""

    def own_document(self) -> LoadedDocument:
        """The project's own document, for what needs nothing else of the configuration.

        Raises AliconfError where its values may not be those that are meant: what is wrong with
        the document, or with the YAML of its file.
        """
        file = self.root.resolve() / PROJECT_FILE
        in_file = [
            finding
            for finding in self.configuration.findings
            if finding.location is not None and Path(finding.location.file).resolve() == file
        ]
        document = self.configuration.project
        if document is None:
            raise AliconfError(*in_file)
        doubts = [] if document.sound else [document.id]
        wrong = [finding for finding in in_file if finding.object in ("", *doubts)]
        if wrong:
            raise AliconfError(*wrong)
        return document

    def need_environment(self) -> None:
        """Refuse a project with environments of which none was chosen (ALI920)."""
        environments = self.configuration.settings.environments
        if not environments:
            return
        document = self.configuration.project
        raise refusal(
            "ALI920",
            f"the project has environments ({', '.join(environments)}), and none was chosen",
            f"Say which one: `-e {next(iter(environments))}`.",
            document.locate("spec", "environments", key=True) if document else None,
        )

    def need_no_review(self) -> None:
        """Refuse an apply of its own plan where only reviewed ones are taken (ALI958)."""
        environment = self.configuration.environment
        if environment is None or not environment.settings.require_reviewed_plan:
            return
        project = environment.base.project
        path = ("spec", "environments", environment.name, "requireReviewedPlan")
        raise refusal(
            "ALI958",
            f"the environment {environment.name} takes only reviewed plans, and this apply makes "
            "its own",
            "Apply the plan that was reviewed; `aliconf plan` shows the one of now.",
            project.locate(*path) if project else None,
        )

    def check(self) -> list[Finding]:
        """The findings of the documents, in the order of the files."""
        from aliconf.rules.engine import check

        with shown() as progress:
            return check(self.configuration, progress)

    def check_everywhere(self) -> list[Finding]:
        """The findings of the base and, with their names, those of its environments."""
        findings = self.check()
        if not self.configuration.settings.environments:
            return findings
        from aliconf.rules.engine import in_order
        from aliconf.rules.environments import check_environments

        with shown() as progress:
            more = check_environments(self.configuration, findings, progress)
        return in_order([*findings, *more])

    def sound(self) -> list[Finding]:
        """The warnings of a configuration without errors.

        Raises AliconfError with all findings where there is an error: any error means no plan.
        """
        findings = self.check()
        if any(finding.severity is Severity.ERROR for finding in findings):
            raise AliconfError(*findings)
        return findings


def open_project(directory: Path, paths: Sequence[Path] = ()) -> Project:
    """The project of a directory; without one, of the first path that a command was given."""
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise refusal("ALI107", f"{path}: no such file or directory", "Check the path.")
    start = paths[0] if paths and directory == Path() else directory
    with shown() as progress:
        project = Project(load(find_root(start), progress=progress))
    tell_project(project)
    return project


def tell_project(project: Project) -> None:
    """For --verbose: which project, at which commit, and how much of it there is."""
    says = of_run()
    if not says.verbose:
        return
    from aliconf.config.checkout import checkout
    from aliconf.wording import amount

    configuration = project.configuration
    commit = checkout(project.configuration)
    at = "no git commit"
    if commit:
        at = f"commit {commit.id[:7]}" + ("" if commit.clean else " with uncommitted changes")
    says.tell(f"project {project.name or '(unnamed)'}: {project.root / PROJECT_FILE}, {at}")
    says.tell(
        f"read {amount(len(configuration.documents), 'document')} in "
        f"{amount(configuration.files, 'file')}, "
        f"skipped {amount(configuration.skipped, 'other YAML file')}"
    )


def open_environment(directory: Path, environment: str | None, *, needed: bool = True) -> Project:
    """The project of a directory in an environment; in none where it has none.

    Raises AliconfError: ALI957 for an environment that there is not, ALI920 where one is needed and
    none was chosen, and the findings of a project's document that cannot say.
    """
    project = open_project(directory)
    if environment is not None:
        from aliconf.config.environments import in_environment

        project.own_document()
        project = Project(in_environment(project.configuration, environment))
        tell_environment(project)
        return project
    if needed:
        project.need_environment()
    return project


def tell_environment(project: Project) -> None:
    """For --verbose: which environment, with which overlays."""
    says = of_run()
    chosen = project.configuration.environment
    if not says.verbose or chosen is None:
        return
    from aliconf.config.overlays import Overlay
    from aliconf.wording import amount

    overlays = ", ".join(chosen.settings.overlays) or "none"
    says.tell(f"environment {chosen.name}, overlays: {overlays}")
    documents = project.configuration.documents
    layers = [layer for one in documents for layer in getattr(one, "layers", ())]
    laid = [*(one for one in layers if isinstance(one, Overlay)), *chosen.removed.values()]
    for file, count in sorted(Counter(one.source.shown for one in laid).items()):
        says.tell(f"overlay {file}: changes {amount(count, 'document')}")
