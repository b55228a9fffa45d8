"""What a plan is made of: frozen data that apply follows and reports print."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from aliconf.config.documents import LoadedDocument
from aliconf.config.positions import Path
from aliconf.findings import Finding, Location
from aliconf.model.base import Body
from aliconf.plan.cause import Cause, Since
from aliconf.plan.digest import Basis


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADOPT = "adopt"
    """Take over an object that nobody manages."""
    RELEASE = "release"
    """Stop managing an object; its values stay."""
    MOVE = "move"
    """Give an object another name."""


class Written(NamedTuple):
    """Where a value is written. The document is parsed again for its line when somebody asks."""

    document: LoadedDocument
    path: Path
    """From the top of the document: ``("spec", "title")``."""

    @property
    def location(self) -> Location:
        return self.document.locate(*self.path)


class FieldChange(NamedTuple):
    """One value that differs."""

    path: str
    """As people write it: ``adjustments[0].increaseByPercent``."""
    old: Any
    """None where the value is new. What may be a secret is hidden."""
    new: Any
    """None where the value goes."""
    written: Written | Location | None = None
    """Where the new value is; None where it is a default of the format. Of a change that is kept, a
    location would take too much room."""
    origin: str = ""
    """``Kind/name`` of the policy that gives the value, where it is not the object itself."""
    steps: Path = ()
    """The path in steps: from the top of the body; labels, protection and default as in ``path``.
    Empty for a stored secret."""
    cause: Cause | None = None
    """As that of a `Change`."""
    also: tuple[Cause, ...] = ()
    """The causes that it would have without that one: what the connector or the merge base has is
    not what the last apply left either."""

    @property
    def location(self) -> Location | None:
        written = self.written
        return written.location if isinstance(written, Written) else written


@dataclass(frozen=True, slots=True)
class Desired:
    """What an object is to be."""

    text: str
    """The body's canonical text, which takes a quarter of its room."""
    labels: dict[str, str] = field(default_factory=dict)
    protect: bool = False
    default: bool = False
    """Whether the pointer of its kind is to move to this policy."""

    @property
    def body(self) -> Body:
        """Only to be read."""
        return _parsed(self.text)


@lru_cache(maxsize=512)
def _parsed(text: str) -> Body:
    """A body of the batch that is being written, which looks at each several times."""
    found: Body = json.loads(text)
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a plan: one object, one transaction."""

    action: Action
    kind: str
    name: str
    title: str
    fields: Iterable[FieldChange] = ()
    """Empty is false. Those of a new object are found each time when somebody looks."""
    document: LoadedDocument | None = None
    """None for a delete, a release and what the connector generates."""
    desired: Desired | None = None
    """None for a delete and a release."""
    before: str = ""
    """Canonical text of the stored body that the plan saw; apply refuses if it is another by
    then."""
    old_name: str = ""
    """The name before a move."""
    generated: bool = False
    """One of the five defaults that the connector makes when the first account is saved."""
    users: tuple[str, ...] = ()
    """Who uses the object, by name or as the default: ``ListingTemplate/shoes (default)``."""
    notes: tuple[str, ...] = ()
    cause: Cause | None = None
    """Why it is in the plan; None where nobody asked, or it cannot be told."""
    also: tuple[Cause, ...] = ()
    """Those of its fields. Of a deletion: drift, where somebody had changed what goes."""

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def location(self) -> Location | None:
        return self.document.locate("metadata", "name") if self.document else None


@dataclass(frozen=True, slots=True)
class Untouched:
    """An object of the connector that the plan leaves alone."""

    kind: str
    name: str
    title: str
    owner: str = ""
    """The project that manages it; empty where nobody does."""

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"


class Effect(NamedTuple):
    """What reaches AliExpress, or comes from there, only with a synchronization."""

    what: str
    """``prices``, ``stock``, ``products`` or ``orders``."""
    policy: str
    """``Kind/name`` of the policy that says when."""
    schedule: str
    """Five cron fields or a duration; empty for the connector's own rhythm."""
    on: bool
    """False where the policy does not synchronize it."""
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A frozen list of changes in the order in which apply makes them."""

    project: str
    connector: str
    """Where the connector store is, for people."""
    connector_id: str
    """Empty where the store does not exist yet."""
    changes: tuple[Change, ...]
    adoptions: tuple[Change, ...] = ()
    """Objects that nobody manages and that are as their documents say: apply makes this project
    their manager, and no value changes. A plan with nothing else is empty, as after an import."""
    unchanged: tuple[Untouched, ...] = ()
    unmanaged: tuple[Untouched, ...] = ()
    """Objects that this project does not manage: those of nobody and those of other projects."""
    protected: tuple[Untouched, ...] = ()
    """Objects without a document that are kept because they are protected."""
    findings: tuple[Finding, ...] = ()
    """What to look at. Most errors mean that there is no plan; a guardrail's is shown with it."""
    obstacles: tuple[Finding, ...] = ()
    """Why apply refuses this plan, which can be looked at all the same."""
    guardrails: tuple[str, ...] = ()
    """How near the plan comes to each limit, in words."""
    environment: str = ""
    """Empty in a project without environments."""
    basis: Basis | None = None
    """What the plan rests on; None for one that was not built from a configuration."""
    since: Since | None = None
    """What the causes of the changes are told by; None where nobody asked."""
    effects: tuple[Effect, ...] = ()
    """What waits for a synchronization; everything else is in force once it is applied."""

    @property
    def rests_on(self) -> Basis:
        if self.basis is None:
            raise ValueError("this plan was not built from a configuration")
        return self.basis

    @property
    def steps(self) -> tuple[Change, ...]:
        """What apply does, in its order. An adoption needs nothing of what else changes."""
        return (*self.adoptions, *self.changes)

    @property
    def nobodys(self) -> tuple[Untouched, ...]:
        """The objects that no project manages."""
        return tuple(item for item in self.unmanaged if not item.owner)

    @property
    def others(self) -> tuple[Untouched, ...]:
        """The objects of other projects."""
        return tuple(item for item in self.unmanaged if item.owner)

    def count(self, action: Action) -> int:
        return sum(1 for change in self.changes if change.action is action)
