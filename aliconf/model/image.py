"""ImagePolicy: which images of a product are sent, and in what form."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from aliconf.model.base import DISTINCT, AttributeCode, Code, Document, Model, PolicySpec
from aliconf.model.numbers import Whole
from aliconf.model.sizes import MB, UpTo
from aliconf.model.text import ImageFile

Format = Literal["jpg", "jpeg", "png"]

FORMATS: list[Format] = ["jpeg", "jpg", "png"]
"""What AliExpress takes (connector-domain §10)."""

Pixels = Annotated[int, Whole(ge=1, le=20_000)]


class Resolution(Model):
    """Pixels of an image."""

    width: Pixels = Field(default=800, description="Pixels.")
    height: Pixels = Field(default=800, description="Pixels.")


class ImagePolicySpec(PolicySpec):
    """Which images of a product are sent, and in what form."""

    max_images: Annotated[int, Whole(ge=1, le=6), Code("ALI401")] = Field(
        default=6,
        description="Images per product, the main image included; AliExpress takes up to 6.",
        examples=[5],
    )
    main_image_attribute: AttributeCode = Field(
        default="image", description="Magento attribute that holds the main image."
    )
    gallery: Literal["all", "visible", "none"] = Field(
        default="all",
        description="Further images: all of them, those not hidden from the product page, or none.",
    )
    minimum_resolution: Resolution = Field(
        default_factory=Resolution.model_construct,
        description="An image with fewer pixels in either direction is too small.",
        examples=[{"width": 1000, "height": 1000}],
    )
    below_minimum: Literal["skip", "keep", "reject"] = Field(
        default="skip",
        description="An image that is too small: left out, sent with a warning, or the whole "
        "product is rejected.",
    )
    formats: Annotated[list[Format], Field(min_length=1), DISTINCT, Code("ALI402")] = Field(
        default=FORMATS,
        description="File formats that are sent.",
        examples=[["jpg", "jpeg"]],
    )
    max_file_size: Annotated[int, UpTo(5 * MB), Code("ALI403")] = Field(
        default=3 * MB,
        description="Larger files are not sent; AliExpress takes up to 5MB.",
        examples=["3MB", "500KB"],
    )
    shape: Literal["keep", "pad", "crop"] = Field(
        default="keep",
        description="As it is, padded to a square with `background`, or cropped to a square.",
    )
    background: Annotated[str, StringConstraints(pattern=r"^(?:white|black|#[0-9a-fA-F]{6})$")] = (
        Field(
            default="white",
            description="Colour of the padding: `white`, `black` or `#rrggbb`.",
            examples=["white", "#f5f5f5"],
        )
    )
    default_image: Annotated[ImageFile | None, Code("ALI412")] = Field(
        default=None,
        description="Sent for a product without an image: URL or path of a JPG or PNG of at most "
        "2 MB.",
        examples=["https://shop.example/media/no-image.png"],
    )


class ImagePolicy(Document):
    """Which images of a product are sent, and in what form."""

    kind: Literal["ImagePolicy"]
    spec: ImagePolicySpec
