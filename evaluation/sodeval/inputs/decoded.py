"""The pixels of one map or mask, checked: what every decoder returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Shaped, UInt8, UInt16

from ..errors import ImageError
from ..problem import Problem

ACCEPTED_DTYPES = ("bool", "uint8", "uint16", "float16", "float32", "float64")


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """The pixels of one file or array.

    Args:
        values: 8-bit (0..255), 16-bit (0..65535) or float (0..1), exactly as stored.
        notes: what a reader should know about how they were stored, e.g. that alpha was dropped.
    """

    values: UInt8[np.ndarray, "h w"] | UInt16[np.ndarray, "h w"] | Float64[np.ndarray, "h w"]
    notes: tuple[Problem, ...] = ()


def note(name: str | Path, kind: str, detail: str) -> Problem:
    """A remark about one file that leaves its score alone."""
    return Problem(str(name), kind, detail, "note")


def check_pixels(sides: tuple[int, ...], name: str | Path, max_pixels: int) -> None:
    """Refuse an image before its pixels are decoded.

    Raises:
        ImageError: ``too-large``, or ``shape`` where there are no pixels at all.
    """
    pixels = math.prod(sides)
    if pixels <= max_pixels and min(sides, default=1) > 0:
        return
    size = " x ".join(map(str, sides))
    if any(side < 1 for side in sides):
        raise ImageError(name, "shape", f"{size} pixels; expected at least one: save it again")
    raise ImageError(
        name,
        "too-large",
        f"{size} = {pixels:,} pixels; the limit is {max_pixels:,}: "
        "if the file is meant to be that large, raise --max-pixels",
    )


def out_of_memory(name: str | Path) -> ImageError:
    """The error to raise where memory does not suffice for an image."""
    return ImageError(name, "too-large", "it does not fit into memory: free some, or use fewer workers")


def check_dtype(dtype: np.dtype, name: str | Path) -> None:
    """Refuse an array of numbers that have no agreed meaning as saliency.

    Raises:
        ImageError: ``dtype``.
    """
    if dtype.name not in ACCEPTED_DTYPES:
        expected = ", ".join(ACCEPTED_DTYPES)
        raise ImageError(name, "dtype", f"an array of {dtype}; expected one of {expected}: convert it first")


def from_array(array: Shaped[np.ndarray, "..."], name: str | Path) -> Decoded:
    """One map or mask from an array: ``h w``, ``1 h w`` or ``h w 1``.

    Booleans become 0 and 255; floats are 0..1.

    Raises:
        ImageError: ``dtype``, ``shape``, ``not-finite`` or ``range``.

    Example:
        >>> from_array(np.array([[True, False]]), "mask").values
        array([[255,   0]], dtype=uint8)
    """
    check_dtype(array.dtype, name)
    plane = _plane(array, name)
    if plane.dtype == np.bool_:
        return Decoded(plane.astype(np.uint8) * np.uint8(255))
    if plane.dtype == np.uint8:
        return Decoded(np.ascontiguousarray(plane))
    if plane.dtype.kind == "u":
        return Decoded(np.ascontiguousarray(plane, np.uint16), (_sixteen_bit(name),))
    return Decoded(_check_floats(np.ascontiguousarray(plane, np.float64), name))


def _sixteen_bit(name: str | Path) -> Problem:
    return note(
        name, "16-bit", "16-bit values, used exactly; other tools may clip or truncate them to 8 bits"
    )


def _plane(array: Shaped[np.ndarray, "..."], name: str | Path) -> Shaped[np.ndarray, "h w"]:
    shape = array.shape
    if len(shape) == 3 and 1 in (shape[0], shape[2]):
        array = array[0] if shape[0] == 1 else array[:, :, 0]
    if array.ndim != 2 or array.size == 0:
        raise ImageError(
            name,
            "shape",
            f"an array of shape {shape}; expected (h, w), (1, h, w) or (h, w, 1): save one map a file",
        )
    return array


def _check_floats(values: Float64[np.ndarray, "h w"], name: str | Path) -> Float64[np.ndarray, "h w"]:
    finite = np.isfinite(values)
    if not finite.all():
        bad = int(values.size - finite.sum())
        raise ImageError(
            name,
            "not-finite",
            f"{bad} of {values.size} values are NaN or infinite; expected 0..1: save it again",
        )
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 1:
        raise ImageError(
            name,
            "range",
            f"values from {low:g} to {high:g}; expected 0..1: apply the sigmoid, or divide, before saving",
        )
    return values
