"""8-bit maps: every measure from one histogram.

An 8-bit map has 256 values. Counting its pixels by quadrant of the S-measure, by mask and by level
leaves 2,048 numbers from which all measures but the weighted F-measure follow. Where the reference's
result hangs on how numpy rounds a sum over pixels, the pixels decide here too.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, UInt8

from . import kernels, reference
from .facts import Facts
from .ground_truth import GroundTruth, weight_of_squares
from .levels import level_bins, level_values
from .protocol import Protocol

Levels = UInt8[np.ndarray, "h w"]
Values = Float64[np.ndarray, "256"]


def measure(levels: Levels, gt: GroundTruth, protocol: Protocol) -> Facts:
    """The facts of one pair."""
    histogram = np.empty((4, 2, 256), np.uint32)
    low, high = kernels.joint_histogram(levels, gt.marks, *gt.shape, gt.cut_y, gt.cut_x, histogram)
    values = level_values(low, high, protocol.scaling)
    counts = np.empty((1, 2, protocol.thresholds + 1), np.uint32)
    scores = kernels.LevelScores(
        *kernels.level_scores(
            histogram,
            values,
            level_values(low, high, protocol.mae_scaling),
            level_bins(low, high, protocol),
            protocol.adaptive_factor,
            counts,
        )
    )
    passed = _pass_adaptive(values[levels], gt, protocol) if scores.tied else scores.passed
    return Facts(
        counts=counts,
        adaptive=np.array([passed]),
        mae=np.array([scores.mae]),
        s=np.array([_s_measure(scores, levels, values, gt, protocol.s_alpha)]),
        wf=np.array([_weighted_f(levels, gt, low, high, protocol)]),
    )


def _pass_adaptive(
    saliency: Float64[np.ndarray, "h w"], gt: GroundTruth, protocol: Protocol
) -> tuple[int, int]:
    """Pixels at or over the adaptive threshold, where a level is too close to it: numpy's mean decides."""
    passes = saliency >= reference.adaptive_threshold(saliency, protocol.adaptive_factor)
    return int(np.sum(passes & ~gt.mask)), int(np.sum(passes & gt.mask))


def _s_measure(
    scores: kernels.LevelScores, levels: Levels, values: Values, gt: GroundTruth, alpha: float
) -> float:
    if gt.area_px in (0, gt.size_px):
        return scores.mean if gt.area_px else 1 - scores.mean
    regions = list(scores.regions)
    if any(scores.flat):
        for quadrant, cut in enumerate(reference.quadrant_slices(gt.cut_y, gt.cut_x)):
            if scores.flat[quadrant]:  # its variance is 0, if numpy's rounding finds it so
                regions[quadrant] = reference.ssim(values[levels][cut], gt.mask[cut])
    shares = reference.quadrant_shares(gt.shape, gt.cut_y, gt.cut_x)
    score = scores.objects * alpha + sum(map(float.__mul__, regions, shares)) * (1 - alpha)
    return 0.0 if score < 0 else score  # NaN stays


def _weighted_f(levels: Levels, gt: GroundTruth, low: int, high: int, protocol: Protocol) -> float:
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
