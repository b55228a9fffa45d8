"""The configuration of one environment: the base, with what the environment changes of it.

In this order: its overlays are laid on the base's documents; the accounts that are not in force are
left out, with what is about them alone; where it synchronizes nothing, every synchronization is
off; and the project's own document gets the environment's connector.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.config.in_force import Accounts, ProjectDocument, switched_off
from aliconf.config.layers import LayeredDocument
from aliconf.config.load import Loader
from aliconf.config.overlays import Overlay, nothing_to_take_away, overlays_of
from aliconf.config.structure import fill
from aliconf.config.words import did_you_mean
from aliconf.findings import Finding, refusal

if TYPE_CHECKING:
    from aliconf.model.project import Environment

Id = tuple[str, str]
"""Kind and name."""


class InForce(NamedTuple):
    """The environment of a configuration."""

    name: str
    settings: Environment
    base: Configuration
    removed: dict[Id, LoadedDocument]
    """Documents that an overlay takes away, with that overlay's document."""
    aside: dict[Id, LoadedDocument]
    """Accounts that are not in force, and the templates and campaigns of no other account."""
    whole: list[LoadedDocument]
    """These, and the templates and campaigns of which only a part is left, as they were before."""


def environment_of(base: Configuration, name: str) -> Environment:
    """The settings of an environment. Raises AliconfError (ALI957) where there is none."""
    environments = base.settings.environments
    if name in environments:
        return environments[name]
    project = base.project
    place = project.locate("spec", "environments", key=True) if project else None
    if not environments:
        raise refusal(
            "ALI957",
            f"the project has no environments, and so none is named {name!r}",
            "Leave -e out, or add the environment under `environments` in aliconf.yaml.",
            project.locate("metadata", "name") if project else None,
        )
    near = did_you_mean(name, environments)
    listed = f"The project has {', '.join(environments)}."
    raise refusal("ALI957", f"no environment is named {name!r}", near or listed, place)


def in_environment(base: Configuration, name: str, loader: Loader | None = None) -> Configuration:
    """The configuration of an environment of a project whose own document can be read.

    What is wrong with overlays and with merged documents is among its findings. Raises AliconfError
    (ALI957) where there is no such environment. ``loader`` reads files in its own way.
    """
    settings = environment_of(base, name)
    assert base.project is not None
    found = Configuration(base.root, now=base.now)
    found.files, found.skipped, found.incomplete = base.files, base.skipped, base.incomplete
    loader = loader or Loader(found)
    merged = _Merged(base)
    for overlay in overlays_of(base, name, settings, loader, found):
        found.findings += merged.lay(overlay)
    found.findings += [
        finding for finding in base.findings if finding.object not in merged.changed_ids
    ]
    found.twins = [*base.twins, *found.twins]
    documents, findings = merged.documents()
    found.findings += findings
    accounts = Accounts(base.project, name, settings, documents)
    if not found.incomplete:
        found.findings += accounts.unknown()
    documents = list(accounts.in_force())
    if not settings.synchronize:
        documents = list(switched_off(documents, base.project, name))
    gone = {*merged.removed, *accounts.aside}
    for document in documents:
        if document is base.project:
            document = ProjectDocument(document, name, settings, gone)
        found.add(document)
    found.environment = InForce(
        name, settings, base, merged.removed, accounts.aside, accounts.whole
    )
    return found


class _Merged:
    """The base's documents while overlays are laid on them, one by one."""

    def __init__(self, base: Configuration) -> None:
        self.base = base
        self.removed: dict[Id, LoadedDocument] = {}
        self._overlays: dict[Id, list[Overlay]] = {}
        """What is laid on each document, or added without one, the topmost first."""

    @property
    def changed_ids(self) -> set[str]:
        return {f"{kind}/{name}" for kind, name in (*self._overlays, *self.removed)}

    def lay(self, overlay: Overlay) -> Iterator[Finding]:
        id_ = overlay.kind, overlay.name
        if not overlay.absent:
            self._overlays.setdefault(id_, []).insert(0, overlay)
        elif id_ in self._overlays or (id_ not in self.removed and self.base.get(*id_)):
            self._overlays.pop(id_, None)
            self.removed[id_] = overlay
        elif id_ in self.removed or not self.base.incomplete:
            names = {name for kind, name in self._ids() if kind == overlay.kind}
            yield nothing_to_take_away(overlay, names, self.removed.get(id_))

    def _ids(self) -> list[Id]:
        """What is there, in order: the base's documents, then those that overlays add."""
        base = [(document.kind, document.name) for document in self.base.documents]
        there = [id_ for id_ in base if id_ in self._overlays or id_ not in self.removed]
        return list(dict.fromkeys([*there, *self._overlays]))

    def documents(self) -> tuple[list[LoadedDocument], list[Finding]]:
        """The merged documents, and what is wrong with their structure."""
        documents: list[LoadedDocument] = []
        findings: list[Finding] = []
        for id_ in self._ids():
            under = None if id_ in self.removed else self.base.get(*id_)
            overlays = self._overlays.get(id_, [])
            if under is not None and not overlays:
                documents.append(under)
                continue
            layers: list[LoadedDocument] = [*overlays, *([under] if under is not None else [])]
            document = LayeredDocument(layers[-1], layers)
            document.model, document.sound = None, False
            wrong = fill(document, document.raw(), nulls=True)
            if under is None:
                wrong = [self._of_addition(finding, document) for finding in wrong]
            findings += wrong
            documents.append(document)
        for id_ in self._overlays:
            self.removed.pop(id_, None)  # it was added again
        return documents, findings

    def _of_addition(self, finding: Finding, document: LoadedDocument) -> Finding:
        """A document that is added has to be complete; a misspelt name adds one as well."""
        if finding.code != "ALI113" or self.base.incomplete:
            return finding
        names = set(self.base.names(document.kind)) - {document.name}
        hint = (
            f"{document.id} is not in the base, so that this overlay adds it. "
            f"{did_you_mean(document.name, names)}"
        ).rstrip()
        return finding._replace(hint=hint)
