"""Campaigns: when they run, what they replace, and which of two wins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, cast

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Related, Severity
from aliconf.rules.overlaps import Claim, Group
from aliconf.rules.queries import demand
from aliconf.rules.registry import Violation, configuration_rule, document_rule
from aliconf.rules.slots import POLICY_SLOTS, accounts_of

if TYPE_CHECKING:
    from aliconf.model.campaign import CampaignSpec


@document_rule("ALI440", "Campaign")
def a_campaign_ends_after_it_begins(
    document: LoadedDocument, spec: CampaignSpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.active.until <= spec.active.from_:
        yield Violation(
            document,
            ("spec", "active", "until"),
            f"it ends at {_moment(spec.active.until)} and begins at {_moment(spec.active.from_)}: "
            "it never runs",
            "`until` is the first moment that it no longer runs; compare the offsets, too.",
            related=(Related("it begins here", document.locate("spec", "active", "from")),),
        )


@document_rule("ALI441", "Campaign", Severity.WARNING)
def a_campaign_is_not_over(
    document: LoadedDocument, spec: CampaignSpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.active.from_ < spec.active.until <= configuration.now:
        yield Violation(
            document,
            ("spec", "active", "until"),
            f"the campaign ended at {_moment(spec.active.until)}",
            "Remove the document, or give it a new window.",
        )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


@configuration_rule("ALI442")
def campaigns_on_one_slot_have_different_priorities(
    configuration: Configuration,
) -> Iterator[Violation]:
    groups: dict[tuple[str, str, int], Group] = {}
    met: dict[tuple[LoadedDocument, LoadedDocument], dict[str, list[str]]] = {}
    for document in configuration.of("Campaign"):
        if document.model is None:
            continue
        spec = cast("CampaignSpec", document.spec)
        if spec.active.until <= spec.active.from_:
            continue  # it never runs
        claim = Claim(document, demand(spec.query), (spec.active.from_, spec.active.until))
        for account in accounts_of(configuration, document):
            for slot, attribute, _ in POLICY_SLOTS["Campaign"]:
                if getattr(spec, attribute) is None:
                    continue
                group = groups.setdefault((account.name, slot, spec.priority), Group())
                for other in group.add(claim):
                    slots = met.setdefault((document, other.document), {})
                    slots.setdefault(slot, []).append(account.name)
    for (document, first), slots in met.items():
        slot, accounts = next(iter(slots.items()))
        priority = cast("CampaignSpec", document.spec).priority
        yield Violation(
            document,
            ("spec", slot),
            f"{document.id} and {first.id} both set {' and '.join(slots)} at one time, with "
            f"priority {priority}, in {'the account' if len(accounts) == 1 else 'the accounts'} "
            f"{', '.join(accounts)}",
            "Give one of the two another `priority`: the lower number wins.",
            related=(Related(f"{first.id} sets it here", first.locate("spec", slot)),),
        )


@document_rule("ALI443", "Campaign", Severity.WARNING)
def a_campaign_replaces_a_policy(
    document: LoadedDocument, spec: CampaignSpec, configuration: Configuration
) -> Iterator[Violation]:
    slots = POLICY_SLOTS["Campaign"]
    if all(getattr(spec, attribute) is None for _, attribute, _ in slots):
        yield Violation(
            document,
            ("metadata", "name"),
            f"{document.id} replaces no policy: nothing changes while it runs",
            f"Give {', '.join(slot for slot, _, _ in slots[:-1])} or {slots[-1][0]}.",
        )
