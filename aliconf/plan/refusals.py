"""What a plan refuses or warns of, once it sees the connector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aliconf.config.configuration import Configuration
from aliconf.connector.reader import Stored
from aliconf.findings import Finding, Severity
from aliconf.model.kinds import POLICY_KINDS
from aliconf.plan.changes import Action, Change, FieldChange
from aliconf.plan.observed import Observed, parse_body
from aliconf.plan.users import referred_to
from aliconf.plan.wanted import Id, Wanted
from aliconf.rules.system_check import judge

_TITLED = frozenset({*POLICY_KINDS, "Account"})


def of_object(
    wanted: Wanted, stored: Stored, project: str, observed: Observed
) -> Iterator[Finding]:
    """Why an object that is already in the connector cannot become what is wanted."""
    if stored.owner and stored.owner != project:
        yield _error(
            "ALI503",
            wanted,
            ("metadata", "name"),
            f"{wanted.document.id} is managed by the project {stored.owner!r}",
            "Give this document another name, or remove it from one of the two projects.",
        )
    if wanted.document.kind == "Account":
        was, becomes = (
            parse_body(stored.body_text).get("region"),
            getattr(wanted.document.spec, "region", ""),
        )
        if was != becomes:
            yield _error(
                "ALI501",
                wanted,
                ("spec", "region"),
                f"the region of an account never changes: {was} in the connector, {becomes} here",
                f"Set it back to {was}. To sell in {becomes}, add a new account under a new name.",
            )


def reserved_name(
    wanted: Wanted, configuration: Configuration, observed: Observed
) -> Iterator[Finding]:
    """The name of a deleted account stays reserved with its region."""
    if wanted.document.kind != "Account" or wanted.document.name not in observed.reserved:
        return
    was = observed.reserved[wanted.document.name]
    becomes = wanted.body(configuration).get("region")
    if was != becomes:
        yield _error(
            "ALI502",
            wanted,
            ("metadata", "name"),
            f"the name {wanted.document.name!r} belonged to a deleted account in {was}; "
            f"it cannot come back in {becomes}",
            f"Choose another name for the account in {becomes}.",
        )


def titles_in_use(wanted: Iterable[Wanted], observed: Observed, project: str) -> Iterator[Finding]:
    """Titles that objects outside this project, or kept by protection, hold under other names."""
    wanted = list(wanted)
    declared = {item.id for item in wanted}
    holders = {
        (stored.kind, stored.title): stored
        for stored in observed.objects.values()
        if stored.kind in _TITLED
        and (stored.kind, stored.name) not in declared
        and (stored.owner != project or stored.protect)
    }
    for item in wanted:
        holder = holders.get((item.document.kind, item.title))
        if holder is not None:
            by = f"the project {holder.owner!r}" if holder.owner else "nobody"
            yield _error(
                "ALI506",
                item,
                ("spec", "title"),
                f"the title {item.title!r} is held by {holder.kind}/{holder.name}, managed by {by}",
                f"Choose another title, or adopt that object: `name: {holder.name}`."
                if not holder.owner
                else "Choose another title.",
            )


def of_delete(stored: Stored, observed: Observed, wanted: dict[Id, Wanted]) -> Iterator[Finding]:
    """Why an object without a document cannot be deleted."""
    name = f"{stored.kind}/{stored.name}"
    if observed.defaults.get(stored.kind) == stored.name:
        moved_away = any(item.default for item in wanted.values() if item.id[0] == stored.kind)
        if not moved_away and (stored.kind, "default") not in observed.objects:
            yield _plain(
                "ALI507",
                f"{name} is the default of its kind, and no {stored.kind}/default takes over",
                "Keep the document, or make another policy the default with `default: true`.",
                name,
            )
    users = [
        f"{other.kind}/{other.name}"
        for other in observed.objects.values()
        if (other.kind, other.name) not in wanted
        and other.owner != stored.owner
        and (stored.kind, stored.name) in referred_to(other.kind, parse_body(other.body_text))
    ]
    if users:
        yield _plain(
            "ALI508",
            f"{name} would be deleted, and {', '.join(users)} still uses it",
            "Keep the document, or change those objects first; this project does not manage them.",
            name,
        )
    if stored.kind == "Registration":
        others = [other.name for other in observed.of("Account") if other.owner != stored.owner]
        if others:
            yield _plain(
                "ALI511",
                f"{name} would be deleted while accounts exist: {', '.join(others)}",
                "Keep the registration as long as there is an account.",
                name,
            )


def warnings(wanted: Wanted, fields: Iterable[FieldChange]) -> Iterator[Finding]:
    """Changes that are allowed and worth a second look."""
    for change in fields:
        if wanted.document.kind == "Account" and change.path == "storeView":
            yield Finding(
                "ALI509",
                Severity.WARNING,
                f"the store view changes from {change.old} to {change.new}: product data, "
                "descriptions and orders will come from there",
                change.location,
                "Check that its language fits the account's region.",
                wanted.document.id,
            )


def system_check(
    configuration: Configuration, changes: Iterable[Change], observed: Observed
) -> Iterator[Finding]:
    """Onboarding the first account needs a passing system check; apply refuses it without."""
    first = not any(True for _ in observed.of("Account")) and any(
        change.kind == "Account" and change.action is Action.CREATE for change in changes
    )
    if not first or all(item.passed for item in judge(configuration.settings)):
        return
    assert configuration.project is not None
    yield Finding(
        "ALI701",
        Severity.WARNING,
        "the first account needs a passing system check, and none is declared: apply will refuse",
        configuration.project.locate("spec"),
        "Look at the Magento host, declare what you saw under `systemCheck`, "
        "and see `aliconf doctor`.",
        configuration.project.id,
    )


def _error(code: str, wanted: Wanted, path: tuple[Any, ...], message: str, hint: str) -> Finding:
    document = wanted.document
    return Finding(code, Severity.ERROR, message, document.locate(*path), hint, document.id)


def _plain(code: str, message: str, hint: str, subject: str) -> Finding:
    return Finding(code, Severity.ERROR, message, None, hint, subject)
