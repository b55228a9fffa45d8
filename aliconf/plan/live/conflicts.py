"""Values of which the configuration and the connector say different things, and the last apply a
third: both were changed, and none of them may win without a word."""

from __future__ import annotations

import json
from typing import Any, Final

from aliconf.config.configuration import Configuration
from aliconf.config.documents import MISSING, LoadedDocument, lookup
from aliconf.config.positions import Path
from aliconf.config.words import show_path
from aliconf.findings import Finding, Severity
from aliconf.model.base import body
from aliconf.model.hidden import hidden
from aliconf.plan.drift import DriftedObject, MovedDefault
from aliconf.plan.moves import later_names
from aliconf.plan.observed import parse_body

CONFLICT: Final = "ALI549"


def of_body(
    configuration: Configuration, document: LoadedDocument, drifted: DriftedObject, path: Path
) -> Finding | None:
    """The conflict at a path of the body, as the three have it as a whole; None for none."""
    assert drifted.stored is not None
    wanted = body(configuration.effective(document).spec)
    live = parse_body(drifted.stored.body_text)
    values = [_at(part, path) for part in (drifted.left, wanted, live)]
    shown = [hidden(drifted.kind, path, value) for value in values]
    return of_values(document, ("spec", *path), values, shown)


def of_label(document: LoadedDocument, path: Path, before: Any, now: Any) -> Finding | None:
    """The conflict of a label; None for none."""
    if len(path) < 3:  # no labels can be read
        return None
    return of_values(document, path, [before, label_of(document, path), now])


def label_of(document: LoadedDocument, path: Path) -> str | None:
    """The label that a document has at a path; None for none."""
    labels = document.model.metadata.labels if document.model else {}
    return labels.get(str(path[-1]))


def of_default(
    configuration: Configuration,
    document: LoadedDocument,
    holder: LoadedDocument | None,
    moved: MovedDefault,
) -> Finding | None:
    """The conflict of a policy that is to be the default with where the default was left, and with
    its holder now; None for none."""
    if document is holder or document.name in later_names(configuration, moved.kind, moved.before):
        return None
    values = [moved.before, document.name, moved.now or None]
    subject = f"the default of {moved.kind}"
    return of_values(document, ("spec", "default"), values, subject=subject)


def of_values(
    document: LoadedDocument,
    path: Path,
    values: list[Any],
    shown: list[Any] | None = None,
    subject: str = "",
) -> Finding | None:
    """The conflict of what was applied, what is configured and what is live; None for none."""
    applied, configured, live = values
    if configured in (applied, live):
        return None
    was, says, has = map(_words, shown or values)
    return Finding(
        CONFLICT,
        Severity.WARNING,
        f"{subject or f'{show_path(path)} of {document.id}'} was changed on both sides: the last "
        f"apply left {was}, the configuration says {says}, and the connector has {has}",
        document.locate(*path),
        "Write the connector's value by hand to keep it; else the next apply writes that of the "
        "configuration. The file was left as it is here.",
        document.id,
    )


def _at(values: Any, path: Path) -> Any:
    found = lookup(values, path)
    return None if found is MISSING else found


def _words(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
