"""MAE, S-measure and threshold counts of 8-bit maps, from one histogram.

An 8-bit map has 256 values. Counting its pixels by quadrant of the S-measure, by mask and by level
leaves 2,048 numbers from which all measures but the weighted F-measure follow. Where the reference's
result hangs on how numpy rounds a sum over pixels, the pixels decide here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8, UInt32

from . import kernels, reference
from .facts import Facts
from .ground_truth import GroundTruth, weight_of_squares
from .levels import level_bins, level_values
from .protocol import Protocol

EPS = reference.EPS
TIE = 1e-11
"""A level this close to the adaptive threshold is decided by numpy's own mean."""

Histograms = UInt32[np.ndarray, "n 4 2 256"]
Values = Float64[np.ndarray, "n 256"]


@dataclass(frozen=True, slots=True)
class LevelPair:
    """An 8-bit map counted against its mask.

    Args:
        levels: the map.
        mask: True where salient.
        area_px: how many pixels are.
        cut_y: first row of the lower quadrants.
        cut_x: first column of the right quadrants.
        histogram: pixels by quadrant, mask and level.
        low: lowest level that occurs.
        high: highest level that occurs.
        wf: weighted F-measure.
    """

    levels: UInt8[np.ndarray, "h w"]
    mask: Bool[np.ndarray, "h w"]
    area_px: int
    cut_y: int
    cut_x: int
    histogram: UInt32[np.ndarray, "4 2 256"]
    low: int
    high: int
    wf: float


def count(levels: UInt8[np.ndarray, "h w"], gt: GroundTruth, protocol: Protocol) -> LevelPair:
    """Does all of the work that looks at pixels."""
    height, width = gt.shape
    histogram = np.empty((4, 2, 256), np.uint32)
    low, high = kernels.joint_histogram(levels, gt.marks, height, width, gt.cut_y, gt.cut_x, histogram)
    wf = _weighted_f(levels, gt, low, high, protocol)
    # without the distances, which are large and would only wait: their memory serves the next mask
    return LevelPair(levels, gt.mask, gt.area_px, gt.cut_y, gt.cut_x, histogram, low, high, wf)


def _weighted_f(
    levels: UInt8[np.ndarray, "h w"], gt: GroundTruth, low: int, high: int, protocol: Protocol
) -> float:
    if gt.field is None:
        return 0.0
    stretched = protocol.scaling == "minmax" and low != high
    bottom, top = (low, high) if stretched else (0, 255)
    missed, false = kernels.weighted_errors(
        levels,
        gt.marks,
        *gt.shape,
        bottom,
        top,
        1 / (top - bottom),
        gt.field.square,
        weight_of_squares(),
        gt.field.near_at,
        gt.field.near_from,
        gt.box,
        reference.gaussian_taps(protocol.wf_kernel_px, protocol.wf_sigma_px),
    )
    return reference.weighted_f_of_sums(missed, false, gt.area_px, protocol.wf_beta2)


def finish(pairs: Sequence[LevelPair], protocol: Protocol) -> Facts:
    """The facts of many counted pairs."""
    histograms = np.stack([pair.histogram for pair in pairs])
    values = np.stack([level_values(pair.low, pair.high, protocol.scaling) for pair in pairs])
    by_mask = histograms.sum(axis=1, dtype=np.int64)  # n 2 256
    return Facts(
        counts=_threshold_counts(by_mask, pairs, protocol),
        adaptive=_adaptive_counts(by_mask, values, pairs, protocol),
        mae=_mae(by_mask, pairs, protocol),
        s=_s_measures(histograms, values, pairs, protocol.s_alpha),
        wf=np.array([pair.wf for pair in pairs]),
    )


def _threshold_counts(
    by_mask: Int64[np.ndarray, "n 2 256"], pairs: Sequence[LevelPair], protocol: Protocol
) -> UInt32[np.ndarray, "n 2 bins"]:
    bins = np.stack([level_bins(pair.low, pair.high, protocol) for pair in pairs])
    columns = protocol.thresholds + 1
    flat = (np.arange(2 * len(pairs)).reshape(-1, 2, 1) * columns + bins[:, None, :]).ravel()
    summed = np.bincount(flat, weights=by_mask.ravel(), minlength=2 * len(pairs) * columns)
    return summed.astype(np.uint32).reshape(-1, 2, columns)


def _adaptive_counts(
    by_mask: Int64[np.ndarray, "n 2 256"], values: Values, pairs: Sequence[LevelPair], protocol: Protocol
) -> Int64[np.ndarray, "n 2"]:
    occurring = by_mask.sum(axis=1)
    mean = (occurring * values).sum(axis=1) / occurring.sum(axis=1)
    threshold = np.minimum(protocol.adaptive_factor * mean, 1)
    close = (np.abs(values - threshold[:, None]) < TIE) & (occurring > 0)
    for i in np.flatnonzero(close.any(axis=1) & (threshold < 1)):
        threshold[i] = reference.adaptive_threshold(values[i][pairs[i].levels], protocol.adaptive_factor)
    passes = values >= threshold[:, None]
    return np.asarray((by_mask * passes[:, None, :]).sum(axis=2))


