"""One photograph or mask as it was stored, checked once: what every stage may trust."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

from .decoding import JPEG, RejectedError, check_image, decoding, open_image, read_bytes
from .source import ImageFile

WHITE = 128
"""A level of a drawn mask above which it is the object, as PySODMetrics has it."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photograph.

    Args:
        data: the file as it is.
        name: what it is called.
        rgb: its pixels, upright.
    """

    data: bytes
    name: str
    rgb: UInt8[np.ndarray, "h w 3"]

    @property
    def shape(self) -> tuple[int, int]:
        height, width, _ = self.rgb.shape
        return height, width


def read_photo(file: ImageFile) -> Photo:
    """A photograph, turned as its EXIF says.

    Raises:
        RejectedError: ``unreadable``, ``empty``, ``not-an-image``, ``truncated``, ``damaged``, ``too-large``,
            ``too-small``, ``cmyk``, ``16-bit`` or ``animated``.
    """
    data = read_bytes(file)
    with decoding("its pixels"), open_image(data) as image:
        check_image(image)
        rgb = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    return Photo(data, file.name, rgb)


def read_small(data: bytes, least_side_px: int) -> Image.Image:
    """A photograph in grey, upright; of a JPEG, no larger than both sides need to be so long.

    Raises:
        RejectedError: as `read_photo`.
    """
    with decoding("its pixels"), open_image(data) as image:
        check_image(image)
        if image.format in JPEG:
            image.draft("L", (least_side_px, least_side_px))
        return ImageOps.exif_transpose(image).convert("L")


@dataclass(frozen=True, slots=True)
class Probe:
    """A photograph whose pixels nobody needs yet.

    Args:
        data: the file as it is.
        name: what it is called.
        shape: height and width in px, upright.
    """

    data: bytes
    name: str
    shape: tuple[int, int]


def probe_photo(file: ImageFile) -> Probe:
    """A photograph that is whole, found without decoding all of it: several times as fast as `read_photo`.

    Raises:
        RejectedError: as `read_photo`; but of WebP, whose format has no checksum, only that none is missing.
    """
    data = read_bytes(file)
    with decoding("its pixels"), open_image(data) as image:
        check_image(image)
        width, height = image.size
        turned = image.getexif().get(_ORIENTATION, 1) in _LYING
        _check_whole(image, data)
    return Probe(data, file.name, (width, height) if turned else (height, width))


_ORIENTATION = 0x0112
_LYING = range(5, 9)


def _check_whole(image: Image.Image, data: bytes) -> None:
    if image.format == "WEBP":  # whose length was compared when it was opened
        return
    if image.format == "PNG":
        with open_image(data) as again:
            again.verify()  # its checksums; only before anything else is read
        return
    if image.format in JPEG:
        image.draft(None, (1, 1))  # an eighth of the size, for which the whole file is read all the same
    image.load()


def read_mask(file: ImageFile) -> UInt8[np.ndarray, "h w"]:
    """A drawn mask as 0 and 255.

    Raises:
        RejectedError: as `read_photo`; ``mask-range`` where something is drawn and nothing of it is white, as
            where classes are stored as 0 and 1, or as dark colours of a palette.
    """
    with decoding("its mask"), open_image(read_bytes(file)) as image:
        grey = np.asarray(image.convert("L"))
    if 0 < grey.max() <= WHITE:
        raise RejectedError("mask-range", f"a mask of the levels 0 to {grey.max()}; expected 0 and 255")
    return (grey > WHITE).astype(np.uint8) * np.uint8(255)
