"""Listing templates: what they match, and what AliExpress takes of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Related, Severity
from aliconf.model.numbers import plain
from aliconf.rules.given import listed
from aliconf.rules.overlaps import NAMED, Claim, Group
from aliconf.rules.queries import Demand, demand
from aliconf.rules.registry import Violation, configuration_rule, document_rule
from aliconf.rules.slots import Path, accounts_of, all_are_sound, default_policy

if TYPE_CHECKING:
    from aliconf.model.account import AccountSpec
    from aliconf.model.listing_template import ListingSettings, ListingTemplateSpec
    from aliconf.model.synchronization import SynchronizationPolicySpec

USUAL_LEAD_TIME = 7
"""Days; some categories take up to 30 (connector-domain §10)."""
LONGEST_PACKAGE = 2700
"""Centimetres: the longest side and twice the other two (connector-domain §10)."""
GRAM = Decimal("0.001")
"""Kilograms are taken with three decimals (connector-domain §10)."""
DEFAULT_FREIGHT_TEMPLATE = 1000
"""AliExpress's own, which overseas sellers cannot use (connector-domain §6)."""


def settings(spec: ListingTemplateSpec) -> Iterator[tuple[Path, ListingSettings]]:
    """What the template says for all accounts, then for single ones."""
    yield ("spec",), spec
    for account, own in spec.per_account.items():
        yield ("spec", "perAccount", account), own


@configuration_rule("ALI430", Severity.WARNING)
def templates_of_equal_priority_do_not_overlap(
    configuration: Configuration,
) -> Iterator[Violation]:
    groups: dict[tuple[str, int], Group] = {}
    demands: dict[int, Demand] = {}
    met: dict[LoadedDocument, list[tuple[LoadedDocument, str, int]]] = {}
    for document in configuration.of("ListingTemplate"):
        if document.model is None:
            continue
        for account in accounts_of(configuration, document):
            spec = cast("ListingTemplateSpec", document.spec).in_account(account.name)
            wanted = demands.get(id(spec.query))
            if wanted is None:
                wanted = demands[id(spec.query)] = demand(spec.query)
            group = groups.setdefault((account.name, spec.priority), Group())
            for other in group.add(Claim(document, wanted)):
                met.setdefault(document, []).append((other.document, account.name, spec.priority))
    for document, overlaps in met.items():
        others = list(dict.fromkeys(other for other, _, _ in overlaps))
        accounts = list(dict.fromkeys(account for _, account, _ in overlaps))
        priorities = sorted({priority for _, _, priority in overlaps})
        named = listed([other.id for other in others], NAMED)
        yield Violation(
            document,
            ("spec", "query"),
            f"a product can match this template and {named}, of equal priority "
            f"({', '.join(map(str, priorities))}), in the "
            f"{'account' if len(accounts) == 1 else 'accounts'} {listed(accounts, NAMED)}",
            "Give each another `priority` (the lower number wins), or let their queries require "
            "different values of one attribute.",
            key=True,
            related=tuple(
                Related(f"the query of {other.id}", other.locate("spec", "query", key=True))
                for other in others[:NAMED]
            ),
        )


@configuration_rule("ALI431", Severity.WARNING)
def an_account_that_uploads_has_a_template(configuration: Configuration) -> Iterator[Violation]:
    if not all_are_sound(configuration, "Account", "ListingTemplate", "SynchronizationPolicy"):
        return
    listed = {
        account.name
        for document in configuration.of("ListingTemplate")
        for account in accounts_of(configuration, document)
    }
    for account in configuration.of("Account"):
        if account.name in listed or not _uploads(configuration, account):
            continue
        yield Violation(
            account,
            ("metadata", "name"),
            f"{account.id} uploads products, and no listing template is for it",
            "Add a listing template with this account in `accounts`, or turn `products.upload` off "
            "in its synchronization policy.",
        )


def _uploads(configuration: Configuration, account: LoadedDocument) -> bool:
    """What the generated policy says (upload) counts where no policy of the documents does."""
    name = cast("AccountSpec", account.spec).synchronization_policy
    kind = "SynchronizationPolicy"
    policy = configuration.get(kind, name) if name else default_policy(configuration, kind)
    if policy is None:
        return name is None
    spec = cast("SynchronizationPolicySpec", configuration.effective(policy).spec)
    return spec.products.upload


