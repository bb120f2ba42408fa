"""Each measure in plain numpy, straight from its definition.

Slow and meant to be read: the compiled kernels are held to these functions by the tests, and 16-bit
and float maps are scored with them. A saliency map here is float64 in 0..1, already scaled; a mask is
boolean, True where salient. The conventions are those of PySODMetrics 1.6.2; where a protocol chooses
otherwise, it is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float64, Int64, Shaped

Saliency = Float64[np.ndarray, "h w"]
Mask = Bool[np.ndarray, "h w"]
Curve = Float64[np.ndarray, "thresholds"]
Rates = Float64[np.ndarray, "..."]
Numbers = Shaped[np.ndarray, "..."] | np.generic
"""An array, or the number that numpy makes of one without axes."""

EPS = float(np.spacing(1))


def mae(saliency: Saliency, gt: Mask) -> float:
    """Mean absolute error, 0..1.

    Perazzi et al., "Saliency filters", CVPR 2012, eq. 11.

    Example:
        >>> mae(np.array([[1.0, 0.5]]), np.array([[True, False]]))
        0.25
    """
    return float(np.mean(np.abs(saliency - gt)))


# ---- threshold measures ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Confusion:
    """Pixels by prediction and ground truth, one entry a threshold.

    Args:
        tp: predicted and salient.
        fp: predicted, not salient.
        fn: salient, not predicted.
        tn: neither.
    """

    tp: Int64[np.ndarray, "..."]
    fp: Int64[np.ndarray, "..."]
    fn: Int64[np.ndarray, "..."]
    tn: Int64[np.ndarray, "..."]


def confusion(predicted: Bool[np.ndarray, "h w"], gt: Mask) -> Confusion:
    """Counts one binary prediction."""
    counts = (
        np.sum(p & g) for p, g in ((predicted, gt), (predicted, ~gt), (~predicted, gt), (~predicted, ~gt))
    )
    return Confusion(*(np.asarray(count, np.int64) for count in counts))


def confusion_curve(saliency: Saliency, gt: Mask) -> Confusion:
    """Counts at the 256 thresholds 255, 254, ..., 0 on ``uint8(saliency * 255)``, compared with >=."""
    level = (saliency * 255).astype(np.uint8)  # truncates, as PySODMetrics does
    each = [confusion(level >= threshold, gt) for threshold in range(255, -1, -1)]
    return Confusion(*(np.stack([getattr(one, name) for one in each]) for name in ("tp", "fp", "fn", "tn")))


def adaptive_threshold(saliency: Saliency, factor: float = 2.0) -> float:
    """Twice the mean of the map, at most 1. Achanta et al., CVPR 2009, eq. 5."""
    return float(min(factor * saliency.mean(), 1))


def precision(counts: Confusion) -> Rates:
    """tp / (tp + fp); 0 where nothing is predicted."""
    return divide(counts.tp, counts.tp + counts.fp)


def recall(counts: Confusion) -> Rates:
    """tp / (tp + fn); 0 for an empty ground truth."""
    return divide(counts.tp, counts.tp + counts.fn)


def f_measure(counts: Confusion, beta2: float = 0.3) -> Rates:
    """Weighted harmonic mean of precision and recall; 0 where both are.

    Achanta et al., "Frequency-tuned salient region detection", CVPR 2009, eq. 6.
    """
    p, r = precision(counts), recall(counts)
    return divide((1 + beta2) * p * r, beta2 * p + r)


def e_measure(counts: Confusion, square: Callable[[Rates], Rates] = np.square) -> Rates:
    """Enhanced-alignment measure of binary maps.

    Fan et al., "Enhanced-alignment measure for binary foreground map evaluation", IJCAI 2018, eq. 2-4.
    A map and a mask of two values have four kinds of pixel, so the alignment matrix has four values.
    Like the reference it divides by the number of pixels less one, so that a perfect map can score
    a little over 1.

    Args:
        counts: of any number of maps and thresholds.
        square: how numbers are squared, see `adaptive_e_measure`.
    """
    pixels = counts.tp + counts.fp + counts.fn + counts.tn
    salient, predicted = counts.tp + counts.fn, counts.tp + counts.fp
    mean_gt, mean_map = salient / pixels, predicted / pixels
    total = np.zeros(np.shape(counts.tp))
    for count, in_map, in_gt in ((counts.tp, 1, 1), (counts.fp, 1, 0), (counts.fn, 0, 1), (counts.tn, 0, 0)):
        a, b = in_map - mean_map, in_gt - mean_gt
        alignment = 2 * (a * b) / (square(a) + square(b) + EPS)
        total = total + square(alignment + 1) / 4 * count
    total = np.where(salient == 0, pixels - predicted, total)
    total = np.where(salient == pixels, predicted, total)
    return np.asarray(total / (pixels - 1 + EPS))


def adaptive_e_measure(counts: Confusion) -> Rates:
    """`e_measure` at one threshold a map, to the last bit as the reference rounds it there.

    The reference squares single numbers, one map after another, by ``** 2``: that is the C library's
    ``pow``, which once in a thousand rounds otherwise than the product by which numpy squares an array.
    """
    return e_measure(counts, _power_of_two)


def _power_of_two(numbers: Numbers) -> Rates:
    return np.array([number**2 for number in np.ravel(numbers).tolist()]).reshape(np.shape(numbers))


def divide(over: Numbers, under: Numbers) -> Rates:
    """`over` / `under`, 0 where `under` is 0."""
    quotient = np.array(under, np.float64)
    return np.asarray(np.divide(over, quotient, out=np.zeros_like(quotient), where=quotient != 0))


# ---- S-measure ------------------------------------------------------------------------------------


def s_measure(saliency: Saliency, gt: Mask, alpha: float = 0.5) -> float:
    """Structure measure, 0..1; NaN where the object's centroid lies in the last row or column.

    Fan et al., "Structure-measure: a new way to evaluate foreground maps", ICCV 2017, eq. 1-9.
    """
    share = np.mean(gt)
    if share == 0:
        return float(1 - np.mean(saliency))
    if share == 1:
        return float(np.mean(saliency))
    score = object_score(saliency, gt) * alpha + region_score(saliency, gt) * (1 - alpha)
    return float(np.maximum(0, score))


def object_score(saliency: Saliency, gt: Mask) -> float:
    """The object-aware half: how high and even the map is on the object, and how low beside it."""
    share = np.mean(gt)
    return float(_evenness(saliency[gt]) * share + _evenness((1 - saliency)[~gt]) * (1 - share))


def _evenness(values: Float64[np.ndarray, "n"]) -> float:
    mean = np.mean(values)
    deviation = np.std(values, ddof=1) if values.size > 1 else 0.0
    return float(2 * mean / (mean**2 + 1 + deviation + EPS))


def region_score(saliency: Saliency, gt: Mask) -> float:
    """The region-aware half: SSIM of the four quadrants around the object's centroid, by area."""
    height, width = gt.shape
    # argwhere().mean() is a row and a column; round() goes half to even; MATLAB's 1:X includes X
    cut_y, cut_x = (int(centre) + 1 for centre in np.argwhere(gt).mean(axis=0).round())
    quadrants, shares = quadrant_slices(cut_y, cut_x), quadrant_shares(gt.shape, cut_y, cut_x)
    if cut_y == height or cut_x == width:
        return float("nan")  # an empty quadrant has no mean
    return float(sum(ssim(saliency[q], gt[q]) * share for q, share in zip(quadrants, shares, strict=True)))


