"""References: to something that exists, of the right kind, without cycles, and used at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.config.words import a_kind, did_you_mean
from aliconf.findings import Related, Severity
from aliconf.model.base import PolicySpec
from aliconf.model.kinds import ACCOUNT_POLICIES, POLICY_KINDS
from aliconf.rules.registry import Violation, configuration_rule
from aliconf.rules.slots import (
    POLICY_SLOTS,
    Reference,
    accounts_of,
    all_are_sound,
    place,
    references,
)

if TYPE_CHECKING:
    from aliconf.model.campaign import CampaignSpec
    from aliconf.model.listing_template import ListingTemplateSpec


def _all(configuration: Configuration) -> Iterator[Reference]:
    for document in configuration.documents:
        yield from references(document)


def _out_of_force(configuration: Configuration) -> Iterator[Reference]:
    """What an environment leaves out with its accounts: another environment uses it."""
    if configuration.environment:
        for document in configuration.environment.whole:
            yield from references(document)


class _Named(NamedTuple):
    """What the references name, looked up once for all rules."""

    used: set[tuple[str, str]]
    """Kind and name."""
    nothing: list[Reference]
    """Those that name nothing which is there."""


def _named(configuration: Configuration) -> _Named:
    named = _Named(set(), [])
    for reference in _all(configuration):
        named.used.add((reference.kind, reference.name))
        if not _is_there(configuration, reference):
            named.nothing.append(reference)
    return named


def _to_nothing(configuration: Configuration) -> Sequence[Reference]:
    if configuration.incomplete:
        return ()  # what is named may stand in what could not be read
    return configuration.once(_named).nothing


def _is_there(configuration: Configuration, reference: Reference) -> bool:
    return configuration.get(reference.kind, reference.name) is not None


def _kinds_of(configuration: Configuration, reference: Reference) -> list[str]:
    """The other policy kinds that have a policy of this name."""
    if reference.kind not in POLICY_KINDS or reference.path[-1] == "basedOn":
        return []
    return [kind for kind in POLICY_KINDS if configuration.get(kind, reference.name) is not None]


@configuration_rule("ALI203", fixed=True)
def based_on_has_no_cycle(configuration: Configuration) -> Iterator[Violation]:
    for kind in POLICY_KINDS:
        done: set[str] = set()
        for document in configuration.of(kind):
            chain: dict[str, LoadedDocument] = {}
            following: LoadedDocument | None = document
            while following is not None and following.name not in done:
                if following.name in chain:
                    names = list(chain)
                    yield _cycle([chain[name] for name in names[names.index(following.name) :]])
                    break
                chain[following.name] = following
                spec = following.spec if following.model is not None else None
                base = spec.based_on if isinstance(spec, PolicySpec) else None
                following = configuration.get(kind, base) if base else None
            done.update(chain)


def _cycle(members: list[LoadedDocument]) -> Violation:
    first = members[0]
    names = " → ".join([*(member.name for member in members), first.name])
    return Violation(
        first,
        ("spec", "basedOn"),
        f"{first.id} is based on itself" + (f": {names}" if len(members) > 1 else ""),
        "Take one `basedOn` out, so that the chain ends at a policy that stands alone.",
        related=tuple(
            Related(
                f"{member.name} is based on {member.spec.based_on} here",
                member.locate("spec", "basedOn"),
            )
            for member in members[1:]
            if isinstance(member.spec, PolicySpec)
        ),
    )


@configuration_rule("ALI204", fixed=True)
def references_name_something(configuration: Configuration) -> Iterator[Violation]:
    for reference in _to_nothing(configuration):
        if not _kinds_of(configuration, reference):
            yield Violation(
                reference.document,
                place(reference),
                f"no {reference.kind} is named {reference.name!r}",
                _way_out(configuration, reference),
                key=reference.key,
                related=tuple(_taken_away(configuration, reference)),
            )


def _taken_away(configuration: Configuration, reference: Reference) -> Iterator[Related]:
    """The overlay that took away what is named."""
    environment = configuration.environment
    overlay = environment and environment.removed.get((reference.kind, reference.name))
    if overlay:
        yield Related("an overlay takes it away here", overlay.locate("metadata", "name"))


def _way_out(configuration: Configuration, reference: Reference) -> str:
    kind, name = reference.kind, reference.name
    if any(_taken_away(configuration, reference)):
        return "Keep it in this environment, or change what names it in an overlay, too."
    if name == "default" and kind in POLICY_KINDS:
        declare = (
            f"To name the policy that the connector generated, declare it: a document of kind "
            f"{kind} with the name default."
        )
        based_on, campaign = reference.path[-1] == "basedOn", reference.document.kind == "Campaign"
        return declare if based_on or campaign else f"Leave the key out for the default. {declare}"
    names = sorted(set(configuration.names(kind)) - {reference.document.name})
    if not names:
        return f"There is no {kind} to name; add it, or correct the name."
    listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return did_you_mean(name, names) or f"Declared: {listed}."


@configuration_rule("ALI208", fixed=True)
def slots_hold_policies_of_their_kind(configuration: Configuration) -> Iterator[Violation]:
    for reference in _to_nothing(configuration):
        kinds = _kinds_of(configuration, reference)
        if kinds:
            near = configuration.names(reference.kind)
            yield Violation(
                reference.document,
                reference.path,
                f"{reference.name!r} is {a_kind(kinds[0])}, and {reference.path[-1]} takes "
                f"{a_kind(reference.kind)}",
                f"Name {a_kind(reference.kind)}"
                + (f": {', '.join(sorted(near)[:8])}." if near else ", or leave the key out."),
                related=tuple(
                    Related(f"{kind}/{reference.name} is here", other.locate("metadata", "name"))
                    for kind in kinds
                    if (other := configuration.get(kind, reference.name)) is not None
                ),
            )


@configuration_rule("ALI211", fixed=True)
def a_policy_kind_has_one_default(configuration: Configuration) -> Iterator[Violation]:
    for kind in POLICY_KINDS:
        first: LoadedDocument | None = None
        for document in configuration.of(kind):
            if document.model is None or not isinstance(document.spec, PolicySpec):
                continue
            if document.spec.default and first is None:
                first = document
            elif document.spec.default and first is not None:
                yield Violation(
                    document,
                    ("spec", "default"),
                    f"{first.id} and {document.id} both say that they are the default",
                    "Keep `default: true` in one of them.",
                    key=True,
                    related=(
                        Related("the first is here", first.locate("spec", "default", key=True)),
                    ),
                )


@configuration_rule("ALI212")
def selectors_match_an_account(configuration: Configuration) -> Iterator[Violation]:
    if not all_are_sound(configuration, "Account"):
        return
    for kind in ("ListingTemplate", "Campaign"):
        for document in configuration.of(kind):
            if document.model is None or accounts_of(configuration, document):
                continue
            selector = cast("ListingTemplateSpec | CampaignSpec", document.spec).accounts
            if not isinstance(selector, list):
                wanted = ", ".join(
                    f"{key}: {value}" for key, value in selector.match_labels.items()
                )
                yield Violation(
                    document,
                    ("spec", "accounts", "matchLabels"),
                    f"no account has the labels {wanted}",
                    _labels(configuration),
                )


def _labels(configuration: Configuration) -> str:
    labels = sorted(
        {
            f"{key}: {value}"
            for account in configuration.of("Account")
            if account.model is not None
            for key, value in account.model.metadata.labels.items()
        }
    )
    if not labels:
        return "No account has labels: give them some under `metadata.labels`, or list names."
    listed = ", ".join(labels[:8]) + (", …" if len(labels) > 8 else "")
    return f"An account needs all of them. Labels in use: {listed}."


@configuration_rule("ALI215", Severity.WARNING)
def policies_are_used(configuration: Configuration) -> Iterator[Violation]:
    """Only where something of the project takes policies of the kind, and not for shared files."""
    used, mistaken = configuration.once(_named)
    left_out = list(_out_of_force(configuration))
    used = used.union((reference.kind, reference.name) for reference in left_out)
    mistaken = [
        *mistaken,
        *(reference for reference in left_out if not _is_there(configuration, reference)),
    ]
    unclear = {reference.kind for reference in mistaken}
    for reference in mistaken:
        unclear.update(_kinds_of(configuration, reference))
    for kind in POLICY_KINDS:
        if kind in unclear:
            continue  # what is unused may be what is misspelt elsewhere
        holders = (
            ("Account",) if kind in ACCOUNT_POLICIES.values() else ("ListingTemplate", "Campaign")
        )
        if not all_are_sound(configuration, kind, *holders):
            continue
        if not any(configuration.of(holder) for holder in holders):
            continue
        for document in configuration.of(kind):
            spec = document.spec
            if (kind, document.name) in used or document.name == "default":
                continue  # "default" takes over whenever no other policy is the default
            if isinstance(spec, PolicySpec) and spec.default:
                continue
            if not document.source.path.is_relative_to(configuration.root):
                continue  # shared by several projects
            slot = next(slot for slot, _, of in POLICY_SLOTS[holders[0]] if of == kind)
            holder = "an account" if "Account" in holders else "a listing template or campaign"
            yield Violation(
                document,
                ("metadata", "name"),
                f"nothing uses {document.id}",
                f"Name it as {slot} of {holder}, make it the default, or remove it.",
            )
