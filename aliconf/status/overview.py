"""What a status is made of: frozen data that the reports print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aliconf.findings import Finding, Location
from aliconf.status.diagnosis import Diagnosis


@dataclass(frozen=True, slots=True)
class Entry:
    """What every object of the connector has."""

    kind: str
    name: str
    title: str
    """The name, where the object has no title."""
    owner: str
    """The project that manages it; empty where nobody does."""
    created: str
    """UTC, ``2026-11-23T10:00:00Z``, and so is ``updated``."""
    updated: str
    errors: tuple[Finding, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def valid(self) -> bool:
        """Whether the rules have no error for it: computed when read, and never stored."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class Slot:
    """The policy in force in a slot."""

    policy: str
    """Empty where the default is meant and the kind has none."""
    default: bool
    """Not chosen by name, but because it is the default of its kind."""


@dataclass(frozen=True, slots=True)
class Account:
    entry: Entry
    region: str = ""
    store_view: str = ""
    currency: str = ""
    authorized: str = ""
    """When; empty for an account that is not connected."""
    orders: Slot | None = None
    """None where the body cannot be read, and so is ``synchronization``."""
    synchronization: Slot | None = None

    @property
    def connected(self) -> bool:
        return bool(self.authorized)


@dataclass(frozen=True, slots=True)
class Policy:
    entry: Entry
    default: bool
    generated: bool


class Phase(StrEnum):
    """Where the clock stands in a campaign's window."""

    ACTIVE = "active"
    TO_COME = "toCome"
    OVER = "over"
    UNKNOWN = "unknown"
    """The window cannot be read."""


@dataclass(frozen=True, slots=True)
class Campaign:
    entry: Entry
    phase: Phase = Phase.UNKNOWN
    begins: datetime | None = None
    ends: datetime | None = None
    """The first moment that it no longer runs."""
    accounts: tuple[str, ...] = ()
    replaces: tuple[tuple[str, str], ...] = ()
    """Slot and the name of the policy that takes it."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A campaign, running or to come, that takes slots of a listing template."""

    campaign: Campaign
    slots: tuple[str, ...]
    accounts: tuple[str, ...]
    """Those that the template and the campaign share."""
    partly: bool
    """The campaign has a query of its own, so that it may be about some of the products only."""


@dataclass(frozen=True, slots=True)
class Template:
    entry: Entry
    category: int | None = None
    accounts: tuple[str, ...] = ()
    slots: tuple[tuple[str, Slot], ...] = ()
    """By key: ``pricingPolicy``."""
    per_account: tuple[tuple[str, str, Slot], ...] = ()
    """Account, key and slot, where one account has another policy."""
    replacements: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the configuration would change."""

    changes: int | None
    """None where there is no plan."""
    adoptions: int = 0
    """Objects that nobody manages and that are as their documents say: apply adopts them."""
    errors: tuple[Finding, ...] = ()
    """What is wrong with the configuration, so that there is no plan."""
    refusals: tuple[Finding, ...] = ()
    """Why a configuration without errors has no plan."""


class State(StrEnum):
    """How far a step of the onboarding is."""

    DONE = "done"
    MISSING = "missing"
    FAILED = "failed"
    WAITING = "waiting"
    OPTIONAL = "optional"
    NOT_CHECKED = "not checked"
    NOT_AUTHORIZED = "not authorized"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the wizard's checklist."""

    name: str
    state: State
    detail: str = ""
    command: str = ""
    """The command that goes on from here; empty where none is needed or none exists."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do."""

    subject: str
    message: str
    command: str = ""
    """The command that does it or shows more; empty where no command does."""
    entry: Entry | None = None
    """The object that is INVALID."""
    location: Location | None = None
    """Where its document stands."""
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What the connector holds, at one moment."""

    project: str
    environment: str
    """Empty in a project without environments."""
    connector: str
    """Where the store is, for people."""
    connector_id: str
    """Empty where the store does not exist yet."""
    exists: bool
    now: datetime
    waiting: Waiting
    diagnosis: Diagnosis
    registrations: tuple[Entry, ...]
    accounts: tuple[Account, ...]
    policies: tuple[Policy, ...]
    templates: tuple[Template, ...]
    campaigns: tuple[Campaign, ...]

    def entries(self) -> list[Entry]:
        """Every object, in dependency order."""
        parts = (self.policies, self.accounts, self.templates, self.campaigns)
        return [*self.registrations, *(item.entry for part in parts for item in part)]


@dataclass(frozen=True, slots=True)
class Status:
    overview: Overview
    tasks: tuple[Task, ...]
    steps: tuple[Step, ...]

    @property
    def valid(self) -> bool:
        return all(entry.valid for entry in self.overview.entries())
