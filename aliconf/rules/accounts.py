"""Accounts, and the registration that they need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Related, Severity
from aliconf.rules.registry import Violation, configuration_rule, document_rule

if TYPE_CHECKING:
    from aliconf.model.account import AccountSpec


@configuration_rule("ALI210", fixed=True)
def accounts_have_one_registration(configuration: Configuration) -> Iterator[Violation]:
    registrations = configuration.of("Registration")
    accounts = configuration.of("Account")
    if accounts and not registrations and not configuration.incomplete:
        yield Violation(
            accounts[0],
            ("metadata", "name"),
            "an account needs a Registration, and there is none",
            "Add a document of `kind: Registration` with `email` and `acceptTerms: true`.",
        )
    for registration in registrations[1:]:
        yield Violation(
            registration,
            ("metadata", "name"),
            f"{registration.id} is a second registration",
            "Keep one of them: the merchant is registered once, for all accounts.",
            related=(Related("first here", registrations[0].locate("metadata", "name")),),
        )


@document_rule("ALI213", "Account", Severity.WARNING)
def the_region_is_confirmed(
    account: LoadedDocument, spec: AccountSpec, configuration: Configuration
) -> Iterator[Violation]:
    from aliconf.model.regions import CONFIRMED, NAMES

    if spec.region not in CONFIRMED:
        confirmed = ", ".join(sorted(f"{NAMES[code]} ({code})" for code in CONFIRMED))
        yield Violation(
            account,
            ("spec", "region"),
            f"AliExpress is not known to take sellers from {NAMES[spec.region]} ({spec.region})",
            f"A region can never be corrected later. Known are {confirmed}. If you are sure, "
            "ignore this finding under `rules` in aliconf.yaml.",
        )


@document_rule("ALI225", "Account", Severity.WARNING)
def an_overlay_keeps_the_region(
    account: LoadedDocument, spec: AccountSpec, configuration: Configuration
) -> Iterator[Violation]:
    environment = configuration.environment
    base = environment.base.get("Account", account.name) if environment else None
    region = getattr(base.spec, "region", None) if base and base.model is not None else None
    if base is not None and region not in {None, spec.region}:
        yield Violation(
            account,
            ("spec", "region"),
            f"the region of {account.id} is {spec.region} in this environment and {region} in the "
            "base",
            "Once it is applied it can never be corrected. For another country add an account "
            "under another name, and choose by `accounts` which are in force.",
            related=(Related("in the base", base.locate("spec", "region")),),
        )


@configuration_rule("ALI214", Severity.WARNING)
def there_is_one_account(configuration: Configuration) -> Iterator[Violation]:
    accounts = configuration.of("Account")
    if len(accounts) > 1:
        yield Violation(
            accounts[1],
            ("metadata", "name"),
            f"{len(accounts)} accounts: the vendor's own pages disagree whether the connector "
            "takes more than one",
            "If yours does, switch this off in aliconf.yaml: `rules: {ALI214: off}`.",
            related=(Related("the first account", accounts[0].locate("metadata", "name")),),
        )
