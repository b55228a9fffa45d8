"""What the project says of drift."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from aliconf.config.configuration import Configuration
from aliconf.config.words import did_you_mean
from aliconf.findings import Severity
from aliconf.model.kinds import KINDS, POLICY_KINDS
from aliconf.rules.registry import Violation, configuration_rule
from aliconf.wording import some

if TYPE_CHECKING:
    from aliconf.model.ignores import DriftIgnore

_NO_FIELDS: Final = ("apiVersion", "kind", "basedOn", "metadata.name")
"""Keys of documents that are no field of an object in the connector."""
_OWNER: Final = "managedBy"
"""The field that an object in the connector has and a document has not."""


@configuration_rule("ALI541", Severity.WARNING)
def no_ignore_of_drift_has_ended(configuration: Configuration) -> Iterator[Violation]:
    yield from expired(configuration)


def expired(configuration: Configuration) -> Iterator[Violation]:
    """The ignores whose last day is over."""
    project = configuration.project
    today = configuration.now.date()
    for index, ignore in enumerate(configuration.settings.drift.ignore):
        if project is not None and ignore.until is not None and today > ignore.until:
            yield Violation(
                project,
                ("spec", "drift", "ignore", index, "until"),
                f"the ignore of {ignore.field} of {ignore.object or ignore.kind} ended on "
                f"{ignore.until}",
                "Take the value into the configuration (`aliconf import --drift`), or renew the "
                "ignore with a reason.",
            )


@configuration_rule("ALI550")
def ignored_drift_is_of_a_field_that_objects_have(
    configuration: Configuration,
) -> Iterator[Violation]:
    project = configuration.project
    for index, ignore in enumerate(configuration.settings.drift.ignore):
        path = ("spec", "drift", "ignore", index)
        if project is None:
            continue
        kind = _kind(ignore)
        if kind not in _kinds():
            words = f"no object is of kind {kind}, whose {ignore.field} is ignored"
            hint = did_you_mean(kind, _kinds()) or f"The kinds are {', '.join(_kinds())}."
            yield Violation(project, (*path, "object"), words, hint)
        elif wrong := _wrong_field(kind, ignore.field):
            yield Violation(project, (*path, "field"), *wrong)


@configuration_rule("ALI551", Severity.WARNING)
def ignored_drift_is_of_an_object_that_is_declared(
    configuration: Configuration,
) -> Iterator[Violation]:
    """In the base or in any environment: one `drift.ignore` is that of all of them."""
    project = configuration.project
    for index, ignore in enumerate(configuration.settings.drift.ignore):
        kind, _, name = (ignore.object or "").partition("/")
        if project is None or configuration.incomplete or kind not in _kinds():
            continue
        if name == "default" and kind in POLICY_KINDS:
            continue  # the connector has generated it
        names = sorted(set(_names(configuration, kind, name)))
        if name not in names:
            declared = f"Declared: {some(names)}. " if names else ""
            yield Violation(
                project,
                ("spec", "drift", "ignore", index, "object"),
                f"no document is {ignore.object}, whose {ignore.field} is ignored",
                did_you_mean(name, names)
                or f"{declared}What the connector alone has needs no ignore: remove it, or "
                "correct the name.",
            )


def _kind(ignore: DriftIgnore) -> str:
    return ignore.kind or (ignore.object or "").partition("/")[0]


def _kinds() -> list[str]:
    return [kind for kind in KINDS if kind != "Project"]


def _wrong_field(kind: str, field: str) -> tuple[str, str] | None:
    """Message and hint of a field that no object of the kind has."""
    from aliconf.model.explain import UnknownFieldError, describe

    none = f"{kind} has no field {field}"
    first, _, rest = field.partition(".")
    if field == _OWNER:
        return None
    if field in _NO_FIELDS:
        return none, f"A document has {field}; what drifts is what an object in the connector has."
    if first == "spec":
        return none, f"Did you mean {rest}?" if rest else f"`aliconf explain {kind}` lists them."
    try:
        for step in re.finditer(r"\.|\[\d+\]\.?|$", field):
            holder = field[: step.start()]
            value = describe(f"{kind}.{holder}").type
            if step[0] == "." and re.fullmatch(r"list of [^,]+", value):
                below = field[step.start() :]
                return none, f"Did you mean {holder}[0]{below}, or {holder} as a whole?"
            if step[0].startswith("[") and not value.startswith("list of "):
                return none, f"{holder} is no list; leave the number out."
    except UnknownFieldError as error:
        holder, _, wrong = error.path.rpartition(".")
        holder = holder.removeprefix(kind).removeprefix(".")
        if error.candidates:
            word = rf"(?<![\w-]){re.escape(wrong)}(?![\w-])"
            return none, f"Did you mean {re.sub(word, error.candidates[0], field, count=1)}?"
        if error.known:
            asked = f"{kind}.{holder}".removesuffix(".")
            return none, f"`aliconf explain {asked}` lists the fields."
        return none, f"Nothing lies below {holder}; it is ignored as a whole."
    return None


def _names(configuration: Configuration, kind: str, name: str) -> Iterator[str]:
    base = configuration.environment.base if configuration.environment else configuration
    yield from base.names(kind)
    if base.get(kind, name) or not base.settings.environments:
        return
    from aliconf.config.environments import in_environment

    for environment in base.settings.environments:
        yield from in_environment(base, environment).names(kind)
