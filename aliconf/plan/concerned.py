"""The accounts that a listing policy is in force for: the way from a policy through templates."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.plan.wanted import Id
from aliconf.rules.slots import POLICY_SLOTS, accounts_of

if TYPE_CHECKING:
    from aliconf.model.campaign import CampaignSpec
    from aliconf.model.listing_template import ListingTemplateSpec


class Concerned:
    """An index over the declared templates and campaigns, as they will be after the plan."""

    def __init__(self, configuration: Configuration, defaults: Mapping[str, str]) -> None:
        """``defaults`` is where the pointer of each kind will be."""
        self._configuration = configuration
        self._defaults = defaults
        self._selected: dict[frozenset[tuple[str, str]], list[str]] = {}
        """The accounts of a selector, which many templates have in common."""

    def of_document(self, document: LoadedDocument) -> list[str]:
        """The names of the accounts that a template or a campaign is for."""
        accounts = cast("ListingTemplateSpec | CampaignSpec", document.spec).accounts
        if isinstance(accounts, list):
            return accounts
        key = frozenset(accounts.match_labels.items())
        if key not in self._selected:
            found = accounts_of(self._configuration, document)
            self._selected[key] = [account.name for account in found]
        return self._selected[key]

    def by_templates(self, policies: Collection[Id]) -> dict[Id, dict[str, None]]:
        """The accounts in which a template uses each of these policies; those without are absent.

        A campaign's policy is not among them: it stands in for the template's for a while.
        """
        return self._accounts("ListingTemplate", policies)

    def by_campaigns(self, policies: Collection[Id]) -> dict[Id, dict[str, None]]:
        return self._accounts("Campaign", policies)

    def _accounts(self, holder: str, policies: Collection[Id]) -> dict[Id, dict[str, None]]:
        found: dict[Id, dict[str, None]] = {}
        kinds = {kind for kind, _ in policies}
        slots = [slot for slot in POLICY_SLOTS[holder] if slot[2] in kinds]
        for document in self._configuration.of(holder) if slots else ():
            for _, attribute, kind in slots:
                for policy, account in self._used(document, attribute, kind, policies):
                    found.setdefault(policy, {})[account] = None
        return found

    def _used(
        self, document: LoadedDocument, attribute: str, kind: str, policies: Collection[Id]
    ) -> Iterator[tuple[Id, str]]:
        own = getattr(document.spec, attribute)
        if own is None and document.kind != "Campaign":
            own = self._defaults.get(kind)
        others = getattr(document.spec, "per_account", {})
        if (kind, own) not in policies and not others:
            return
        for account in self.of_document(document):
            settings = others.get(account)
            policy = (kind, (getattr(settings, attribute) if settings else None) or own)
            if policy in policies:
                yield policy, account