def quadrant_slices(cut_y: int, cut_x: int) -> tuple[tuple[slice, slice], ...]:
    """Left top, right top, left bottom, right bottom."""
    top, bottom, left, right = slice(None, cut_y), slice(cut_y, None), slice(None, cut_x), slice(cut_x, None)
    return (top, left), (top, right), (bottom, left), (bottom, right)


def quadrant_shares(shape: tuple[int, int], cut_y: int, cut_x: int) -> tuple[float, float, float, float]:
    """Each quadrant's share of the pixels, in the order of `quadrant_slices`."""
    height, width = shape
    left_top = cut_y * cut_x / (height * width)
    right_top = cut_y * (width - cut_x) / (height * width)
    left_bottom = (height - cut_y) * cut_x / (height * width)
    return left_top, right_top, left_bottom, 1 - left_top - right_top - left_bottom


def ssim(saliency: Saliency, gt: Mask) -> float:
    """Structural similarity of one quadrant as the S-measure defines it (eq. 6)."""
    x, y = np.mean(saliency), np.mean(gt)
    degrees = saliency.size - 1 + EPS
    variance_x = np.sum((saliency - x) ** 2) / degrees
    variance_y = np.sum((gt - y) ** 2) / degrees
    covariance = np.sum((saliency - x) * (gt - y)) / degrees
    over = 4 * x * y * covariance
    under = (x**2 + y**2) * (variance_x + variance_y)
    if over != 0:
        return float(over / (under + EPS))
    return 1.0 if under == 0 else 0.0


# ---- weighted F-measure ---------------------------------------------------------------------------


def weighted_f_measure(
    saliency: Saliency, gt: Mask, beta2: float = 1.0, kernel_px: int = 7, sigma_px: float = 5.0
) -> float:
    """Weighted F-measure, 0..1; 0 for an empty ground truth.

    Margolin et al., "How to evaluate foreground maps?", CVPR 2014, eq. 5-12.
    """
    from scipy.ndimage import convolve, distance_transform_edt

    if not gt.any():
        return 0.0
    distance, (rows, columns) = distance_transform_edt(~gt, return_indices=True)
    error = np.abs(saliency - gt)
    # dependency: beside the object a pixel shows the error of the object's nearest pixel
    dependent = np.where(gt, error, error[rows, columns])
    smooth = convolve(dependent, gaussian(kernel_px, sigma_px), mode="constant", cval=0)
    least = np.where(gt & (smooth < error), smooth, error)
    # importance: an error far from the object weighs up to twice as much
    weighted = least * np.where(gt, 1, 2 - np.exp(np.log(0.5) / 5 * distance))
    return weighted_f_of_sums(weighted[gt].sum(), weighted[~gt].sum(), int(gt.sum()), beta2)


def weighted_f_of_sums(missed: float, false: float, area_px: int, beta2: float) -> float:
    """The weighted F-measure of the weighted errors summed on the object and beside it."""
    true_positive = area_px - missed
    weighted_recall = 1 - missed / area_px
    weighted_precision = true_positive / (true_positive + false + EPS)
    over = (1 + beta2) * weighted_recall * weighted_precision
    return float(over / (weighted_recall + beta2 * weighted_precision + EPS))


def gaussian(side_px: int, sigma_px: float) -> Float64[np.ndarray, "side side"]:
    """MATLAB's ``fspecial('gaussian', side, sigma)``: sums to 1."""
    taps = gaussian_taps(side_px, sigma_px)
    line = np.concatenate([taps[:0:-1], taps])
    return np.outer(line, line)


@lru_cache(maxsize=16)
def gaussian_taps(side_px: int, sigma_px: float) -> Float64[np.ndarray, "taps"]:
    """Centre and one side of the Gaussian's line; it is separable."""
    taps = np.exp(-(np.arange(side_px // 2 + 1) ** 2) / (2 * sigma_px**2))
    return np.asarray(taps / (taps[0] + 2 * taps[1:].sum()))
