"""Image policies: what AliExpress advises, and settings that do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from aliconf.config.configuration import Configuration
from aliconf.config.documents import LoadedDocument
from aliconf.findings import Severity
from aliconf.model.sizes import MB, written
from aliconf.rules.given import conflict, says, settled
from aliconf.rules.registry import Violation, document_rule

if TYPE_CHECKING:
    from aliconf.model.image import ImagePolicySpec

ADVISED_PIXELS: Final = 800
"""AliExpress advises more than 800 x 800 (connector-domain §10)."""

PHOTOBANK: Final = 3 * MB
"""The largest file that the photobank's upload takes (connector-domain §10)."""

DEFAULT_IMAGE: Final = 2 * MB
"""The largest default image that the connector takes (connector-domain §5.5)."""

LONGEST_NAME: Final = 256
"""Characters of an image's file name (connector-domain §10)."""


@document_rule("ALI330", "ImagePolicy", Severity.WARNING)
def images_that_are_too_small_are_not_kept(
    document: LoadedDocument, spec: ImagePolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.below_minimum == "keep":
        least = spec.minimum_resolution
        yield Violation(
            document,
            ("spec", "belowMinimum"),
            f"belowMinimum is keep: images of less than {least.width}x{least.height} pixels are "
            "sent all the same",
            "Use `skip` to leave such images out, or `reject` not to list such products.",
        )


@document_rule("ALI331", "ImagePolicy", Severity.WARNING)
def a_background_is_used(
    document: LoadedDocument, spec: ImagePolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if (
        spec.shape != "pad"
        and "background" in spec.model_fields_set
        and says(document, "background")
        and settled(document, configuration, "shape")
    ):
        yield conflict(
            document,
            configuration,
            (("background",), ("shape",)),
            f"background has no effect: shape is {spec.shape}, and only `pad` needs a colour",
            "Set `shape: pad`, or remove `background`.",
        )


@document_rule("ALI332", "ImagePolicy", Severity.WARNING)
def the_default_image_has_a_format_that_is_sent(
    document: LoadedDocument, spec: ImagePolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.default_image is None:
        return
    formats = {format_.replace("jpeg", "jpg") for format_ in spec.formats}
    extension = PurePosixPath(_file_name(spec.default_image)).suffix[1:].lower()
    if extension.replace("jpeg", "jpg") not in formats:
        yield conflict(
            document,
            configuration,
            (("defaultImage",), ("formats",)),
            f"defaultImage is a {extension}, and formats sends only {', '.join(spec.formats)}",
            f"Add `{extension}` to `formats`, or use a default image in another format.",
        )


@document_rule("ALI414", "ImagePolicy", Severity.WARNING)
def the_minimum_resolution_is_what_aliexpress_advises(
    document: LoadedDocument, spec: ImagePolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    least = spec.minimum_resolution
    for key, pixels in (("width", least.width), ("height", least.height)):
        if pixels < ADVISED_PIXELS:
            yield Violation(
                document,
                ("spec", "minimumResolution", key),
                f"minimumResolution.{key} is {pixels}; AliExpress advises more than "
                f"{ADVISED_PIXELS}x{ADVISED_PIXELS} pixels",
                f"Set it to {ADVISED_PIXELS} or more.",
            )


@document_rule("ALI415", "ImagePolicy", Severity.WARNING)
def files_fit_into_the_photobank(
    document: LoadedDocument, spec: ImagePolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.max_file_size > PHOTOBANK:
        yield Violation(
            document,
            ("spec", "maxFileSize"),
            f"maxFileSize is {written(spec.max_file_size)}; AliExpress's photobank takes files up "
            f"to {written(PHOTOBANK)}",
            f"Set it to {written(PHOTOBANK)} or less.",
        )


@document_rule("ALI416", "ImagePolicy")
def the_default_image_is_small_enough(
    document: LoadedDocument, spec: ImagePolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    """Files that are there are looked at; what a URL leads to is not."""
    if spec.default_image is None or _is_url(spec.default_image):
        return
    try:
        size = (configuration.root / spec.default_image).stat().st_size
    except (OSError, ValueError):
        return  # a path on the shop's server
    if size > DEFAULT_IMAGE:
        yield Violation(
            document,
            ("spec", "defaultImage"),
            f"the file has {size} bytes; a default image has at most "
            f"{written(DEFAULT_IMAGE).replace('MB', ' MB')}",
            "Save it with fewer pixels or stronger compression.",
        )


@document_rule("ALI417", "ImagePolicy")
def the_file_name_of_the_default_image_is_short_enough(
    document: LoadedDocument, spec: ImagePolicySpec, configuration: Configuration
) -> Iterator[Violation]:
    if spec.default_image is None or len(spec.default_image) <= LONGEST_NAME:
        return
    length = len(_file_name(spec.default_image))
    if length > LONGEST_NAME:
        yield Violation(
            document,
            ("spec", "defaultImage"),
            f"the file name has {length} characters; AliExpress takes {LONGEST_NAME}",
            "Give the file a shorter name.",
        )


def _is_url(image: str) -> bool:
    return "://" in image


def _file_name(image: str) -> str:
    """The file name at the end of a path or of a URL."""
    return image.partition("?")[0].rpartition("/")[2]
