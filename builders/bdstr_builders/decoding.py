"""Images as they were stored: how their bytes are read, and what is refused of them before any pixel is."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from .source import ImageFile

MAX_PIXELS = 100_000_000
MAX_SIDE_PX = 20_000
MIN_SIDE_PX = 16
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_MOST = f"at most {MAX_SIDE_PX:,} px a side, and {MAX_PIXELS:,} px in all"


class RejectedError(Exception):
    """A file that cannot become a row.

    Args:
        reason: a short, stable word for scripts, e.g. ``truncated``.
        detail: what was found, what was expected.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


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
def decoding(what: str) -> Iterator[None]:
    """Whatever a decoder stumbles over becomes a reason: over damage Pillow raises all kinds of errors."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of metadata, which nobody needs
            yield
    except (RejectedError, MemoryError):
        raise
    except Exception as error:
        reason = "truncated" if "truncated" in str(error) else "damaged"
        raise RejectedError(reason, f"{what} cannot be decoded: {error}") from error


JPEG = ("JPEG", "MPO")
"""What Pillow calls a JPEG, and one with more behind it."""


def open_image(data: bytes) -> Image.Image:
    """An image whose header alone was read.

    Raises:
        RejectedError: ``truncated``, ``not-an-image`` or ``too-large``.
    """
    declared = 8 + int.from_bytes(data[4:8], "little")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) < declared:
        raise RejectedError("truncated", f"{len(data):,} bytes of a WebP; expected {declared:,}")
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise RejectedError(
            "not-an-image", f"none of {', '.join(FORMATS)}, whatever its name says"
        ) from error
    except Image.DecompressionBombError as error:
        found = "{:,} x {:,} px".format(*_size_in_header(data))
        raise RejectedError("too-large", f"{found}; expected {_MOST}") from error


def _size_in_header(data: bytes) -> tuple[int, int]:
    """Width and height of an image that Pillow knows and will not open for its size."""
    for name in FORMATS:
        reader, fits = Image.OPEN[name]
        if fits is None or fits(data[:16]):
            with reader(io.BytesIO(data), "") as image:
                return image.size
    raise UnidentifiedImageError


def check_image(image: Image.Image) -> None:
    """What can be told of a photograph before its pixels are decoded.

    Raises:
        RejectedError: ``too-large``, ``too-small``, ``animated``, ``cmyk`` or ``16-bit``.
    """
    width, height = image.size
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise RejectedError("too-large", f"{width:,} x {height:,} px; expected {_MOST}")
    if min(width, height) < MIN_SIDE_PX:
        raise RejectedError("too-small", f"{width} x {height}; expected at least {MIN_SIDE_PX} a side")
    # a JPEG with more JPEGs behind it (MPO), a preview or a map of depth, is the first of them everywhere
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise RejectedError("animated", f"{image.n_frames} frames; expected one")  # type: ignore[attr-defined]
    if image.mode == "CMYK":
        raise RejectedError("cmyk", "colours for print; expected RGB or grey: convert it to RGB")
    stored = _stored_mode(image)
    if image.mode.startswith(("I", "F")) or ";16" in stored:
        found = f"mode {stored or image.mode}"
        raise RejectedError("16-bit", f"{found}; expected 8 bits a channel: convert it to 8 bits")


def _stored_mode(image: Image.Image) -> str:
    """How pixels lie in the file: Pillow says RGB of colours in 16 bits, too, and drops half of each."""
    tiles = getattr(image, "tile", None)
    arguments = tiles[0][3] if tiles else ""
    return str(arguments[0] if isinstance(arguments, tuple) else arguments)
