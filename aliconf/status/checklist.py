"""The steps of the onboarding, as the vendor's wizard has them (connector-domain §2 to §6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from aliconf.config.configuration import Configuration
from aliconf.model.kinds import POLICY_KINDS
from aliconf.status.overview import Overview, Phase, State, Step, Waiting
from aliconf.wording import amount, some

_NOT_APPLIED: Final = "declared, not applied"


def checklist(overview: Overview, configuration: Configuration) -> tuple[Step, ...]:
    """Every step in the wizard's order, then what aliconf adds to it."""
    return (
        _registration(overview, configuration),
        _system_check(overview),
        _accounts(overview, configuration),
        _authorization(overview),
        _default_policies(overview, configuration),
        _custom_policies(overview, configuration),
        _listing_templates(overview, configuration),
        _campaigns(overview, configuration),
        _validity(overview),
        _configuration(overview.waiting),
    )


def undeclared_steps(overview: Overview, configuration: Configuration) -> Iterator[Step]:
    """The missing steps that no waiting change completes: a document has to be written first."""
    for kind, step in (
        ("Registration", _registration(overview, configuration)),
        ("Account", _accounts(overview, configuration)),
        ("ListingTemplate", _listing_templates(overview, configuration)),
    ):
        if step.state is State.MISSING and not configuration.of(kind):
            yield step
    defaults = _default_policies(overview, configuration)
    if overview.accounts and defaults.state is State.MISSING and not _applies(defaults):
        yield defaults


def not_authorized(overview: Overview) -> str:
    """The accounts that are not, in words; empty where all are."""
    names = [account.entry.name for account in overview.accounts if not account.connected]
    if not names:
        return ""
    return f"{some(names)}: nothing is uploaded; authorization comes with a later version"


def _registration(overview: Overview, configuration: Configuration) -> Step:
    names = [entry.name for entry in overview.registrations]
    return _declared("Registration", "Registration", names, overview, configuration)


def _system_check(overview: Overview) -> Step:
    diagnosis = overview.diagnosis
    name = "System check"
    failed = [check.name.lower() for check in diagnosis.checks if check.passed is False]
    absent = [check.name.lower() for check in diagnosis.checks if check.passed is None]
    if failed:
        return Step(name, State.FAILED, ", ".join(failed), "aliconf doctor")
    if absent:
        detail = f"{', '.join(absent)}: not declared"
        return Step(name, State.NOT_CHECKED, detail, "aliconf doctor")
    return Step(name, State.DONE, f"{diagnosis.declaration}; the host is not checked")


def _accounts(overview: Overview, configuration: Configuration) -> Step:
    names = [account.entry.name for account in overview.accounts]
    return _declared("Accounts", "Account", names, overview, configuration)


def _authorization(overview: Overview) -> Step:
    missing = not_authorized(overview)
    if missing or not overview.accounts:
        return Step("Authorization", State.NOT_AUTHORIZED, missing or "no account yet")
    return Step("Authorization", State.DONE, amount(len(overview.accounts), "account"))


def _default_policies(overview: Overview, configuration: Configuration) -> Step:
    name = "Default policies"
    kinds = {policy.entry.kind for policy in overview.policies if policy.default}
    missing = [kind for kind in POLICY_KINDS if kind not in kinds]
    if not missing:
        return Step(name, State.DONE, f"one of each of {len(POLICY_KINDS)} types")
    if not overview.accounts:
        detail = "generated with the first account"
        return Step(name, State.MISSING, detail, _accounts(overview, configuration).command)
    undeclared = [kind for kind in missing if not _declares_default(configuration, kind)]
    if not undeclared:
        detail = f"no default among {', '.join(missing)}: {_NOT_APPLIED}"
        return Step(name, State.MISSING, detail, _applying(overview.waiting))
    detail = f"no default among {', '.join(undeclared)}: set `default: true` on one"
    return Step(name, State.MISSING, detail, f"aliconf explain {undeclared[0]}.default")


