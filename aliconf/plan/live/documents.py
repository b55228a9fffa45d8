"""Documents for the objects of the connector that have none: the first adoption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aliconf.config.configuration import Configuration
from aliconf.config.edit.write import lines
from aliconf.config.yaml import parse
from aliconf.config.yaml_values import RawDocument
from aliconf.connector.reader import Reader, Stored
from aliconf.findings import Finding, Severity
from aliconf.model.base import API_VERSION, body, canonical
from aliconf.model.kinds import KINDS
from aliconf.plan.live.values import written
from aliconf.plan.observed import parse_body, upgraded
from aliconf.progress import SILENT, Progress

if TYPE_CHECKING:
    from pydantic import ValidationError

NO_DOCUMENT: Final = "ALI543"
FILES: Final = {
    "Registration": "registration.yaml",
    "ImagePolicy": "image-policies.yaml",
    "InventoryPolicy": "inventory-policies.yaml",
    "PricingPolicy": "pricing-policies.yaml",
    "OrderPolicy": "order-policies.yaml",
    "SynchronizationPolicy": "synchronization-policies.yaml",
    "Account": "accounts.yaml",
    "ListingTemplate": "listing-templates.yaml",
    "Campaign": "campaigns.yaml",
}
"""Where the documents of a kind are written."""


class LiveDocument(NamedTuple):
    """A document for an object of the connector."""

    kind: str
    name: str
    text: str


def live_documents(
    configuration: Configuration, reader: Reader, progress: Progress = SILENT
) -> Iterator[LiveDocument | Finding]:
    """A document for each object that has none and is not another project's, by kind and name.

    An object that cannot be one is a finding.
    """
    assert configuration.project is not None
    project = configuration.project.name
    environment = configuration.environment
    base = environment.base if environment else configuration
    defaults = reader.defaults()
    progress.begin("writing documents")
    for stored in reader.objects():
        id_ = stored.kind, stored.name
        if stored.owner not in {None, project} or configuration.get(*id_) or base.get(*id_):
            continue
        progress.advance()
        holds = defaults.get(stored.kind) == stored.name and not stored.generated
        yield _document(stored, is_default=holds)


def _document(stored: Stored, *, is_default: bool) -> LiveDocument | Finding:
    from pydantic import ValidationError

    found = parse_body(stored.body_text)
    raw = {
        "apiVersion": API_VERSION,
        "kind": stored.kind,
        "metadata": {"name": stored.name, "labels": _labels(stored.labels_text)},
        "lifecycle": {"protect": stored.protect},
        "spec": found,
    }
    try:
        model = KINDS[stored.kind].model_validate(raw)
    except ValidationError as error:
        return _refused(stored, _words(stored, raw, error))
    spec = written(model.spec, defaults=False)
    if is_default:
        title = spec.pop("title")
        spec = {"title": title, "default": True, **spec}
    document: dict[str, Any] = {"apiVersion": API_VERSION, "kind": stored.kind}
    document["metadata"] = {"name": stored.name}
    if model.metadata.labels:
        document["metadata"]["labels"] = dict(model.metadata.labels)
    if stored.protect:
        document["lifecycle"] = {"protect": True}
    document["spec"] = spec
    text = "\n".join(lines(document, 0, 2)) + "\n"
    if not _says(text, stored, found):
        return _refused(stored, "a document would not say the same")
    return LiveDocument(stored.kind, stored.name, text)


def _says(text: str, stored: Stored, found: Mapping[str, Any]) -> bool:
    """Whether the document means the object, when it is read again."""
    from pydantic import ValidationError

    (part,) = parse(text)
    if not isinstance(part, RawDocument) or part.problems:
        return False
    try:
        model = KINDS[stored.kind].model_validate(part.value)
    except ValidationError:
        return False
    same_labels = canonical(dict(model.metadata.labels)) == stored.labels_text
    wanted = canonical(upgraded(stored.kind, dict(found)))
    return same_labels and canonical(body(model.spec)) == wanted


def _labels(text: str) -> Any:
    return parse_body(text) if text != "{}" else {}


def _words(stored: Stored, raw: dict[str, Any], error: ValidationError) -> str:
    from aliconf.config.structure import first_words

    return first_words(KINDS[stored.kind], raw, error)


def _refused(stored: Stored, reason: str) -> Finding:
    return Finding(
        NO_DOCUMENT,
        Severity.ERROR,
        f"{stored.kind}/{stored.name} cannot be written as a document: {reason}",
        None,
        "Correct it in the connector, or write its document by hand: the plan then shows what it "
        "would change.",
    )
