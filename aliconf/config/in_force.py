"""What an environment's settings make of the merged documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from aliconf.config.documents import LoadedDocument, lookup
from aliconf.config.layers import Layer, LayeredDocument, Setting
from aliconf.config.positions import Path
from aliconf.config.structure import fill
from aliconf.config.words import did_you_mean
from aliconf.config.yaml_values import RawDocument
from aliconf.findings import Finding, Location, Severity
from aliconf.model.base import API_VERSION

if TYPE_CHECKING:
    from aliconf.model.campaign import CampaignSpec
    from aliconf.model.listing_template import ListingTemplateSpec
    from aliconf.model.project import Environment, Project, ProjectSpec

_REPLACED: Final = ("connector", "encryptionKey", "magento")
"""Keys of an environment that stand in place of the project's."""
_OFF: Final = {
    "products": {"upload": False, "update": False, "assign": False},
    "pricesAndInventory": False,
    "orders": False,
}
_DEFAULT: Final = ("SynchronizationPolicy", "default")


class Accounts:
    """Which accounts are in force, and what is left of the documents without the others."""

    def __init__(
        self,
        project: LoadedDocument,
        environment: str,
        settings: Environment,
        documents: Sequence[LoadedDocument],
    ) -> None:
        self._project = project
        self._path: Path = ("spec", "environments", environment, "accounts")
        self._wanted = settings.accounts
        self._documents = documents
        self._known = {document.name for document in documents if document.kind == "Account"}
        self.aside: dict[tuple[str, str], LoadedDocument] = {}
        """What is left out, by kind and name; complete once `in_force` has ended."""
        self.whole: list[LoadedDocument] = []
        """This and what loses a part, as it was before."""

    def unknown(self) -> Iterator[Finding]:
        """A finding for each name that no account has."""
        for name in self._wanted or ():
            if name not in self._known:
                written = lookup(self._project.raw(), self._path)
                known = sorted(self._known)
                listed = f"Declared: {', '.join(known[:8])}{', …' if len(known) > 8 else ''}."
                yield Finding(
                    "ALI204",
                    Severity.ERROR,
                    f"no Account is named {name!r}",
                    self._project.locate(*self._path, written.index(name)),
                    did_you_mean(name, known)
                    or (listed if known else "There is no Account to name; add it."),
                    self._project.id,
                )

    def in_force(self) -> Iterator[LoadedDocument]:
        out = self._known.difference(self._wanted) if self._wanted is not None else set()
        if not out:
            yield from self._documents
            return
        accounts = [document for document in self._documents if document.kind == "Account"]
        for document in self._documents:
            left: LoadedDocument | None = document
            if document.kind == "Account" and document.name in out:
                left = None
            elif document.kind in {"ListingTemplate", "Campaign"} and document.model is not None:
                left = self._without(document, out, accounts)
            if left is not document:
                self.whole.append(document)
            if left is None:
                self.aside[document.kind, document.name] = document
            else:
                yield left

    def _without(
        self, document: LoadedDocument, out: set[str], accounts: list[LoadedDocument]
    ) -> LoadedDocument | None:
        """A template or a campaign without accounts; None where it is for no other."""
        spec = cast("ListingTemplateSpec | CampaignSpec", document.spec)
        changes: dict[str, Any] = {}
        if isinstance(spec.accounts, list):
            changes["accounts"] = [name for name in spec.accounts if name not in out]
            if spec.accounts and not changes["accounts"]:
                return None
            if changes["accounts"] == spec.accounts:
                del changes["accounts"]
        else:
            wanted = spec.accounts.match_labels.items()
            matched = {
                account.name
                for account in accounts
                if account.model is not None and wanted <= account.model.metadata.labels.items()
            }
            if matched and matched <= out:
                return None
        own = getattr(spec, "per_account", {})
        if not out.isdisjoint(own):
            changes["per_account"] = {name: own[name] for name in own if name not in out}
        if not changes:
            return document
        assert document.model is not None
        left = LayeredDocument(document, _layers(document), without=out)
        left.model = document.model.model_copy(
            update={"spec": document.spec.model_copy(update=changes)}
        )
        left.sound = document.sound
        return left