def _declares_default(configuration: Configuration, kind: str) -> bool:
    return any(
        document.model is not None and getattr(document.spec, "default", False)
        for document in configuration.of(kind)
    )


def _custom_policies(overview: Overview, configuration: Configuration) -> Step:
    name = "Custom policies"
    custom = [policy for policy in overview.policies if not policy.generated]
    if custom:
        return Step(name, State.DONE, amount(len(custom), "policy"))
    if any(configuration.of(kind) for kind in POLICY_KINDS):
        return Step(name, State.WAITING, _NOT_APPLIED, _applying(overview.waiting))
    return Step(name, State.OPTIONAL, "none; the defaults are in force")


def _listing_templates(overview: Overview, configuration: Configuration) -> Step:
    names = [template.entry.name for template in overview.templates]
    return _declared("Listing templates", "ListingTemplate", names, overview, configuration)


def _campaigns(overview: Overview, configuration: Configuration) -> Step:
    if overview.campaigns:
        return Step("Campaigns", State.DONE, phases(overview))
    if configuration.of("Campaign"):
        return Step("Campaigns", State.WAITING, _NOT_APPLIED, _applying(overview.waiting))
    return Step("Campaigns", State.OPTIONAL, "none")


def phases(overview: Overview) -> str:
    """``1 active now, 2 to come``"""
    words = {
        Phase.ACTIVE: "active now",
        Phase.TO_COME: "to come",
        Phase.OVER: "over",
        Phase.UNKNOWN: "unknown",
    }
    counts = {
        phase: sum(1 for campaign in overview.campaigns if campaign.phase is phase)
        for phase in words
    }
    return ", ".join(f"{count:,} {words[phase]}" for phase, count in counts.items() if count)


def _validity(overview: Overview) -> Step:
    entries = overview.entries()
    invalid = sum(1 for entry in entries if not entry.valid)
    if not entries:
        return Step("Objects valid", State.NOT_CHECKED, "nothing is there yet")
    if invalid:
        detail = f"{invalid:,} of {len(entries):,} INVALID"
        return Step("Objects valid", State.FAILED, detail, "aliconf status")
    return Step("Objects valid", State.DONE, f"{len(entries):,} of {len(entries):,} VALID")


def _configuration(waiting: Waiting) -> Step:
    name = "Configuration"
    if waiting.errors:
        return Step(name, State.FAILED, amount(len(waiting.errors), "error"), "aliconf validate")
    if waiting.changes is None:
        codes = ", ".join(finding.code for finding in waiting.refusals)
        return Step(name, State.FAILED, f"refused ({codes})", "aliconf plan")
    if waiting.changes:
        changes = amount(waiting.changes, "change")
        return Step(name, State.WAITING, f"{changes} to apply", "aliconf plan")
    if waiting.adoptions:
        objects = amount(waiting.adoptions, "object")
        return Step(name, State.WAITING, f"{objects} to adopt", "aliconf plan")
    return Step(name, State.DONE, "applied")


def _declared(
    name: str, kind: str, found: Sequence[str], overview: Overview, configuration: Configuration
) -> Step:
    """A step that is done as soon as the connector has an object of a kind."""
    if found:
        return Step(name, State.DONE, some(found))
    if not configuration.of(kind):
        return Step(name, State.MISSING, f"declare one: `kind: {kind}`", f"aliconf explain {kind}")
    return Step(name, State.MISSING, _NOT_APPLIED, _applying(overview.waiting))


def _applying(waiting: Waiting) -> str:
    """The command that applies what is declared, or shows what stands in the way."""
    if waiting.errors:
        return "aliconf validate"
    return "aliconf apply" if waiting.changes else "aliconf plan"


def _applies(step: Step) -> bool:
    """Whether applying the configuration completes a step, and nothing has to be written."""
    return step.detail.endswith(_NOT_APPLIED)
