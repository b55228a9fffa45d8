"""Which campaigns take policies of which listing templates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from aliconf.config.documents import LoadedDocument
from aliconf.rules.queries import Demand, demand
from aliconf.status.overview import Campaign, Phase, Replacement

if TYPE_CHECKING:
    from aliconf.model.campaign import CampaignSpec
    from aliconf.model.listing_template import ListingTemplateSpec


class Replacements:
    """The campaigns that run or are to come, by account."""

    def __init__(self) -> None:
        self._by_account: dict[str, list[tuple[Campaign, Demand, bool]]] = {}

    def add(self, campaign: Campaign, document: LoadedDocument | None) -> None:
        if document is None or campaign.phase is Phase.OVER or not campaign.replaces:
            return
        query = cast("CampaignSpec", document.spec).query
        for account in campaign.accounts:
            found = self._by_account.setdefault(account, [])
            found.append((campaign, demand(query), query is not None))

    def of(self, spec: ListingTemplateSpec, accounts: list[str]) -> Iterator[Replacement]:
        """Those that can be about a product of the template, in the order in which they begin."""
        shared: dict[str, list[str]] = {}
        campaigns: dict[str, tuple[Campaign, bool]] = {}
        for account in accounts:
            if account not in self._by_account:
                continue
            products = demand(spec.in_account(account).query)
            for campaign, wanted, partly in self._by_account[account]:
                if not products.is_disjoint(wanted):
                    campaigns[campaign.entry.name] = campaign, partly
                    shared.setdefault(campaign.entry.name, []).append(account)
        ordered = sorted(campaigns.values(), key=lambda found: (found[0].begins, found[0].entry.id))
        for campaign, partly in ordered:
            slots = tuple(slot for slot, _ in campaign.replaces)
            yield Replacement(campaign, slots, tuple(shared[campaign.entry.name]), partly)
