"""Facts of 16-bit and float maps, which no table of levels can hold: exact, and slower."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Num, UInt32

from . import kernels, reference
from .facts import Facts
from .ground_truth import GroundTruth, weight_of_squares
from .levels import scale, threshold_bins
from .protocol import Protocol


def measure(pixels: Num[np.ndarray, "h w"], gt: GroundTruth, protocol: Protocol) -> Facts:
    """The facts of one pair, from its pixels by the reference's own formulas."""
    saliency = scale(pixels, protocol.scaling)
    threshold = reference.adaptive_threshold(saliency, protocol.adaptive_factor)
    passed = reference.confusion(saliency >= threshold, gt.mask)
    return Facts(
        counts=_threshold_counts(saliency, gt, protocol)[None],
        adaptive=np.array([[passed.fp, passed.tp]], np.int64),
        mae=np.array([reference.mae(scale(pixels, protocol.mae_scaling), gt.mask)]),
        s=np.array([reference.s_measure(saliency, gt.mask, protocol.s_alpha)]),
        wf=np.array([_weighted_f(saliency, gt, protocol)]),
    )


def _threshold_counts(
    saliency: Float64[np.ndarray, "h w"], gt: GroundTruth, protocol: Protocol
) -> UInt32[np.ndarray, "2 bins"]:
    columns = protocol.thresholds + 1
    bins = threshold_bins(saliency, protocol) + np.where(gt.mask, columns, 0)
    return np.bincount(bins.ravel(), minlength=2 * columns).astype(np.uint32).reshape(2, columns)


def _weighted_f(saliency: Float64[np.ndarray, "h w"], gt: GroundTruth, protocol: Protocol) -> float:
    if gt.field is None:
        return 0.0
    missed, false = kernels.float_weighted_errors(
        np.abs(saliency - gt.mask),
        gt.marks,
        gt.field.square,
        weight_of_squares(),
        gt.field.near_at,
        gt.field.near_from,
        reference.gaussian_taps(protocol.wf_kernel_px, protocol.wf_sigma_px),
    )
    return reference.weighted_f_of_sums(missed, false, gt.area_px, protocol.wf_beta2)
