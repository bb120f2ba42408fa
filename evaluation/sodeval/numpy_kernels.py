"""The functions of ``_kernels.c`` in numpy and SciPy, for where no C compiler was found.

Signatures and results are the same; `kernels` chooses between the two.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int32, Int64, Integer, UInt8, UInt16, UInt32

from .curves import confusions, curve_rates

Box = tuple[int, int, int, int]
EPS = float(np.spacing(1))
TIE = 1e-11
"""A level this close to the adaptive threshold is to be decided by the pixels."""


def expand_bits(
    packed: UInt8[np.ndarray, "h bytes"], height: int, width: int, levels: UInt8[np.ndarray, "h w"]
) -> None:
    """Fills `levels` with 0 where a bit of `packed` is 0 and with 255 where it is 1."""
    np.negative(np.unpackbits(packed, axis=1, count=width), out=levels)  # 1 becomes 255


def is_grey(levels: UInt8[np.ndarray, "h w"]) -> bool:
    """Whether a mask has levels between 0 and its highest."""
    return bool(((levels > 0) & (levels < levels.max())).any())


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


class LevelScores(NamedTuple):
    """What `level_scores` returns.

    Args:
        mae: mean absolute error.
        mean: of the scaled map.
        objects: object-aware part of the S-measure.
        regions: SSIM of each quadrant; NaN where it is empty.
        flat: by quadrant, whether it has one level, neither 0 nor 1, and one mask value. Its variances
            are 0, and whether the rounding of a sum over pixels finds them 0 decides between 1 and 0.
        passed: pixels at or over the adaptive threshold, on background and foreground.
        tied: whether a level is so close to that threshold that rounding decides.
    """

    mae: float
    mean: float
    objects: float
    regions: tuple[float, float, float, float]
    flat: tuple[bool, bool, bool, bool]
    passed: tuple[int, int]
    tied: bool


def level_scores(
    histogram: UInt32[np.ndarray, "4 2 256"],
    values: Float64[np.ndarray, "256"],
    mae_values: Float64[np.ndarray, "256"],
    bins: Integer[np.ndarray, "256"],
    adaptive_factor: float,
    counts: UInt32[np.ndarray, "1 2 bins"],
) -> tuple[Any, ...]:
    """What follows from the counts of a pair.

    Args:
        histogram: pixels by quadrant, mask and level.
        values: of each level, 0..1.
        mae_values: the same as the mean absolute error scales them.
        bins: of each level.
        adaptive_factor: of the mean, for the adaptive threshold.
        counts: is filled with the pixels by mask and bin.

    Returns:
        The fields of `LevelScores`.
    """
    by_mask = histogram.sum(axis=0, dtype=np.int64)
    occurring = by_mask.sum(axis=0)
    pixels = occurring.sum()
    for row, levels in zip(counts[0], by_mask, strict=True):
        row[:] = np.bincount(bins, weights=levels, minlength=len(row))
    error = (by_mask[0] * mae_values).sum() + (by_mask[1] * np.abs(mae_values - 1)).sum()
    mean, share = (occurring * values).sum() / pixels, by_mask[1].sum() / pixels
    objects = _evenness(by_mask[1], values) * share + _evenness(by_mask[0], 1 - values) * (1 - share)
    threshold = min(adaptive_factor * mean, 1)
    tied = (np.abs(values - threshold) < TIE) & (occurring > 0) & (values < 1)  # 1 always passes
    passed = by_mask[:, values >= threshold].sum(axis=1)
    return (
        float(error / pixels),
        float(mean),
        float(objects),
        tuple(_ssim(part.astype(np.float64), values) for part in histogram),
        tuple(_is_flat(part > 0, values) for part in histogram),
        (int(passed[0]), int(passed[1])),
        bool(tied.any()),
    )


def _evenness(levels: Int64[np.ndarray, "256"], values: Float64[np.ndarray, "256"]) -> float:
    pixels = levels.sum()
    mean = (levels * values).sum() / max(pixels, 1)
    deviation = np.sqrt((levels * (values - mean) ** 2).sum() / max(pixels - 1, 1))
    return float(2 * mean / (mean**2 + 1 + deviation + EPS))


def _ssim(part: Float64[np.ndarray, "2 256"], values: Float64[np.ndarray, "256"]) -> float:
    salient, pixels = part[1].sum(), part.sum()
    if pixels == 0:
        return float("nan")
    x, y, degrees = (part.sum(axis=0) * values).sum() / pixels, salient / pixels, pixels - 1 + EPS
    apart = values - x
    variance_x = (part.sum(axis=0) * apart**2).sum() / degrees
    variance_y = (salient * (1 - y) ** 2 + (pixels - salient) * y**2) / degrees
    covariance = (apart * (part[1] * (1 - y) - part[0] * y)).sum() / degrees
    over, under = 4 * x * y * covariance, (x**2 + y**2) * (variance_x + variance_y)
    if over != 0:
        return float(over / (under + EPS))
    return 1.0 if under == 0 else 0.0


def _is_flat(occurring: Bool[np.ndarray, "2 256"], values: Float64[np.ndarray, "256"]) -> bool:
    found = values[np.nonzero(occurring)[1]]
    return len(found) == 1 and found[0] not in (0, 1)


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


def trace_curves(
    counts: UInt32[np.ndarray, "n 2 bins"],
    images: int,
    thresholds: int,
    f_beta2: float,
    curves: Float64[np.ndarray, "4 n thresholds"],
) -> None:
    """Fills `curves` with each image's precision, recall, F and E at every threshold."""
    at_thresholds = confusions(counts)
    for curve, rate in zip(curves, curve_rates(f_beta2).values(), strict=True):
        curve[:] = rate(at_thresholds)
