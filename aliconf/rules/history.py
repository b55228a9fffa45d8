"""What must never change, checked against git: before any connector can be reached."""

from __future__ import annotations

from collections.abc import Iterator

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument, lookup
from aliconf.config.earlier import documents_then
from aliconf.config.git import Commit, merge_base
from aliconf.findings import Finding, Related, Severity
from aliconf.model.account import AccountSpec
from aliconf.model.kinds import POLICY_KINDS
from aliconf.model.regions import SPELLINGS
from aliconf.rules.chosen import Chosen


def compare_with(configuration: Configuration, ref: str) -> list[Finding]:
    """What changed since the merge base of ``ref`` and HEAD and never may.

    By kind and name, wherever the documents stood and stand, and by the new name where the
    project says that one has moved; in the base, and in each environment that there was then. An
    ignore with reason and expiry lifts a finding: for an account that was never applied. Raises
    AliconfError (ALI930, ALI931).
    """
    commit = merge_base(configuration.root, ref)
    if commit is None:
        return []
    found = _compare(configuration, commit)
    project = configuration.project
    if project is None or not project.sound or not configuration.settings.environments:
        return found
    from aliconf.config.environments import in_environment
    from aliconf.rules.environments import told_apart

    def compared(name: str) -> list[Finding]:
        return _compare(in_environment(configuration, name), commit)

    return [*found, *told_apart(configuration, found, compared)]


def _compare(configuration: Configuration, commit: Commit) -> list[Finding]:
    then = documents_then(configuration, commit)
    if then is None:
        return []
    chosen = Chosen(configuration)
    found = [*_regions(configuration, then), *_kinds(configuration, then)]
    kept = [finding for finding in found if not chosen.lifts(finding)]
    return [*kept, *_renamed_accounts(configuration, then)]


def _regions(now: Configuration, then: Configuration) -> Iterator[Finding]:
    for old in then.of("Account"):
        new = _successor(now, old)
        was, becomes = _region(old), _region(new)
        if new is None or not was or not becomes or was == becomes:
            continue
        yield Finding(
            "ALI501",
            Severity.ERROR,
            f"the region of an account never changes: {was} before, {becomes} now",
            new.locate("spec", "region"),
            f"Set it back to {was}. To sell in {becomes}, add a new account under a new name.",
            new.id,
            (Related("before", old.locate("spec", "region")),),
        )


def _successor(now: Configuration, old: LoadedDocument) -> LoadedDocument | None:
    """What a document has become: the one of its name, or of the name it has moved to."""
    moves = dict(_moves(now, old.kind))
    name: str | None = old.name
    while name is not None:
        found = now.get(old.kind, name)
        if found is not None:
            return found
        name = moves.pop(name, None)  # popped, so that a circle ends
    return None


def _moves(now: Configuration, kind: str) -> Iterator[tuple[str, str]]:
    return ((entry.from_, entry.to) for entry in now.settings.moved if entry.kind == kind)


def _region(document: LoadedDocument | None) -> str:
    """The region's code, also of a document that something else is wrong with."""
    if document is None:
        return ""
    if document.model is not None and isinstance(document.spec, AccountSpec):
        return document.spec.region
    written = lookup(document.raw(), ("spec", "region"))
    return SPELLINGS.get(written, "") if isinstance(written, str) else ""


def _kinds(now: Configuration, then: Configuration) -> Iterator[Finding]:
    """A policy's kind is chosen once: a name that left one kind for exactly one other."""
    for kind in POLICY_KINDS:
        for old in then.of(kind):
            if _successor(now, old) is not None:
                continue
            others = [
                found
                for other in POLICY_KINDS
                if (found := now.get(other, old.name)) is not None
                and then.get(other, old.name) is None
            ]
            if len(others) == 1:
                yield Finding(
                    "ALI510",
                    Severity.ERROR,
                    f"the kind of a policy never changes: {old.name} was of kind {kind}",
                    others[0].locate("kind"),
                    f"Give the {others[0].kind} another name.",
                    others[0].id,
                    (Related("before", old.locate("kind")),),
                )


def _renamed_accounts(now: Configuration, then: Configuration) -> Iterator[Finding]:
    """An account that went, and one of the same title and region that came: probably a rename."""
    for old in then.of("Account"):
        if _successor(now, old) is not None:
            continue
        for new in now.of("Account"):
            if _region(old) and _region(new) == _region(old) and _title(new) == _title(old):
                yield Finding(
                    "ALI512",
                    Severity.WARNING,
                    f"Account/{old.name} went and Account/{new.name} has its title and region",
                    new.locate("metadata", "name"),
                    "If it is a rename, say so in the project, or the account is deleted:\n"
                    f"moved: [{{kind: Account, from: {old.name}, to: {new.name}}}]",
                    new.id,
                    (Related("before", old.locate("metadata", "name")),),
                )


def _title(document: LoadedDocument) -> str:
    return str(getattr(document.spec, "title", "")) if document.model is not None else ""