def switched_off(
    documents: Iterable[LoadedDocument], project: LoadedDocument, environment: str
) -> Iterator[LoadedDocument]:
    """The documents with every synchronization off, the generated default policy included.

    An account that names no synchronization policy takes the default, which the connector holds:
    unless a document says that it is the default, the policy ``default`` does, declared or not.
    """
    documents = list(documents)
    policies = [document for document in documents if document.kind == "SynchronizationPolicy"]
    chosen = any(_is_default(policy) for policy in policies)
    path: Path = ("spec", "environments", environment, "synchronize")
    for document in documents:
        if document.kind != "SynchronizationPolicy" or document.model is None:
            yield document
            continue
        spec = dict(_OFF)
        if (document.kind, document.name) == _DEFAULT and not chosen:
            spec["default"] = True
        yield _with_setting(document, Setting(project, path, {"spec": spec}))
    has_accounts = any(document.kind == "Account" for document in documents)
    if has_accounts and all(policy.name != _DEFAULT[1] for policy in policies):
        yield _generated(project, path, default=not chosen)


def _with_setting(document: LoadedDocument, setting: Setting) -> LoadedDocument:
    changed = LayeredDocument(document, (setting, *_layers(document)))
    changed.model, changed.sound = None, False
    fill(changed, changed.raw(), nulls=True)  # what is wrong is reported where it was merged
    changed.sound = document.sound
    return changed


def _layers(document: LoadedDocument) -> tuple[Layer, ...]:
    return document.layers if isinstance(document, LayeredDocument) else (document,)


def _generated(project: LoadedDocument, path: Path, *, default: bool) -> LoadedDocument:
    """The policy that the connector generates, adopted so that it can be switched off."""
    from aliconf.model.defaults import generated

    policy = next(document for document in generated() if document.kind == _DEFAULT[0])
    kind, name = _DEFAULT
    spec: dict[str, Any] = {"title": getattr(policy.spec, "title", name), **_OFF}
    values = {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec | ({"default": True} if default else {}),
    }
    place = RawDocument(None, project.offset, project.line, project.end)
    below = LoadedDocument(project.source, place, kind, name, None)
    document = LayeredDocument(below, (Setting(project, path, values),))
    fill(document, document.raw(), nulls=True)
    return document


def _is_default(policy: LoadedDocument) -> bool:
    return policy.model is not None and bool(getattr(policy.spec, "default", False))


class ProjectDocument(LoadedDocument):
    """The project's own document as it is in force in one environment."""

    __slots__ = ("_environment", "_moves", "_own", "_project")

    def __init__(
        self,
        project: LoadedDocument,
        environment: str,
        settings: Environment,
        gone: Iterable[tuple[str, str]],
    ) -> None:
        """``gone`` are documents of the base that the environment does not have."""
        assert project.model is not None
        place = RawDocument(None, project.offset, project.line, project.end)
        super().__init__(project.source, place, "Project", project.name, None)
        self._project = project
        self._environment = environment
        spec = cast("ProjectSpec", project.spec)
        self._moves = _moves_left(spec, set(gone))
        """The positions of the moves that are left."""
        own = {
            "connector": settings.connector,
            "encryption_key": settings.encryption_key,
            "magento": settings.magento,
        }
        given = {name: value for name, value in own.items() if value is not None}
        moved = [spec.moved[index] for index in self._moves]
        model = cast("Project", project.model)
        self.model = model.model_copy(
            update={
                "spec": spec.model_copy(update={**given, "environments": {}, "moved": moved}),
            }
        )
        self.sound = project.sound
        written = project.raw()["spec"]["environments"][environment] or {}
        self._own = {key: written[key] for key in _REPLACED if written.get(key) is not None}

    def raw(self) -> dict[str, Any]:
        values = self._project.raw()
        spec = {**values["spec"], **self._own}
        del spec["environments"]
        if isinstance(spec.get("moved"), list):
            spec["moved"] = [spec["moved"][index] for index in self._moves]
        return {**values, "spec": spec}

    def locate(self, *path: str | int, key: bool = False) -> Location:
        if path[:1] == ("spec",) and path[1:]:
            step, rest = path[1], path[2:]
            if step in self._own:
                path = ("spec", "environments", self._environment, *path[1:])
            elif step == "moved" and rest and isinstance(rest[0], int):
                path = ("spec", "moved", self._moves[rest[0]], *rest[1:])
        return self._project.locate(*path, key=key)


def _moves_left(spec: ProjectSpec, gone: set[tuple[str, str]]) -> list[int]:
    """The renames that are about objects of the environment, by their positions."""
    left = list(range(len(spec.moved)))
    before = -1
    while len(left) != before:
        before = len(left)
        for index in list(left):
            entry = spec.moved[index]
            if (entry.kind, entry.to) in gone:
                gone.add((entry.kind, entry.from_))
                left.remove(index)
    return left
