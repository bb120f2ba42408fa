"""How much a score would change with other images, and which differences can be told.

A score here is the mean of one value an image, so that a resample of the images gives one weighted mean
(`sodeval.analysis.bootstrap` has the general case). For maxF and maxE the threshold that is best for all
images stays in every resample; chosen anew, the bounds move by at most .0009 on the four methods of which we
hold maps (SOD and ECSSD). Efron and Tibshirani, "An Introduction to the Bootstrap",
1993, chapters 6 and 13.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from jaxtyping import Float64

from sodeval.analysis.bootstrap import draw_weights

RESAMPLES = 1_000
SEED = 7
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a score would lie with other images of the same kind, at 95 %."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Sample:
    """What a score is the mean of.

    Args:
        keys: names of the images, sorted.
        values: one an image, in the same order.
    """

    keys: tuple[str, ...]
    values: Float64[np.ndarray, "n"] = field(repr=False)

    @cached_property
    def interval(self) -> Interval:
        """Of the score; computed when it is asked for."""
        return interval(self.values)

    def level_with(self, other: Sample) -> bool:
        """Whether both are of the same images, and other images could undo their difference."""
        return self.keys == other.keys and not distinguishable(self.values, other.values)


def interval(values: Float64[np.ndarray, "n"]) -> Interval:
    """Where the mean lies in 95 % of the resamples.

    Example:
        >>> interval(np.array([0.5, 0.5, 0.5]))
        Interval(low=0.5, high=0.5)
    """
    low, high = _bounds(resampled(values))
    return Interval(low, high)


def distinguishable(a: Float64[np.ndarray, "n"], b: Float64[np.ndarray, "n"]) -> bool:
    """Whether two methods on the same images differ by more than other images could undo.

    Args:
        a: values of one method, an image each.
        b: of the other, in the same order.

    Example:
        >>> distinguishable(np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.2, 0.3]))
        False
    """
    low, high = _bounds(resampled(b - a))
    return low > 0 or high < 0


def resampled(values: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "resamples"]:
    """The means of the resamples, which are the same for equal numbers of images."""
    means: Float64[np.ndarray, "resamples"] = _weights(len(values)) @ values / len(values)
    return means


def _bounds(means: Float64[np.ndarray, "resamples"]) -> tuple[float, float]:
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, (tail, 1 - tail))
    return float(low), float(high)


@lru_cache(maxsize=8)
def _weights(images: int) -> Float64[np.ndarray, "resamples n"]:
    return draw_weights(images, RESAMPLES, SEED)[1:].astype(np.float64)
