"""What a plan refuses or warns of, once it sees the connector."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.connector.reader import Stored
from aliconf.findings import Finding, Location, Severity
from aliconf.model.base import Body
from aliconf.model.kinds import POLICY_KINDS
from aliconf.plan.changes import Action, Change, FieldChange
from aliconf.plan.observed import Observed
from aliconf.plan.users import stays, takers
from aliconf.plan.wanted import Id, Wanted
from aliconf.rules.system_check import judge
from aliconf.wording import some

_TITLED = frozenset({*POLICY_KINDS, "Account", "ListingTemplate", "Campaign"})
_SHOWN = 3
_EACH = 8
"""So many titles that others hold are told one by one; of more, what is wrong is one thing."""


def of_object(wanted: Wanted, stored: Stored, project: str) -> Iterator[Finding]:
    """Why an object that is already in the connector cannot become what is wanted."""
    if stored.owner and stored.owner != project:
        yield _error(
            "ALI503",
            wanted,
            ("metadata", "name"),
            f"{wanted.document.id} is managed by the project {stored.owner!r}",
            "Give this document another name, or remove it from one of the two projects. Where "
            "this project was renamed, set `metadata.name` in aliconf.yaml back.",
        )
    if wanted.document.kind == "Account":
        was, becomes = stored.region, getattr(wanted.document.spec, "region", "")
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


def pointers_of_others(
    wanted: Iterable[Wanted], observed: Observed, project: str
) -> Iterator[Finding]:
    """The default of a kind is one for the whole connector: who has it keeps it.

    Nor does one move that nobody manages, where other projects have come to rely on it.
    """
    for item in wanted:
        kind = item.document.kind
        holder = observed.objects.get((kind, observed.defaults.get(kind, "")))
        if (
            not item.default
            or holder is None
            or holder.owner == project
            or holder.name == item.id[1]
        ):
            continue
        why = f"managed by the project {holder.owner!r}"
        if holder.owner is None:
            users = takers(observed, kind, project)
            if not users:
                continue
            why = f"and other projects take it ({some(users, _SHOWN)})"
        yield _error(
            "ALI937",
            item,
            ("spec", "default"),
            f"the default {kind} is {kind}/{holder.name}, {why}: it cannot be moved from here",
            "Remove `default: true` here and name the policy where it is used. A connector of "
            "its own, such as one with ?prefix=NAME_ in its URL, has defaults of its own.",
        )


def titles_in_use(
    wanted: Iterable[Wanted],
    observed: Observed,
    project: str,
    generated: Mapping[Id, tuple[str, Body]],
) -> Iterator[Finding]:
    """Titles that objects hold which stay without a document, or which the connector will make."""
    wanted = list(wanted)
    declared = {item.id for item in wanted}
    holders = {
        (stored.kind, stored.title): (stored.name, stored.owner or "")
        for stored in observed.objects.values()
        if stored.kind in _TITLED
        and (stored.kind, stored.name) not in declared
        and stays(stored, project)
    }
    holders |= {
        (kind, title): (name, "")
        for (kind, name), (title, _) in generated.items()
        if (kind, name) not in declared
    }
    clashes = [item for item in wanted if (item.document.kind, item.title) in holders]
    for item in clashes[:_EACH]:
        name, owner = holders[item.document.kind, item.title]
        by = f"the project {owner!r}" if owner else "nobody"
        yield _error(
            "ALI506",
            item,
            ("spec", "title"),
            f"the title {item.title!r} is held by {item.document.kind}/{name}, managed by {by}",
            "Choose another title."
            if owner
            else f"Choose another title, or adopt that object: `name: {name}`.",
        )
    left = [item.document.id for item in clashes[_EACH:]]
    if left:
        titles = "1 more title is" if len(left) == 1 else f"{len(left):,} more titles are"
        yield _plain(
            "ALI506",
            f"{titles} held by other objects of the connector: those of {some(left, _SHOWN)}",
            "So many at once are seldom meant: check that `connector` in aliconf.yaml is the right "
            "one. `aliconf import --all` writes documents for objects that nobody manages.",
            "",
        )


def of_delete(
    stored: Stored, fallback: str | None, users: Sequence[str], observed: Observed, project: str
) -> Iterator[Finding]:
    """Why an object without a document cannot be deleted.

    ``fallback`` is the policy that the pointer of its kind would return to, None where it is not
    the default; ``users`` are the objects that stay and name it.
    """
    name = f"{stored.kind}/{stored.name}"
    if fallback == "":
        yield _plain(
            "ALI507",
            f"{name} is the default of its kind, and no system-generated policy takes over",
            "Keep the document, or make another policy the default with `default: true`.",
            name,
        )
    takes = takers(observed, stored.kind, project) if fallback else []
    if takes:
        yield _plain(
            "ALI508",
            f"{name} would be deleted, and it is the default that other projects take "
            f"({some(takes, _SHOWN)})",
            "Keep the document, or give another policy of this project `default: true`: that is "
            "what they take then.",
            name,
        )
    if users:
        yield _plain(
            "ALI508",
            f"{name} would be deleted, and {', '.join(users)} still uses it",
            "Keep the document, or change those objects first: they stay as they are.",
            name,
        )


def registration_goes(
    stored: Stored, observed: Observed, wanted: Collection[Id], project: str
) -> Iterator[Finding]:
    """The registration stays as long as there is an account. Other projects have their own."""
    accounts = [
        other.name
        for other in observed.of("Account")
        if other.owner in (None, project)
        and (("Account", other.name) in wanted or stays(other, project))
    ]
    if accounts:
        yield _plain(
            "ALI511",
            f"{stored.kind}/{stored.name} would be deleted while accounts exist: "
            f"{', '.join(accounts)}",
            "Keep the registration as long as there is an account.",
            f"{stored.kind}/{stored.name}",
        )


def warnings(wanted: Wanted, fields: Iterable[FieldChange]) -> Iterator[Finding]:
    """Changes that are allowed and worth a second look."""
    for change in fields:
        if wanted.document.kind == "Account" and change.path == "storeView" and change.old:
            yield Finding(
                "ALI509",
                Severity.WARNING,
                f"the store view changes from {change.old} to {change.new}: product data, "
                "descriptions and orders will come from there",
                change.location,
                "Check that its language fits the account's region.",
                wanted.document.id,
            )


def obstacles(
    configuration: Configuration, changes: Sequence[Change], observed: Observed
) -> Iterator[tuple[Finding, Finding]]:
    """What apply refuses although there is a plan: the plan's warning of it, and the refusal."""
    assert configuration.project is not None
    project = configuration.project
    comes = any(change.action not in {Action.DELETE, Action.RELEASE} for change in changes)
    registered = configuration.of("Registration") or any(True for _ in observed.of("Registration"))
    if comes and not registered:
        hint = "Add a Registration with an e-mail address and `acceptTerms: true`."
        place = project.locate("metadata", "name")
        message = "there is no registration, and without accepted terms nothing is applied"
        yield _pair(
            "ALI513", f"{message}: apply will refuse", "ALI513", message, place, hint, project
        )
    first = not any(True for _ in observed.of("Account")) and any(
        change.kind == "Account" and change.action is Action.CREATE for change in changes
    )
    if first and not all(item.passed for item in judge(configuration.settings)):
        yield _pair(
            "ALI701",
            "the first account needs a passing system check, and none is declared: "
            "apply will refuse",
            "ALI702",
            "the first account cannot be onboarded: no passing system check is declared",
            project.locate("spec"),
            "Look at the Magento host, declare what you saw under `systemCheck`, "
            "and see `aliconf doctor`.",
            project,
        )


def _pair(
    code: str,
    warning: str,
    refusal_code: str,
    refusal: str,
    place: Location,
    hint: str,
    project: LoadedDocument,
) -> tuple[Finding, Finding]:
    return (
        Finding(code, Severity.WARNING, warning, place, hint, project.id),
        Finding(refusal_code, Severity.ERROR, refusal, place, hint, project.id),
    )


def _error(code: str, wanted: Wanted, path: tuple[Any, ...], message: str, hint: str) -> Finding:
    document = wanted.document
    return Finding(code, Severity.ERROR, message, document.locate(*path), hint, document.id)


def _plain(code: str, message: str, hint: str, subject: str) -> Finding:
    return Finding(code, Severity.ERROR, message, None, hint, subject)
