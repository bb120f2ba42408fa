"""Masks: how they are written, and what training derives from them: edges, and which pixels are known."""

from __future__ import annotations

import functools
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, UInt8

from .errors import RowError
from .rle import decode

EDGE_WIDTH_PX = 3
"""Ours: at a training size of 352 px. The paper does not say."""


def edges(mask: Any, width_px: int = EDGE_WIDTH_PX) -> UInt8[np.ndarray, "h w"]:
    """The band along the outline of a mask: its morphological gradient.

    Args:
        mask: ``h w``, non-zero on the object; an array or a PIL image.
        width_px: side of the square that the outline is drawn with, an odd number. Half of the band, which
            is one pixel narrower, lies on the object and half beside it; with 1, all of it on the object.

    Returns:
        255 on the band, 0 elsewhere. The border of the image is no edge.

    Raises:
        RowError: there is no mask, as in a row of a photograph alone.

    Example:
        >>> edges(np.array([[0, 0, 0, 255, 255, 255]], np.uint8)).tolist()
        [[0, 0, 255, 255, 0, 0]]
    """
    import cv2

    if width_px < 1 or width_px % 2 == 0:
        raise ValueError(f"an edge of {width_px} px; expected an odd number, so that it is centred")
    _refuse_none(mask)
    salient = (np.asarray(mask) != 0).astype(np.uint8)
    if width_px == 1:
        return np.asarray((salient & (cv2.erode(salient, np.ones((3, 3))) == 0)) * np.uint8(255))
    kernel = np.ones((width_px, width_px), np.uint8)
    grown = cv2.dilate(salient, kernel, borderType=cv2.BORDER_REPLICATE)
    shrunk = cv2.erode(salient, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray((grown != shrunk) * np.uint8(255))


def mask_png(mask: UInt8[np.ndarray, "h w"]) -> bytes:
    """A mask of 0 and 255 as a PNG of one bit a pixel, which decodes to 0 and 255 and is a tenth as large."""
    import cv2

    done, data = cv2.imencode(".png", mask, [cv2.IMWRITE_PNG_BILEVEL, 1])
    if not done:
        raise ValueError(f"a mask of {mask.shape} {mask.dtype} cannot be written as PNG")
    return data.tobytes()


def is_black(png: bytes) -> bool:
    """Whether nothing stands out on a mask that `mask_png` has written; told without decoding it.

    Example:
        >>> is_black(mask_png(np.zeros((3, 4), np.uint8))), is_black(mask_png(np.eye(4, dtype=np.uint8)))
        (True, False)
    """
    width, height = struct.unpack(">II", png[16:24])
    return png == _black_png(height, width)


@functools.lru_cache(maxsize=1024)
def _black_png(height: int, width: int) -> bytes:
    return mask_png(np.zeros((height, width), np.uint8))


def known(row: Mapping[str, Any]) -> Bool[np.ndarray, "h w"]:
    """Which pixels of a row's mask can be trusted: all but those that its label marks uncertain.

    Args:
        row: as `load_dataset` gives it; of its fields, ``mask`` and ``uncertain`` are read.

    Raises:
        RowError: there is no mask, or the run lengths are malformed or of another size.
    """
    shape = _shape(row["mask"])
    uncertain = row.get("uncertain")
    if not uncertain or (isinstance(uncertain, Mapping) and not uncertain.get("counts", True)):
        return np.ones(shape, bool)
    doubtful = decode(uncertain)
    if doubtful.shape != shape:
        raise RowError(f"uncertain pixels of the size {doubtful.shape}; expected the mask's {shape}")
    return ~doubtful


def _refuse_none(mask: Any) -> None:
    if mask is None:
        raise RowError("a row without a mask; expected one with: `bdstr generate` makes masks")


def _shape(mask: Any) -> tuple[int, int]:
    _refuse_none(mask)
    height, width = (mask.height, mask.width) if hasattr(mask, "height") else np.shape(mask)
    return height, width
