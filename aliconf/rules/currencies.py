"""Currencies: that they exist, and that amounts fit those of the accounts they are used for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.config.words import show_path
from aliconf.findings import Related, Severity
from aliconf.model.currencies import CURRENCIES
from aliconf.rules.registry import Violation, configuration_rule, document_rule
from aliconf.rules.slots import Path, accounts_of, default_policy

if TYPE_CHECKING:
    from aliconf.model.account import AccountSpec
    from aliconf.model.campaign import CampaignSpec
    from aliconf.model.listing_template import ListingTemplateSpec
    from aliconf.model.pricing import Adjustment, PricingPolicySpec
    from aliconf.model.project import ProjectSpec

Amount = Decimal | dict[str, Decimal]


@document_rule("ALI216", "Account")
def the_listing_currency_exists(
    account: LoadedDocument, spec: AccountSpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.currency is not None and spec.currency not in CURRENCIES:
        yield _unknown(account, ("spec", "currency"), spec.currency)


@document_rule("ALI216", "PricingPolicy")
def currencies_of_amounts_exist(
    policy: LoadedDocument, spec: PricingPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    for path, amount in amounts(spec):
        for currency in amount if isinstance(amount, dict) else ():
            if currency not in CURRENCIES:
                yield _unknown(policy, (*path, currency), currency, key=True)


@document_rule("ALI216", "Project")
def currencies_of_exchange_rates_exist(
    project: LoadedDocument, spec: ProjectSpec, configuration: Configuration
) -> Iterator[Violation]:
    for index, rate in enumerate(spec.exchange_rates):
        for side, currency in (("from", rate.from_), ("to", rate.to)):
            if currency not in CURRENCIES:
                yield _unknown(project, ("spec", "exchangeRates", index, side), currency)


def _unknown(
    document: LoadedDocument, path: Path, currency: str, *, key: bool = False
) -> Violation:
    meant = _meant(currency)
    return Violation(
        document,
        path,
        f"{currency} is not an ISO 4217 currency in use",
        f"Did you mean {meant}?" if meant else "Such as EUR; the codes are those of ISO 4217.",
        key=key,
    )


def _meant(currency: str) -> str:
    """The currency with the same letters, or with one other letter; empty where several fit."""
    near = [
        known
        for known in CURRENCIES
        if sorted(known) == sorted(currency)
        or sum(one != other for one, other in zip(known, currency, strict=True)) == 1
    ]
    return "EUR" if "EUR" in near else near[0] if len(near) == 1 else ""


def amounts(spec: PricingPolicySpec) -> Iterator[tuple[Path, Amount]]:
    """Every amount of money of a pricing policy, with its path."""
    yield from _steps(("spec", "adjustments"), spec.adjustments)
    if spec.minimum is not None:
        yield ("spec", "minimum"), spec.minimum
    if spec.maximum is not None:
        yield ("spec", "maximum"), spec.maximum
    if spec.sale_price is not None:
        yield from _steps(("spec", "salePrice", "adjustments"), spec.sale_price.adjustments or [])
        if spec.sale_price.minimum is not None:
            yield ("spec", "salePrice", "minimum"), spec.sale_price.minimum


def _steps(path: Path, adjustments: list[Adjustment]) -> Iterator[tuple[Path, Amount]]:
    for index, step in enumerate(adjustments):
        if step.increase_by_amount is not None:
            yield (*path, index, "increaseByAmount"), step.increase_by_amount
        if step.decrease_by_amount is not None:
            yield (*path, index, "decreaseByAmount"), step.decrease_by_amount


@configuration_rule("ALI218")
def amounts_by_currency_name_every_currency_that_is_listed_in(
    configuration: Configuration,
) -> Iterator[Violation]:
    reported: set[tuple[LoadedDocument, Path, str]] = set()
    for policy, accounts in configuration.once(_accounts_by_pricing_policy).items():
        effective = configuration.effective(policy)
        for path, amount in amounts(cast("PricingPolicySpec", effective.spec)):
            if not isinstance(amount, dict):
                continue
            for currency, account in accounts.items():
                if currency in amount:
                    continue
                origin = effective.origin(*path[1:])
                holder = origin[0] if origin else policy
                if (holder, path, currency) in reported:
                    continue
                reported.add((holder, path, currency))
                yield Violation(
                    holder,
                    path,
                    f"{show_path(path)} has no amount in {currency}, the currency of {account.id}",
                    f"Add `{currency}:` with an amount, or give that account another pricing "
                    "policy.",
                    key=True,
                    related=(_currency_of(account),),
                )


@configuration_rule("ALI220", Severity.WARNING)
def a_single_amount_is_for_a_single_currency(configuration: Configuration) -> Iterator[Violation]:
    reported: set[tuple[LoadedDocument, Path]] = set()
    for policy, accounts in configuration.once(_accounts_by_pricing_policy).items():
        if len(accounts) < 2:
            continue
        effective = configuration.effective(policy)
        for path, amount in amounts(cast("PricingPolicySpec", effective.spec)):
            if isinstance(amount, dict):
                continue
            origin = effective.origin(*path[1:])
            holder = origin[0] if origin else policy
            if (holder, path) in reported:
                continue
            reported.add((holder, path))
            names = " and ".join(sorted(accounts))
            example = ", ".join(f"{currency}: …" for currency in sorted(accounts))
            yield Violation(
                holder,
                path,
                f"{show_path(path)} is one number, and is used in {names}",
                f"Give an amount for each: {{{example}}}.",
                related=tuple(_currency_of(account) for account in accounts.values()),
            )


def _currency_of(account: LoadedDocument) -> Related:
    return Related(f"the currency of {account.id}", account.locate("spec", "currency"))


def _accounts_by_pricing_policy(
    configuration: Configuration,
) -> dict[LoadedDocument, dict[str, LoadedDocument]]:
    """By policy, the currencies it is used in, each with the first account that has it."""
    used: dict[LoadedDocument, dict[str, LoadedDocument]] = {}
    default = default_policy(configuration, "PricingPolicy")
    for kind in ("ListingTemplate", "Campaign"):
        for document in configuration.of(kind):
            if document.model is None:
                continue
            spec = cast("ListingTemplateSpec | CampaignSpec", document.spec)
            for account in accounts_of(configuration, document):
                own = getattr(spec, "per_account", {}).get(account.name)
                name = (own and own.pricing_policy) or spec.pricing_policy
                policy = configuration.get("PricingPolicy", name) if name else None
                if name is None and kind == "ListingTemplate":
                    policy = default
                currency = getattr(account.spec, "currency", None) if account.model else None
                if policy is not None and policy.model is not None and currency is not None:
                    used.setdefault(policy, {}).setdefault(currency, account)
    return used
