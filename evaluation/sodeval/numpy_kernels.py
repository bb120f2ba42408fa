"""The functions of ``_kernels.c`` in numpy and SciPy, for where no C compiler was found.

Signatures and results are the same; `kernels` chooses between the two.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int32, UInt8, UInt16, UInt32

Box = tuple[int, int, int, int]


def mask_moments(mask: UInt8[np.ndarray, "h w"], height: int, width: int) -> tuple[int, int, int, Box]:
    """Area, sum of rows, sum of columns and (top, left, bottom, right) of the pixels that are 1."""
    rows, columns = mask.sum(axis=1, dtype=np.int64), mask.sum(axis=0, dtype=np.int64)
    area = int(rows.sum())
    if area == 0:
        return 0, 0, 0, (height, width, 0, 0)
    inside_y, inside_x = np.flatnonzero(rows), np.flatnonzero(columns)
    box = (int(inside_y[0]), int(inside_x[0]), int(inside_y[-1]) + 1, int(inside_x[-1]) + 1)
    return area, int(rows @ np.arange(height)), int(columns @ np.arange(width)), box


def distance_field(
    mask: UInt8[np.ndarray, "h w"],
    height: int,
    width: int,
    limit_px: int,
    reach: int,
    square: UInt16[np.ndarray, "h w"],
    near_at: Int32[np.ndarray, "room"],
    near_from: Int32[np.ndarray, "room"],
) -> int:
    """Writes each pixel's squared distance to the object, at most that of `limit_px`.

    Background pixels up to the squared distance `reach` are listed in `near_at`, the salient pixel
    nearest to each in `near_from`, both as flat indices, as many as there is room for; returns how many
    there are.
    """
    from scipy.ndimage import distance_transform_edt

    rows, columns = distance_transform_edt(mask == 0, return_distances=False, return_indices=True)
    y, x = np.indices(mask.shape, sparse=True)
    exact = (rows - y).astype(np.int64) ** 2 + (columns - x).astype(np.int64) ** 2
    square[:] = np.minimum(exact, limit_px**2)
    near = np.flatnonzero((square > 0) & (square <= reach))
    room = len(near_at)
    near_at[: len(near)] = near[:room]
    near_from[: len(near)] = (rows * width + columns).ravel()[near[:room]]
    return len(near)


def joint_histogram(
    levels: UInt8[np.ndarray, "h w"],
    mask: UInt8[np.ndarray, "h w"],
    height: int,
    width: int,
    cut_y: int,
    cut_x: int,
    histogram: UInt32[np.ndarray, "4 2 256"],
) -> tuple[int, int]:
    """Counts pixels by quadrant (cut before row `cut_y` and column `cut_x`), mask and level.

    Returns:
        The lowest and highest level that occur.
    """
    below, right = np.arange(height) >= cut_y, np.arange(width) >= cut_x
    quadrant = 2 * below[:, None].astype(np.int16) + right[None, :]
    bins = (2 * quadrant + mask) * 256 + levels
    histogram[:] = np.bincount(bins.ravel(), minlength=2048).reshape(4, 2, 256)
    return int(levels.min()), int(levels.max())


def weighted_errors(
    levels: UInt8[np.ndarray, "h w"],
    mask: UInt8[np.ndarray, "h w"],
    height: int,
    width: int,
    bottom: int,
    top: int,
    unit: float,
    square: UInt16[np.ndarray, "h w"],
    weight_of: Float64[np.ndarray, "65536"],
    near_at: Int32[np.ndarray, "near"],
    near_from: Int32[np.ndarray, "near"],
    box: Box,
    taps: Float64[np.ndarray, "taps"],
) -> tuple[float, float]:
    """Sums of min(error, smoothed error) over the object and of error x weight over the background."""
    error = np.where(mask == 1, top - levels.astype(np.float64), levels.astype(np.float64) - bottom) * unit
    return float_weighted_errors(error, mask, square, weight_of, near_at, near_from, taps)


def float_weighted_errors(
    error: Float64[np.ndarray, "h w"],
    mask: UInt8[np.ndarray, "h w"],
    square: UInt16[np.ndarray, "h w"],
    weight_of: Float64[np.ndarray, "65536"],
    near_at: Int32[np.ndarray, "near"],
    near_from: Int32[np.ndarray, "near"],
    taps: Float64[np.ndarray, "taps"],
) -> tuple[float, float]:
    """`weighted_errors` of any errors in 0..1."""
    import cv2

    dependent = error.copy()
    dependent.ravel()[near_at] = error.ravel()[near_from]
    kernel = np.concatenate([taps[:0:-1], taps])
    smooth = cv2.sepFilter2D(dependent, cv2.CV_64F, kernel, kernel, borderType=cv2.BORDER_CONSTANT)
    foreground = np.minimum(error, smooth)[mask == 1].sum()
    return float(foreground), float((error * weight_of[square]).sum())
