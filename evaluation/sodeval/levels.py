"""From the pixels of a file to values in 0..1, and from values to the thresholds they pass."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float64, Integer, Num, Shaped

from .protocol import Protocol, Scaling

Values = Float64[np.ndarray, "..."]


def full_scale(pixels: Shaped[np.ndarray, "..."]) -> float:
    """The value of white: 255 for 8-bit, 65535 for 16-bit, 1 for float."""
    return 256.0**pixels.itemsize - 1 if pixels.dtype.kind == "u" else 1.0  # np.iinfo is slow


def scale(pixels: Num[np.ndarray, "..."], scaling: Scaling) -> Values:
    """Saliency in 0..1.

    ``minmax`` stretches over the image as MATLAB's ``mapminmax(im2double(map))``, except where all
    pixels are equal.

    Example:
        >>> scale(np.array([0, 51, 102], np.uint8), "minmax").tolist()
        [0.0, 0.5, 1.0]
        >>> scale(np.array([51, 51], np.uint8), "minmax").tolist()
        [0.2, 0.2]
    """
    values = pixels / full_scale(pixels)
    low, high = values.min(), values.max()
    if scaling == "none" or low == high:
        return values.astype(np.float64)
    stretched: Values = (values - low) / (high - low)
    return stretched


@lru_cache(maxsize=4096)
def level_values(low: int, high: int, scaling: Scaling) -> Float64[np.ndarray, "256"]:
    """`scale` of each 8-bit level, for a map whose levels span `low` to `high`; 0 elsewhere."""
    values = np.zeros(256)
    span = np.arange(low, high + 1, dtype=np.uint8)
    values[low : high + 1] = scale(span, scaling)
    values.flags.writeable = False
    return values


def threshold_bins(values: Values, protocol: Protocol) -> Integer[np.ndarray, "..."]:
    """For each value the index of the highest threshold it passes, counted from the highest down.

    What passes none gets the index ``protocol.thresholds``.

    Example:
        >>> threshold_bins(np.array([1.0, 0.5, 0.0]), Protocol()).tolist()
        [0, 128, 255]
        >>> threshold_bins(np.array([1.0, 0.5, 0.0]), Protocol(comparison=">")).tolist()
        [1, 129, 256]
    """
    strict = protocol.comparison == ">"
    if protocol.quantisation == "truncate":
        level = (values * 255).astype(np.uint8).astype(np.int64)  # truncates, as PySODMetrics does
        return 255 - level + strict
    thresholds = spaced_thresholds(protocol.thresholds)
    passed = np.searchsorted(thresholds, values, side="left" if strict else "right")
    return protocol.thresholds - passed


def spaced_thresholds(count: int) -> Float64[np.ndarray, "count"]:
    """`count` thresholds from 0 to just under 1, so that a pixel of 1 passes them all.

    This is how the PyTorch evaluators in use space them.
    """
    return np.linspace(0, 1 - 1e-10, count)


@lru_cache(maxsize=4096)
def level_bins(low: int, high: int, protocol: Protocol) -> Integer[np.ndarray, "256"]:
    """`threshold_bins` of each 8-bit level, for a map whose levels span `low` to `high`."""
    bins = threshold_bins(level_values(low, high, protocol.scaling), protocol)
    bins.flags.writeable = False
    return bins
