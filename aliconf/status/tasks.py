"""What is to do, each with the command that does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aliconf.config.configuration import Configuration
from aliconf.model.base import body, canonical
from aliconf.rules.slots import references
from aliconf.status.checklist import not_authorized, undeclared_steps
from aliconf.status.contents import Contents, users
from aliconf.status.overview import Entry, Overview, Task, Waiting
from aliconf.wording import amount

INVALID: Final = "INVALID"


def tasks(overview: Overview, contents: Contents, configuration: Configuration) -> Iterator[Task]:
    """The most urgent first: what stands in the way of everything else."""
    yield from _of_the_configuration(overview.waiting)
    yield from _of_the_system_check(overview)
    for step in undeclared_steps(overview, configuration):
        yield Task(step.name.lower(), step.detail, step.command)
    yield from _of_invalid_objects(overview, contents, configuration)
    unauthorized = not_authorized(overview)
    if unauthorized:
        yield Task("authorization", unauthorized)


def _of_the_configuration(waiting: Waiting) -> Iterator[Task]:
    if waiting.errors:
        errors = amount(len(waiting.errors), "error")
        yield Task("configuration", f"{errors}: nothing can be applied", "aliconf validate")
    for finding in waiting.refusals:
        subject = "" if finding.object in finding.message else f"{finding.object}: "
        message = f"refused: {subject}{finding.message} [{finding.code}]"
        yield Task("configuration", message, "aliconf plan")
    if waiting.changes:
        changes = amount(waiting.changes, "change")
        yield Task("configuration", f"{changes} to apply", "aliconf plan")
    elif waiting.adoptions:
        objects = amount(waiting.adoptions, "object")
        yield Task("configuration", f"{objects} to adopt", "aliconf plan")


def _of_the_system_check(overview: Overview) -> Iterator[Task]:
    """It stands in the way of the first account only; what fails is to be seen to in any case."""
    diagnosis = overview.diagnosis
    failed = [check for check in diagnosis.checks if check.passed is False]
    words = [f"{check.name.lower()} is {check.declared}, not {check.required}" for check in failed]
    if not overview.accounts:
        absent = [check.name.lower() for check in diagnosis.checks if check.passed is None]
        words += [f"{', '.join(absent)} not declared"] if absent else []
    if words:
        yield Task("system check", "; ".join(words), "aliconf doctor")


def _of_invalid_objects(
    overview: Overview, contents: Contents, configuration: Configuration
) -> Iterator[Task]:
    invalid = [entry for entry in overview.entries() if not entry.valid]
    used_by = users(contents, [(entry.kind, entry.name) for entry in invalid])
    for entry in invalid:
        document = configuration.get(entry.kind, entry.name)
        advice, command = _way_out(entry, overview, contents, configuration)
        first = entry.errors[0]
        more = len(entry.errors) - 1
        message = f"{entry.id}: {first.message}" + (f" (and {more} more)" if more else "")
        yield Task(
            INVALID,
            f"{message} [{first.code}]{advice}",
            command,
            entry,
            document.locate("metadata", "name") if document else None,
            tuple(used_by[entry.kind, entry.name]),
        )


def _way_out(
    entry: Entry, overview: Overview, contents: Contents, configuration: Configuration
) -> tuple[str, str]:
    """What corrects an object, and the command: that depends on who manages it."""
    command = "aliconf validate" if overview.waiting.errors else "aliconf plan"
    document = configuration.get(entry.kind, entry.name)
    if entry.owner and entry.owner != overview.project:
        return f"; the project {entry.owner} manages it", ""
    if document is None:
        if entry.owner:
            return "; its document is gone", command
        return "; nobody manages it: correct it in the connector, or declare it to adopt it", ""
    wrong = {finding.object for finding in overview.waiting.errors}
    if document.model is None or entry.id in wrong:
        return "; its document has an error, too", "aliconf validate"
    stored = contents.objects[entry.kind, entry.name]
    same = stored.body_text == canonical(
        body(configuration.effective(document).spec)
    ) and stored.labels_text == canonical(document.model.metadata.labels)
    if not same:
        return "; apply puts its document back", command
    missing = {
        f"{reference.kind}/{reference.name}": None
        for reference in references(document)
        if (reference.kind, reference.name) not in contents.objects
    }
    if missing:  # declared, or the document would have an error
        return f"; apply brings {', '.join(missing)}", command
    return "; its document says the same", command
