"""One row as pixels: photograph, mask, and which pixels of the mask are known."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, UInt8
from PIL import Image, ImageOps

from ..errors import DatasetError, RowError, SourceError
from ..masks import known

UNFIT_MODES = ("I", "F")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is stored.

    Args:
        key: its name in the dataset.
        image: the file of the photograph.
        mask: the file of its mask.
        uncertain: run lengths of pixels whose label is not trusted.
    """

    key: str
    image: bytes
    mask: bytes
    uncertain: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A row as pixels.

    Args:
        key: its name in the dataset.
        rgb: the photograph, upright.
        mask: 0 to 255.
        known: True where the mask can be trusted.
    """

    key: str
    rgb: UInt8[np.ndarray, "h w 3"]
    mask: UInt8[np.ndarray, "h w"]
    known: Bool[np.ndarray, "h w"]


def read_example(row: Row) -> Example:
    """The pixels of a row.

    Raises:
        DatasetError: the photograph or the mask cannot be decoded, they differ in size, or the mask has the
            levels 0 and 1.
    """
    try:
        rgb, mask = read_rgb(row.image), _grey(row.mask)
    except SourceError as error:
        raise DatasetError(f"{row.key}: {error}") from error
    if rgb.shape[:2] != mask.shape:
        raise DatasetError(
            f"{row.key}: a photograph of {rgb.shape[1]} x {rgb.shape[0]} px and a mask of "
            f"{mask.shape[1]} x {mask.shape[0]}; expected one size"
        )
    if mask.max() == 1:
        raise DatasetError(f"{row.key}: a mask of the levels 0 and 1; expected 0 and 255: multiply by 255")
    try:
        return Example(row.key, rgb, mask, known({"mask": mask, "uncertain": row.uncertain}))
    except RowError as error:
        raise DatasetError(f"{row.key}: {error}") from error


def read_rgb(data: bytes) -> UInt8[np.ndarray, "h w 3"]:
    """The pixels of a photograph, turned as its EXIF says.

    Raises:
        SourceError: they cannot be decoded, or have 16 bits a channel.
    """
    return np.asarray(_decoded(data, "photograph").convert("RGB"))


def _grey(data: bytes) -> UInt8[np.ndarray, "h w"]:
    return np.asarray(_decoded(data, "mask").convert("L"))


def _decoded(data: bytes, what: str) -> Image.Image:
    """An image, decoded and upright."""
    try:
        with warnings.catch_warnings(action="ignore"):
            image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    except MemoryError:
        raise
    except Exception as error:  # over damage, decoders raise all kinds of errors
        # of bytes, Pillow names the object in memory, which tells nobody anything
        reason = "no image" if "cannot identify" in str(error) else str(error)
        raise SourceError(f"a {what} that cannot be decoded ({reason}); expected a whole image") from error
    if image.mode.startswith(UNFIT_MODES):
        raise SourceError(f"a {what} of the mode {image.mode}; expected 8 bits a channel")
    return image


def read_file(path: Path) -> bytes:
    """The content of a file.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{error.strerror}; check the file and its rights") from error