def _mae(
    by_mask: Int64[np.ndarray, "n 2 256"], pairs: Sequence[LevelPair], protocol: Protocol
) -> Float64[np.ndarray, "n"]:
    values = np.stack([level_values(pair.low, pair.high, protocol.mae_scaling) for pair in pairs])
    error = (by_mask[:, 0] * values).sum(axis=1) + (by_mask[:, 1] * np.abs(values - 1)).sum(axis=1)
    return np.asarray(error / by_mask.sum(axis=(1, 2)))


# ---- S-measure ------------------------------------------------------------------------------------


def _s_measures(
    histograms: Histograms, values: Values, pairs: Sequence[LevelPair], alpha: float
) -> Float64[np.ndarray, "n"]:
    area = np.array([pair.area_px for pair in pairs])
    size = np.array([pair.mask.size for pair in pairs])
    mean = (histograms.sum(axis=(1, 2), dtype=np.int64) * values).sum(axis=1) / size
    objects = _object_scores(histograms.sum(axis=1, dtype=np.int64), values)
    regions = _region_scores(histograms, values, pairs)
    score = np.maximum(0, objects * alpha + regions * (1 - alpha))
    return np.where(area == 0, 1 - mean, np.where(area == size, mean, score))


def _object_scores(by_mask: Int64[np.ndarray, "n 2 256"], values: Values) -> Float64[np.ndarray, "n"]:
    share = by_mask[:, 1].sum(axis=1) / by_mask.sum(axis=(1, 2))
    background, foreground = _evenness(by_mask[:, 0], 1 - values), _evenness(by_mask[:, 1], values)
    return np.asarray(foreground * share + background * (1 - share))


def _evenness(levels: Int64[np.ndarray, "n 256"], values: Values) -> Float64[np.ndarray, "n"]:
    pixels = levels.sum(axis=1)
    mean = (levels * values).sum(axis=1) / np.maximum(pixels, 1)
    squares = (levels * (values - mean[:, None]) ** 2).sum(axis=1)
    deviation = np.sqrt(squares / np.maximum(pixels - 1, 1))
    return np.asarray(2 * mean / (mean**2 + 1 + deviation + EPS))


def _region_scores(
    histograms: Histograms, values: Values, pairs: Sequence[LevelPair]
) -> Float64[np.ndarray, "n"]:
    pixels = histograms.sum(axis=(2, 3), dtype=np.int64)  # n 4
    scores = _ssims(histograms, values, pixels)
    for i, quadrant in zip(*np.nonzero(_is_flat(histograms, values)), strict=True):
        pair = pairs[i]
        cut = reference.quadrant_slices(pair.cut_y, pair.cut_x)[quadrant]
        scores[i, quadrant] = reference.ssim(values[i][pair.levels][cut], pair.mask[cut])
    share = pixels / pixels.sum(axis=1, keepdims=True)
    share[:, 3] = 1 - share[:, 0] - share[:, 1] - share[:, 2]
    return np.where((pixels == 0).any(axis=1), np.nan, (scores * share).sum(axis=1))


def _is_flat(histograms: Histograms, values: Values) -> Bool[np.ndarray, "n 4"]:
    """Quadrants of one level and one mask value, the level neither 0 nor 1.

    Their variances are 0, and whether numpy's rounding finds them 0 decides between 1 and 0.
    """
    occurring = histograms > 0
    lone = occurring.sum(axis=(2, 3)) == 1
    exact = (values == 0) | (values == 1)
    return np.asarray(lone & ~(occurring.any(axis=2) & exact[:, None, :]).any(axis=2))


def _ssims(
    histograms: Histograms, values: Values, pixels: Int64[np.ndarray, "n 4"]
) -> Float64[np.ndarray, "n 4"]:
    levels = histograms.sum(axis=2, dtype=np.float64)  # n 4 256
    filled = np.maximum(pixels, 1)
    salient = histograms[:, :, 1].sum(axis=2, dtype=np.int64)
    x, y = (levels * values[:, None]).sum(axis=2) / filled, salient / filled
    degrees = filled - 1 + EPS
    apart = values[:, None] - x[:, :, None]  # n 4 256
    variance_x = (levels * apart**2).sum(axis=2) / degrees
    variance_y = (salient * (1 - y) ** 2 + (pixels - salient) * y**2) / degrees
    tilt = histograms[:, :, 1] * (1 - y)[:, :, None] - histograms[:, :, 0] * y[:, :, None]
    covariance = (apart * tilt).sum(axis=2) / degrees
    over = 4 * x * y * covariance
    under = (x**2 + y**2) * (variance_x + variance_y)
    return np.where(over != 0, over / (under + EPS), np.where(under == 0, 1.0, 0.0))
