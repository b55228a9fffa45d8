"""Inventory policies: a source that is whole, and quantities that do not oversell or contradict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Severity
from aliconf.rules.given import Keys, conflict, nobody_says, says
from aliconf.rules.registry import Violation, document_rule

if TYPE_CHECKING:
    from aliconf.model.inventory import InventoryPolicySpec

_TYPE_OF: Final = {"sources": "msi", "attribute": "attribute"}
"""The source type that each key belongs to."""


@document_rule("ALI320", "InventoryPolicy")
def a_source_is_whole(
    document: LoadedDocument, spec: InventoryPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    source = spec.source
    for key, type_ in _TYPE_OF.items():
        given = getattr(source, key) is not None
        if source.type == type_ and not given:
            if nobody_says(document, configuration, "source", key):
                yield conflict(
                    document,
                    configuration,
                    (("source", "type"), ("source", key)),
                    f"source.type is {type_}, and source.{key} is missing",
                    "Add `sources:` with the codes of the inventory sources to sell from."
                    if key == "sources"
                    else "Add `attribute:` with the Magento attribute that holds the quantity.",
                )
        elif (
            given
            and "type" not in source.model_fields_set
            and nobody_says(document, configuration, "source", "type")
        ):
            yield conflict(
                document,
                configuration,
                (("source", key),),
                f"source.{key} is given without source.type: the whole stock would be sent",
                f"Add `type: {type_}`.",
            )


@document_rule("ALI321", "InventoryPolicy", Severity.WARNING)
def a_source_has_no_settings_of_another_type(
    document: LoadedDocument, spec: InventoryPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    source = spec.source
    if "type" not in source.model_fields_set:
        return
    for key, type_ in _TYPE_OF.items():
        if (
            source.type != type_
            and getattr(source, key) is not None
            and says(document, "source", key)
        ):
            yield conflict(
                document,
                configuration,
                (("source", key), ("source", "type")),
                f"source.{key} has no effect: source.type is {source.type}",
                f"Remove `{key}`, or set `type: {type_}`.",
            )


@document_rule("ALI322", "InventoryPolicy", Severity.WARNING)
def a_threshold_does_not_oversell(
    document: LoadedDocument, spec: InventoryPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    threshold = spec.threshold
    if threshold is None:
        return
    value = threshold.value
    if threshold.send_above > value:
        yield conflict(
            document,
            configuration,
            (("threshold", "sendAbove"), ("threshold", "value")),
            f"threshold.sendAbove {threshold.send_above} is more than threshold.value {value}: "
            f"with {value + 1} in stock, {threshold.send_above} could be sold",
            f"Send at most {value} above a stock of {value}.",
        )
    if threshold.send_below > 0 and threshold.send_below >= value:
        yield conflict(
            document,
            configuration,
            (("threshold", "sendBelow"), ("threshold", "value")),
            f"threshold.sendBelow {threshold.send_below} is sent while fewer than {value} are in "
            "stock",
            "Send 0, or only what is there for certain.",
        )


@document_rule("ALI323", "InventoryPolicy", Severity.WARNING)
def a_threshold_sends_more_above_than_below(
    document: LoadedDocument, spec: InventoryPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    threshold = spec.threshold
    if threshold is not None and threshold.send_above < threshold.send_below:
        yield conflict(
            document,
            configuration,
            (("threshold", "sendBelow"), ("threshold", "sendAbove")),
            f"threshold.sendBelow {threshold.send_below} is more than threshold.sendAbove "
            f"{threshold.send_above}: the less there is, the more is sent",
            "Exchange the two if they are the wrong way round.",
        )


@document_rule("ALI324", "InventoryPolicy", Severity.WARNING)
def a_threshold_leaves_the_safety_stock(
    document: LoadedDocument, spec: InventoryPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    threshold = spec.threshold
    if threshold is not None and threshold.value < spec.safety_stock:
        yield conflict(
            document,
            configuration,
            (("threshold", "value"), ("safetyStock",)),
            f"threshold.value {threshold.value} is less than safetyStock {spec.safety_stock}: "
            "above the threshold, nothing is kept back",
            f"Set the threshold to {spec.safety_stock} or more, or the safety stock lower.",
        )


@document_rule("ALI325", "InventoryPolicy", Severity.WARNING)
def no_quantity_is_above_the_maximum(
    document: LoadedDocument, spec: InventoryPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if not spec.maximum:
        return  # none, or 0, which ALI326 speaks of
    quantities: list[tuple[Keys, int | None]] = [(("defaultQuantity",), spec.default_quantity)]
    if spec.threshold is not None:
        quantities += [
            (("threshold", "sendAbove"), spec.threshold.send_above),
            (("threshold", "sendBelow"), spec.threshold.send_below),
        ]
    for keys, quantity in quantities:
        if quantity is not None and quantity > spec.maximum:
            name = ".".join(str(key) for key in keys)
            yield conflict(
                document,
                configuration,
                (keys, ("maximum",)),
                f"{name} {quantity} is more than maximum {spec.maximum}, and never sent",
                f"Lower `{name}`, or raise `maximum`.",
            )


@document_rule("ALI326", "InventoryPolicy", Severity.WARNING)
def something_can_be_sold(
    document: LoadedDocument, spec: InventoryPolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    threshold = spec.threshold
    hint = (
        "AliExpress wants at least 1 for a listing to be on sale. Give a larger number, or take "
        "the products out of the listing template."
    )
    if spec.maximum == 0:
        yield Violation(
            document, ("spec", "maximum"), "maximum is 0: nothing is ever for sale", hint
        )
    elif threshold is not None and threshold.send_above == threshold.send_below == 0:
        yield conflict(
            document,
            configuration,
            (("threshold", "sendAbove"), ("threshold", "sendBelow")),
            f"threshold.sendAbove and sendBelow are 0: nothing is for sale unless exactly "
            f"{threshold.value} are in stock",
            hint,
        )
