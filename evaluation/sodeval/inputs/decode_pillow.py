"""Every image format but plain grey PNG, by Pillow; what readers disagree on is refused by name."""

from __future__ import annotations

import io
import os
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageFile, UnidentifiedImageError

from ..errors import ImageError
from .decoded import Decoded, check_pixels, from_array, note

FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP")
_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"RIFF", b"II*\0", b"MM\0*")
_TIFF = (b"II", b"MM")
"""How anything begins that Pillow hands to libtiff."""

_SINGLE_CHANNEL = re.compile(r"1|L|F|I(;16.*)?")
_CUT_TO_8_BITS = re.compile(r"\b(LA|[RGBA]+X?);16[BLN]")
"""In the description of how Pillow would unpack the pixels: 16 bits a channel that it cuts to 8."""

_ONE_AT_A_TIME = threading.Lock()
"""What is set here is set for the whole process: Pillow's switches and file descriptor 2."""

_ORIENTATION_TAG = 0x0112
_ROTATED = range(2, 9)


def decode_with_pillow(data: bytes, path: str | Path, max_pixels: int) -> Decoded:
    """The grey values of an image of any format in `FORMATS`.

    Raises:
        ImageError: any of the kinds that `sodeval.inputs.reading` lists.
        Exception: whatever Pillow finds wrong.
    """
    quiet = _without_stderr() if data.startswith(_TIFF) else nullcontext()
    with _ONE_AT_A_TIME, quiet, _strict(), _open(data, path) as image:
        check_pixels(image.size, path, max_pixels)
        _refuse_what_readers_disagree_on(image, path)
        if _SINGLE_CHANNEL.fullmatch(image.mode) and "transparency" not in image.info:
            return from_array(np.asarray(image), path)
        return _to_grey(image, path)


def _open(data: bytes, path: str | Path) -> ImageFile.ImageFile:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        if data.startswith(_MAGIC):
            raise ImageError(
                path, "damaged", "it begins like an image and goes on otherwise: save it again"
            ) from error
        expected = f"{', '.join(FORMATS)} or .npy"
        raise ImageError(
            path, "not-an-image", f"no image, whatever its name says; expected {expected}"
        ) from error


@contextmanager
def _strict() -> Iterator[None]:
    """Pillow without its warnings, its own limit on pixels, and leave to fill up truncated files.

    The last two are variables of its modules, which other code in the process may have set.
    """
    before = ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = False, None
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = before


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Libtiff, alone among the decoders, writes what it finds wrong straight to file descriptor 2."""
    try:
        before = os.dup(2)
    except OSError:  # there is none
        yield
        return
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def _refuse_what_readers_disagree_on(image: ImageFile.ImageFile, path: str | Path) -> None:
    if _CUT_TO_8_BITS.search(str(image.tile)):  # before anything makes Pillow decode the pixels
        raise ImageError(
            path,
            "colour",
            "16 bits a channel with colour or alpha; expected grey: save it as 16-bit grey PNG",
        )
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        raise ImageError(path, "animated", f"{frames} frames or pages; expected one: save them apart")
    orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    if orientation in _ROTATED:
        raise ImageError(
            path,
            "exif-rotation",
            f"EXIF orientation {orientation}, which some readers apply and others do not; expected none: "
            "save the pixels upright, without EXIF",
        )
    if image.mode == "CMYK":
        raise ImageError(path, "cmyk", "CMYK, a format for print; expected grey: save it as 8-bit grey PNG")


def _to_grey(image: Image.Image, path: str | Path) -> Decoded:
    """The grey values of an image with colour, a palette or alpha, where it is grey and opaque in truth."""
    if image.mode.startswith("I"):
        raise ImageError(
            path, "transparent", "16 bits with a transparent value; expected opaque: save it without"
        )
    notes = []
    if image.mode == "P":
        notes.append(note(path, "palette", "a palette, expanded to the grey values it stands for"))
    elif image.mode in ("RGB", "RGBA"):
        notes.append(note(path, "rgb", "three equal channels, read as grey"))
    elif image.mode not in ("1", "L", "LA"):
        raise ImageError(
            path, "colour", f"pixels of type {image.mode}; expected grey: save it as 8-bit grey PNG"
        )
    if image.has_transparency_data:
        rgb = _drop_opaque_alpha(np.asarray(image.convert("RGBA")), path)
        notes.append(note(path, "alpha", "an alpha channel, opaque everywhere: dropped"))
    else:
        rgb = np.asarray(image.convert("RGB"))
    return Decoded(_equal_channel(rgb, path), tuple(notes))


def _drop_opaque_alpha(rgba: UInt8[np.ndarray, "h w 4"], path: str | Path) -> UInt8[np.ndarray, "h w 3"]:
    alpha = rgba[:, :, 3]
    clear = int((alpha < 255).sum())
    if clear:
        raise ImageError(
            path,
            "transparent",
            f"{clear} of {alpha.size} pixels are transparent, and what shows through is undefined; "
            "expected opaque: save it as 8-bit grey PNG",
        )
    return rgba[:, :, :3]


def _equal_channel(rgb: UInt8[np.ndarray, "h w 3"], path: str | Path) -> UInt8[np.ndarray, "h w"]:
    spread = np.ptp(rgb, axis=2)
    if spread.any():
        raise ImageError(
            path,
            "colour",
            f"{int((spread > 0).sum())} of {spread.size} pixels are coloured (channels differ by up to "
            f"{int(spread.max())}); expected grey: save the map itself, not a picture of it",
        )
    return np.ascontiguousarray(rgb[:, :, 0])
