"""One photograph or mask as it was stored, checked once: what every stage may trust."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

from .sources import ImageFile

MAX_PIXELS = 100_000_000
MAX_SIDE_PX = 20_000
MIN_SIDE_PX = 16
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_MOST = f"at most {MAX_SIDE_PX:,} px a side, and {MAX_PIXELS:,} px in all"
WHITE = 128
"""A level of a drawn mask above which it is the object, as PySODMetrics has it."""


class RejectedError(Exception):
    """A file that cannot become a row.

    Args:
        reason: a short, stable word for scripts, e.g. ``truncated``.
        detail: what was found, what was expected.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


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
    with _decoding("its pixels"), _open(data) as image:
        _check(image)
        rgb = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    return Photo(data, file.name, rgb)


def read_small(data: bytes, least_side_px: int) -> Image.Image:
    """A photograph in grey, upright; of a JPEG, no larger than both sides need to be so long.

    Raises:
        RejectedError: as `read_photo`.
    """
    with _decoding("its pixels"), _open(data) as image:
        _check(image)
        if image.format in _JPEG:
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
    with _decoding("its pixels"), _open(data) as image:
        _check(image)
        width, height = image.size
        turned = image.getexif().get(_ORIENTATION, 1) in _LYING
        _check_whole(image, data)
    return Probe(data, file.name, (width, height) if turned else (height, width))


_JPEG = ("JPEG", "MPO")
_ORIENTATION = 0x0112
_LYING = range(5, 9)


def _check_whole(image: Image.Image, data: bytes) -> None:
    if image.format == "WEBP":  # whose length was compared when it was opened
        return
    if image.format == "PNG":
        with _open(data) as again:
            again.verify()  # its checksums; only before anything else is read
        return
    if image.format in _JPEG:
        image.draft(None, (1, 1))  # an eighth of the size, for which the whole file is read all the same
    image.load()


def read_bytes(file: ImageFile) -> bytes:
    """The content of a file.

    Raises:
        RejectedError: ``unreadable`` or ``empty``.
    """
    try:
        if isinstance(file, Path) and not file.is_file() and file.exists():
            # a named pipe would be waited for, for ever
            raise RejectedError("unreadable", "no regular file; expected one")
        data = file.read_bytes()
    except OSError as error:
        raise RejectedError("unreadable", f"{error.strerror}; check the file and its rights") from error
    if not data:
        raise RejectedError("empty", "0 bytes; expected an image")
    return data


@contextmanager
def _decoding(what: str) -> Iterator[None]:
    """Whatever a decoder stumbles over becomes a reason: over damage Pillow raises all kinds of errors."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of metadata, which nobody needs
            yield
    except (RejectedError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        found = f"over {2 * (Image.MAX_IMAGE_PIXELS or 0):,} px by its header"  # where Pillow raises
        raise RejectedError("too-large", f"{found}; expected {_MOST}") from error
    except Exception as error:
        reason = "truncated" if "truncated" in str(error) else "damaged"
        raise RejectedError(reason, f"{what} cannot be decoded: {error}") from error


def _open(data: bytes) -> Image.Image:
    declared = 8 + int.from_bytes(data[4:8], "little")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) < declared:
        raise RejectedError("truncated", f"{len(data):,} bytes of a WebP; expected {declared:,}")
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise RejectedError(
            "not-an-image", f"none of {', '.join(FORMATS)}, whatever its name says"
        ) from error


def _check(image: Image.Image) -> None:
    width, height = image.size
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise RejectedError("too-large", f"{width} x {height} px; expected {_MOST}")
    if min(width, height) < MIN_SIDE_PX:
        raise RejectedError("too-small", f"{width} x {height}; expected at least {MIN_SIDE_PX} a side")
    # a JPEG with more JPEGs behind it (MPO), a preview or a map of depth, is the first of them everywhere
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise RejectedError("animated", f"{image.n_frames} frames; expected one")  # type: ignore[attr-defined]
    if image.mode == "CMYK":
        raise RejectedError("cmyk", "colours for print; expected RGB or grey")
    stored = _stored_mode(image)
    if image.mode.startswith(("I", "F")) or ";16" in stored:
        raise RejectedError("16-bit", f"mode {stored or image.mode}; expected 8 bits a channel")


def _stored_mode(image: Image.Image) -> str:
    """How pixels lie in the file: Pillow says RGB of colours in 16 bits, too, and drops half of each."""
    tiles = getattr(image, "tile", None)
    arguments = tiles[0][3] if tiles else ""
    return str(arguments[0] if isinstance(arguments, tuple) else arguments)


def read_mask(file: ImageFile) -> UInt8[np.ndarray, "h w"]:
    """A drawn mask as 0 and 255.

    Raises:
        RejectedError: as `read_photo`; ``mask-range`` where something is drawn and nothing of it is white, as
            where classes are stored as 0 and 1, or as dark colours of a palette.
    """
    with _decoding("its mask"), _open(read_bytes(file)) as image:
        grey = np.asarray(image.convert("L"))
    if 0 < grey.max() <= WHITE:
        raise RejectedError("mask-range", f"a mask of the levels 0 to {grey.max()}; expected 0 and 255")
    return (grey > WHITE).astype(np.uint8) * np.uint8(255)
