"""Bringing a map to its mask's size, the way the protocol says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float64, UInt8, UInt16

from ..errors import ImageError
from ..protocol import Resize

Values = UInt8[np.ndarray, "h w"] | UInt16[np.ndarray, "h w"] | Float64[np.ndarray, "h w"]
Resized = (
    UInt8[np.ndarray, "new_h new_w"] | UInt16[np.ndarray, "new_h new_w"] | Float64[np.ndarray, "new_h new_w"]
)


def resize_to(values: Values, shape: tuple[int, int], how: Resize, name: str | Path = "map") -> Resized:
    """The map at another size, in the same dtype; the very same array where it has that size already.

    ``opencv-linear`` and ``pillow-bilinear`` do what ``cv2.resize`` and ``PIL.Image.resize`` do to the
    8-bit map: OpenCV interpolates between the nearest pixels also when it shrinks, Pillow averages over all
    that a new pixel covers. ``nearest`` takes the pixel under the centre of the new one. OpenCV computes
    16-bit and float maps in their own precision, Pillow in float32.

    Args:
        values: the map.
        shape: height and width to reach.
        how: the protocol's choice.
        name: the file, for messages.

    Raises:
        ImageError: ``size``, where the choice is ``refuse``.
    """
    if values.shape == shape:
        return values
    if how == "refuse":
        raise ImageError(name, "size", _mismatch(values.shape, shape))
    resized = _with_pillow(values, shape) if how == "pillow-bilinear" else _with_opencv(values, shape, how)
    if values.dtype == np.float64:
        np.clip(resized, 0, 1, out=resized)  # weights in float32 may overshoot by 1e-7
    return resized


def _mismatch(found: tuple[int, ...], expected: tuple[int, int]) -> str:
    sizes = f"{found[1]} x {found[0]} pixels; its mask has {expected[1]} x {expected[0]}"
    return f"{sizes}: save the map at the mask's size, or choose a protocol that resizes"


def _with_opencv(values: Values, shape: tuple[int, int], how: Resize) -> Resized:
    import cv2

    kind = cv2.INTER_LINEAR if how == "opencv-linear" else cv2.INTER_NEAREST_EXACT
    return cv2.resize(values, shape[::-1], interpolation=kind)


def _with_pillow(values: Values, shape: tuple[int, int]) -> Resized:
    from PIL import Image

    grey = values if values.dtype == np.uint8 else values.astype(np.float32)
    resized = np.asarray(Image.fromarray(grey).resize(shape[::-1], Image.Resampling.BILINEAR))
    return np.rint(resized).astype(np.uint16) if values.dtype == np.uint16 else resized.astype(values.dtype)