@document_rule("ALI432", "ListingTemplate", Severity.WARNING)
def the_freight_template_belongs_to_the_seller(
    document: LoadedDocument, spec: ListingTemplateSpec, configuration: Configuration
) -> Iterator[Violation]:
    for path, part in settings(spec):
        if part.freight_template_id == DEFAULT_FREIGHT_TEMPLATE:
            yield Violation(
                document,
                (*path, "freightTemplateId"),
                "freight template 1000 is AliExpress's own; sellers outside China cannot use it",
                "Give the id of a freight template that you made in the seller centre.",
            )


@document_rule("ALI433", "ListingTemplate", Severity.WARNING)
def the_lead_time_is_usual(
    document: LoadedDocument, spec: ListingTemplateSpec, configuration: Configuration
) -> Iterator[Violation]:
    for path, part in settings(spec):
        days = part.shipping_lead_time_days
        if days is not None and days > USUAL_LEAD_TIME:
            yield Violation(
                document,
                (*path, "shippingLeadTimeDays"),
                f"a lead time of {days} days: most categories take no more than {USUAL_LEAD_TIME}",
                f"Ship within {USUAL_LEAD_TIME} days, or ignore this if the category takes more.",
            )


@document_rule("ALI434", "ListingTemplate")
def the_package_is_not_too_large(
    document: LoadedDocument, spec: ListingTemplateSpec, configuration: Configuration
) -> Iterator[Violation]:
    for path, part in settings(spec):
        if part.package is None:
            continue
        sides = [part.package.length_cm, part.package.width_cm, part.package.height_cm]
        longest = max(sides)
        others = sum(sides) - longest
        if longest + 2 * others > LONGEST_PACKAGE:
            yield Violation(
                document,
                (*path, "package"),
                f"the package measures {longest} + 2 × {others} = {longest + 2 * others} cm; "
                f"AliExpress takes {LONGEST_PACKAGE}",
                "The longest side and twice the sum of the other two must stay within the limit.",
                key=True,
            )


@document_rule("ALI437", "ListingTemplate")
def the_weight_is_in_whole_grams(
    document: LoadedDocument, spec: ListingTemplateSpec, configuration: Configuration
) -> Iterator[Violation]:
    for path, part in settings(spec):
        if part.package is not None and part.package.weight_kg % GRAM:
            yield Violation(
                document,
                (*path, "package", "weightKg"),
                f"{plain(part.package.weight_kg)} kg has more than three decimals",
                "AliExpress takes kilograms with three decimals: round to whole grams.",
            )


@document_rule("ALI436", "ListingTemplate")
def per_account_names_accounts_of_the_template(
    document: LoadedDocument, spec: ListingTemplateSpec, configuration: Configuration
) -> Iterator[Violation]:
    if not spec.per_account:
        return
    own = {account.name for account in accounts_of(configuration, document)}
    for account in spec.per_account:
        if account in own or configuration.get("Account", account) is None:
            continue  # one that does not exist is a reference to nothing
        yield Violation(
            document,
            ("spec", "perAccount", account),
            f"the template is not for the account {account}",
            "Add it to `accounts`, or remove what is said for it here."
            if isinstance(spec.accounts, list)
            else "Give the account the labels of `accounts`, or remove what is said for it here.",
            key=True,
        )


@document_rule("ALI438", "ListingTemplate")
def an_attribute_is_given_once(
    document: LoadedDocument, spec: ListingTemplateSpec, configuration: Configuration
) -> Iterator[Violation]:
    for path, part in settings(spec):
        first: dict[str, int] = {}
        for index, attribute in enumerate(part.attributes or ()):
            before = first.setdefault(attribute.name.strip().casefold(), index)
            if before != index:
                place = (*path, "attributes", before, "name")
                yield Violation(
                    document,
                    (*path, "attributes", index, "name"),
                    f"the attribute {attribute.name!r} is here a second time",
                    "Keep one of the two.",
                    related=(Related("first here", document.locate(*place)),),
                )
