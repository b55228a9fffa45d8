"""Read the connector into a status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast

from aliconf.config.configuration import Configuration
from aliconf.connector.reader import Reader, Stored
from aliconf.findings import with_environment
from aliconf.model.kinds import POLICY_KINDS
from aliconf.rules.slots import POLICY_SLOTS, accounts_of
from aliconf.status.checklist import checklist
from aliconf.status.contents import Contents, read_contents
from aliconf.status.diagnosis import diagnose
from aliconf.status.overview import (
    Account,
    Campaign,
    Entry,
    Overview,
    Phase,
    Policy,
    Slot,
    Status,
    Step,
    Task,
    Template,
    Waiting,
)
from aliconf.status.replacements import Replacements
from aliconf.status.tasks import tasks

if TYPE_CHECKING:
    from aliconf.model.account import AccountSpec
    from aliconf.model.campaign import CampaignSpec
    from aliconf.model.listing_template import ListingSettings, ListingTemplateSpec

Advice = TypeVar("Advice", Task, Step)


def read_status(
    configuration: Configuration, reader: Reader, waiting: Waiting, connector: str
) -> Status:
    """The status of a connector, as the project of a configuration sees it.

    Needs a project that can be read. Campaigns are shown as they are at the moment of the
    configuration. ``connector`` says for people where the store is.
    """
    assert configuration.project is not None
    contents = read_contents(reader, configuration)
    view = _View(contents, configuration.now)
    overview = Overview(
        configuration.project.name,
        configuration.environment.name if configuration.environment else "",
        connector,
        reader.connector_id,
        reader.exists,
        configuration.now,
        waiting,
        diagnose(configuration.project),
        tuple(map(view.entry, contents.of("Registration"))),
        tuple(map(view.account, contents.of("Account"))),
        tuple(sorted(map(view.policy, contents.of(*POLICY_KINDS)), key=view.position)),
        *view.listing(),
    )
    return Status(
        overview,
        tuple(_chosen(task, overview) for task in tasks(overview, contents, configuration)),
        tuple(_chosen(step, overview) for step in checklist(overview, configuration)),
    )


def _chosen(advice: Advice, overview: Overview) -> Advice:
    """A task or step whose command names the environment."""
    return replace(advice, command=with_environment(advice.command, overview.environment))


class _View:
    """Stored objects as people look at them."""

    def __init__(self, contents: Contents, now: datetime) -> None:
        self.contents = contents
        self.now = now

    def entry(self, stored: Stored) -> Entry:
        return Entry(
            stored.kind,
            stored.name,
            stored.title or stored.name,
            stored.owner or "",
            stored.created,
            stored.updated,
            tuple(self.contents.errors.get((stored.kind, stored.name), ())),
        )

    def account(self, stored: Stored) -> Account:
        entry, authorized = self.entry(stored), stored.authorized or ""
        document = self.contents.document(stored)
        if document is None:
            return Account(entry, authorized=authorized)
        spec = cast("AccountSpec", document.spec)
        return Account(
            entry,
            spec.region,
            spec.store_view,
            spec.currency or "",
            authorized,
            self._slot("OrderPolicy", spec.order_policy),
            self._slot("SynchronizationPolicy", spec.synchronization_policy),
        )

    def policy(self, stored: Stored) -> Policy:
        default = self.contents.defaults.get(stored.kind) == stored.name
        return Policy(self.entry(stored), default, stored.generated)

    @staticmethod
    def position(policy: Policy) -> tuple[int, bool, bool, str, str]:
        """By kind; the default first, and what nobody manages last."""
        entry = policy.entry
        kind = POLICY_KINDS.index(entry.kind)
        return kind, not policy.default, not entry.owner, entry.title.casefold(), entry.name

    def listing(self) -> tuple[tuple[Template, ...], tuple[Campaign, ...]]:
        """The listing templates and the campaigns, those that are over last."""
        replacements = Replacements()
        campaigns = []
        for stored in self.contents.of("Campaign"):
            campaign = self._campaign(stored)
            campaigns.append(campaign)
            replacements.add(campaign, self.contents.document(stored))
        templates = [
            self._template(stored, replacements) for stored in self.contents.of("ListingTemplate")
        ]
        return tuple(templates), tuple(sorted(campaigns, key=_by_clock))

    def _campaign(self, stored: Stored) -> Campaign:
        document = self.contents.document(stored)
        if document is None:
            return Campaign(self.entry(stored))
        spec = cast("CampaignSpec", document.spec)
        begins, ends = spec.active.from_, spec.active.until
        phase = Phase.TO_COME if self.now < begins else Phase.ACTIVE
        return Campaign(
            self.entry(stored),
            Phase.OVER if ends <= self.now or ends <= begins else phase,
            begins,
            ends,
            tuple(account.name for account in accounts_of(self.contents.view(stored), document)),
            tuple(
                (slot, name)
                for slot, attribute, _ in POLICY_SLOTS["Campaign"]
                if (name := getattr(spec, attribute)) is not None
            ),
        )

    def _template(self, stored: Stored, replacements: Replacements) -> Template:
        document = self.contents.document(stored)
        if document is None:
            return Template(self.entry(stored))
        spec = cast("ListingTemplateSpec", document.spec)
        accounts = accounts_of(self.contents.view(stored), document)
        own = (
            (account.name, slot, chosen)
            for account in accounts
            if account.name in spec.per_account
            for slot, chosen in self._slots(spec.per_account[account.name], given=True)
        )
        return Template(
            self.entry(stored),
            spec.category_id,
            tuple(account.name for account in accounts),
            tuple(self._slots(spec)),
            tuple(own),
            tuple(replacements.of(spec, [account.name for account in accounts])),
        )

    def _slots(
        self, settings: ListingSettings, *, given: bool = False
    ) -> Iterator[tuple[str, Slot]]:
        """The slots of a listing; of one account's settings only those that are given."""
        for slot, attribute, kind in POLICY_SLOTS["ListingTemplate"]:
            name = getattr(settings, attribute)
            if name is not None or not given:
                yield slot, self._slot(kind, name)

    def _slot(self, kind: str, name: str | None) -> Slot:
        if name is not None:
            return Slot(name, False)
        return Slot(self.contents.defaults.get(kind, ""), True)


def _by_clock(campaign: Campaign) -> tuple[bool, str, str]:
    begins = campaign.begins.isoformat() if campaign.begins else ""
    return campaign.phase is Phase.OVER, begins, campaign.entry.name
