"""A mask, and the share of every measure that depends on it alone: done once for all methods."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float64, Int32, Num, UInt8, UInt16

from . import kernels
from .levels import full_scale
from .protocol import Protocol

MAX_WEIGHTED_DISTANCE_PX = 240
"""From here on the weight of a background pixel, 2 - 0.5 ** (d / 5), is 2 to within 4e-15."""


@dataclass(frozen=True, slots=True)
class DistanceField:
    """How far each background pixel lies from the object.

    Args:
        square: its squared distance in px, at most that of `MAX_WEIGHTED_DISTANCE_PX`; 0 on the object.
        near_at: flat indices of the background pixels that a Gaussian centred on the object reaches.
        near_from: the salient pixel nearest to each of them.
    """

    square: UInt16[np.ndarray, "h w"]
    near_at: Int32[np.ndarray, "near"]
    near_from: Int32[np.ndarray, "near"]


@dataclass(frozen=True, slots=True)
class GroundTruth:
    """A binary mask, checked and prepared. Make it with `prepare`.

    Args:
        mask: True where salient.
        area_px: how many pixels are.
        cut_y: first row of the lower quadrants of the S-measure.
        cut_x: first column of the right quadrants.
        box: top, left, bottom, right of the object; the last two are one past its end.
        field: None where the mask is empty.
    """

    mask: Bool[np.ndarray, "h w"]
    area_px: int
    cut_y: int
    cut_x: int
    box: kernels.Box
    field: DistanceField | None = field(repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        height, width = self.mask.shape
        return height, width

    @property
    def size_px(self) -> int:
        return self.mask.size

    @property
    def marks(self) -> UInt8[np.ndarray, "h w"]:
        """The mask as 0 and 1, without a copy."""
        return self.mask.view(np.uint8)


def binarise(pixels: Num[np.ndarray, "h w"], protocol: Protocol) -> Bool[np.ndarray, "h w"]:
    """True where the protocol calls a mask's pixel salient.

    Example:
        >>> binarise(np.array([[0, 128, 129]], np.uint8), Protocol()).tolist()
        [[False, False, True]]
    """
    if pixels.dtype == bool:
        return pixels
    values = pixels
    white = full_scale(pixels)
    if protocol.gt_scaling == "minmax" and pixels.max() != pixels.min():
        values = (pixels - float(pixels.min())) / float(pixels.max() - pixels.min()) * 255.0
    elif white != 255:
        values = pixels / white * 255.0
    threshold = protocol.gt_threshold
    if values.dtype == np.uint8:  # compared as 8-bit numbers, a whole threshold is ten times as fast
        threshold = int(threshold) if threshold.is_integer() else threshold
    return np.asarray(values > threshold if protocol.gt_comparison == ">" else values >= threshold)


def prepare(mask: Bool[np.ndarray, "h w"], protocol: Protocol) -> GroundTruth:
    """Does the mask's share of the work."""
    mask = np.ascontiguousarray(mask)
    height, width = mask.shape
    marks = mask.view(np.uint8)
    area, sum_y, sum_x, box = kernels.mask_moments(marks, height, width)
    centre_y, centre_x = (sum_y / area, sum_x / area) if area else (height / 2, width / 2)
    return GroundTruth(
        mask=mask,
        area_px=area,
        # round() goes half to even as numpy does; MATLAB's 1:X includes X, hence the 1
        cut_y=round(centre_y) + 1,
        cut_x=round(centre_x) + 1,
        box=box,
        field=_measure_distances(marks, protocol.wf_kernel_px // 2) if area else None,
    )


def _measure_distances(marks: UInt8[np.ndarray, "h w"], radius_px: int) -> DistanceField:
    square = np.empty(marks.shape, np.uint16)
    limit_px, reach = MAX_WEIGHTED_DISTANCE_PX, 2 * radius_px**2
    room = 8 * sum(marks.shape) * radius_px
    while True:
        near_at, near_from = np.empty(room, np.int32), np.empty(room, np.int32)
        found = kernels.distance_field(marks, *marks.shape, limit_px, reach, square, near_at, near_from)
        if found <= room:
            return DistanceField(square, near_at[:found], near_from[:found])
        room = found  # an object of very long outline


@lru_cache(maxsize=1)
def weight_of_squares() -> Float64[np.ndarray, "65536"]:
    """The weight of a background pixel by its squared distance; 0 for the object's own pixels."""
    weight: Float64[np.ndarray, "65536"] = 2 - np.exp(np.log(0.5) / 5 * np.sqrt(np.arange(65536)))
    weight[0] = 0
    return weight
